"""Simple Dublin Core (oai_dc) -> canonical record. Every element may be repeated, and none says more than its name."""

from __future__ import annotations

import re
from typing import Final

from schemas.reader import Reading, Value, pointer
from schemas.reading.converters import ISO_DATE
from schemas.reading.foreign_fields import (
    ADDRESS,
    DOI,
    Field,
    apply,
    carry_member,
    decoded,
    describe_all,
    in_best_language,
    languages,
    plain_texts,
    set_value,
    text_of,
)

OPEN: Final = "info:eu-repo/semantics/openAccess"


def _subjects(reading: Reading, source: str, value: Value) -> list[str] | None:
    """Keywords; an element that lists several is split at its semicolons, or at commas where it is the only one."""
    members = value if isinstance(value, list) else [value]
    mark = r"\s*[;,]\s*" if len(members) == 1 else r"\s*;\s*"
    found = [part for member in members for part in re.split(mark, text_of(member) or "") if part]
    if len(found) > len(members):
        reading.note("split", source, value, "Text was split at its semicolons or commas.")
    return plain_texts(reading, source, found)


TABLE: Final = (
    Field("summary.keywords", ("subject",), _subjects),
    Field("coverage.spatial", ("coverage",), plain_texts),
    Field("accessibility.usage.resourceCreator", ("creator",), plain_texts),
    Field("accessibility.formatAndStandards.language", ("language",), languages),
    Field("accessibility.formatAndStandards.format", ("format",), plain_texts),
)


def read_dublin_core(reading: Reading, _: object = None) -> None:
    reading.value("@schema")
    titles = in_best_language(_entries(reading, "title"))
    _first(reading, "summary.title", titles)
    set_value(reading, "summary.datasetAliases", "title", [decoded(reading, place, text) for place, text in titles[1:]])
    _first(reading, "summary.dataCustodian.name", in_best_language(_entries(reading, "publisher")))
    for place, text in _entries(reading, "publisher")[1:]:
        carry_member(reading, place, text, "One organisation is due here; the first one was read.")
    descriptions = in_best_language(_entries(reading, "description"))
    describe_all(reading, "description", [text for _, text in descriptions])
    _identifiers(reading)
    _dates(reading)
    _rights(reading)
    apply(reading, TABLE)


def _entries(reading: Reading, name: str) -> list[tuple[str, Value]]:
    """The members of a repeated element with their places, as they came."""
    value = reading.value(name)
    members = value if isinstance(value, list) else [] if value is None else [value]
    return [(f"{name}.{number}", member) for number, member in enumerate(members) if text_of(member)]


def _first(reading: Reading, target: str, entries: list[tuple[str, str]]) -> None:
    for place, text in entries[:1]:
        set_value(reading, target, place, decoded(reading, place, text))


def _identifiers(reading: Reading) -> None:
    """A DOI is the dataset's DOI; other identifiers are other names of the record, kept beside it."""
    for place, member in _entries(reading, "identifier"):
        found = DOI.fullmatch(text_of(member) or "")
        if found and pointer("summary.doiName") not in reading.paths:
            set_value(reading, "summary.doiName", place, found.group(1).lower())
        else:
            carry_member(reading, place, member)


def _dates(reading: Reading) -> None:
    for place, member in _entries(reading, "date"):
        text = text_of(member) or ""
        if ISO_DATE.fullmatch(text) and pointer("issued") not in reading.paths:
            set_value(reading, "issued", place, text)
        else:
            carry_member(reading, place, member, "Not the one whole date that is due here; it is not interpreted.")


def _rights(reading: Reading) -> None:
    """Conditions as texts; the address of a licence is no place to ask for access, and is kept beside the record."""
    texts = []
    for place, member in _entries(reading, "rights"):
        text = text_of(member) or ""
        if text == OPEN:
            set_value(reading, "accessibility.access.accessServiceCategory", place, "Open access")
        elif ADDRESS.fullmatch(text) or text.startswith("info:eu-repo/"):
            carry_member(reading, place, member)
        else:
            texts.append(decoded(reading, place, text))
    set_value(reading, "accessibility.access.accessRights", "rights", texts)
