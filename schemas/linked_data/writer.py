"""Records -> DCAT-AP 3 or HealthDCAT-AP, one or many of them as a catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.linked_data.derived import say_catalogue_record, say_derived, unfilled
from schemas.linked_data.fields import say_fields
from schemas.linked_data.graph import Graph
from schemas.linked_data.publication import (
    MEDIA_TYPES,
    PLAIN_OPTIONS,
    Catalogue,
    Entry,
    Options,
    Page,
    Syntax,
    Unfilled,
    Written,
)
from schemas.linked_data.syntax import serialize
from schemas.linked_data.terms import PREFIXES, TYPE, XSD, Iri, Term, Text, Triple, expand
from schemas.linked_data.values import is_address
from schemas.reader import Loss


def write_dataset(entry: Entry, catalogue: Catalogue, syntax: Syntax, options: Options = PLAIN_OPTIONS) -> Written:
    """One dataset with its record and the catalogue it is in."""
    return write_catalogue([entry], catalogue, syntax, options)


def write_catalogue(
    entries: Iterable[Entry], catalogue: Catalogue, syntax: Syntax, options: Options = PLAIN_OPTIONS, page: Page | None = None,
) -> Written:  # fmt: skip
    """The datasets of one page of a catalogue. Deterministic, and without names of nodes that change between runs."""
    losses: list[Loss] = []
    missing: list[Unfilled] = list(_catalogue_unfilled(catalogue, options))

    def triples() -> Iterator[Triple]:
        yield from _catalogue(catalogue, options)
        if page is not None:
            yield from _page(page, catalogue)
        seen: set[Triple] = set()
        for entry in entries:
            graph, unmet = dataset_graph(entry, catalogue, options)
            losses.extend(graph.losses)
            missing.extend(unmet)
            yield from _listed(graph, seen)

    document = serialize(triples(), syntax, catalogue.vocabulary)
    return Written(document, MEDIA_TYPES[syntax], tuple(losses), tuple(missing))


def dataset_graph(entry: Entry, catalogue: Catalogue, options: Options) -> tuple[Graph, list[Unfilled]]:
    """The graph of one dataset, and what its profile demands that nobody states."""
    graph = Graph(entry, catalogue, options)
    graph.type(graph.dataset, "dcat:Dataset")
    say_fields(graph)
    say_derived(graph)
    missing = list(unfilled(graph))
    say_catalogue_record(graph, is_met=not missing)
    return graph, missing


def _listed(graph: Graph, seen: set[Triple]) -> Iterator[Triple]:
    """A dataset as a member of the catalogue. What is said of shared nodes, such as codes, is said once."""
    catalogue = Iri(graph.catalogue.iri)
    yield catalogue, PREFIXES["dcat"] + "dataset", graph.dataset
    if graph.objects(graph.below("record"), "dct:modified"):
        yield catalogue, PREFIXES["dcat"] + "record", graph.below("record")
    for triple in graph.triples():
        is_shared = not isinstance(triple[0], Iri) or not triple[0].value.startswith(graph.dataset.value)
        if not is_shared or triple not in seen:
            yield triple
        if is_shared:
            seen.add(triple)


def _catalogue(catalogue: Catalogue, options: Options) -> Iterator[Triple]:
    node, publisher = Iri(catalogue.iri), Iri(catalogue.iri + ("-" if "#" in catalogue.iri else "#") + "publisher")
    said: list[tuple[Iri, str, Term]] = [
        (node, "rdf:type", _name("dcat:Catalog")), (node, "dct:title", Text(catalogue.title, catalogue.language)),
        (node, "dct:description", Text(catalogue.description, catalogue.language)), (node, "dct:publisher", publisher),
        (publisher, "rdf:type", _name("foaf:Agent")), (publisher, "foaf:name", Text(catalogue.publisher)),
    ]  # fmt: skip
    if catalogue.homepage and is_address(catalogue.homepage):
        homepage = Iri(catalogue.homepage)
        said += [(node, "foaf:homepage", homepage), (homepage, "rdf:type", _name("foaf:Document"))]
    for address in options.health.legislation if options.is_health else ():
        said += [
            (node, "dcatap:applicableLegislation", Iri(address)),
            (Iri(address), "rdf:type", _name("eli:LegalResource")),
        ]
    for subject, predicate, value in said:
        yield subject, expand(predicate, catalogue.vocabulary), value


def _page(page: Page, catalogue: Catalogue) -> Iterator[Triple]:
    """The page of a longer list, and how to get to the others."""
    node, hydra = Iri(page.iri), PREFIXES["hydra"]
    yield Iri(catalogue.iri), TYPE, Iri(f"{hydra}Collection")
    yield Iri(catalogue.iri), f"{hydra}totalItems", Text(str(page.total), datatype=f"{XSD}integer")
    yield Iri(catalogue.iri), f"{hydra}view", node
    yield node, TYPE, Iri(f"{hydra}PartialCollectionView")
    for name in ("first", "previous", "next", "last"):
        address = getattr(page, name)
        if address:
            yield node, f"{hydra}{name}", Iri(address)


def _name(name: str) -> Iri:
    return Iri(expand(name, ""))


def _catalogue_unfilled(catalogue: Catalogue, options: Options) -> Iterator[Unfilled]:
    if options.is_health and not options.health.legislation:
        yield Unfilled(catalogue.iri, "dcatap:applicableLegislation", "No legislation is set for the catalogue.")
