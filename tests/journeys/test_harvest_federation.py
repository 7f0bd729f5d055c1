"""Federation endpoints over real HTTP: what a failing or lying source does to the catalogue (nothing), and what is reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.models import Hold, Outcome, Record
from gateway.store import records
from gateway.wiring import Services
from harvesters.reasons import REASONS
from search.engine import Query
from tests.corpus import corpus
from tests.journeys.endpoints import Endpoint, serving
from tests.journeys.gateways import add_federation, document, harvest, index_files, make_services, writing_statements

MOMENT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    yield built
    built.close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving(Endpoint()) as served:
        yield served


def live(services: Services) -> int:
    with services.store.reading() as session:
        return records.count_visible(session)


@pytest.mark.parametrize("folder", ["", "mdw", "gateway-client"])
def test_a2_real_payloads_are_harvested(services: Services, endpoint: Endpoint, folder: str) -> None:
    base = corpus("hdruk", "federation", *([folder] if folder else []))
    listing = json.loads((base / "list.json").read_text(encoding="utf-8-sig"))
    items = listing if isinstance(listing, list) else listing["items"]
    endpoint.list_answer = (200, (base / "list.json").read_bytes(), "application/json")
    for item in items:
        local_id = item.get("persistentId") or item.get("id")
        exact = base / f"{local_id}.json"
        endpoint.details[local_id] = json.loads((exact if exact.exists() else base / "dataset.json").read_text(encoding="utf-8-sig"))
    run = harvest(services, add_federation(services, endpoint.base_url))
    assert (run.state, run.reason, run.counters) == ("succeeded", None, {"created": 1}), run.error
    assert (live(services), services.catalogue.search(Query(limit=1)).total) == (1, 1)


FAILURES = {
    "empty": (200, b'{"items": [], "query": {"q": "", "total": 0, "limit": 100, "offset": 0}}', "application/json"),
    "error": (500, b"oops", "text/plain"),
    "truncated": (200, b'{"items": [{"persistentId": "00000000-0000-4000-8000', "application/json"),
    "html": (200, b"<!doctype html><title>Sign in</title><p>Sign in", "text/html"),
    "not a list": (200, b'{"message": "hello"}', "application/json"),
}


TOLD = {
    "empty": ("held", "empty-listing"), "error": ("failed", "server-error"), "truncated": ("failed", "bad-json"),
    "html": ("failed", "html-instead-of-data"), "not a list": ("failed", "not-a-list"),
}


def test_s1_a_source_that_fails_removes_nothing_and_each_failure_is_told_apart(services: Services, endpoint: Endpoint) -> None:
    endpoint.hold(*[document(number) for number in range(12)])
    slug = add_federation(services, endpoint.base_url)
    assert harvest(services, slug).counters == {"created": 12}
    told, sentences = {}, set()
    for name, answer in FAILURES.items():
        endpoint.list_answer = answer
        run = harvest(services, slug)
        assert live(services) == 12, name
        assert services.catalogue.search(Query(limit=1)).total == 12, name
        told[name] = (run.state, run.reason)
        sentences.add(run.error)
        assert REASONS[run.reason or ""].hint
    assert told == TOLD
    assert len(sentences - {None, ""}) == len(FAILURES)
    with services.store.reading() as session:
        assert set(session.scalars(select(Outcome.outcome))) == {"created"}
        assert set(session.scalars(select(Record.state))) == {"live"}


def test_s2_a_list_with_one_broken_detail_removes_nothing_and_names_the_record(services: Services, endpoint: Endpoint) -> None:
    endpoint.hold(*[document(number) for number in range(12)])
    slug = add_federation(services, endpoint.base_url)
    harvest(services, slug)
    broken = document(3)["identifier"]
    endpoint.items[3]["version"] = "1.0.1"
    for answer, reason in (((500, b"oops"), "server-error"), ((200, b"{"), "bad-json"), ((404, b""), "detail-missing")):
        endpoint.detail_answers = {broken: answer}
        run = harvest(services, slug)
        assert (run.state, run.reason, run.counters) == ("partial", None, {"rejected": 1, "unchanged": 11})
        assert live(services) == 12
        with services.store.reading() as session:
            told = session.scalars(select(Outcome).where(Outcome.run_id == run.id)).one()
        assert (told.local_id, told.outcome, told.reason) == (broken, "rejected", reason)


def test_s1_c5_a_short_list_that_admits_a_greater_total_removes_nothing(services: Services, endpoint: Endpoint) -> None:
    endpoint.hold(*[document(number) for number in range(12)])
    slug = add_federation(services, endpoint.base_url)
    harvest(services, slug)
    endpoint.list_answer = (200, json.dumps({"items": endpoint.items[:4], "query": {"total": 12}}).encode(), "application/json")
    run = harvest(services, slug)
    assert live(services) == 12
    assert (run.state, run.reason) == ("partial", "paging-ignored")
    with services.store.reading() as session:
        assert set(session.scalars(select(Outcome.outcome))) == {"created"}


def test_s3_a_list_that_lost_many_of_its_entries_removes_nothing_until_somebody_confirms_it(services: Services, endpoint: Endpoint) -> None:
    endpoint.hold(*[document(number) for number in range(12)])
    slug = add_federation(services, endpoint.base_url)
    harvest(services, slug)
    endpoint.hold(*[document(number) for number in range(4)], document(20))
    run = harvest(services, slug)
    assert (run.state, run.reason) == ("held", "many-missing")
    assert "8 of 13 records" in (run.error or "")
    assert run.counters == {"created": 1, "unchanged": 4}
    assert live(services) == 13
    endpoint.hold(*[document(number) for number in range(12)], document(20))
    assert harvest(services, slug).state == "succeeded"
    with services.store.reading() as session:
        assert session.scalars(select(Hold.state)).all() == ["dissolved"]


def test_one_broken_detail_costs_that_record_alone(services: Services, endpoint: Endpoint) -> None:
    endpoint.hold(*[document(number) for number in range(5)])
    broken = document(2)["identifier"]
    endpoint.detail_answers[broken] = (200, b'{"summary": {')
    slug = add_federation(services, endpoint.base_url)
    run = harvest(services, slug)
    assert run.state == "partial"
    assert run.counters == {"created": 4, "rejected": 1}
    endpoint.detail_answers.clear()
    mended = harvest(services, slug)
    assert mended.counters["created"] == 1, mended.counters
    assert live(services) == 5


def test_an_unchanged_source_costs_one_request_and_writes_nothing_but_that_it_took_place(services: Services, endpoint: Endpoint) -> None:
    endpoint.hold(*[document(number) for number in range(5)])
    slug = add_federation(services, endpoint.base_url)
    harvest(services, slug)
    endpoint.requests.clear()
    indexed = index_files(services.settings.data_dir)
    services.harvesting.clock = lambda: MOMENT  # A run that takes long also writes of its progress.
    with writing_statements(services) as written:
        run = harvest(services, slug)
    assert endpoint.requests == ["/list"]
    assert run.counters == {"unchanged": 5}
    assert set(written) == {"INSERT runs", "UPDATE runs", "UPDATE sources"}
    assert len(written) <= 5
    assert index_files(services.settings.data_dir) == indexed


def test_s4_s6_a_record_that_is_gone_becomes_missing_and_comes_back(services: Services, endpoint: Endpoint) -> None:
    endpoint.hold(*[document(number) for number in range(30)])
    slug = add_federation(services, endpoint.base_url)
    harvest(services, slug)
    endpoint.hold(*[document(number) for number in range(29)])
    run = harvest(services, slug)
    assert run.counters["missing"] == 1
    assert live(services) == 30
    endpoint.hold(*[document(number) for number in range(30)])
    assert harvest(services, slug).counters["restored"] == 1


def test_c8_credentials_are_sent_in_a_header_and_refusal_is_said_plainly(services: Services, endpoint: Endpoint) -> None:
    endpoint.list_answer = (401, b"{}", "application/json")
    run = harvest(services, add_federation(services, endpoint.base_url))
    assert run.state == "failed"
    assert run.reason == "credentials"
    assert live(services) == 0
