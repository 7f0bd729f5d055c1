"""A2: every document of linked data in the corpus, served with its real media type and harvested: what became of it, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harvesters.fetch import Fetcher
from harvesters.pipeline import Outcome
from harvesters.registry import KINDS
from harvesters.source import Mark, SourceError
from tests.corpus import CORPUS
from tests.harvesters.holding import Holding
from tests.harvesters.web_server import Answer, Asked, WebServer, loopback_fetcher, serving
from tests.services import leave_out

MEDIA_TYPES = {
    ".ttl": "text/turtle", ".nt": "application/n-triples", ".rdf": "application/rdf+xml", ".jsonld": "application/ld+json",
    ".json": "application/json",
}  # fmt: skip
FOLDERS = ("dcat", "schemaorg/jsonld", "schemaorg/nde-register", "hostile/rdf", "hostile/nde-register", "hostile/dcat-us")
LEFT_OUT = ("shacl", "shapes")

MISSING, HELD, UNKNOWN = "detail-missing", "blocking-findings", "missing-id"
EXPECTED: dict[str, str | dict[str, int]] = {
    # what a document holds, where that is not exactly one dataset that is published
    "dcat/converted-rdfxml/example-catalog.rdf": {MISSING: 4},
    "dcat/converted-rdfxml/example-dataset.rdf": {"published": 5},
    "dcat/dcat-ap/3.0.1-examples/example-bee-population-2022-2023.ttl": {"published": 2},
    "dcat/dcat-ap/3.0.1-examples/example-bee-population-dataset-frequency.ttl": {HELD: 1},
    "dcat/dcat-ap/3.0.1-examples/example-bee-population-dataset-series-frequency.ttl": {HELD: 2},
    "dcat/dcat-ap/3.0.1-examples/example-bee-population-dataset-series-gea-nha.ttl": {"published": 3},
    "dcat/dcat-ap/3.0.1-examples/example-bee-population-dataset-series-issued.ttl": {"published": 2},
    "dcat/dcat-ap/3.0.1-examples/example-bee-population-dataset-series-modified.ttl": {"published": 3},
    "dcat/dcat-ap/3.0.1-examples/example-bee-population-dataset-series-ordered.ttl": {HELD: 2},
    "dcat/dcat-ap/3.0.1-examples/example-bee-population-dataset-series-spatial-thessaloniki-athens.ttl": {"published": 2},
    "dcat/dcat-ap/3.0.1-examples/example-bee-population-dataset-series.ttl": {HELD: 2},
    "dcat/dcat-ap/3.0.1-examples/example-bee-populaton-2022-2023.ttl": {"published": 2},
    "dcat/dcat-ap/vocabulary-2.1.1.rdf": "dtd-forbidden",
    "dcat/dcat-us/dcatus.json": {"published": 7},
    "dcat/dcat-us/dcatus3_0.json": {"published": 4},
    "dcat/dcat-us/dcatus3_0_nested_catalog.json": {"published": 3},
    "dcat/dcat-us/dcatus3_0_warning.json": {"published": 3},
    "dcat/fair-data-point/records/comparative-genomics-catalog.ttl": {MISSING: 1},
    "dcat/fair-data-point/records/textmining-catalog.ttl": {MISSING: 2},
    "dcat/fair-data-point/records/transcriptomics-catalog.ttl": {MISSING: 1},
    **{f"dcat/fair-data-point/records/{name}.ttl": "no-dataset" for name in (
        "disgenet-html-page", "disgenet-nanopubs-gzip", "disgenet-textfile-gzip", "dtl-fdp", "fantom5-html", "fantom5-sparql",
        "fantom5-textfile", "gda-lumc-sparql", "gda-lumc-textfile", "goNlSvR5-html", "goNlSvR5-textfile-gzip",
    )},
    "dcat/health-ri/examples/example-catalog.ttl": {MISSING: 4},
    "dcat/health-ri/examples/example-dataservice.ttl": "no-dataset",
    "dcat/health-ri/examples/example-dataset.ttl": {"published": 5},
    "dcat/health-ri/examples/example-distribution.ttl": "no-dataset",
    "dcat/health-ri/validation-cases/dataset-iso8601.ttl": {"published": 5},
    "dcat/health-ri/validation-cases/example-dataset-bad.ttl": {"published": 2},
    "dcat/healthdcat-ap/health-catalog.ttl": {"published": 21},
    "dcat/healthdcat-ap/validation-report.ttl": "no-dataset",
    "dcat/hydra-paged/hydra-page1.jsonld": {"published": 3},
    "dcat/hydra-paged/hydra-page1.ttl": {"published": 2},
    "dcat/nde-register/catalog-dcat-invalid.jsonld": {},
    "dcat/nde-register/dataset-dcat-invalid.jsonld": {HELD: 1},
    "schemaorg/jsonld/codemeta.json": "unknown-context",
    "schemaorg/jsonld/schema_org.json": "no-dataset",
    "schemaorg/jsonld/schema_org_4.6_attributes.json": "no-dataset",
    "schemaorg/jsonld/schema_org_list.json": {"published": 214},
    "schemaorg/jsonld/schema_org_type_as_array.json": "no-dataset",
    "schemaorg/nde-register/catalog-schema-org-valid.jsonld": {"published": 2},
    "schemaorg/nde-register/datacatalog-schema-oa-valid.jsonld": {"published": 78},
    "schemaorg/nde-register/datasets-schema-org-valid.jsonld": {"published": 2},
    "hostile/rdf/datacatalog-schema-oa-one-invalid-dataset.jsonld": {"published": 2},
    "hostile/rdf/dataset-kb-nbt-dataset-issue.jsonld": {UNKNOWN: 1, "published": 1},
    "hostile/rdf/dcat-ap-3.0.1-example-bee-population-dataset-series-api.ttl": "bad-rdf",
    "hostile/rdf/dcat-ap-3.0.1-example-bee-population-dataset-series-combined.ttl": "bad-rdf",
    "hostile/nde-register/catalog-schema-org-no-dataset.jsonld": {},
    "hostile/nde-register/dataset-http-schema-org-invalid.jsonld": {HELD: 1},
    "hostile/nde-register/dataset-invalid-no-http-iri.jsonld": "no-dataset",
    "hostile/nde-register/empty.jsonld": "no-dataset",
    "hostile/nde-register/no-dataset.jsonld": "no-dataset",
    "hostile/dcat-us/dcatus3_0_invalid.json": {"published": 2},
    "hostile/dcat-us/dcatus3_0_no_identifier.json": {UNKNOWN: 1},
    "hostile/dcat-us/dcatus_empty_identifier.json": {UNKNOWN: 1},
    "hostile/dcat-us/dcatus_no_identifier.json": {UNKNOWN: 1},
    "hostile/dcat-us/dcatus_whitespace_identifier.json": {UNKNOWN: 1},
    "hostile/dcat-us/dcatus_with_none.json": {"published": 402},
    "hostile/dcat-us/missing_title.json": {HELD: 1},
}  # fmt: skip


def documents() -> list[str]:
    found = (path for folder in FOLDERS for path in sorted((CORPUS / folder).rglob("*")))
    return [path.relative_to(CORPUS).as_posix() for path in found if path.suffix in MEDIA_TYPES and not set(path.parts) & set(LEFT_OUT)]


def answer(asked: Asked) -> Answer:
    """A document of the corpus; the pages of the Hydra example name each other by another folder."""
    name = asked.path.removeprefix("/").replace("datasets/hydra-page", "dcat/hydra-paged/hydra-page")
    path = CORPUS / name
    if name not in KNOWN:
        return Answer(status=404)
    return Answer(path.read_bytes(), headers={"Content-Type": MEDIA_TYPES[path.suffix]})


KNOWN = documents()


@pytest.fixture(scope="module")
def web() -> Iterator[tuple[WebServer, Fetcher]]:
    with serving(answer) as server, loopback_fetcher() as fetcher:
        yield server, fetcher


def harvest(web: tuple[WebServer, Fetcher], name: str) -> tuple[list[Outcome], list[Mark]]:
    server, fetcher = web
    source = KINDS["dcat"].build({"url": f"{server.url}/{name}"}, fetcher=fetcher, held=Holding(), wanted="full")
    return Holding().run(source)


def told(met: list[Outcome]) -> dict[str, int]:
    return dict(Counter("published" if outcome.kind == "accepted" else str(outcome.reason) for outcome in met))


def test_the_corpus_is_here() -> None:
    if not KNOWN:
        leave_out("The corpus of real inputs is not here (set GATEWAY_TEST_CORPUS to its folder).")
    assert EXPECTED.keys() <= set(KNOWN)
    assert len(KNOWN) > 100


@pytest.mark.parametrize("name", KNOWN)
def test_a2_a_document_of_the_corpus_ends_as_it_is_known_to(web: tuple[WebServer, Fetcher], name: str) -> None:
    expected = EXPECTED.get(name, {"published": 1})
    if isinstance(expected, str):
        with pytest.raises(SourceError) as failure:
            harvest(web, name)
        assert failure.value.reason == expected
        return
    met, marks = harvest(web, name)
    assert told(met) == expected
    is_cut_off = name == "dcat/converted-rdfxml/hydra-page1.rdf"  # its next page is a file on somebody's disk
    assert (marks[-1].complete, marks[-1].why_incomplete) == ((False, "address-refused") if is_cut_off else (True, None))


def test_a2_what_is_left_behind_is_listed(web: tuple[WebServer, Fetcher]) -> None:
    """HealthDCAT-AP has more than the record can hold: nothing of it goes unsaid."""
    if not KNOWN:
        leave_out("The corpus of real inputs is not here (set GATEWAY_TEST_CORPUS to its folder).")
    met, _ = harvest(web, "dcat/healthdcat-ap/health-catalog.ttl")
    for outcome in met:
        assert outcome.record is not None
        assert outcome.record.summary.title
        left: set[Any] = {loss.from_path.rpartition("#")[2].rpartition("/")[2] for loss in outcome.losses}
        assert {"theme", "healthCategory", "hdab"} & left
        assert Path(outcome.local_id).name
