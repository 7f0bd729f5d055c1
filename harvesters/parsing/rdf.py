"""RDF in any syntax -> what a page says of itself, and a graph for each dataset on it.

Yields one ``{"page": ...}``, then ``{"dataset": ...}`` for each dataset that is described, ``{"listed": address}`` for each
that is only named, and ``{"catalogue": address}`` for catalogues within the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import pyoxigraph as ox

from harvesters.parsing.dataset_graph import DATASETS, DCAT, SCHEMA_ORG, SERIES, TOPIC, dataset_graph
from harvesters.parsing.document import Document, Unparsable
from harvesters.parsing.triple_table import RDF_TYPE, TripleTable, iri, text
from harvesters.parsing.utf8 import Utf8, as_utf8
from schemas.linked_data.syntax import depth

SYNTAXES: Final = {
    "turtle": ox.RdfFormat.TURTLE, "ntriples": ox.RdfFormat.N_TRIPLES, "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD, "nquads": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG,
}  # fmt: skip
NESTING: Final = {"turtle": 256, "rdfxml": 256, "jsonld": 64}
NESTING_LOOKED_AT_BYTES: Final = 16 * 1024 * 1024
"""The nesting of larger documents is left to the parser, which this process is there to contain."""
DOCTYPE: Final = re.compile(rb"<!\s?(DOCTYPE|ENTITY)", re.IGNORECASE)
DCT: Final = "http://purl.org/dc/terms/"
HYDRA: Final = "http://www.w3.org/ns/hydra/core#"
NEXT: Final = (f"{HYDRA}next", f"{HYDRA}nextPage")
TOTAL: Final = f"{HYDRA}totalItems"
STATUS: Final = "http://www.w3.org/ns/adms#status"
LISTS: Final = (f"{DCAT}dataset", *(f"{prefix}dataset" for prefix in SCHEMA_ORG))
CATALOGUE: Final = f"{DCAT}catalog"
IDENTIFIERS: Final = (f"{DCT}identifier", "http://www.w3.org/ns/adms#identifier", *(f"{prefix}identifier" for prefix in SCHEMA_ORG))
SERIES_MEMBER: Final = f"{DCAT}seriesMember"
CATALOGUES: Final = (f"<{DCAT}Catalog>", *(f"<{prefix}DataCatalog>" for prefix in SCHEMA_ORG))


def datasets(document: Document, *, syntax: str, base: str, charset: str | None = None) -> Iterator[dict[str, Any]]:
    """``base`` is the address that relative ones are resolved against: where the document finally came from."""
    written = as_utf8(document, charset)
    check(written, syntax)
    table, warnings = parsed(written, syntax, base)
    try:
        yield from found(table, warnings)
    finally:
        table.close()


def triples(document: Document, *, syntax: str, base: str, charset: str | None = None, at_most: int = 100_000) -> Iterator[list[str]]:
    """``[subject, predicate, object]`` as texts of N-Triples; the predicate is a bare address."""
    written = as_utf8(document, charset)
    check(written, syntax)
    table, _ = parsed(written, syntax, base)
    try:
        if table.count > at_most:
            raise Unparsable("too-large", f"The document has more than {at_most:,} statements.")
        yield from (list(one) for one in table.all())
    finally:
        table.close()


def check(written: Utf8, syntax: str) -> None:
    """Raises :class:`Unparsable` for a document type declaration and for deep nesting, before anything is parsed."""
    if syntax == "rdfxml" and any(DOCTYPE.search(chunk) for chunk in written.chunks(overlap=32)):
        raise Unparsable("dtd-forbidden", "The XML holds a document type declaration, which is not read.")
    if syntax in NESTING and written.document.size_bytes <= NESTING_LOOKED_AT_BYTES and depth(written.read(), syntax) > NESTING[syntax]:
        raise Unparsable("too-deep", f"The document is nested more than {NESTING[syntax]} levels deep.")


def parsed(written: Utf8, syntax: str, base: str) -> tuple[TripleTable, list[str]]:
    """Strictly; where that fails, once more with addresses taken as they are, and a warning."""
    warnings = list(written.warnings)
    try:
        table = _filled(written, syntax, base, is_lenient=False)
    except SyntaxError as problem:
        _refuse_unknown_context(str(problem))
        try:
            table = _filled(written, syntax, base, is_lenient=True)
        except SyntaxError:
            raise Unparsable("bad-rdf", f"The document cannot be read as {_name(syntax)}: {str(problem)[:300]}") from None
        warnings.append("bad-address")
    if table.has_long_texts:
        warnings.append("too-large")
    return table, warnings


def _filled(written: Utf8, syntax: str, base: str, *, is_lenient: bool) -> TripleTable:
    table = TripleTable(written.document.spool)
    try:
        with written.open() as opened:
            table.fill(_quads(opened, syntax, base, is_lenient=is_lenient))
    except (SyntaxError, ValueError, OSError) as problem:
        table.close()
        raise SyntaxError(str(problem)) from None
    return table


def _quads(opened: BinaryIO, syntax: str, base: str, *, is_lenient: bool) -> Iterator[Any]:
    yield from ox.parse(opened, format=SYNTAXES[syntax], base_iri=base, lenient=is_lenient)


def _refuse_unknown_context(problem: str) -> None:
    if "LoadDocumentCallback" in problem:
        raise Unparsable("unknown-context", "The document names a JSON-LD context at another address, which is not fetched.")


def _name(syntax: str) -> str:
    return {"turtle": "Turtle", "ntriples": "N-Triples", "rdfxml": "RDF/XML", "jsonld": "JSON-LD"}.get(syntax, syntax)


@dataclass(slots=True)
class _Page:
    """What one pass through the table gathers."""

    described: dict[str, None] = field(default_factory=dict)
    series: set[str] = field(default_factory=set)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By dataset, the series that name it."""
    listed: dict[str, None] = field(default_factory=dict)
    catalogues: dict[str, None] = field(default_factory=dict)
    is_catalogue: bool = False
    records: dict[str, tuple[str, ...]] = field(default_factory=dict)
    following: list[str] = field(default_factory=list)
    totals: set[int] = field(default_factory=set)

    def add(self, subject: str, predicate: str, value: str) -> None:
        if predicate == RDF_TYPE:
            self._add_type(subject, value)
        elif predicate in LISTS and value[0] != '"':
            self.listed[value] = None
        elif predicate == CATALOGUE and value[0] == "<":
            self.catalogues[value] = None
        elif predicate == TOPIC:
            self.records[value] = (*self.records.get(value, ()), subject)
        elif predicate == SERIES_MEMBER:
            self.members[value] = (*self.members.get(value, ()), subject)
        elif predicate in NEXT and (address := iri(value) or text(value)):
            self.following.append(address)
        elif predicate == TOTAL and (number := text(value) or "").isdigit():
            self.totals.add(int(number[:12]))

    def _add_type(self, subject: str, value: str) -> None:
        if value in DATASETS:
            self.described[subject] = None
        elif value == SERIES:
            self.series.add(subject)
        elif value in CATALOGUES:
            self.is_catalogue = True

    def as_json(self, warnings: list[str]) -> dict[str, Any]:
        total = next(iter(self.totals)) if len(self.totals) == 1 else None
        return {
            "next": list(dict.fromkeys(self.following)), "total": total, "warnings": warnings, "series": len(self.series),
            "is_catalogue": self.is_catalogue,
        }  # fmt: skip


