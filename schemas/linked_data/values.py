"""How single values become terms of a graph and values again. Each kind says of a value it cannot carry: None.

What a kind cannot carry is written in the catalogue's own vocabulary instead, where any JSON value fits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from schemas.linked_data.terms import JSON_TYPE, MEDIA_TYPES, XSD, Iri, Term, Text, language_address, language_code

DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
DATE_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII
)
DOI: Final = re.compile(r"10\.[0-9]{4,9}/[-._;()/:a-zA-Z0-9]+", re.ASCII)
DOI_ADDRESS: Final = re.compile(r"https?://(?:dx\.)?doi\.org/", re.ASCII | re.IGNORECASE)
DOI_PREFIX: Final = "https://doi.org/"
EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}", re.ASCII)
MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}", re.ASCII)
ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:[^\s\x00-\x20<>\"{}|\\^`]+")
WEB_ADDRESS: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+", re.IGNORECASE)
NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ADDRESS_LIMIT: Final = 2000


@dataclass(frozen=True, slots=True)
class Kind:
    """``write`` gives None for a value this kind cannot carry, ``read`` for a term it does not understand."""

    write: Callable[[Any, str], Term | None]
    read: Callable[[Term], Any]


def text_term(value: str, language: str | None) -> Text:
    """A text as a literal; one that no XML document could hold is written as a JSON literal, which escapes it."""
    if NOT_IN_XML.search(value):
        return Text(json.dumps(value), datatype=JSON_TYPE)
    return Text(value, language)


def any_term(value: Any) -> Text:
    """Any JSON value as a literal that :func:`any_value` turns back into the same value."""
    if isinstance(value, str):
        return text_term(value, None)
    if isinstance(value, bool):
        return Text("true" if value else "false", datatype=f"{XSD}boolean")
    if isinstance(value, int) and abs(value) < 10**38:
        return Text(str(value), datatype=f"{XSD}integer")
    return Text(json.dumps(value, sort_keys=True), datatype=JSON_TYPE)


def any_value(term: Term) -> Any:
    if not isinstance(term, Text):
        return term.value if isinstance(term, Iri) else None
    if term.datatype == f"{XSD}boolean":
        return term.value in ("true", "1")
    if term.datatype in (f"{XSD}integer", f"{XSD}nonNegativeInteger", f"{XSD}int", f"{XSD}long"):
        return whole_number(term)
    if term.datatype == JSON_TYPE:
        try:
            return json.loads(term.value)
        except (ValueError, RecursionError):
            return None
    return term.value


def whole_number(term: Term) -> int | None:
    if isinstance(term, Text) and re.fullmatch(r"[+-]?[0-9]{1,38}", term.value, re.ASCII):
        return int(term.value)
    return None


def text_of(term: Term) -> str | None:
    value = (
        any_value(term)
        if isinstance(term, Text) and term.datatype == JSON_TYPE
        else term.value
        if isinstance(term, Text)
        else None
    )
    return value if isinstance(value, str) else None


@cache
def is_address(value: str) -> bool:
    """An absolute IRI that every syntax of RDF takes as it is, without resolving or encoding it."""
    if len(value) > ADDRESS_LIMIT or not ADDRESS.fullmatch(value) or NOT_IN_XML.search(value) or "/." in value:
        return False
    from pyoxigraph import NamedNode  # noqa: PLC0415  imported where linked data is used: most processes never do

    try:
        NamedNode(value)
    except ValueError:
        return False
    return True


def first_web_address(texts: list[str]) -> str | None:
    """The first web address that stands in some texts, without the punctuation after it."""
    for text in texts:
        for found in WEB_ADDRESS.findall(text):
            address = found.rstrip(".,;:)'")
            if is_address(address):
                return str(address)
    return None


def date_term(value: Any) -> Text | None:
    """A literal that a schema accepts as a date or a date and time; None for any other text."""
    if not isinstance(value, str):
        return None
    is_date = DATE.fullmatch(value)
    if not is_date and not DATE_TIME.fullmatch(value):
        return None
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return None
    return Text(value, datatype=f"{XSD}date" if is_date else f"{XSD}dateTime")


def _date_value(term: Term) -> str | None:
    return term.value if isinstance(term, Text) and date_term(term.value) else None


def _address_term(value: Any, _: str) -> Iri | None:
    return Iri(value) if isinstance(value, str) and is_address(value) else None


def _address_value(term: Term) -> str | None:
    return term.value if isinstance(term, Iri) else text_of(term)


def _doi_term(value: Any, _: str) -> Iri | None:
    fits = isinstance(value, str) and DOI.fullmatch(value) and is_address(DOI_PREFIX + value)
    return Iri(DOI_PREFIX + value) if fits else None


def _doi_value(term: Term) -> str | None:
    rest = DOI_ADDRESS.sub("", _address_value(term) or "", count=1)
    return rest if DOI.fullmatch(rest) else None


def _mail_term(value: Any, _: str) -> Iri | None:
    fits = isinstance(value, str) and EMAIL.fullmatch(value) and is_address(f"mailto:{value}")
    return Iri(f"mailto:{value}") if fits else None


def _mail_value(term: Term) -> str | None:
    value = _address_value(term)
    return value.removeprefix("mailto:") if value else None


def _count_term(value: Any, _: str) -> Text | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**38
    return Text(str(value), datatype=f"{XSD}nonNegativeInteger") if fits else None


def _media_term(value: Any, _: str) -> Iri | None:
    return (
        Iri(MEDIA_TYPES + value)
        if isinstance(value, str) and MEDIA_TYPE.fullmatch(value) and is_address(MEDIA_TYPES + value)
        else None
    )


def _media_value(term: Term) -> str | None:
    value = _address_value(term) or ""
    rest = re.sub(r"https?://(www\.)?iana\.org/assignments/media-types/", "", value, count=1)
    return rest if MEDIA_TYPE.fullmatch(rest) else None


def _language_term(value: Any, _: str) -> Iri | None:
    address = language_address(value) if isinstance(value, str) else None
    return Iri(address) if address else None


def _language_value(term: Term) -> str | None:
    value = _address_value(term) or ""
    return language_code(value) or (value if len(value) == 2 and value.isalpha() else None)


def code(table: Mapping[str, str]) -> Kind:
    """A value of a closed list that has an address."""
    back = {address: value for value, address in table.items()}
    return Kind(
        lambda value, _: Iri(table[value]) if value in table else None,
        lambda term: back.get(term.value) if isinstance(term, Iri) else None,
    )


TEXT: Final = Kind(lambda value, language: text_term(value, language) if isinstance(value, str) else None, text_of)
PLAIN: Final = Kind(lambda value, _: text_term(value, None) if isinstance(value, str) else None, text_of)
ANY: Final = Kind(lambda value, _: any_term(value), any_value)
DATE_KIND: Final = Kind(lambda value, _: date_term(value), _date_value)
ADDRESS_KIND: Final = Kind(_address_term, _address_value)
DOI_KIND: Final = Kind(_doi_term, _doi_value)
MAIL: Final = Kind(_mail_term, _mail_value)
COUNT: Final = Kind(_count_term, whole_number)
MEDIA: Final = Kind(_media_term, _media_value)
LANGUAGE: Final = Kind(_language_term, _language_value)
