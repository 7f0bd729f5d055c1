"""XML from outside as a tree, within limits: no document type, no entities, no network, so deep and so large at most.

A document type is refused before anything is parsed: that beats an entity whose text silently vanishes. Characters that XML
forbids are left out, and a wrong declaration of the encoding is put right, each with a warning; nothing else is mended.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from lxml import etree

from harvesters.parsing.document import Unparsable

DEPTH: Final = 256
TEXT_BYTES: Final = 1024 * 1024
BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
DECLARATION: Final = re.compile(r"^\s*<\?xml\s[^>]{0,200}\?>")
DECLARED: Final = re.compile(rb"^\s*<\?xml\s[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
MISC: Final = re.compile(r"\s+|<!--(?:[^-]|-(?!->))*-->|<\?(?:[^?]|\?(?!>))*\?>")
FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FORBIDDEN_REFERENCE: Final = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bcBC]|[eE]|[fF]|1[0-9a-fA-F]));")


def tree(body: bytes, charset: str | None = None) -> tuple[etree._Element, list[str]]:
    """The root element and reason codes of what was put right.

    Raises :class:`Unparsable` (empty-answer, html-instead-of-data, dtd-forbidden, encoding, bad-xml, too-deep, too-large).
    """
    text, warnings = _text(body, charset)
    text = DECLARATION.sub("", text, count=1)
    _check_prolog(text)
    safe = FORBIDDEN_REFERENCE.sub("", FORBIDDEN.sub("", text))
    if safe != text and "encoding" not in warnings:
        warnings.append("encoding")
    root = _parsed(safe.encode())
    _check_texts(root)
    return root, warnings


def _text(body: bytes, charset: str | None) -> tuple[str, list[str]]:
    for mark, name in BOMS:
        if body.startswith(mark):
            return _decoded(body[len(mark) :], name), []
    declared = DECLARED.match(body[:400])
    names = [charset, declared[1].decode("ascii") if declared else None, "utf-8"]
    for name in dict.fromkeys(filter(None, names)):
        try:
            text = body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        wrong = declared is not None and _is_another(declared[1].decode("ascii"), name)
        return text, ["encoding"] if wrong else []
    return _decoded(body, "cp1252"), ["encoding"]


def _is_another(declared: str, used: str) -> bool:
    try:
        return codecs.lookup(declared).name != codecs.lookup(used).name and declared.lower() not in ("us-ascii", "ascii")
    except LookupError:
        return True


def _decoded(body: bytes, name: str) -> str:
    try:
        return body.decode(name)
    except UnicodeDecodeError:
        raise Unparsable("encoding", f"The document cannot be read as {name.upper()}.") from None


def _check_prolog(text: str) -> None:
    """What stands before the first element: no document type, and something after it."""
    place = 0
    while found := MISC.match(text, place):
        place = found.end()
    start = text[place : place + 15].lower()
    if not start:
        raise Unparsable("empty-answer", "The document has no content.")
    if start.startswith("<!doctype html") or re.match(r"<(html|head|body)[\s>]", start):
        raise Unparsable("html-instead-of-data", "A web page came where XML was expected.")
    if start.startswith("<!"):
        raise Unparsable("dtd-forbidden", "The document has a document type declaration.")
    if not start.startswith("<"):
        raise Unparsable("bad-xml", "The document does not begin as XML does.")


def _parsed(body: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_comments=True,
        remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as problem:
        said = str(problem)
        if "depth" in said.lower():
            raise Unparsable("too-deep", f"The document is nested more than {DEPTH} levels deep.") from None
        if "too long" in said or "too large" in said.lower() or "huge" in said.lower():
            raise Unparsable("too-large", "A text of the document is larger than is accepted.") from None
        raise Unparsable("bad-xml", f"The document is not well-formed XML: {said[:200]}.") from None


def _check_texts(root: etree._Element) -> None:
    for element in root.iter():
        held = (element.text, element.tail, *element.attrib.values())
        if any(text is not None and len(text) > TEXT_BYTES for text in held):
            raise Unparsable("too-large", f"A text of the document is longer than {TEXT_BYTES:,} characters.")


def local_name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def namespace(element: etree._Element) -> str:
    return str(etree.QName(element).namespace or "")


def text_in(element: etree._Element) -> str:
    """All text of the element and of what is in it, with blanks collapsed at the ends of lines only."""
    return "".join(str(part) for part in element.itertext()).strip()


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """The children of that name, whatever their namespace."""
    return [child for child in element if local_name(child) == name]


def child_text(element: etree._Element, name: str) -> str | None:
    return next((text for child in children(element, name) if (text := text_in(child))), None)
