"""Linked data: our output conforms to the profiles, and reading it back gives the record."""

import json
import os
import subprocess
import sys
import types
import typing
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDF, Graph, Namespace

from schemas.linked_data import (
    Catalogue,
    Entry,
    HealthSettings,
    Options,
    Page,
    Profile,
    Syntax,
    describe_vocabulary,
    read_dcat,
    write_catalogue,
    write_dataset,
)
from schemas.linked_data.publication import MEDIA_TYPES
from schemas.linked_data.series import Series
from schemas.linked_data.syntax import parse
from schemas.linked_data.table import BY_PATH, ROWS, Row
from schemas.linked_data.terms import Iri
from schemas.reader import Loss
from schemas.record import Dataset, Part, RelatedDataset
from schemas.translate import read
from tests.corpus import corpus

pytestmark = pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph:DeprecationWarning", "ignore:Dataset:DeprecationWarning"
)
DEMONSTRATION = Path(__file__).parents[2] / "demonstration" / "custodians"
SYNTAXES: tuple[Syntax, ...] = ("turtle", "rdfxml", "jsonld", "ntriples")
PROFILES: tuple[Profile, ...] = ("dcat-ap", "healthdcat-ap")
SH = Namespace("http://www.w3.org/ns/shacl#")
CATALOGUE = Catalogue(
    "https://gateway.example/catalogue", "Health data", "Datasets of the alliance", "The alliance",
    "https://gateway.example/vocabulary#", "https://gateway.example/",
)  # fmt: skip
EU = "http://publications.europa.eu/resource/authority/"
HEALTH = HealthSettings(
    legislation=("http://data.europa.eu/eli/reg/2025/327/oj",),
    body_name="The body",
    body_contact="body@example.org",
    categories={"*": "http://healthdata.ec.europa.eu/authority/health-category/EHR"},
    dataset_type=(f"{EU}dataset-type/PERSONAL_DATA", "Personal data"),
    access_rights=f"{EU}access-right/NON_PUBLIC",
    provenance="Collected by the custodian.",
)


def options(profile: Profile) -> Options:
    return Options(profile, HEALTH)


def entry(record: Dataset, number: int = 1) -> Entry:
    place = f"https://gateway.example/datasets/{number}"
    return Entry(record, f"https://gateway.example/id/{number}", place, f"https://gateway.example/custodians/{number}")


@cache
def demonstration() -> tuple[Entry, ...]:
    documents = [json.loads(path.read_bytes()) for path in sorted(DEMONSTRATION.rglob("*.json"))]
    return tuple(entry(read(one).record, number) for number, one in enumerate(documents) if "summary" in one)


@cache
def real() -> tuple[Entry, ...]:
    paths = sorted(corpus("hdruk", "v2", "2021-04-07").rglob("*.json"))[:200]
    return tuple(entry(read(json.loads(path.read_bytes())).record, number) for number, path in enumerate(paths))


def entries(name: str) -> tuple[Entry, ...]:
    return demonstration() if name == "demonstration" else real()


# conformance

SHAPES: dict[str, tuple[Profile, tuple[str, ...]]] = {
    "DCAT-AP 3 shapes": ("dcat-ap", ("dcat-ap-3.0.1/shapes.ttl",)),
    "DCAT-AP 3 ranges": ("dcat-ap", ("dcat-ap-3.0.1/range.ttl",)),
    "DCAT-AP 3 combined": ("dcat-ap", ("dcat-ap-3.0.1/combined-dcat-ap-SHACL.ttl",)),
    "HealthDCAT-AP release 5": (
        "healthdcat-ap",
        ("healthdcat-ap-r5/healthdcatap-non-public-shapes.ttl", "dcat-ap-3.0.1/shapes.ttl"),
    ),
}


def violations(document: bytes, shapes: tuple[str, ...]) -> set[tuple[str, str]]:
    """(node, predicate) of everything a validator finds."""
    rules = Graph()
    for name in shapes:
        rules.parse(corpus("dcat", "shacl", *name.split("/")))
    for triple in list(rules.triples((None, OWL.imports, None))):
        rules.remove(triple)
    _, report, _ = pyshacl.validate(
        Graph().parse(data=document, format="turtle"), shacl_graph=rules, inference="none", do_owl_imports=False
    )
    assert isinstance(report, Graph)
    results = [
        result
        for result in report.subjects(RDF.type, SH.ValidationResult)
        if report.value(result, SH.resultSeverity) == SH.Violation
    ]
    return {
        (
            str(report.value(one, SH.focusNode)),
            str(report.value(one, SH.resultPath)).rpartition("#")[2].rpartition("/")[2],
        )
        for one in results
    }


