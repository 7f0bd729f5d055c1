"""A document's bytes as a JSON value, by what kind of document it is. XML is read in the parsing process."""

from __future__ import annotations

from typing import Any

from harvesters.envelope import unwrapped
from harvesters.linked_graph import NTRIPLES, parsed_graph
from harvesters.parsing import parse
from harvesters.reasons import reason
from harvesters.safe_text import may_hold_unsafe_text, without_unsafe_text
from harvesters.source import Content, PageUnreadable
from schemas import document

XML = ("application/xml", "text/xml")


def value_of(content: Content) -> tuple[Any, list[str]]:
    """The document without its wrapping, and where characters had to be left out of it.

    Raises :class:`schemas.document.Unreadable`.
    """
    if content.media_type == NTRIPLES:
        return parsed_graph(content.body)
    if content.media_type in XML:
        return without_unsafe_text(_of_xml(content))
    value = unwrapped(document.parse(content.body, content.charset))
    return without_unsafe_text(value) if may_hold_unsafe_text(content.body) else (value, [])


def _of_xml(content: Content) -> Any:
    try:
        [value] = parse("xml-record", content.body, charset=content.charset)
    except PageUnreadable as failure:
        raise document.Unreadable(failure.reason, failure.message, reason(failure.reason).hint) from None
    return value