def found(table: TripleTable, warnings: list[str]) -> Iterator[dict[str, Any]]:
    page = _Page()
    for subject, predicate, value in table.having((RDF_TYPE, *LISTS, CATALOGUE, TOPIC, SERIES_MEMBER, *NEXT, TOTAL)):
        page.add(subject, predicate, value)
    yield {"page": page.as_json(warnings)}
    for dataset in dict.fromkeys((*page.described, *page.listed)):
        if dataset in page.series or (dataset not in page.described and _is_boundary(table, dataset)):
            continue
        if table.about(dataset):
            yield {"dataset": _dataset(table, dataset, page)}
        elif dataset[0] == "<":
            yield {"listed": iri(dataset)}
    for catalogue in page.catalogues:
        if not table.about(catalogue):
            yield {"catalogue": iri(catalogue)}


def _is_boundary(table: TripleTable, subject: str) -> bool:
    return any(kind in CATALOGUES for kind in table.types(subject))


def _dataset(table: TripleTable, dataset: str, page: _Page) -> dict[str, Any]:
    graph = dataset_graph(table, dataset, records=page.records.get(dataset, ()), series=page.members.get(dataset, ()))
    said = table.about(dataset)
    return {
        "iri": iri(dataset), "identifiers": list(_identifiers(said)), "graph": graph.ntriples, "is_cut": graph.is_cut,
        "is_withdrawn": any(predicate == STATUS and _is_withdrawn(value) for predicate, value in said),
    }  # fmt: skip


def _identifiers(said: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for wanted in IDENTIFIERS:
        for predicate, value in said:
            found = text(value) if predicate == wanted else None
            if found and found.strip():
                yield found


def _is_withdrawn(status: str) -> bool:
    return (iri(status) or "").rstrip("/").casefold().endswith("withdrawn")
