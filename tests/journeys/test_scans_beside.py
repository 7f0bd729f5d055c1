"""A21, S14: a scan report as a source of its own, beside the record that another source of the same custodian describes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from gateway.app import create_app
from gateway.models import ScannedStructure
from gateway.sources.registering import NewSource, add_source
from gateway.store import custodians
from gateway.wiring import Services
from search.engine import Query
from tests.harvesters.test_scan_reports import FIELDS, report
from tests.journeys.gateways import (
    add_files,
    document,
    harvest,
    index_files,
    make_services,
    write_documents,
    writing_statements,
)
from tests.journeys.test_dry_run import assert_it_does_what_was_told, tried

OURS = {"tables": [{"name": "visit", "description": "Our own words.", "columns": [{"name": "sex", "description": "Sex as recorded", "dataType": "code", "sensitive": True}]}]}
ID = document(1)["identifier"]


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False)
    with built.store.transaction() as tx:
        for name in ("Example Trust", "Another Trust"):
            custodians.add(tx.session, name=name, now=built.clock())
    yield built
    built.close()


def feed(services: Services, tmp_path: Path, **changes: Any) -> str:
    write_documents(tmp_path / "feed", [{**document(1), "structuralMetadata": OURS, **changes}])
    slug = add_files(services, tmp_path / "feed", custodian="example-trust")
    harvest(services, slug)
    return slug


def scan(services: Services, tmp_path: Path, *, name: str = "ScanReport.xlsx", custodian: str | None = "example-trust", **configuration: Any) -> str:
    path = tmp_path / name
    path.write_bytes(report())
    wanted = NewSource(name="Scan of visits", kind="scan-report", configuration={"path": str(path), **configuration}, schedule="manual", custodian=custodian)
    return add_source(services.store, services.sealer, wanted, now=services.clock()).slug


def columns_page(services: Services, identifier: str = ID) -> str:
    ref = services.catalogue.resolve(identifier)
    client = TestClient(create_app(services=services), base_url="http://127.0.0.1")
    return client.get(f"/datasets/{ref}/columns", follow_redirects=True).text


def test_a21_s14_a_scan_stands_beside_the_record_of_another_source_and_survives_its_harvests(services: Services, tmp_path: Path) -> None:
    slug = feed(services, tmp_path)
    assert "nhs_number" not in columns_page(services)
    scanning = scan(services, tmp_path, dataset=ID.upper())
    run = harvest(services, scanning)
    assert (run.state, run.counters, run.http.get("warnings")) == ("succeeded", {}, None)
    page = columns_page(services)
    for told in ("Sex as recorded", "nhs_number", "(from a scan)", "Scan of visits", f"/sources/{scanning}"):
        assert told in page
    assert "Leeds" not in page, "no value is shown"
    write_documents(tmp_path / "feed", [{**document(1, title="Renamed"), "version": "2.0.0", "modified": "2026-01-01T00:00:00Z"}])
    run = harvest(services, slug)
    assert (run.state, run.error, run.counters) == ("succeeded", None, {"updated": 1})
    page = columns_page(services)
    assert "nhs_number" in page
    assert "Sex as recorded" not in page, "what its source no longer says is gone, what the scan says stays"
    original = services.catalogue.get(services.catalogue.resolve(ID) or "").dataset
    assert not original.structural_metadata.tables, "the record is as its source sent it"


def test_a21_columns_of_a_scan_are_searched_and_counted_without_the_words_that_mark_them(services: Services, tmp_path: Path) -> None:
    feed(services, tmp_path)
    other = {"tables": [{"name": "people", "columns": [{"name": "NHS_Number", "description": "Ten digits", "dataType": "int"}]}]}
    write_documents(tmp_path / "second", [{**document(2, title="Another register"), "structuralMetadata": other}])
    harvest(services, add_files(services, tmp_path / "second", custodian="another-trust", name="Second"))
    assert services.catalogue.search_variables(Query(text="nhs number")).total == 1
    harvest(services, scan(services, tmp_path, dataset=ID))
    services.catalogue.index_pending()
    hits = services.catalogue.search_variables(Query(text="nhs number")).hits
    assert sorted((hit.stored["name"], hit.stored.get("from_scan", False)) for hit in hits) == [("NHS_Number", False), ("nhs_number", True)]
    assert services.catalogue.search_variables(Query(text="scan")).total == 0, "that it came from a scan is not what it is about"
    assert services.catalogue.search(Query(text="nhs_number")).total == 2
    assert "in 1 other dataset<" in columns_page(services)
    client = TestClient(create_app(services=services), base_url="http://127.0.0.1")
    assert client.get("/columns?q=nhs+number").text.count("(from a scan)") == 1
    assert services.catalogue.rebuild() == 2
    assert services.catalogue.search_variables(Query(text="nhs number")).total == 2


def test_a21_small_counts_are_neither_kept_nor_shown(services: Services, tmp_path: Path) -> None:
    feed(services, tmp_path)
    harvest(services, scan(services, tmp_path, dataset=ID))
    with services.store.reading() as session:
        kept = str(session.scalars(select(ScannedStructure.tables)).one())
    page = columns_page(services)
    assert "fewer than 10 rows" in kept
    for text in (kept, page):
        assert not re.search(r"\b7 rows", text), FIELDS[6]


def test_a4_an_unchanged_scan_writes_nothing_but_that_it_was_looked_at(services: Services, tmp_path: Path) -> None:
    feed(services, tmp_path)
    slug = scan(services, tmp_path, dataset=ID)
    harvest(services, slug)
    before = index_files(services.settings.data_dir)
    with writing_statements(services) as written:
        run = harvest(services, slug)
    assert (run.state, run.counters) == ("succeeded", {})
    assert {statement.split()[1] for statement in written} <= {"runs", "sources"}
    assert len(written) <= 5, written
    assert index_files(services.settings.data_dir) == before


def test_a10_the_diff_of_a_scan_is_what_the_run_then_does(services: Services, tmp_path: Path) -> None:
    """A scan fills what a record lacks and brings no record of its own; what it cannot stand beside is told by both alike."""
    feed(services, tmp_path)
    slug = scan(services, tmp_path, dataset=ID)
    with writing_statements(services) as written:
        assert tried(services, slug)["state"] == "succeeded"
    assert {statement.split()[1] for statement in written} <= {"dry_runs", "sources"}, "the scan itself is not kept yet"
    for _ in range(2):
        assert assert_it_does_what_was_told(services, slug).state == "succeeded"
    assert "nhs_number" in columns_page(services)


def test_a21_a_scan_may_replace_the_tables_it_saw_and_leaves_what_is_sensitive_so(services: Services, tmp_path: Path) -> None:
    feed(services, tmp_path)
    harvest(services, scan(services, tmp_path, name=f"{ID}.scan.xlsx", mode="replace"))
    page = columns_page(services)
    assert "Sex as recorded" not in page
    assert "Tables that were scanned are shown as" in page
    row = re.search(r"<code>sex</code>.*?</tr>", page, re.DOTALL)
    assert row is not None
    assert re.search(r">Yes</td></tr>$", row[0])


def test_a21_a_scan_never_stands_beside_the_record_of_another_custodian(services: Services, tmp_path: Path) -> None:
    feed(services, tmp_path)
    run = harvest(services, scan(services, tmp_path, dataset=ID, custodian="another-trust"))
    assert run.http["warnings"] == ["scan-without-dataset"]
    assert "nhs_number" not in columns_page(services)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_scan_of_no_custodian_fails_with_advice(services: Services, tmp_path: Path) -> None:
    feed(services, tmp_path)
    run = harvest(services, scan(services, tmp_path, dataset=ID, custodian=None))
    assert (run.state, run.reason) == ("failed", "wrong-configuration")
