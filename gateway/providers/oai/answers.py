"""The XML around every answer."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from lxml import etree

from gateway.providers.oai.asked import Asked, OaiError
from gateway.providers.oai.formats import XSI, text_for_xml

OAI: Final = "http://www.openarchives.org/OAI/2.0/"
SCHEMA: Final = f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
SAYS_NOTHING: Final = ("badVerb", "badArgument")
"""Errors after which the request element repeats no arguments: they may be no proper ones."""


def container(name: str) -> etree._Element:
    return etree.Element(f"{{{OAI}}}{name}", nsmap={None: OAI})


def put(place: etree._Element, name: str, text: str) -> etree._Element:
    made = etree.SubElement(place, f"{{{OAI}}}{name}")
    made.text = text_for_xml(text)
    return made


def written(address: str, asked: Asked | None, said: etree._Element | OaiError, *, now: datetime) -> bytes:
    """A whole answer. ``asked`` is None where the request could not be read."""
    root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap={None: OAI, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", SCHEMA)
    put(root, "responseDate", now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    request = put(root, "request", address)
    if asked is not None and not (isinstance(said, OaiError) and said.code in SAYS_NOTHING):
        request.set("verb", asked.verb)
        for name, value in asked.arguments.items():
            request.set(name, text_for_xml(value))
    if isinstance(said, OaiError):
        put(root, "error", said.message).set("code", said.code)
    else:
        root.append(said)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
