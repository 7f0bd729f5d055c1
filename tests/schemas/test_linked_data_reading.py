"""Reading the DCAT of others: what is understood, what is reported, and what is refused before anything is built from it."""

import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.linked_data import Limits, LinkedReading, Refused, Syntax, read_dcat, read_linked_data
from schemas.linked_data.syntax import parse
from tests.corpus import corpus

HEAD = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> . @prefix adms: <http://www.w3.org/ns/adms#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix prov: <http://www.w3.org/ns/prov#> . @prefix eu: <http://publications.europa.eu/resource/authority/> .
"""
SUFFIXES: dict[str, Syntax] = {
    ".ttl": "turtle",
    ".rdf": "rdfxml",
    ".xml": "rdfxml",
    ".jsonld": "jsonld",
    ".nt": "ntriples",
    ".json": "jsonld",
}


def read_one(said: str) -> LinkedReading:
    return read_dcat(f"{HEAD}<https://example.org/d> a dcat:Dataset ; {said} .".encode(), "turtle")[0]


def losses(reading: LinkedReading) -> set[str]:
    return {loss.from_path.rpartition("#")[2].rpartition("/")[2] for loss in reading.losses}


def test_a_whole_description_is_read() -> None:
    reading = read_one("""
        dct:title "Titel"@de, "Title"@en ; dct:description "What it is."@en ; dcat:keyword "one"@en, "eins"@de, "two"@en ;
        dct:publisher <https://ror.org/02mhbdp94> ; dcat:contactPoint [ a vcard:Kind ; vcard:hasEmail <mailto:a@example.org> ] ;
        dct:issued "2020-01-01"^^xsd:date ; dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/MONTHLY> ;
        dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2010-01-01"^^xsd:date ] ; dct:language <http://publications.europa.eu/resource/authority/language/CYM> ;
        dcat:distribution [ dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ], [ dct:format "application/json" ] ;
        dct:isReferencedBy <https://doi.org/10.1234/abc> ; prov:wasDerivedFrom <https://example.org/other>""")
    record = reading.record
    assert (record.summary.title, record.documentation.description, record.summary.keywords) == (
        "Title",
        "What it is.",
        ["one", "two"],
    )
    assert record.summary.data_custodian.identifier == "https://ror.org/02mhbdp94"
    assert (record.summary.contact_point, record.issued) == ("a@example.org", "2020-01-01")
    assert (record.provenance.temporal.publishing_frequency, record.provenance.temporal.start_date) == (
        "Monthly",
        "2010-01-01",
    )
    assert record.accessibility.format_and_standards.language == ["cy"]
    assert record.accessibility.format_and_standards.format == ["text/csv"]
    assert record.enrichment_and_linkage.publication_using_dataset == ["10.1234/abc"]
    assert [other.url for other in record.enrichment_and_linkage.derived_from or ()] == ["https://example.org/other"]


def test_what_no_field_takes_is_reported_and_nothing_is_inferred_from_it() -> None:
    reading = read_one("""
        dct:title "T" ; dct:license <https://creativecommons.org/licenses/by/4.0/> ; dcat:theme <https://example.org/theme> ;
        dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/ANNUAL_3> ;
        adms:sample [ a dcat:Distribution ; dcat:accessURL <https://example.org/sample> ] ;
        dcat:distribution [ dcat:accessURL <https://example.org/file> ] ; dct:issued "3/4/21" ; dct:publisher <https://example.org/someone>""")
    record = reading.record
    assert record.as_json().get("accessibility", {}).get("access", {}) == {}
    assert record.structural_metadata.synthetic_data_web_link is None
    assert (record.provenance.temporal.publishing_frequency, record.issued, record.summary.population_size) == (
        None,
        None,
        None,
    )
    assert losses(reading) == {
        "license",
        "theme",
        "accrualPeriodicity",
        "sample",
        "distribution",
        "issued",
        "publisher",
    }


def test_metadata_dates_come_from_the_catalogue_record_where_there_is_one() -> None:
    document = (
        HEAD
        + """<https://example.org/d> a dcat:Dataset ; dct:title "T" ; dct:modified "2019-01-01"^^xsd:date .
        <https://example.org/r> a dcat:CatalogRecord ; foaf:primaryTopic <https://example.org/d> ; dct:modified "2024-01-01"^^xsd:date ."""
    )
    reading = read_dcat(document.encode(), "turtle")[0]
    assert reading.record.modified == "2024-01-01"
    assert losses(reading) == {"modified"}


