"""Why is a dataset not visible, or not current? (A22); and what a refused record shows of itself (S7, S8, A19)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from gateway.api.shapes.datasets import ExplanationShape
from gateway.app import create_app
from gateway.catalogue.explaining import Explanation, explain
from gateway.errors import NotFound
from gateway.models import Record, Run
from gateway.sources import holds as deciding
from gateway.sources.registering import NewSource, Policy, add_source
from gateway.sources.trying import hold_back
from gateway.store import holds, records, runs, sources
from gateway.wiring import Services
from tests.journeys.endpoints import Endpoint, serving
from tests.journeys.gateways import add_federation, document, harvest, make_services, write_documents

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ALL = [document(number) for number in range(4)]
ID = ALL[0]["identifier"]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    built = make_services(tmp_path / "data")
    built.harvesting.clock = lambda: NOW
    yield built
    built.close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving(Endpoint()) as started:
        started.hold(*ALL)
        yield started


@pytest.fixture
def feed(services: Services, endpoint: Endpoint) -> str:
    slug = add_federation(services, endpoint.base_url)
    harvest(services, slug)
    return slug


def codes(services: Services, dataset: str = ID) -> list[str]:
    return [answer.code for answer in explained(services, dataset).answers]


def explained(services: Services, dataset: str = ID) -> Explanation:
    found = explain(services.store, dataset, now=services.clock())
    assert all(answer.sentence for answer in found.answers)
    return found


def refuse(services: Services, endpoint: Endpoint, feed: str) -> Run:
    endpoint.hold(document(0, title=None, populationSize=77) | {"version": "2.0.0"}, *ALL[1:])
    endpoint.items[0]["name"] = "Without a title"
    run = harvest(services, feed)
    assert run.counters == {"quarantined": 1, "unchanged": 3}
    return run


def test_a22_a_live_record_is_current(services: Services, feed: str) -> None:
    found = explained(services)
    assert ([answer.code for answer in found.answers], found.is_visible) == (["current"], True)
    assert found.outcomes[0].outcome == "created"
    assert codes(services, services.catalogue.resolve(ID) or "") == ["current"], "by its short identifier too"
    assert codes(services, f"http://127.0.0.1/datasets/{services.catalogue.resolve(ID)}-study") == ["current"]


def test_a22_an_identifier_that_nobody_has_met_is_not_found(services: Services, feed: str) -> None:
    with pytest.raises(NotFound, match="No run has met"):
        explain(services.store, "nobody", now=NOW)


def test_a22_missing_then_removed_and_what_to_do(services: Services, endpoint: Endpoint, feed: str) -> None:
    endpoint.hold(*ALL[1:])
    harvest(services, feed)
    assert codes(services) == ["missing"]
    assert explained(services).answers[0].hint.startswith("It is removed after 7 days and 2 more complete listings")
    for day in (1, 8):
        services.harvesting.clock = lambda day=day: NOW + timedelta(days=day)
        harvest(services, feed)
    assert (codes(services), explained(services).is_visible) == (["removed"], False)


def test_a22_held_rejected_and_never_listed_again(services: Services, endpoint: Endpoint, feed: str) -> None:
    endpoint.hold()
    harvest(services, feed)
    assert codes(services) == ["current", "hold-open"]
    with services.store.reading() as session:
        (hold,) = holds.listing(session)
    deciding.reject(services.store, hold.id, by="Alex", now=NOW)
    assert codes(services) == ["current", "hold-rejected"]


def test_a22_withheld_unpublished_and_rejected(services: Services, endpoint: Endpoint, feed: str) -> None:
    with services.store.transaction() as tx:
        for row in records.states(tx.session, [1]):
            row.state = "withheld"
        withheld = tx.session.get_one(Record, 1).local_id
    assert codes(services, withheld) == ["withheld"]
    endpoint.hold(*ALL, document(7, title=None), document(8))
    endpoint.detail_answers[document(8)["identifier"]] = (200, b"{")
    harvest(services, feed)
    assert codes(services, document(7)["identifier"]) == ["unpublished", "blocking-findings"]
    assert explained(services, document(7)["identifier"]).findings[0]["severity"] == "error"
    assert codes(services, document(8)["identifier"]) == ["never-accepted", "bad-json"]


def test_a22_what_is_wrong_with_the_source(services: Services, endpoint: Endpoint, feed: str) -> None:
    endpoint.list_answer = (500, b"", "text/plain")
    harvest(services, feed)
    assert codes(services) == ["current", "source-failing"]
    hold_back(services.store, feed)
    assert codes(services) == ["current", "source-untried", "source-failing"]
    for state in ("paused", "disabled"):
        with services.store.transaction() as tx:
            sources.by_slug(tx.session, feed).state = state
        assert f"source-{state}" in codes(services)


def test_a22_a_change_that_waits_for_the_index_says_so(services: Services, endpoint: Endpoint, feed: str) -> None:
    endpoint.hold(document(0, title="Renamed") | {"version": "2.0.0"}, *ALL[1:])
    services.harvesting.run(services.harvesting.queue_run(feed))
    assert codes(services) == ["current", "not-indexed"]


def test_a19_s7_a_refused_record_shows_the_last_good_version_the_date_the_difference_and_the_fix(
    services: Services, endpoint: Endpoint, feed: str
) -> None:
    run = refuse(services, endpoint, feed)
    assert codes(services) == ["stale", "blocking-findings"]
    ref = services.catalogue.resolve(ID)
    with services.store.reading() as session:
        (row,) = [one for one in runs.outcomes(session, run.id) if one.outcome == "quarantined"]
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        public = client.get(f"/datasets/{ref}", follow_redirects=True).text
        assert "Study of sleep number 0" in public
        assert "Stale since 24 November 2026" in public
        report = client.get(f"/sources/{feed}/runs/{run.id}/records/{row.id}").text
        assert "What is shown, and what was refused" in report
        assert "Study of sleep number 0" in report
        assert "1000" in report
        assert "77" in report
        assert "What to do:" in report
        page = client.get("/explain", params={"dataset": ID}).text
        assert "Mend what was refused." in page
        assert "No run has met" in client.get("/explain", params={"dataset": "nobody"}).text
        assert client.get("/explain").status_code == 200
        answer = ExplanationShape.model_validate_json(client.get("/api/v1/explain", params={"dataset": ID}).content)
        assert (answer.state, answer.is_visible) == ("live", True)
        assert client.get("/api/v1/explain", params={"dataset": "nobody"}).status_code == 404
        services.harvesting.clock = lambda: NOW + timedelta(days=91)
        assert "Unconfirmed: what its source sends since 24 November 2026" in client.get(f"/datasets/{ref}", follow_redirects=True).text
    assert codes(services)[0] == "unconfirmed"
    services.harvesting.clock = lambda: NOW + timedelta(days=1000)
    harvest(services, feed, wanted="audit")
    assert explained(services).is_visible, "never removed for being invalid"


@pytest.mark.parametrize(("policy", "counters"), [("lenient", {"created": 2}), ("conformant", {"created": 1, "quarantined": 1})])
def test_a19_s8_errors_block_only_where_the_policy_demands_conformance(
    services: Services, tmp_path: Path, policy: Any, counters: dict[str, int]
) -> None:
    write_documents(tmp_path / "feed", [document(1), document(2) | {"issued": "not a date"}])
    wanted = NewSource(name="Feed", kind="files", configuration={"path": str(tmp_path / "feed")}, schedule="manual", policy=Policy(quarantine=policy))
    slug = add_source(services.store, services.sealer, wanted, now=NOW).slug
    assert harvest(services, slug).counters == counters


def test_s15_the_page_of_a_dataset_says_how_fresh_it_is(services: Services, endpoint: Endpoint, feed: str) -> None:
    ref = services.catalogue.resolve(ID)
    services.harvesting.clock = lambda: NOW + timedelta(days=3)
    harvest(services, feed)
    endpoint.list_answer = (500, b"", "text/plain")
    for day in (4, 5):
        services.harvesting.clock = lambda day=day: NOW + timedelta(days=day)
        harvest(services, feed)
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        page = re.sub(r"<[^>]+>", "", client.get(f"/datasets/{ref}", follow_redirects=True).text)
    said = re.search(r"Last seen at its source (.+?), last changed (.+?), last tried (.+?); the source failed 2 times since\.", page)
    assert said is not None
    assert [re.search(r"\d+ November", one)[0] for one in said.groups()] == ["27 November", "24 November", "29 November"]  # type: ignore[index]
