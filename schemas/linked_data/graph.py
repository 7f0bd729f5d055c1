"""A graph under construction: triples in the order they were said, kept together by subject."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schemas.linked_data.publication import Catalogue, Entry, Options
from schemas.linked_data.table import NODES
from schemas.linked_data.terms import TYPE, Iri, Term, Triple, expand
from schemas.reader import Loss, excerpt, pointer

RANGES: Final = {
    "dct:accrualPeriodicity": "dct:Frequency", "dct:language": "dct:LinguisticSystem", "dct:accessRights": "dct:RightsStatement",
    "dcat:mediaType": "dct:MediaType", "foaf:page": "foaf:Document", "dcat:landingPage": "foaf:Document",
    "foaf:homepage": "foaf:Document", "dcatap:applicableLegislation": "eli:LegalResource",
}  # fmt: skip
"""Predicates whose object gets its class said with it, because the profiles ask for it inside the same document."""


class Graph:
    """The graph of one dataset. Nodes have addresses below the dataset's own, so that no name changes between runs."""

    def __init__(self, entry: Entry, catalogue: Catalogue, options: Options) -> None:
        self.entry = entry
        self.catalogue = catalogue
        self.options = options
        self.dataset = Iri(entry.iri)
        self.losses: list[Loss] = []
        self._base = entry.iri + ("-" if "#" in entry.iri else "#")
        self._said: dict[Iri, dict[tuple[str, Term], None]] = {}

    def say(self, subject: Iri, predicate: str, value: Term) -> None:
        """Add a triple; ``predicate`` is a prefixed name."""
        self._said.setdefault(subject, {})[(self.address(predicate), value)] = None
        if predicate in RANGES and isinstance(value, Iri):
            self.say(value, "rdf:type", Iri(self.address(RANGES[predicate])))

    def address(self, name: str) -> str:
        return expand(name, self.catalogue.vocabulary)

    def below(self, fragment: str) -> Iri:
        return Iri(f"{self._base}{fragment}")

    def place(self, name: str) -> Iri:
        """A node of the table; it is linked and typed when it is first asked for."""
        if name in ("dataset", "record"):
            return self.dataset if name == "dataset" else self.below("record")
        place = NODES[name]
        node = self.below(place.fragment)
        self.say(self.place(place.parent), place.link, node)
        if name != "custodian" or self.entry.record.summary.data_custodian.name is not None:
            self.type(node, place.class_)
        return node

    def type(self, node: Iri, class_: str) -> None:
        self.say(node, "rdf:type", Iri(self.address(class_)))

    def lose(self, kind: str, path: str, value: object, message: str) -> None:
        self.losses.append(Loss(kind, pointer(path), None, excerpt(value), message))

    def objects(self, subject: Iri, predicate: str) -> list[Term]:
        wanted = self.address(predicate)
        return [value for name, value in self._said.get(subject, {}) if name == wanted]

    def subjects(self, class_: str) -> list[Iri]:
        key = (TYPE, Iri(self.address(class_)))
        return [subject for subject, said in self._said.items() if key in said]

    def triples(self) -> Iterator[Triple]:
        for subject, said in self._said.items():
            for predicate, value in said:
                yield subject, predicate, value