def test_our_own_terms_are_believed_only_with_the_right_type() -> None:
    said = '@prefix own: <https://gateway.example/v#> . <https://example.org/d> a <http://www.w3.org/ns/dcat#Dataset>, own:CanonicalDataset ; own:summary.populationSize "many" ; own:coverage.typicalAgeRangeMin 3 ; own:revisions [ own:version 7 ] .'
    reading = read_dcat(said.encode(), "turtle")[0]
    assert reading.record.summary.population_size is None
    assert reading.record.coverage.typical_age_range_min == 3
    assert {loss.from_path for loss in reading.losses} == {"/summary/populationSize", "/revisions/0/version"}


def test_every_document_of_the_corpus_is_read_or_refused_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    datasets, read = 0, 0
    refused: list[str] = []
    for path in sorted([*corpus("dcat").rglob("*"), *corpus("hostile").rglob("*")]):
        if path.suffix not in SUFFIXES or "shacl" in path.parts or "shapes" in path.parts:
            continue
        try:
            datasets += len(read_dcat(path.read_bytes(), SUFFIXES[path.suffix], base="https://example.org/"))
            read += 1
        except Refused as reason:
            refused.append(str(reason))
    with capsys.disabled():
        print(f"\nDCAT: {datasets} datasets read from {read} documents, {len(refused)} documents refused")
    assert datasets > 80
    assert all(len(reason) > 20 for reason in refused)


def test_the_catalogue_of_health_data_keeps_its_figures() -> None:
    readings = read_dcat(corpus("dcat", "healthdcat-ap", "health-catalog.ttl").read_bytes(), "turtle")
    assert len(readings) == 21
    first = readings[0].record
    assert (first.summary.population_size, first.coverage.typical_age_range_max) == (42, 17)
    assert first.accessibility.access.access_service_category == "TRE/SDE"
    assert all(reading.record.summary.title for reading in readings)


# refusals

BOMB = b"""<?xml version="1.0"?><!DOCTYPE rdf:RDF [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="https://e.org/d"><x xmlns="https://e.org/">&c;</x></rdf:Description></rdf:RDF>"""
PLAIN = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#"><dcat:Dataset rdf:about="https://e.org/d"/></rdf:RDF>"""


@pytest.mark.parametrize(
    "document",
    [
        BOMB, BOMB.replace(b"DOCTYPE", b"doctype"), b'<?xml version="1.0"?>\n<!-- c -->\n<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        ("\ufeff" + BOMB.decode()).encode("utf-16-le"), BOMB.decode().encode("utf-16"), b'<?xml version="1.0" encoding="UTF-7"?>' + PLAIN,
        b'<?xml version="1.0" encoding="utf-16"?>' + PLAIN, PLAIN.replace(b"<dcat:Dataset", b"<!ENTITY x 'y'><dcat:Dataset"),
    ],
)  # fmt: skip
def test_a_document_type_declaration_is_refused_before_parsing_in_whatever_encoding(document: bytes) -> None:
    with pytest.raises(Refused, match=r"document type|UTF-8"):
        read_dcat(document, "rdfxml")


def test_the_same_document_without_a_declaration_is_read() -> None:
    assert [reading.iri for reading in read_dcat(PLAIN, "rdfxml")] == ["https://e.org/d"]
    assert [reading.iri for reading in read_dcat(b"\xef\xbb\xbf" + PLAIN, "rdfxml")] == ["https://e.org/d"]


def test_nothing_is_fetched_and_no_file_is_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("A connection was opened.")

    monkeypatch.setattr(socket, "socket", refuse)
    context = tmp_path / "context.json"
    context.write_text('{"@context": {"Dataset": "http://www.w3.org/ns/dcat#Dataset"}}')
    for address in ("https://schema.org", "http://127.0.0.1:1/context", context.as_uri(), str(context)):
        document = f'{{"@context": "{address}", "@type": "Dataset", "@id": "https://e.org/d"}}'.encode()
        with pytest.raises(Refused):
            read_dcat(document, "jsonld")