@pytest.mark.parametrize("which", ["demonstration", "real"])
@pytest.mark.parametrize("name", SHAPES)
def test_every_record_conforms_but_for_what_is_listed_as_unfilled(
    name: str, which: str, capsys: pytest.CaptureFixture[str]
) -> None:
    profile, shapes = SHAPES[name]
    written = write_catalogue(entries(which), CATALOGUE, "turtle", options(profile))
    listed = {(one.dataset, one.property.partition(":")[2]) for one in written.unfilled}
    found = violations(written.document, shapes)
    with capsys.disabled():
        whole = len(entries(which)) - len({dataset for dataset, _ in listed})
        print(
            f"\n{name}, {which}: {whole} of {len(entries(which))} records conform, unfilled: {sorted(count(written.unfilled).items())}"
        )
    assert found <= listed
    assert name == "DCAT-AP 3 ranges" or found == listed
    assert len(entries(which)) >= 40


def count(unfilled: Any) -> dict[str, int]:
    names = [one.property for one in unfilled]
    return {name: names.count(name) for name in names}


def test_a_record_that_says_everything_conforms_to_both_profiles_wholly() -> None:
    for profile, shapes in SHAPES.values():
        written = write_dataset(entry(whole_record()), CATALOGUE, "turtle", options(profile))
        assert written.unfilled == ()
        assert violations(written.document, shapes) == set()


def test_without_settings_of_the_operator_nothing_is_made_up() -> None:
    written = write_dataset(entry(whole_record()), CATALOGUE, "turtle", Options("healthdcat-ap"))
    names = {one.property for one in written.unfilled}
    assert names == {"dcatap:applicableLegislation", "healthdcatap:hdab", "healthdcatap:healthCategory", "dct:type"}
    assert b"healthdcatap:hdab" not in written.document
    found = {path for _, path in violations(written.document, SHAPES["HealthDCAT-AP release 5"][1])}
    assert found == {name.partition(":")[2] for name in names} | {"distribution", "sample"}


def test_a_profile_is_claimed_only_where_it_is_met() -> None:
    assert (
        b"releases/release-5/"
        in write_dataset(entry(whole_record()), CATALOGUE, "ntriples", options("healthdcat-ap")).document
    )
    assert (
        b"releases/release-5/"
        not in write_dataset(entry(whole_record()), CATALOGUE, "ntriples", Options("healthdcat-ap")).document
    )


def whole_record() -> Dataset:
    return Dataset.from_json({
        "identifier": "b3a1f0de-5b1c-4b57-9d39-0d6a6f2c9f11", "version": "1.2.0", "issued": "2024-01-01T00:00:00Z", "modified": "2024-06-30T12:00:00Z",
        "revisions": [{"version": "1.0.0", "url": "https://example.org/1.0.0"}, {"version": "1.1.0", "url": "https://example.org/1.1.0"}],
        "summary": {
            "title": "Admissions", "abstract": "All admissions.", "keywords": ["admissions", "hospital"], "contactPoint": "data@example.org",
            "doiName": "10.1234/abc", "populationSize": 1200, "datasetAliases": ["ADM"],
            "dataCustodian": {"name": "Hospitals", "identifier": "https://ror.org/02mhbdp94", "contactPoint": ["info@example.org"], "memberOf": "Hub"},
        },
        "documentation": {"description": "All admissions to the hospitals.", "associatedMedia": ["https://example.org/guide"], "inPipeline": "Available"},
        "coverage": {"spatial": ["England", "https://www.geonames.org/6269131"], "typicalAgeRangeMin": 0, "typicalAgeRangeMax": 150, "datasetCompleteness": "https://example.org/complete"},
        "provenance": {
            "origin": {"purpose": ["Care"], "source": ["EPR"], "datasetType": [{"name": "Health and disease", "subTypes": ["Cancer"]}]},
            "temporal": {"startDate": "2010-01-01", "endDate": "CONTINUOUS", "publishingFrequency": "Monthly", "timeLag": "1-2 months"},
        },
        "accessibility": {
            "usage": {"dataUseLimitation": ["Research use only", "No linkage"], "dataUseRequirements": ["Ethics approval required"], "resourceCreator": ["Hospitals"]},
            "access": {"accessRights": ["See https://example.org/apply."], "accessServiceCategory": "TRE/SDE", "jurisdiction": ["GB"], "dataController": "Hospitals"},
            "formatAndStandards": {"vocabularyEncodingScheme": ["ICD10"], "conformsTo": ["OMOP"], "language": ["en", "cy", "sm"], "format": ["text/csv"]},
        },
        "enrichmentAndLinkage": {
            "linkableDatasets": [{"title": "Deaths", "url": "https://example.org/deaths"}], "derivedFrom": [], "isPartOf": [{"pid": "abc", "title": "The whole"}], "tools": ["https://example.org/tool"],
            "publicationAboutDataset": ["10.1234/about"], "publicationUsingDataset": ["10.1234/using"],
        },
        "observations": [{"observedNode": "Events", "measuredValue": 5000, "observationDate": "2024-01-01", "measuredProperty": "Count"}],
        "structuralMetadata": {
            "tables": [{"name": "admission", "description": "One row each.", "columns": [{
                "name": "kind", "dataType": "code", "description": "Kind of admission.", "sensitive": False,
                "values": [{"name": 1, "description": "Emergency", "frequency": 10}],
            }]}],
            "syntheticDataWebLink": ["https://example.org/synthetic"],
        },
        "demographicFrequency": {"age": [{"bin": "20-24 years", "count": 10}], "disease": [{"diseaseCode": 21, "diseaseCodeVocabulary": "ICD10", "count": 3}]},
    })  # fmt: skip


