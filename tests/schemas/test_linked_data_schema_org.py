"""schema.org: what search engines ask for is said where the record says it, and nothing else is."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from schemas.linked_data import Refused, read_schema_org, write_schema_org
from schemas.record import Dataset
from tests.corpus import corpus
from tests.schemas.test_linked_data import CATALOGUE, demonstration, entry, parts, real, whole_record

ASKED_BY_GOOGLE = {
    "name": ("summary", "title"), "alternateName": ("summary", "datasetAliases"), "creator": ("accessibility", "usage", "resourceCreator"),
    "citation": ("enrichmentAndLinkage", "publicationAboutDataset"), "identifier": ("identifier",), "keywords": ("summary", "keywords"),
    "measurementTechnique": ("provenance", "origin", "source"), "spatialCoverage": ("coverage", "spatial"),
    "temporalCoverage": ("provenance", "temporal", "startDate"), "variableMeasured": ("structuralMetadata", "tables"),
    "version": ("version",), "isPartOf": ("enrichmentAndLinkage", "isPartOf"), "publisher": ("summary", "dataCustodian", "name"),
    "dateModified": ("modified",), "datePublished": ("issued",), "inLanguage": ("accessibility", "formatAndStandards", "language"),
    "distribution": ("accessibility", "formatAndStandards", "format"), "conditionsOfAccess": ("accessibility", "access", "accessRights"),
}  # fmt: skip
"""Properties that Google's guidelines require or recommend (or Bioschemas asks for), and the field that can fill each."""


def said(record: Dataset) -> dict[str, Any]:
    return write_schema_org(entry(record), CATALOGUE).document


