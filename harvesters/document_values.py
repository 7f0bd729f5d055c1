"""A document's bytes as a JSON value, by what kind of document it is. XML is read in the parsing process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from harvesters.envelope import unwrapped
from harvesters.identity import UnusableIdError, local_id
from harvesters.linked_graph import NTRIPLES, parsed_graph
from harvesters.parsing import parse
from harvesters.reasons import reason
from harvesters.safe_text import may_hold_unsafe_text, without_unsafe_text
from harvesters.source import Content, PageUnreadable
from schemas import document, translate
from schemas.findings import Finding
from schemas.rules import EACH_LIMIT
from schemas.validate import about_the_bytes
from schemas.words import field_name

XML: Final = ("application/xml", "text/xml")
NO_IDENTITY: Final = "The record has no identifier, so a later state of it could not be recognised."


@dataclass(frozen=True, slots=True)
class Opened:
    """A document as it is read and stored; ``findings`` tell what was wrong with its bytes. ``as_sent`` still has the characters
    that cannot be kept: an identifier that holds some is none.
    """

    value: Any
    as_sent: Any
    findings: tuple[Finding, ...] = ()

    @property
    def identity_problem(self) -> str:
        """Why the identifier that the document claims for itself cannot be used; empty where it can."""
        try:
            return "" if local_id(translate.local_id(self.as_sent)) else NO_IDENTITY
        except UnusableIdError as problem:
            return str(problem)


def opened(content: Content) -> Opened:
    """The document without its wrapping, and without characters that cannot be kept.

    Raises :class:`schemas.document.Unreadable`.
    """
    if content.media_type == NTRIPLES:
        value, places = parsed_graph(content.body)
        return Opened(value, value, _about_unsafe_text(places))
    if content.media_type in XML:
        sent = _of_xml(content)
        value, places = without_unsafe_text(sent)
        return Opened(value, sent, _about_unsafe_text(places))
    parsed = document.parse_noting_repeats(content.body, content.charset)
    sent = unwrapped(parsed.value)
    value, places = without_unsafe_text(sent) if may_hold_unsafe_text(content.body) else (sent, [])
    return Opened(value, sent, (*about_the_bytes(content.body, parsed), *_about_unsafe_text(places)))


def _of_xml(content: Content) -> Any:
    try:
        [value] = parse("xml-record", content.body, charset=content.charset)
    except PageUnreadable as failure:
        raise document.Unreadable(failure.reason, failure.message, reason(failure.reason).hint) from None
    return value


def _about_unsafe_text(places: list[str]) -> tuple[Finding, ...]:
    return tuple(islice(_unsafe(dict.fromkeys(places)), EACH_LIMIT))


def _unsafe(places: dict[str, None]) -> Iterator[Finding]:
    for path in places:
        yield Finding(
            "TXT-05", "warning", path, field_name(path),
            "The text holds characters that can be neither kept nor shown (control characters, halves of characters or text direction marks). They were left out.",
            "Remove them, and save the document as UTF-8.",
        )  # fmt: skip