@pytest.mark.parametrize(
    ("document", "syntax"),
    [
        (b'{"@id":"https://e.org/d","https://e.org/p":' * 70 + b"1" + b"}" * 70, "jsonld"),
        (b"<https://e.org/d> <https://e.org/p> " + b"[ <https://e.org/p> " * 70 + b"1" + b" ]" * 70 + b" .", "turtle"),
        (b"<https://e.org/d> <https://e.org/p> " + b"( " * 70 + b" )" * 70 + b" .", "turtle"),
        (
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            + b"<a>" * 70
            + b"</a>" * 70
            + b"</rdf:RDF>",
            "rdfxml",
        ),
        (b"[" * 5_000_000, "jsonld"),
    ],
)
def test_deep_nesting_is_refused(document: bytes, syntax: Syntax) -> None:
    with pytest.raises(Refused, match="levels deep"):
        read_dcat(document, syntax)


def test_brackets_in_texts_addresses_and_comments_do_not_count_as_nesting() -> None:
    said = '"' + "[" * 100 + '\\"' + "(" * 100 + '"'
    reading = read_one(
        f'dct:title {said} ; dct:description """{"(" * 100} " "" """ ; foaf:page <https://example.org/{"(" * 100}> # {"[" * 100}\n'
    )
    assert reading.record.summary.title == "[" * 100 + '"' + "(" * 100


def test_size_and_number_of_statements_are_limited() -> None:
    lines = b"".join(b"<https://e.org/d> <https://e.org/p> <https://e.org/%d> .\n" % number for number in range(50))
    with pytest.raises(Refused, match="bytes"):
        read_dcat(lines, "ntriples", limits=Limits(size_bytes=100))
    with pytest.raises(Refused, match="statements"):
        read_dcat(lines, "ntriples", limits=Limits(triples=49))
    assert len(parse(lines, "ntriples", Limits(triples=50))) == 50


@pytest.mark.parametrize("syntax", ["turtle", "rdfxml", "jsonld"])
@pytest.mark.parametrize(
    "unit",
    [
        b'"',
        b"'",
        b"<",
        b"<!--",
        b"<![CDATA[",
        b"<?",
        b'"\\',
        b"<a",
        b'"""',
        b"'''",
        b"<a ",
        b"#",
        b'"""\\"',
        b"<a b='",
        b'<a b="',
    ],
)
def test_a_document_of_openings_that_never_close_is_refused_in_one_pass(unit: bytes, syntax: Syntax) -> None:
    """A look at nesting that went back at each opening would not end on documents of this size."""
    with pytest.raises(Refused):
        read_dcat(unit * (2_000_000 // len(unit)), syntax)


def test_datasets_that_share_large_nodes_are_refused_before_they_cost_too_much() -> None:
    shared = "".join(f'<https://e.org/p> foaf:name "{number}" .\n' for number in range(4000))
    users = "".join(
        f"<https://e.org/{number}> a dcat:Dataset ; dct:publisher <https://e.org/p> .\n" for number in range(4000)
    )
    with pytest.raises(Refused, match="share nodes"):
        read_dcat((HEAD + shared + users).encode(), "turtle")


def test_schema_org_nodes_that_link_to_each_other_are_refused_before_they_are_nested_without_end() -> None:
    names = [f"<https://e.org/{number}>" for number in range(60)]
    links = "".join(
        f"{one} a <https://schema.org/Dataset> ; <https://schema.org/about> {', '.join(names)} .\n" for one in names
    )
    with pytest.raises(Refused, match="holds no dcat:Dataset"):
        read_linked_data(links.encode(), "turtle")


def test_schema_org_is_read_from_any_syntax_where_there_is_no_dcat() -> None:
    said = """@prefix s: <https://schema.org/> . <https://e.org/d> a s:Dataset ; s:name "N" ; s:keywords "a", "b" ; s:publisher [ a s:Organization ; s:name "P" ] ; s:license <https://e.org/l> ."""
    reading = read_linked_data(said.encode(), "turtle")[0]
    assert (reading.iri, reading.record.summary.title, reading.record.summary.keywords) == (
        "https://e.org/d",
        "N",
        ["a", "b"],
    )
    assert reading.record.summary.data_custodian.name == "P"
    assert [loss.value for loss in reading.losses] == ["https://e.org/l"]


def test_dcat_comes_first_where_a_document_holds_both() -> None:
    said = (
        HEAD + '<https://e.org/s> a <https://schema.org/Dataset> . <https://e.org/d> a dcat:Dataset ; dct:title "D" .'
    )
    assert [reading.iri for reading in read_linked_data(said.encode(), "turtle")] == ["https://e.org/d"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["turtle", "rdfxml", "jsonld", "ntriples"]))
def test_no_bytes_raise_anything_but_a_refusal(document: bytes, syntax: Syntax) -> None:
    with pytest.raises(Refused):
        read_dcat(document, syntax)