# reading our own output back


def without_repeats(record: Dataset, losses: tuple[Loss, ...]) -> Dataset:
    """The record as the reported losses leave it: a repeated member of a list is there once."""
    document = record.as_json()
    for loss in losses:
        assert loss.kind == "dropped"
        *_, name = loss.from_path.split("/")
        _once(document, name)
    return Dataset.from_json(document)


def _once(value: Any, name: str) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == name and isinstance(inner, list) and not any(isinstance(one, dict) for one in inner):
                value[key] = list({json.dumps(one): one for one in inner}.values())
            else:
                _once(inner, name)
    elif isinstance(value, list):
        for inner in value:
            _once(inner, name)


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("which", ["demonstration", "real"])
def test_reading_our_own_catalogue_gives_every_record_back(which: str, profile: Profile, syntax: Syntax) -> None:
    written = write_catalogue(entries(which), CATALOGUE, syntax, options(profile))
    readings = read_dcat(written.document, syntax)
    assert written.media_type == MEDIA_TYPES[syntax]
    assert [reading.iri for reading in readings] == [one.iri for one in entries(which)]
    assert [reading.page for reading in readings] == [one.page for one in entries(which)]
    for reading, one in zip(readings, entries(which), strict=True):
        assert reading.record == without_repeats(one.record, written.losses)
        assert reading.losses == ()


@pytest.mark.parametrize(("sent", "read_as"), [("&gt; 10 Years", "> 10 Years"), ("A &amp;amp; E", "A & E"), ("A &amp;amp;amp; E", "A &amp; E"), ("a < b & c", "a < b & c")])
def test_h11_characters_written_as_entities_are_read_at_most_twice_and_it_is_said(sent: str, read_as: str) -> None:
    graph = f'<https://example.org/d> <{RDF.type}> <http://www.w3.org/ns/dcat#Dataset> .\n<https://example.org/d> <http://purl.org/dc/terms/title> "{sent}" .\n'
    reading = read({"mediaType": "application/n-triples", "graph": graph})
    assert reading.record.summary.title == read_as
    assert bool([loss for loss in reading.losses if "HTML entities" in loss.message]) == (sent != read_as)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_series_come_back_and_are_no_datasets(syntax: Syntax) -> None:
    series = (Series("https://example.org/series/1", "Admissions by year", "One dataset a year."), Series("https://example.org/series/2"))
    written = write_dataset(replace(entry(whole_record()), series=series), CATALOGUE, syntax, options("dcat-ap"))
    (reading,) = read_dcat(written.document, syntax)
    assert (reading.record, set(reading.series), reading.losses) == (whole_record(), set(series), ())


def test_what_names_its_series_is_part_of_it_by_its_title() -> None:
    (reading,) = read_dcat(
        b"""@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
        <https://example.org/d> a dcat:Dataset ; dct:title "2020" ; dcat:inSeries <https://example.org/s> .
        <https://example.org/s> a dcat:DatasetSeries ; dct:title "Jahre"@de, "Years"@en .""",
        "turtle",
    )
    assert reading.series == (Series("https://example.org/s", "Years"),)
    assert reading.record.enrichment_and_linkage.is_part_of == [RelatedDataset(title="Years", url="https://example.org/s")]


def test_a_whole_record_comes_back_from_every_syntax_and_profile() -> None:
    for syntax in SYNTAXES:
        for profile in PROFILES:
            written = write_dataset(entry(whole_record()), CATALOGUE, syntax, options(profile))
            assert written.losses == ()
            assert [reading.record for reading in read_dcat(written.document, syntax)] == [whole_record()]


