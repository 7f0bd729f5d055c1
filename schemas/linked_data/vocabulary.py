"""The catalogue's own terms, described: what is published at the address of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schemas.linked_data.publication import Catalogue, Syntax
from schemas.linked_data.syntax import serialize
from schemas.linked_data.table import ROWS, Row
from schemas.linked_data.terms import MARK, TYPE, Iri, Term, Text, Triple, expand
from schemas.words import field_name

CLASSES: Final = {
    MARK: (
        "Canonical dataset",
        "A dataset all of whose fields stand in this vocabulary or in the predicates of its table.",
    ),
    "Revision": ("Revision", "An earlier version of a dataset."),
    "Related": ("Related dataset", "A dataset named by another one."),
    "Type": ("Type", "A type of dataset that has no name."),
    "Table": ("Table", "A table that lacks a name or whose columns are not described wholly."),
    "Column": ("Column", "A column that lacks a name, a description or a type."),
    "Code": ("Code", "A code without a meaning."),
}
TERMS: Final = {
    "statedNone": ("Stated to be none", "The path of a list of which the record says that it is empty."),
    "notStated": (
        "Not stated",
        "The path of a field that the record does not state although its predicate is used, for a value of the catalogue.",
    ),
    "structuralMetadata": ("Tables", "The group of the tables of a dataset."),
    "vocabulary": ("Coding system", "A terminology that is used in the data."),
    "tool": ("Tool", "A tool for the data."),
    "investigation": ("Investigation", "A project that uses the data."),
    "publicationAbout": ("Publication about", "A paper that describes the dataset."),
    "publicationUsing": ("Publication using", "A paper that used the dataset."),
}


def describe_vocabulary(catalogue: Catalogue, syntax: Syntax) -> bytes:
    """Every term of ``catalogue.vocabulary`` with its name and meaning."""
    return serialize(_triples(catalogue), syntax, catalogue.vocabulary)


def _triples(catalogue: Catalogue) -> Iterator[Triple]:
    yield from _said(
        catalogue,
        "",
        "owl:Ontology",
        f"Terms of {catalogue.title}",
        "Fields of dataset records that have no predicate elsewhere.",
    )
    for name, (label, comment) in CLASSES.items():
        yield from _said(catalogue, name, "rdfs:Class", label, comment)
    for name, (label, comment) in TERMS.items():
        yield from _said(catalogue, name, "rdf:Property", label, comment)
    for path in dict.fromkeys(_paths(ROWS)):
        label = field_name("/" + path.replace(".", "/"))
        comment = f"The field {path} of the HDR UK dataset specification 4.0.0, as the record states it."
        yield from _said(catalogue, path, "rdf:Property", label, comment)


def _paths(rows: tuple[Row, ...]) -> Iterator[str]:
    for row in rows:
        yield row.path
        yield from _paths(row.members)


def _said(catalogue: Catalogue, name: str, class_: str, label: str, comment: str) -> Iterator[Triple]:
    node = Iri(catalogue.vocabulary + name) if name else Iri(catalogue.vocabulary.rstrip("#/"))
    said: list[tuple[str, Term]] = [("rdfs:label", Text(label, "en")), ("rdfs:comment", Text(comment, "en"))]
    yield node, TYPE, Iri(expand(class_, ""))
    for predicate, value in said:
        yield node, expand(predicate, ""), value
    if name:
        yield node, expand("rdfs:isDefinedBy", ""), Iri(catalogue.vocabulary.rstrip("#/"))
