"""Real documents in folders, from the first harvest to search."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway.models import Alias, Outcome, Raw, Record, Version
from gateway.store import records
from gateway.wiring import Services
from search.engine import Query
from tests.corpus import corpus
from tests.journeys.gateways import (
    add_files,
    document,
    harvest,
    index_files,
    make_services,
    titles,
    write_documents,
    writing_statements,
)

STATE_2021 = ("hdruk", "v2", "2021-04-07")
MOMENT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    yield built
    built.close()


def rows(services: Services, table: type) -> int:
    with services.store.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def collection() -> list[dict[str, str]]:
    with corpus("hdruk", "collection.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_folder_of_real_documents_is_published_whole(services: Services) -> None:
    run = harvest(services, add_files(services, corpus(*STATE_2021)))
    assert run.counters == {"created": 318}
    assert run.state == "succeeded"
    assert records_live(services) == 318
    assert services.catalogue.search(Query(limit=1)).total == 318
    assert services.catalogue.repair() == 0


def test_a_second_run_on_the_same_folder_writes_nothing_but_that_it_took_place(services: Services) -> None:
    slug = add_files(services, corpus(*STATE_2021))
    harvest(services, slug)
    before = {table: rows(services, table) for table in (Record, Version, Raw, Outcome, Alias)}
    indexed = index_files(services.settings.data_dir)
    services.harvesting.clock = lambda: MOMENT  # A run that takes long also writes of its progress.
    with writing_statements(services) as written:
        second = harvest(services, slug)
    assert second.state == "succeeded"
    assert second.counters == {"unchanged": 318}
    assert set(written) == {"INSERT runs", "UPDATE runs", "UPDATE sources"}
    assert len(written) <= 5
    assert {table: rows(services, table) for table in before} == before
    assert index_files(services.settings.data_dir) == indexed


def test_an_audit_of_the_same_folder_reads_all_and_changes_no_record(services: Services) -> None:
    slug = add_files(services, corpus(*STATE_2021))
    harvest(services, slug)
    with writing_statements(services) as written:
        audit = harvest(services, slug, wanted="audit")
    assert audit.counters == {"unchanged": 318}
    assert {statement.split()[1] for statement in written} <= {"runs", "sources", "source_pages", "run_events"}


def test_older_states_on_top_give_versions_and_no_duplicates(services: Services, tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    shutil.copytree(corpus(*STATE_2021), feed / "2021")
    slug = add_files(services, feed)
    harvest(services, slug)
    shutil.copytree(corpus("hdruk", "v2", "2020-11-20"), feed / "2020-11")
    run = harvest(services, slug)
    assert records_live(services) == len(collection()) == 473, run.counters
    assert run.counters["created"] == 155
    assert run.counters["repeated"] + run.counters["updated"] == 414 - 155
    assert rows(services, Version) == 318 + 414
    assert_every_title_is_found_first(services)
    shutil.copytree(corpus("hdruk", "v1", "2020-08-04"), feed / "2020-08")
    run = harvest(services, slug)
    assert rows(services, Record) == records_live(services) == 473 + run.counters["created"]
    assert len({services.catalogue.resolve(row["dataset_id"]) for row in collection()} - {None}) == 473
    assert run.counters["created"] <= 2
    assert harvest(services, slug).counters == {"unchanged": rows(services, Record)}


def test_states_in_time_order_give_updates_and_no_duplicates(services: Services, tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    shutil.copytree(corpus("hdruk", "v2", "2020-11-20"), feed / "2020")
    slug = add_files(services, feed)
    assert harvest(services, slug).counters == {"created": 414}
    shutil.copytree(corpus(*STATE_2021), feed / "2021")
    run = harvest(services, slug)
    assert records_live(services) == rows(services, Record) == 473, run.counters
    assert run.counters["updated"] > 200
    assert_every_title_is_found_first(services)
    with services.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Record).where(Record.version_count > 1)) > 200


def assert_every_title_is_found_first(services: Services) -> None:
    missed = []
    for row in collection():
        hits = services.catalogue.search(Query(text=row["title"], limit=1, highlight=False)).hits
        if not hits or services.catalogue.resolve(row["dataset_id"]) != hits[0].id:
            missed.append((row["title"], hits[0].stored["title"] if hits else None))
    assert missed == []


def records_live(services: Services) -> int:
    with services.store.reading() as session:
        return records.count_visible(session)


def test_a_changed_document_becomes_a_new_version_and_keeps_the_bytes_of_both(services: Services, tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    write_documents(feed, [document(1), document(2)])
    slug = add_files(services, feed)
    harvest(services, slug)
    changed = document(1, title="Study of sleep, extended") | {"modified": "2025-07-01T00:00:00Z", "version": "1.1.0"}
    write_documents(feed, [changed])
    run = harvest(services, slug)
    assert run.counters == {"updated": 1, "unchanged": 1}
    ref = services.catalogue.resolve(changed["identifier"])
    assert ref is not None
    newest, oldest = services.catalogue.versions(ref)
    assert "/summary/title" in newest.changed_paths
    assert json.loads(services.catalogue.original(oldest)[1]) == document(1)
    assert json.loads(services.catalogue.original(newest)[1]) == changed
    assert titles(services, "sleep extended")[0] == "Study of sleep, extended"


def test_an_older_state_never_replaces_a_newer_one(services: Services, tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    write_documents(feed, [document(1, title="The newer title")])
    slug = add_files(services, feed)
    harvest(services, slug)
    older = document(1, title="The older title") | {"modified": "2024-01-01T00:00:00Z"}
    (feed / "older.json").write_text(json.dumps(older))
    run = harvest(services, slug)
    assert run.counters["repeated"] == 1
    ref = services.catalogue.resolve(older["identifier"])
    assert ref is not None
    assert services.catalogue.get(ref).dataset.summary.title == "The newer title"
    assert len(services.catalogue.versions(ref)) == 2


def test_s1_an_emptied_folder_removes_nothing_and_says_so(services: Services, tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    write_documents(feed, [document(number) for number in range(20)])
    slug = add_files(services, feed)
    harvest(services, slug)
    for file in feed.iterdir():
        file.unlink()
    run = harvest(services, slug)
    assert run.state == "held"
    assert run.error
    assert records_live(services) == 20
    assert services.catalogue.search(Query(limit=1)).total == 20


def test_s7_s8_a_record_without_title_is_quarantined_and_the_rest_is_published(services: Services, tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    write_documents(feed, [document(1), document(2, title=None), document(3)])
    (feed / "broken.json").write_text('{"summary": ')
    slug = add_files(services, feed)
    run = harvest(services, slug)
    assert run.state == "partial"
    assert run.counters == {"created": 2, "quarantined": 1, "rejected": 1}
    with services.store.reading() as session:
        reasons = {row.outcome: row for row in session.scalars(select(Outcome))}
    assert reasons["quarantined"].findings
    assert reasons["rejected"].reason == "bad-json"


def test_s7_a_refused_change_keeps_the_last_good_version_and_marks_it_stale(services: Services, tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    write_documents(feed, [document(1)])
    slug = add_files(services, feed)
    harvest(services, slug)
    write_documents(feed, [document(1, title=None)])
    harvest(services, slug)
    ref = services.catalogue.resolve(document(1)["identifier"])
    assert ref is not None
    published = services.catalogue.get(ref)
    assert published.dataset.summary.title == "Study of sleep number 1"
    assert published.row.record.stale_since is not None
    write_documents(feed, [document(1)])
    harvest(services, slug)
    assert services.catalogue.get(ref).row.record.stale_since is None
