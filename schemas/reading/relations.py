"""Related datasets, pages of projects, and papers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from schemas.reader import Reading
from schemas.reading.converters import addresses
from schemas.reading.objects import carry_keys, put_as_it_is

DOI: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?10\.[0-9]{4,9}/\S+", re.ASCII | re.IGNORECASE)
ADDRESS: Final = re.compile(r"(?:https?|ftp|urn|mailto):\S+", re.ASCII | re.IGNORECASE)


def read_related_unless(reading: Reading, target: str, source: str, word: str) -> None:
    value = reading.value(source)
    members = value if isinstance(value, list) else [value]
    if members and all(isinstance(member, str) and member.strip().upper() == word for member in members):
        reading.carry(source, value, f"{word!r} names no dataset.")
    elif value is not None:
        read_related(reading, target, source)


def read_related(reading: Reading, target: str, source: str) -> None:
    """A related dataset given as address becomes ``url``, as UUID ``pid``, as other text ``title``."""
    value = reading.value(source)
    if value is None:
        return
    members = value if isinstance(value, list) else [value]
    found = []
    for number, member in enumerate(members):
        if isinstance(member, str) and member.strip():
            found.append({kind_of_name(member): member})
        elif isinstance(member, Mapping):
            names = {name: member[name] for name in ("pid", "title", "url") if isinstance(member.get(name), str)}
            found.append(names)
            carry_keys(reading, f"{source}.{number}", member, names)
        elif member not in (None, ""):
            reading.carry(f"{source}.{number}", member, "A dataset's address, identifier or title is due here.")
    if found or value == []:
        put_as_it_is(reading, target, source, found)


def kind_of_name(text: str) -> str:
    """What names a dataset: an address is a ``url``, a UUID a ``pid``, anything else a ``title`` (T30)."""
    if re.match(r"https?://", text):
        return "url"
    return "pid" if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) else "title"


def read_links(reading: Reading, target: str, source: str) -> None:
    value = reading.value(source)
    members = addresses(reading, source, value) if value is not None else None
    links = [member for member in members or [] if ADDRESS.fullmatch(member)]
    for member in members or []:
        if member not in links:
            reading.carry(source, member, "Only addresses can stand here.")
    if links or value == []:
        put_as_it_is(reading, target, source, links)


def read_papers(reading: Reading, source: str) -> None:
    value = reading.value(source)
    members = value if isinstance(value, list) else [] if value is None else [value]
    dois = [member for member in members if isinstance(member, str) and DOI.fullmatch(member.strip())]
    for member in members:
        if member not in dois and member not in (None, ""):
            reading.carry(source, member, "Only a DOI can stand here.", rule="T23")
    if dois or value == []:
        put_as_it_is(reading, "enrichmentAndLinkage.publicationUsingDataset", source, dois)
    if dois:
        reading.note("narrowed", source, value, "Read as papers that use the dataset.")
