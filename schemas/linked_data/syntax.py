"""Bytes <-> triples. What comes from outside is limited in size, depth and number before anything is built from it.

Why this exists: the parser expands internal entities of RDF/XML without bound, so any document type declaration is refused
before parsing, and so is XML in an encoding that could hide one. The parser opens no files and no connections: a JSON-LD
document that names a remote context is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.linked_data.publication import Syntax
from schemas.linked_data.terms import PREFIXES, XSD, Blank, Iri, Text, Triple

SIZE_LIMIT_BYTES: Final = 20_000_000
DEPTH_LIMIT: Final = 64
TRIPLE_LIMIT: Final = 1_000_000
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
DOCTYPE: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
XML_ENCODING: Final = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""", re.IGNORECASE)


class Refused(ValueError):
    """The document is not read. The message is a sentence for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Limits:
    size_bytes: int = SIZE_LIMIT_BYTES
    depth: int = DEPTH_LIMIT
    triples: int = TRIPLE_LIMIT


USUAL_LIMITS: Final = Limits()


def serialize(triples: Iterable[Triple], syntax: Syntax, vocabulary: str) -> bytes:
    """The document as UTF-8 bytes; equal triples in equal order give equal bytes."""
    import pyoxigraph as ox  # noqa: PLC0415  imported where linked data is used: most processes never do

    def terms() -> Iterator[Any]:
        for subject, predicate, value in triples:
            yield ox.Triple(_to_oxigraph(subject), ox.NamedNode(predicate), _to_oxigraph(value))

    prefixes = {**PREFIXES, "own": vocabulary}
    document = ox.serialize(terms(), format=_format(syntax), prefixes=prefixes) or b""
    # A bare carriage return would be read as a line feed by any XML parser that follows the standard.
    return document.replace(b"\r", b"&#13;") if syntax == "rdfxml" else document


def parse(document: bytes, syntax: Syntax, limits: Limits = USUAL_LIMITS, base: str | None = None) -> list[Triple]:
    """The triples in document order. Raises :class:`Refused`."""
    import pyoxigraph as ox  # noqa: PLC0415  as above

    document = document.removeprefix(BYTE_ORDER_MARK)
    check_document(document, syntax, limits)
    triples: list[Triple] = []
    try:
        for quad in ox.parse(document, format=_format(syntax), base_iri=base):
            if len(triples) == limits.triples:
                raise Refused(f"The document has more than {limits.triples:,} statements.")
            subject, value = _from_oxigraph(quad.subject), _from_oxigraph(quad.object)
            if not isinstance(subject, Text):
                triples.append((subject, quad.predicate.value, value))
    except Refused:
        raise
    except (SyntaxError, ValueError, OSError) as problem:
        raise Refused(_reason(syntax, str(problem))) from None
    return triples


def _reason(syntax: str, problem: str) -> str:
    if "LoadDocumentCallback" in problem:
        return "The document names a context at another address. Nothing is fetched: put the context into the document."
    return f"The document cannot be read as {syntax}: {problem[:300]}"


def check_document(document: bytes, syntax: Syntax, limits: Limits) -> None:
    """Raise :class:`Refused` for a document that is too large, too deep, in another encoding, or declares a type."""
    if len(document) > limits.size_bytes:
        raise Refused(f"The document is larger than {limits.size_bytes:,} bytes.")
    try:
        document.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("The document is not UTF-8.") from None
    if syntax == "rdfxml":
        _check_xml(document)
    if syntax in ("rdfxml", "jsonld", "turtle") and depth(document, syntax) > limits.depth:
        raise Refused(f"The document is nested more than {limits.depth} levels deep.")


def _check_xml(document: bytes) -> None:
    declared = XML_ENCODING.search(document[:400])
    if declared and declared.group(1).lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        raise Refused("The document is not declared as UTF-8.")
    if b"\0" in document:
        raise Refused("The document is not UTF-8.")
    if DOCTYPE.search(document):
        raise Refused("The document has a document type declaration, which is not read.")


_TAG: Final = rb"""<[^/!?<>"'][^<>"']*+(?:"[^"]*+"?[^<>"']*+|'[^']*+'?[^<>"']*+)*+>?"""
_TOKENS: Final[Mapping[str, re.Pattern[bytes]]] = {
    "jsonld": re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL),
    "turtle": re.compile(
        rb'"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*+(?:\'\'\')?|"(?:[^"\\\n]|\\.)*+"?|\'(?:[^\'\\\n]|\\.)*+\'?|'
        rb"<[^>\s]*+>?|#[^\n]*+|[\[(]|[\])]",
        re.DOTALL,
    ),
    "rdfxml": re.compile(rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|</|" + _TAG, re.DOTALL),
}
"""Texts, comments and brackets. No token fails once it has begun, so a document is gone through once, whatever is in it."""


def depth(document: bytes, syntax: str) -> int:
    """How deep brackets or elements nest, outside texts and comments."""
    level = deepest = 0
    for token in _TOKENS[syntax].finditer(document):
        found = token.group()
        if found in (b"[", b"{", b"(") or (
            syntax == "rdfxml" and found[1:2] not in (b"/", b"!", b"?") and not found.endswith(b"/>")
        ):
            level += 1
            deepest = max(deepest, level)
        elif found in (b"]", b"}", b")", b"</"):
            level -= 1
    return deepest


def _format(syntax: Syntax) -> Any:
    import pyoxigraph as ox  # noqa: PLC0415  as above

    return {
        "turtle": ox.RdfFormat.TURTLE, "rdfxml": ox.RdfFormat.RDF_XML, "jsonld": ox.RdfFormat.JSON_LD,
        "ntriples": ox.RdfFormat.N_TRIPLES,
    }[syntax]  # fmt: skip


def _to_oxigraph(term: Iri | Blank | Text) -> Any:
    import pyoxigraph as ox  # noqa: PLC0415  as above

    if isinstance(term, Iri):
        return ox.NamedNode(term.value)
    if isinstance(term, Blank):
        return ox.BlankNode(term.label)
    if term.datatype:
        return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype))
    return ox.Literal(term.value, language=term.language) if term.language else ox.Literal(term.value)


def _from_oxigraph(term: Any) -> Iri | Blank | Text:
    import pyoxigraph as ox  # noqa: PLC0415  as above

    if isinstance(term, ox.NamedNode):
        return Iri(term.value)
    if isinstance(term, ox.Literal):
        datatype = term.datatype.value
        is_plain = term.language is not None or datatype == f"{XSD}string"
        return Text(term.value, term.language, None if is_plain else datatype)
    return Blank(str(term))
