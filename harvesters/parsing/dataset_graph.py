"""The part of a document's triples that describes one dataset, in an order of its own.

Taken are the dataset's own triples and those of nodes that hang on it (distributions, agents, contact points, periods,
columns), four levels deep, never into another dataset or catalogue. Blank nodes are named by what is said of them, so that
the same description gives the same text, however the document was written.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harvesters.parsing.triple_table import RDF_TYPE, Said, Triple, TripleTable

DEPTH: Final = 4
TRIPLES_AT_MOST: Final = 200_000
"""Kept as they came; what is read of them is cut further (schemas/foreign)."""
BYTES_AT_MOST: Final = 16 * 1024 * 1024
DCAT: Final = "http://www.w3.org/ns/dcat#"
SCHEMA_ORG: Final = ("http://schema.org/", "https://schema.org/")
DATASETS: Final = frozenset({f"<{DCAT}Dataset>", *(f"<{prefix}Dataset>" for prefix in SCHEMA_ORG)})
BOUNDARIES: Final = DATASETS | {
    f"<{DCAT}{name}>" for name in ("Catalog", "DatasetSeries", "CatalogRecord")
} | {f"<{prefix}DataCatalog>" for prefix in SCHEMA_ORG} | {
    "<https://w3id.org/fdp/fdp-o#FAIRDataPoint>", "<http://www.w3.org/2004/02/skos/core#ConceptScheme>",
}  # fmt: skip
NOT_FOLLOWED: Final = frozenset(
    f"http://www.w3.org/2004/02/skos/core#{name}" for name in ("inScheme", "broader", "narrower", "topConceptOf", "related")
) | {RDF_TYPE}
REST: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest"
TOPIC: Final = "http://xmlns.com/foaf/0.1/primaryTopic"
SERIES: Final = f"<{DCAT}DatasetSeries>"
IN_SERIES: Final = f"{DCAT}inSeries"
SAID_OF_SERIES: Final = frozenset({"http://purl.org/dc/terms/title", "http://purl.org/dc/terms/description"})


@dataclass(frozen=True, slots=True)
class DatasetGraph:
    ntriples: str
    triples: int
    is_cut: bool


def dataset_graph(
    table: TripleTable, dataset: str, *, records: tuple[str, ...] = (), series: tuple[str, ...] = ()
) -> DatasetGraph:
    """``records`` are the catalogue records about the dataset; their own triples come along. ``series`` name it as their member;
    of each series that it is in, what it is called comes along.
    """
    taken: list[Triple] = []
    size = 0
    is_cut = False
    for subject, said in _nodes(table, dataset, records, series):
        for predicate, value in said:
            size += len(subject) + len(predicate) + len(value) + 8
            if len(taken) >= TRIPLES_AT_MOST or size > BYTES_AT_MOST:
                is_cut = True
                break
            taken.append((subject, predicate, value))
        if is_cut:
            break
    names = _names(taken)
    lines = {f"{names.get(s, s)} <{p}> {names.get(o, o)} .\n" for s, p, o in taken}
    return DatasetGraph("".join(sorted(lines)), len(lines), is_cut)


def _nodes(table: TripleTable, dataset: str, records: tuple[str, ...], series: tuple[str, ...]) -> Iterator[tuple[str, Said]]:
    """Breadth first, from the dataset; of the links to it from catalogue records only what they say themselves."""
    yield dataset, (*_as_dataset(table.about(dataset)), *((IN_SERIES, one) for one in series))
    for one in dict.fromkeys((*(value for predicate, value in table.about(dataset) if predicate == IN_SERIES), *series)):
        if SERIES in table.types(one):
            yield one, ((RDF_TYPE, SERIES), *(said for said in table.about(one) if said[0] in SAID_OF_SERIES))
    for record in records:
        yield record, table.about(record)
    met = {dataset, *records}
    waiting = deque((value, 1) for value in _followed(table, dataset, met))
    while waiting:
        node, depth = waiting.popleft()
        said = table.about(node)
        yield node, said
        for predicate, value in said if depth < DEPTH else ():
            if value not in met and _is_followed(table, predicate, value):
                met.add(value)
                waiting.append((value, depth + (predicate != REST)))


def _followed(table: TripleTable, dataset: str, met: set[str]) -> Iterator[str]:
    for predicate, value in table.about(dataset):
        if value not in met and _is_followed(table, predicate, value):
            met.add(value)
            yield value


def _is_followed(table: TripleTable, predicate: str, value: str) -> bool:
    if value[0] == '"' or predicate in NOT_FOLLOWED:
        return False
    return bool(table.about(value)) and not table.types(value) & BOUNDARIES


def _as_dataset(said: Said) -> Said:
    """What a catalogue lists as its dataset is one, whether it says so itself or not."""
    if any(predicate == RDF_TYPE and value in DATASETS for predicate, value in said):
        return said
    return ((RDF_TYPE, f"<{DCAT}Dataset>"), *said)


def _names(triples: list[Triple]) -> dict[str, str]:
    """Blank nodes of a tree by the hash of what is said of them; in a circle or a lattice by their order."""
    said: dict[str, list[tuple[str, str]]] = {}
    for subject, predicate, value in triples:
        if subject[0] == "_":
            said.setdefault(subject, []).append((predicate, value))
        if value[0] == "_":
            said.setdefault(value, [])
    names: dict[str, str] = {}
    # Nodes come breadth first, so in a tree what hangs on a node stands behind it and is named before it.
    for number, (node, pairs) in reversed(list(enumerate(said.items()))):
        if any(value[0] == "_" and value not in names for _, value in pairs):
            names[node] = f"_:n{number}"
            continue
        together = "\n".join(sorted(f"{predicate} {names.get(value, value)}" for predicate, value in pairs))
        names[node] = f"_:h{hashlib.sha256(together.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"
    return names
