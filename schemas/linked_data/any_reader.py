"""Linked data of whichever kind: DCAT where there is any, otherwise schema.org, also where that is written as RDF."""

from __future__ import annotations

from typing import Any, Final

from schemas.linked_data.publication import Syntax
from schemas.linked_data.reader import WORK_PER_TRIPLE, LinkedReading, read_dcat, read_dcat_triples
from schemas.linked_data.schema_org_reader import read_schema_org
from schemas.linked_data.syntax import USUAL_LIMITS, Limits, Refused, parse
from schemas.linked_data.terms import TYPE, Iri, Node, Term, Text, Triple

SCHEMA_ORG: Final = ("http://schema.org/", "https://schema.org/")
NESTING: Final = 6


def read_linked_data(
    document: bytes, syntax: Syntax, *, base: str | None = None, language: str = "en", limits: Limits = USUAL_LIMITS,
) -> tuple[LinkedReading, ...]:  # fmt: skip
    """Every dataset of a document. Raises :class:`Refused` with the reason for DCAT where neither kind is there."""
    try:
        return read_dcat(document, syntax, base=base, language=language, limits=limits)
    except Refused as problem:
        try:
            return (
                read_schema_org(document, limits=limits)
                if syntax == "jsonld"
                else read_schema_org(as_json(parse(document, syntax, limits, base)), limits=limits)
            )
        except Refused:
            raise problem from None


def read_triples(triples: list[Triple], language: str = "en") -> tuple[LinkedReading, ...]:
    """As :func:`read_linked_data`, for triples that were parsed already."""
    try:
        return read_dcat_triples(triples, language)
    except Refused as problem:
        try:
            return read_schema_org(as_json(triples))
        except Refused:
            raise problem from None


def as_json(triples: list[Triple]) -> list[dict[str, Any]]:
    """The schema.org datasets of a graph as JSON objects; nodes are nested where they are described, a few levels deep."""
    said: dict[Node, dict[str, list[Term]]] = {}
    for subject, predicate, value in triples:
        said.setdefault(subject, {}).setdefault(predicate, []).append(value)
    graph = _Graph(said, 10_000 + WORK_PER_TRIPLE * len(triples))
    kinds = {Iri(f"{prefix}Dataset") for prefix in SCHEMA_ORG}
    return [graph.object(node, NESTING) for node, about in said.items() if kinds & set(about.get(TYPE, ()))]


class _Graph:
    """What is said of each node, and how many values may still be looked at: shared nodes are nested again and again."""

    def __init__(self, said: dict[Node, dict[str, list[Term]]], left: int) -> None:
        self._said = said
        self._left = left

    def object(self, node: Node, nesting: int) -> dict[str, Any]:
        found: dict[str, Any] = {"@id": node.value} if isinstance(node, Iri) else {}
        for predicate, values in self._said.get(node, {}).items():
            self._left -= len(values)
            if self._left < 0:
                raise Refused("The datasets of the document share nodes in a way that is too costly to read.")
            if predicate == TYPE:
                found["@type"] = [value.value for value in values if isinstance(value, Iri)]
            else:
                found[predicate] = [self._value(value, nesting) for value in values]
        return found

    def _value(self, term: Term, nesting: int) -> Any:
        if isinstance(term, Text):
            return term.value
        if term in self._said and nesting > 1:
            return self.object(term, nesting - 1)
        return term.value if isinstance(term, Iri) else {}