TEXTS = st.text(max_size=12) | st.sampled_from([
    "a\r\nb", "\r", " x ", "", "\x00", "\x1f", "\ud800", "\ufffe", "<&>\"'", "@en", "2024-02-30", "2024-02-29", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5+01:00",
    "CONTINUOUS", "10.1234/abc", "10.1234/a<b", "https://example.org/a", "https://example.org/a/../b", "http://a b", "HTTP://EXAMPLE.ORG/%7E", "a@example.org", "mailto:a@b",
    "text/csv", "en", "xx", "zz9", "Monthly", "Static", "TRE/SDE", "Open access", "Available", "No linkage", "Research use only", "Time limit on use", "England", "urn:x", "null",
])  # fmt: skip
NUMBERS = st.integers() | st.sampled_from([-1, 0, 10**40])


@cache
def a(annotation: Any) -> st.SearchStrategy[Any]:
    """Values of a type of the record's model."""
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        return st.one_of([a(one) for one in typing.get_args(annotation)])
    if typing.get_origin(annotation) is list:
        return st.lists(a(typing.get_args(annotation)[0]), max_size=3)
    if annotation is Any:
        return TEXTS | st.integers() | st.booleans() | st.floats(allow_nan=False) | st.lists(TEXTS, max_size=2)
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return parts(annotation)
    return {str: TEXTS, int: NUMBERS, bool: st.booleans(), type(None): st.none()}[annotation]


@cache
def parts(model: type[Part]) -> st.SearchStrategy[Any]:
    """A part with some of its fields stated."""
    fields = {name: a(typing.cast("Any", field.annotation)) for name, field in model.model_fields.items()}
    return st.fixed_dictionaries({}, optional=fields).map(lambda values: model(**values))


@settings(max_examples=300, deadline=None)
@given(parts(Dataset), st.sampled_from(SYNTAXES), st.sampled_from(PROFILES))
def test_any_record_comes_back_but_for_the_losses_reported(record: Dataset, syntax: Syntax, profile: Profile) -> None:
    written = write_dataset(entry(record), CATALOGUE, syntax, options(profile))
    reading = read_dcat(written.document, syntax)[0]
    assert reading.record == without_repeats(record, written.losses)
    assert reading.losses == ()


@settings(max_examples=60, deadline=None)
@given(parts(Dataset), st.sampled_from(SYNTAXES))
def test_writing_is_deterministic_and_leaves_the_record_alone(record: Dataset, syntax: Syntax) -> None:
    before = record.model_copy(deep=True)
    assert write_dataset(entry(record), CATALOGUE, syntax) == write_dataset(entry(record), CATALOGUE, syntax)
    assert record == before


def test_no_node_is_without_an_address() -> None:
    for one in demonstration()[:5]:
        document = write_dataset(one, CATALOGUE, "ntriples", options("healthdcat-ap")).document
        assert not any(line.startswith(b"_:") or b" _:" in line for line in document.splitlines())


# the table


def test_every_field_of_the_record_has_one_row() -> None:
    assert sorted(leaves(Dataset, "")) == sorted(row.path for row in ROWS)
    assert len(BY_PATH) == len(ROWS)
    for row in ROWS:
        if row.members:
            assert sorted(members(row)) == sorted(leaves(member_model(row.path), ""))


def members(row: Row) -> Iterator[str]:
    for inner in row.members:
        yield inner.path


def member_model(path: str) -> type[Part]:
    part: Any = Dataset
    for name in path.split("."):
        field = next(one for one in part.model_fields.values() if one.alias == name)
        part = next((one for one in flat(field.annotation) if isinstance(one, type) and issubclass(one, Part)), None)
    return typing.cast("type[Part]", part)


