"""Removals that wait for a person (S3): raised, listed, approved, rejected, forgotten, and made pointless by the source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from gateway.api.shapes.sources import HoldAnswer, HoldPage
from gateway.app import create_app
from gateway.errors import Conflict
from gateway.models import Hold, Run
from gateway.sources import holds as deciding
from gateway.store import holds, records, runs
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.journeys.endpoints import Endpoint, serving
from tests.journeys.gateways import add_federation, document, harvest, make_services

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ALL = [document(number) for number in range(20)]


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
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
    assert harvest(services, slug).counters == {"created": 20}
    return slug


def held(services: Services) -> list[Hold]:
    with services.store.reading() as session:
        return holds.listing(session)


def again(services: Services, run: Run) -> Run:
    with services.store.reading() as session:
        return runs.by_id(session, run.id)


def visible(services: Services) -> int:
    with services.store.reading() as session:
        return records.count_visible(session)


def short(services: Services, endpoint: Endpoint, feed: str, count: int = 12) -> tuple[Run, Hold]:
    """The source lists only so many; the rest is held."""
    endpoint.hold(*ALL[:count])
    run = harvest(services, feed)
    assert run.state == "held"
    (hold,) = [row for row in held(services) if row.state == "open"]
    assert len(hold.local_ids) == 20 - count
    return run, hold


def test_s3_a_hold_lists_its_records_and_updates_still_land(services: Services, endpoint: Endpoint, feed: str) -> None:
    changed = document(0, title="Study of dreams") | {"version": "2.0.0"}
    endpoint.hold(changed, *ALL[1:12])
    run = harvest(services, feed)
    assert (run.state, run.counters) == ("held", {"updated": 1, "unchanged": 11})
    (hold,) = held(services)
    with services.store.reading() as session:
        assert {row.local_id for row in holds.records_of(session, hold)} == {one["identifier"] for one in ALL[12:]}
    assert visible(services) == 20
    assert (hold.state, hold.expires_at - hold.created_at) == ("open", timedelta(days=14))


def test_s3_approval_removes_what_is_listed_and_the_run_says_so(services: Services, endpoint: Endpoint, feed: str) -> None:
    run, hold = short(services, endpoint, feed)
    decision = deciding.approve(services.store, hold.id, by="Alex", now=NOW)
    services.catalogue.index_pending()
    assert (decision.removed, decision.hold.state, decision.hold.decided_by) == (8, "approved", "Alex")
    assert visible(services) == 12
    assert again(services, run).counters == {"unchanged": 12, "removed": 8}
    assert again(services, run).state == "succeeded"
    assert services.catalogue.repair() == 0
    assert harvest(services, feed).state == "succeeded"
    with pytest.raises(Conflict, match="it was approved"):
        deciding.approve(services.store, hold.id, by="Alex", now=NOW)


@on_sqlite
def test_s6_what_was_approved_by_mistake_returns_when_it_is_listed_again(services: Services, endpoint: Endpoint, feed: str) -> None:
    _, hold = short(services, endpoint, feed)
    deciding.approve(services.store, hold.id, by="Alex", now=NOW)
    endpoint.hold(*ALL)
    assert harvest(services, feed).counters == {"unchanged": 12, "restored": 8}
    assert visible(services) == 20


@on_sqlite
def test_s3_a_rejected_removal_leaves_the_records_alone_and_is_not_asked_again(services: Services, endpoint: Endpoint, feed: str) -> None:
    _, hold = short(services, endpoint, feed)
    deciding.reject(services.store, hold.id, by="Alex", now=NOW)
    for day in range(1, 30, 7):
        services.harvesting.clock = lambda day=day: NOW + timedelta(days=day)
        assert harvest(services, feed).counters == {"unchanged": 12}
    assert [row.state for row in held(services)] == ["rejected"]
    assert visible(services) == 20
    decision = deciding.approve(services.store, hold.id, by="Alex", now=NOW + timedelta(days=30))
    assert (decision.removed, visible(services)) == (8, 12)


@on_sqlite
def test_s3_an_open_hold_follows_what_the_source_lists_and_keeps_its_end(services: Services, endpoint: Endpoint, feed: str) -> None:
    run, first = short(services, endpoint, feed)
    services.harvesting.clock = lambda: NOW + timedelta(days=3)
    later, second = short(services, endpoint, feed, count=9)
    assert (first.id, first.expires_at) == (second.id, second.expires_at)
    assert second.run_id == later.id
    assert again(services, run).state == "succeeded"


def test_s3_a_hold_dissolves_when_a_later_pass_sees_its_records_again(services: Services, endpoint: Endpoint, feed: str) -> None:
    run, _ = short(services, endpoint, feed)
    endpoint.hold(*ALL)
    assert harvest(services, feed).state == "succeeded"
    assert [row.state for row in held(services)] == ["dissolved"]
    assert again(services, run).state == "succeeded"
    assert visible(services) == 20


@on_sqlite
def test_s3_records_that_come_back_leave_a_rejected_hold_and_may_go_again(services: Services, endpoint: Endpoint, feed: str) -> None:
    _, hold = short(services, endpoint, feed)
    deciding.reject(services.store, hold.id, by="Alex", now=NOW)
    endpoint.hold(*ALL)
    harvest(services, feed)
    assert [row.state for row in held(services)] == ["dissolved"]
    endpoint.hold(*ALL[:18])
    assert harvest(services, feed).counters == {"unchanged": 18, "missing": 2}


def test_s3_a_hold_that_nobody_decides_on_ends_as_rejected(services: Services, endpoint: Endpoint, feed: str) -> None:
    run, hold = short(services, endpoint, feed)
    assert deciding.expire_due(services.store, now=NOW + timedelta(days=13, hours=23)) == 0
    assert deciding.expire_due(services.store, now=NOW + timedelta(days=14)) == 1
    assert deciding.expire_due(services.store, now=NOW + timedelta(days=14)) == 0
    assert [row.state for row in held(services)] == ["expired"]
    assert again(services, run).state == "succeeded"
    services.harvesting.clock = lambda: NOW + timedelta(days=40)
    assert harvest(services, feed).state == "succeeded"
    assert (visible(services), len(held(services))) == (20, 1), hold.id


@on_sqlite
def test_s1_an_empty_listing_is_held_however_small_the_source(services: Services, endpoint: Endpoint) -> None:
    endpoint.hold(*ALL[:2])
    slug = add_federation(services, endpoint.base_url)
    harvest(services, slug)
    endpoint.hold()
    run = harvest(services, slug)
    assert (run.state, run.reason) == ("held", "empty-listing")
    assert [len(row.local_ids) for row in held(services)] == [2]
    assert visible(services) == 2


@on_sqlite
def test_s3_a_run_that_changes_most_of_a_source_is_flagged_and_goes_on(services: Services, endpoint: Endpoint) -> None:
    many = [document(number) for number in range(40)]
    endpoint.hold(*many)
    slug = add_federation(services, endpoint.base_url)
    assert not harvest(services, slug).is_mass_change, "a first harvest adds all"
    endpoint.hold(*(document(number, title=f"Renamed {number}") | {"version": "2.0.0"} for number in range(21)), *many[21:])
    run = harvest(services, slug)
    assert (run.state, run.counters["updated"], run.is_mass_change) == ("succeeded", 21, True)
    endpoint.hold(*(document(number, title=f"Again {number}") | {"version": "3.0.0"} for number in range(19)), *many[19:])
    last = harvest(services, slug)
    assert (last.counters["updated"], last.is_mass_change) == (21, True), "two went back to what they were"
    endpoint.hold(*many[:1], *(endpoint.details[one["identifier"]] for one in many[1:]))
    assert not harvest(services, slug).is_mass_change


@on_sqlite
def test_s3_pages_and_api_show_a_hold_and_only_a_curators_key_decides(services: Services, endpoint: Endpoint, feed: str) -> None:
    run, hold = short(services, endpoint, feed)
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        (listed,) = HoldPage.model_validate_json(client.get("/api/v1/holds").content).items
        assert (listed.id, listed.count, listed.run) == (hold.id, 8, run.id)
        page = client.get(f"/sources/{feed}/holds/{hold.id}").text
        assert f"gateway harvest approve {hold.id}" in page
        assert f"/api/v1/holds/{hold.id}/reject" in page
        assert ALL[19]["summary"]["title"] in page
        for where in (f"/sources/{feed}", f"/sources/{feed}/runs/{run.id}"):
            assert f"/sources/{feed}/holds/{hold.id}" in client.get(where).text
        address = f"/api/v1/holds/{hold.id}/approve"
        assert client.post(address).status_code == 401
        assert client.post(address, headers=key(services, "harvest")).status_code == 403
        answer = client.post(address, headers=key(services, "curate"))
        assert HoldAnswer.model_validate_json(answer.content).removed == 8
        assert client.post(address, headers=key(services, "curate")).status_code == 409
        assert client.get("/api/v1/holds").json()["items"] == []
        assert client.get("/api/v1/holds/99").status_code == 404


def key(services: Services, scope: str) -> dict[str, str]:
    new = create_key(services.store, name="a curator", scopes=(scope,), now=datetime.now(UTC))
    return {"Authorization": f"Bearer {new.key}"}