def field(document: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = document
    for step in path:
        value = value.get(step, {}) if isinstance(value, dict) else None
    return value


@pytest.mark.parametrize("name", ASKED_BY_GOOGLE)
def test_every_property_that_is_asked_for_is_there_where_the_record_can_fill_it(name: str) -> None:
    for one in (*demonstration(), entry(whole_record())):
        document = one.record.as_json()
        if field(document, ASKED_BY_GOOGLE[name]):
            assert said(one.record).get(name), (name, one.record.summary.title)
        elif name not in ("variableMeasured", "conditionsOfAccess", "identifier"):
            assert name not in said(one.record) or name == "publisher"
    assert said(whole_record())[name]


def test_the_url_is_our_page_and_the_same_page_of_the_custodian_is_named() -> None:
    written = write_schema_org(
        replace(entry(whole_record()), source_page="https://custodian.example/d"), CATALOGUE
    ).document
    assert written["url"] == "https://gateway.example/datasets/1"
    assert written["@id"] == "https://gateway.example/id/1"
    assert written["sameAs"] == "https://custodian.example/d"
    assert written["includedInDataCatalog"]["@id"] == CATALOGUE.iri


def test_t28_schema_org_points_at_the_records_own_page_and_makes_nothing_up() -> None:
    """An empty record says nothing but where it is; a whole one its real version, and nothing that it does not state."""
    empty = said(Dataset.from_json({"accessibility": {"access": {"accessRights": ["https://custodian.example/apply"]}}}))
    assert empty["url"] == "https://gateway.example/datasets/1"
    assert {"version", "license", "isAccessibleForFree", "dateModified", "creator"} & empty.keys() == set()
    for one in (*demonstration(), entry(whole_record())):
        written = said(one.record)
        assert written.get("version") == one.record.version
        assert "license" not in written
        assert addresses_in(written) <= addresses_in(one.record.as_json()) | OUR_OWN


OUR_OWN = {"https://schema.org", "https://gateway.example", "https://doi.org", "https://registry.identifiers.org", "https://bioschemas.org"}


def addresses_in(document: Any) -> set[str]:
    """Scheme and host of every address, of whatever depth."""
    return {found.rstrip("/") for found in re.findall(r"https?://[A-Za-z0-9.-]+", json.dumps(document))}


def test_no_licence_and_no_download_address_is_made_up() -> None:
    for one in demonstration():
        written = write_schema_org(one, CATALOGUE)
        text = json.dumps(written.document)
        assert '"license"' not in text
        assert "contentUrl" not in text
        assert "license" in {unfilled.property for unfilled in written.unfilled}


@pytest.mark.parametrize(
    ("cost", "free"),
    [
        (["No charge."], True),
        (["Free"], True),
        (["£500"], None),
        (["Free", "£20 an hour"], None),
        (None, None),
        ([], None),
    ],
)
def test_free_is_said_only_where_every_word_on_cost_says_so(cost: list[str] | None, free: bool | None) -> None:
    record = Dataset.from_json({"accessibility": {"access": {"accessRequestCost": cost}}})
    assert said(record).get("isAccessibleForFree") is free


def test_a_long_description_ends_with_a_sentence_and_the_cut_is_reported() -> None:
    record = Dataset.from_json({"documentation": {"description": "A sentence of some words. " * 400}})
    written = write_schema_org(entry(record), CATALOGUE)
    assert len(written.document["description"]) <= 5000
    assert written.document["description"].endswith("words.")
    assert "/documentation/description" in {loss.from_path for loss in written.losses}


def test_the_abstract_stands_in_for_a_missing_description_and_a_short_one_is_reported() -> None:
    written = write_schema_org(entry(Dataset.from_json({"summary": {"title": "T", "abstract": "Short."}})), CATALOGUE)
    assert written.document["description"] == "Short."
    assert {one.property for one in written.unfilled} == {"license", "description"}


@pytest.mark.parametrize(
    ("end", "expected"),
    [(None, "2010-01-01/.."), ("CONTINUOUS", "2010-01-01/.."), ("2020-12-31", "2010-01-01/2020-12-31")],
)
def test_a_period_without_end_is_open(end: str | None, expected: str) -> None:
    record = Dataset.from_json(
        {"provenance": {"temporal": {"startDate": "2010-01-01", **({"endDate": end} if end else {})}}}
    )
    assert said(record)["temporalCoverage"] == expected


def test_text_in_a_page_cannot_close_the_script_element() -> None:
    record = Dataset.from_json({"summary": {"title": "</script><script>alert(1)</script> & more"}})
    script = write_schema_org(entry(record), CATALOGUE).as_script()
    assert "<" not in script
    assert json.loads(script)["name"] == record.summary.title


@settings(max_examples=150, deadline=None)
@given(parts(Dataset))
def test_what_is_read_back_is_the_record_but_for_the_losses_reported(record: Dataset) -> None:
    written = write_schema_org(entry(record), CATALOGUE)
    back = leaves(read_schema_org(written.document)[0].record.as_json())
    lost = {loss.from_path for loss in written.losses}
    for path, value in leaves(record.as_json()).items():
        assert path in lost or back.get(path) == value


@pytest.mark.parametrize("which", ["demonstration", "real"])
def test_most_of_what_schema_org_can_say_comes_back_from_whole_records(which: str) -> None:
    wanted = (
        "/summary/title",
        "/summary/abstract",
        "/summary/keywords",
        "/coverage/spatial",
        "/summary/dataCustodian/name",
        "/provenance/temporal/startDate",
        "/version",
    )
    for one in demonstration() if which == "demonstration" else real():
        assert not {loss.from_path for loss in write_schema_org(one, CATALOGUE).losses} & set(wanted)


def leaves(value: dict[str, Any], path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, inner in value.items():
        found |= leaves(inner, f"{path}/{name}") if isinstance(inner, dict) else {f"{path}/{name}": inner}
    return found


# reading what others say


def read_one(document: Any) -> Any:
    return read_schema_org({"@context": "https://schema.org", "@type": "Dataset", **document})[0]


def test_a_short_description_is_an_abstract_and_a_long_one_the_description() -> None:
    assert read_one({"description": "Short."}).record.summary.abstract == "Short."
    assert read_one({"description": "x" * 501}).record.documentation.description == "x" * 501


def test_a_licence_is_no_access_right_and_a_creator_no_custodian() -> None:
    reading = read_one({"license": "https://creativecommons.org/licenses/by/4.0/", "creator": {"name": "A. Person"}})
    assert reading.record.accessibility.access.access_rights is None
    assert reading.record.summary.data_custodian.name is None
    assert reading.record.accessibility.usage.resource_creator == ["A. Person"]
    assert [loss.from_path for loss in reading.losses] == ["/license"]


def test_a_date_that_is_none_is_reported_and_not_interpreted() -> None:
    reading = read_one({"datePublished": "3/4/21", "dateModified": "2021-04-03"})
    assert reading.record.issued is None
    assert reading.record.modified == "2021-04-03"
    assert [(loss.from_path, loss.value) for loss in reading.losses] == [("/datePublished", "3/4/21")]


def test_datasets_are_found_in_lists_graphs_and_catalogues() -> None:
    dataset = {"@type": ["Dataset", "CreativeWork"], "name": "One"}
    for document in (
        [dataset],
        {"@graph": [{"@type": "Person"}, dataset]},
        {"@type": "DataCatalog", "dataset": [dataset]},
        {"@type": "schema:Dataset", "schema:name": "One"},
    ):
        assert [reading.record.summary.title for reading in read_schema_org(document)] == ["One"]


def test_a_value_of_the_wrong_type_is_left_out_and_reported() -> None:
    reading = read_one(
        {
            "name": "One",
            "version": 3,
            "keywords": 7,
            "publisher": 9,
            "identifier": [None, {}, [1]],
            "spatialCoverage": True,
        }
    )
    assert reading.record.summary.title == "One"
    assert {loss.from_path for loss in reading.losses} >= {"/version", "/keywords", "/publisher", "/spatialCoverage"}


def test_every_document_of_the_corpus_is_read_or_refused_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    read = 0
    refused: list[str] = []
    paths = [
        *corpus("schemaorg").rglob("*.json*"),
        *corpus("hostile", "nde-register").rglob("*.json*"),
        *corpus("hostile", "rdf").rglob("*.json*"),
    ]
    for path in sorted(paths):
        try:
            read += len(read_schema_org(path.read_bytes()))
        except Refused as reason:
            refused.append(str(reason))
    with capsys.disabled():
        print(
            f"\nschema.org: {read} datasets read from {len(paths) - len(refused)} documents, {len(refused)} documents refused"
        )
    assert read > 300
    assert all(len(reason) > 20 for reason in refused)


def test_a_document_that_is_no_json_or_too_deep_is_refused() -> None:
    for document in (b"{", b"\xff\xfe{", b"[" * 100 + b"]" * 100, b"{}", b'{"@type": "Person"}'):
        with pytest.raises(Refused):
            read_schema_org(document)