def flat(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in typing.get_args(annotation):
        yield from flat(inner)


def leaves(model: type[Part], prefix: str) -> Iterator[str]:
    for field in model.model_fields.values():
        path = f"{prefix}{field.alias}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, Part):
            yield from leaves(field.annotation, f"{path}.")
        else:
            yield path


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_term_of_our_own_is_described(syntax: Syntax) -> None:
    described = {subject for subject, _, _ in parse(describe_vocabulary(CATALOGUE, syntax), syntax)}
    for record in (
        *(one.record for one in demonstration()),
        *(one.record for one in real()),
        whole_record(),
        Dataset.from_json(WITH_FALLBACKS),
    ):
        document = write_dataset(entry(record), CATALOGUE, "ntriples", options("healthdcat-ap")).document
        used = {
            term
            for triple in parse(document, "ntriples")
            for term in (Iri(triple[1]), triple[2])
            if isinstance(term, Iri)
        }
        assert {term for term in used if term.value.startswith(CATALOGUE.vocabulary)} <= described


WITH_FALLBACKS: dict[str, Any] = {
    "issued": "yesterday", "revisions": [{}], "summary": {"doiName": "none", "contactPoint": "us", "keywords": []},
    "provenance": {"origin": {"datasetType": [{}]}}, "enrichmentAndLinkage": {"tools": ["no address"], "derivedFrom": [{}]},
    "structuralMetadata": {"tables": [{"columns": [{"values": [{}]}]}]},
}  # fmt: skip


def test_the_same_bytes_are_written_by_every_process() -> None:
    program = (
        "import hashlib; from schemas.linked_data import *; from schemas.record import Dataset;"
        "c = Catalogue('https://e.org/c', 'C', 'D', 'P', 'https://e.org/v#');"
        "e = Entry(Dataset.from_json({'summary': {'title': 'T', 'keywords': ['a', 'b']}}), 'https://e.org/1', 'https://e.org/p/1');"
        "print([hashlib.sha256(write_dataset(e, c, s).document).hexdigest() for s in ('turtle', 'rdfxml', 'jsonld', 'ntriples')])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 200


def test_the_parser_is_loaded_only_where_linked_data_is_used() -> None:
    program = "import sys, schemas.linked_data; print(sorted({'pyoxigraph', 'rdflib', 'pyshacl'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
        == "[]"
    )


# what stands in the output


def graph_of(record: Dataset, profile: Profile = "dcat-ap") -> str:
    return write_dataset(entry(record), CATALOGUE, "ntriples", options(profile)).document.decode()


def test_access_is_one_distribution_at_the_first_address_of_the_access_rights() -> None:
    said = graph_of(whole_record())
    assert "#access> <http://www.w3.org/ns/dcat#accessURL> <https://example.org/apply> ." in said
    silent = graph_of(Dataset())
    assert "#access> <http://www.w3.org/ns/dcat#accessURL> <https://gateway.example/datasets/1> ." in silent


def test_the_version_before_is_the_highest_lower_one() -> None:
    assert "dcat#previousVersion> <https://example.org/1.1.0>" in graph_of(whole_record())


def test_the_latest_count_of_events_is_the_number_of_records_and_an_unreported_population_is_not_said() -> None:
    assert 'numberOfRecords> "5000"^^' in graph_of(whole_record(), "healthdcat-ap")
    record = Dataset.from_json({"summary": {"populationSize": -1}})
    assert "numberOfUniqueIndividuals" not in graph_of(record, "healthdcat-ap")


def test_conditions_of_use_are_terms_of_duo_where_there_is_one() -> None:
    said = graph_of(whole_record())
    assert "DUO_0000014" in said
    assert "DUO_0000021" in said
    assert '"No linkage"' in said


def test_a_page_of_a_list_says_how_to_get_to_the_others() -> None:
    page = Page(
        "https://gateway.example/catalogue?page=2",
        120,
        "https://gateway.example/catalogue?page=1",
        "https://gateway.example/catalogue?page=3",
        "https://gateway.example/catalogue?page=1",
        "https://gateway.example/catalogue?page=3",
    )
    document = write_catalogue(demonstration()[:2], CATALOGUE, "ntriples", page=page).document.decode()
    assert "hydra/core#next> <https://gateway.example/catalogue?page=3> ." in document
    assert 'hydra/core#totalItems> "120"' in document


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_other_software_reads_the_same_statements(syntax: Syntax) -> None:
    written = write_dataset(entry(whole_record()), CATALOGUE, syntax)
    formats = {"turtle": "turtle", "rdfxml": "xml", "jsonld": "json-ld", "ntriples": "nt"}
    theirs = Graph().parse(data=written.document, format=formats[syntax])
    lines = write_dataset(entry(whole_record()), CATALOGUE, "ntriples").document
    assert len(theirs) == len(set(lines.splitlines()))
    assert set(theirs) == set(Graph().parse(data=lines, format="nt"))


def test_line_ends_survive_an_xml_parser_that_follows_the_standard() -> None:
    record = Dataset.from_json({"summary": {"title": "a\r\nb\rc"}})
    document = write_dataset(entry(record), CATALOGUE, "rdfxml").document
    titles = [
        str(value)
        for value in Graph().parse(data=document, format="xml").objects()
        if "b" in str(value) and "c" in str(value)
    ]
    assert "a\r\nb\rc" in titles
