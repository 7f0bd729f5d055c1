"""Descriptions written as Turtle, as a catalogue program of a custodian would write them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from demonstration.described import Described, Table

PREFIXES = """@prefix csvw: <http://www.w3.org/ns/csvw#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix fdp-o: <https://w3id.org/fdp/fdp-o#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix health: <http://healthdataportal.eu/ns/health#> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix ldp: <http://www.w3.org/ns/ldp#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
LANGUAGES = {"en": "ENG", "cy": "CYM"}
LANGUAGE = "http://publications.europa.eu/resource/authority/language/"


def dataset(one: Described, address: str, *, distribution: str | None = None, more: tuple[str, ...] = ()) -> str:
    """The dataset's statements. ``distribution`` is the address of its distribution where that has a document of its own."""
    said = [*_plain(one), *_places(one), *more]
    if distribution is not None:
        said.append(f"dcat:distribution <{distribution}>")
    else:
        said.append(f"dcat:distribution [ {' ; '.join(distribution_statements(one))} ]")
    if one.tables:
        said.append(f"csvw:tableGroup [ a csvw:TableGroup ; csvw:table {', '.join(_table(table) for table in one.tables)} ]")
    return f"<{address}> a dcat:Dataset ;\n    " + " ;\n    ".join(said) + " .\n"


def _plain(one: Described) -> Iterator[str]:
    yield f"dct:identifier {quoted(one.id)}"
    yield f"dcat:version {quoted(one.version)}"
    yield f"dct:issued {quoted(one.issued)}^^xsd:dateTime"
    yield f"dct:modified {quoted(one.modified)}^^xsd:dateTime"
    for name, text in (("title", one.title), ("abstract", one.abstract), ("description", one.description)):
        if text:
            yield f"dct:{name} {quoted(text)}@en"
    if one.keywords:
        yield f"dcat:keyword {', '.join(f'{quoted(word)}@en' for word in one.keywords)}"
    yield f"dct:publisher [ a foaf:Agent ; foaf:name {quoted(one.custodian)} ]"
    if one.creator:
        yield f"dct:creator [ a foaf:Agent ; foaf:name {quoted(one.creator)} ]"
    if one.contact:
        yield f"dcat:contactPoint [ a vcard:Kind ; vcard:fn {quoted(one.custodian)} ; vcard:hasEmail <mailto:{one.contact}> ]"


def _places(one: Described) -> Iterator[str]:
    if one.spatial:
        yield f"dct:spatial [ a dct:Location ; rdfs:label {quoted(one.spatial)} ]"
    if one.start:
        end = f" ; dcat:endDate {quoted(one.end)}^^xsd:date" if one.end else ""
        yield f"dct:temporal [ a dct:PeriodOfTime ; dcat:startDate {quoted(one.start)}^^xsd:date{end} ]"
    if one.ages:
        yield f"health:minTypicalAge {one.ages[0]} ; health:maxTypicalAge {one.ages[1]}"
    if one.people is not None:
        yield f"health:numberOfUniqueIndividuals {one.people}"
    if one.access_page:
        yield f"dcat:landingPage <{one.access_page}>"
    for code in one.languages:
        if code in LANGUAGES:
            yield f"dct:language <{LANGUAGE}{LANGUAGES[code]}>"


def distribution_statements(one: Described) -> list[str]:
    formats = [f"dcat:mediaType <{MEDIA_TYPES}{name}>" for name in one.formats]
    return ["a dcat:Distribution", f"dct:title {quoted(one.title)}", *formats]


def _table(table: Table) -> str:
    columns = ", ".join(
        f"[ csvw:name {quoted(str(column['name']))} ; csvw:datatype {quoted(column.get('dataType', ''))} ; dct:description {quoted(column.get('description', ''))} ]"
        for column in table.columns
    )
    inner = f" ; csvw:column {columns}" if columns else ""
    return f"[ a csvw:Table ; dct:title {quoted(table.name)} ; dct:description {quoted(table.description)}{inner} ]"


def quoted(text: str) -> str:
    """A literal: the escapes of JSON are those of Turtle."""
    return json.dumps(text, ensure_ascii=False).replace("\\/", "/")
