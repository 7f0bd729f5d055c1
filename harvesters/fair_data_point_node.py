"""One node of a FAIR Data Point, as its triples describe it: what kind it is, what lies below it, when it was changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from harvesters.fetched import Fetched
from harvesters.parsing.triple_table import iri, text

RDF_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
FDP: Final = ("https://w3id.org/fdp/fdp-o#", "http://rdf.biosemantics.org/ontologies/fdp-o#")
R3D: Final = "http://www.re3data.org/schema/3-0#"
DCAT: Final = "http://www.w3.org/ns/dcat#"
LDP: Final = "http://www.w3.org/ns/ldp#"
CONTAINERS: Final = (f"{LDP}DirectContainer", f"{LDP}BasicContainer", f"{LDP}Container")
ROOTS: Final = (*(f"{prefix}FAIRDataPoint" for prefix in FDP), f"{R3D}Repository")
LINKS: Final = (
    *(f"{prefix}metadataCatalog" for prefix in FDP), f"{R3D}dataCatalog", f"{DCAT}catalog", f"{DCAT}dataset", f"{DCAT}distribution",
)  # fmt: skip
"""What leads to children where the node has no container."""
DATES: Final = (*(f"{prefix}metadataModified" for prefix in FDP), "http://purl.org/dc/terms/modified")
Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Container:
    """``prefix`` is the last part of its address: pages of it are at ``<node>/page/<prefix>``."""

    prefix: str
    members: tuple[str, ...]


class Node:
    """``address`` is what the node is listed by, which need not be where its ``answer`` was fetched. ``subject`` is what its
    document calls it: the same but for mistakes."""

    def __init__(self, triples: Iterable[Triple], address: str, answer: Fetched) -> None:
        self.answer = answer
        self.triples = list(triples)
        self._said: dict[str, list[tuple[str, str]]] = {}
        for subject, predicate, value in self.triples:
            self._said.setdefault(subject, []).append((predicate, value))
        self.address = address
        self.subject = address if self.describes(address) else self._only_one(address) or address

    def _only_one(self, address: str) -> str | None:
        """The one thing that a document describes under another name than the one it was listed by. The names end alike: a
        server that answers with the document of another node must not make two of one."""
        kinds = {f"<{DCAT}{name}>" for name in ("Catalog", "Dataset")}
        found = [name for subject in self._said if self._types(subject) & kinds and (name := iri(subject))]
        return found[0] if len(found) == 1 and _ending(found[0]) == _ending(address) else None

    @classmethod
    def root(cls, triples: Iterable[Triple], fetched_from: str, answer: Fetched) -> Node:
        """The root names itself by the address that is meant to last, whatever address it was fetched from."""
        node = cls(triples, fetched_from, answer)
        candidates = [subject for subject in node._said if iri(subject) and node._types(subject) & {f"<{kind}>" for kind in ROOTS}]
        if not candidates and f"<{fetched_from}>" not in node._said:
            candidates = [subject for subject in node._said if iri(subject) and any(predicate == f"{LDP}contains" for predicate, _ in node._said[subject])]
        node.address = node.subject = (iri(candidates[0]) if candidates else None) or fetched_from
        return node

    @property
    def is_catalogue(self) -> bool:
        return f"<{DCAT}Catalog>" in self._own_types

    @property
    def is_dataset(self) -> bool:
        return self.is_dataset_at(self.subject)

    def is_dataset_at(self, address: str) -> bool:
        return f"<{DCAT}Dataset>" in self._types(f"<{address}>")

    @property
    def is_data_point(self) -> bool:
        """Whether this can be the root of anything."""
        kinds = {f"<{kind}>" for kind in (*ROOTS, *CONTAINERS)}
        return bool(self._own_types & kinds) or self.is_catalogue or bool(self.children())

    @property
    def changed(self) -> str | None:
        return self.changed_of(self.subject)

    def changed_of(self, address: str) -> str | None:
        """When a description was changed, as the node or a page of it says."""
        said = self._said.get(f"<{address}>", [])
        return next((text(value) for wanted in DATES for predicate, value in said if predicate == wanted and text(value)), None)

    def describes(self, address: str) -> bool:
        return f"<{address}>" in self._said

    def children(self) -> list[str]:
        contained = [member for container in self.containers() for member in container.members]
        linked = [] if contained else [address for wanted in LINKS for address in self._objects(f"<{self.subject}>", wanted)]
        return [address for address in dict.fromkeys(contained or linked) if address not in (self.address, self.subject)]

    def containers(self) -> Iterator[Container]:
        """Of a direct container, only one that belongs to this node."""
        for subject in self._said:
            members = tuple(self._objects(subject, f"{LDP}contains"))
            owners = list(self._objects(subject, f"{LDP}membershipResource"))
            is_own = not owners or self.subject in owners
            if members and is_own and self._types(subject) & {f"<{kind}>" for kind in CONTAINERS}:
                address = iri(subject) or ""
                yield Container(address.rstrip("/").rpartition("/")[2] if owners else "", members)

    def ntriples(self, number: int) -> str:
        """Its triples as text; ``number`` keeps its blank nodes apart from those of other documents."""
        return "".join(f"{_apart(subject, number)} <{predicate}> {_apart(value, number)} .\n" for subject, predicate, value in self.triples)

    @property
    def _own_types(self) -> set[str]:
        return self._types(f"<{self.subject}>")

    def _types(self, subject: str) -> set[str]:
        return {value for predicate, value in self._said.get(subject, ()) if predicate == RDF_TYPE}

    def _objects(self, subject: str, wanted: str) -> Iterator[str]:
        for predicate, value in self._said.get(subject, ()):
            address = iri(value) if predicate == wanted else None
            if address is not None:
                yield address


def _ending(address: str) -> str:
    return address.rstrip("/#").replace("#", "/").rpartition("/")[2].lower()


def _apart(term: str, number: int) -> str:
    return f"_:d{number}{term[2:]}" if term.startswith("_:") else term
