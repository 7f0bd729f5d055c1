"""Undoing a run (S10): the catalogue becomes what it was, as new history; what changed since is left alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from gateway.api.shapes.sources import RunShape
from gateway.app import create_app
from gateway.errors import Conflict
from gateway.models import Outcome, Record, Run, Version
from gateway.sources import holds as deciding
from gateway.sources.undoing import undo_run
from gateway.store import holds, runs
from gateway.store.former_state import FIELDS
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.corpus import corpus
from tests.journeys.endpoints import Endpoint, serving
from tests.journeys.gateways import add_federation, add_files, document, harvest, make_services

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ALL = [document(number) for number in range(4)]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
State = dict[str, dict[str, Any]]


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
    harvest(services, slug)
    return slug


def state(services: Services) -> State:
    """Every shown record, field by field, with what its current version says."""
    with services.store.reading() as session:
        shown = Record.state.in_(("live", "missing"))
        rows = session.execute(select(Record, Version).join(Version, Version.id == Record.current_version_id).where(shown))
        return {
            record.ref: {name: getattr(record, name) for name in FIELDS}
            | {"canonical": version.canonical, "findings": version.findings, "raw": version.raw_id, "quality": version.quality}
            for record, version in rows
        }


def differing(one: State, other: State) -> list[tuple[str, str, Any, Any]]:
    """Which fields of which records differ, or which record is in one state only."""
    assert one.keys() == other.keys()
    return [(ref, name, one[ref][name], other[ref][name]) for ref in one for name in one[ref] if one[ref][name] != other[ref][name]]


def undo(services: Services, run: Run) -> Run:
    undoing = undo_run(services.store, run.id, by="Alex", now=services.clock())
    services.catalogue.index_pending()
    assert services.catalogue.repair() == 0
    return undoing


def renamed(number: int, title: str = "Renamed") -> dict[str, Any]:
    return document(number, title=title) | {"version": "2.0.0", "modified": "2025-09-01T00:00:00Z"}


def test_s10_undo_puts_back_what_was_updated_and_removes_what_was_added(services: Services, endpoint: Endpoint, feed: str) -> None:
    before = state(services)
    endpoint.hold(renamed(0), *ALL[1:], document(9))
    run = harvest(services, feed)
    assert run.counters == {"updated": 1, "created": 1, "unchanged": 3}
    undoing = undo(services, run)
    assert undoing.counters == {"updated": 1, "removed": 1}
    assert (undoing.trigger, undoing.undoes_run_id) == ("undo", run.id)
    assert state(services) == before
    (ref,) = [ref for ref, record in before.items() if record["local_id"] == ALL[0]["identifier"]]
    newest, undone, first = services.catalogue.versions(ref)
    assert newest.canonical == first.canonical != undone.canonical
    assert newest.cause == f"Undo of run {run.id} by Alex"


def test_s10_undo_of_an_undo_brings_the_run_back(services: Services, endpoint: Endpoint, feed: str) -> None:
    endpoint.hold(renamed(0), *ALL[1:], document(9))
    run = harvest(services, feed)
    after = state(services)
    undoing = undo(services, run)
    assert state(services) != after
    assert undo(services, undoing).counters == {"updated": 1, "restored": 1}
    assert state(services) == after


@on_sqlite
def test_s10_records_that_changed_since_are_named_and_left_alone(services: Services, endpoint: Endpoint, feed: str) -> None:
    endpoint.hold(renamed(0), renamed(1), *ALL[2:])
    first = harvest(services, feed)
    endpoint.hold(renamed(0, "Renamed again") | {"version": "3.0.0"}, renamed(1), *ALL[2:])
    second = harvest(services, feed)
    undoing = undo(services, first)
    assert undoing.counters == {"unchanged": 1, "updated": 1}
    with services.store.reading() as session:
        (skipped,) = [row for row in runs.outcomes(session, undoing.id) if row.reason]
    assert (skipped.local_id, skipped.reason) == (ALL[0]["identifier"], "changed-since")
    assert skipped.detail == f"Run {second.id} changed it since."
    assert sorted(one["title"] for one in state(services).values())[:1] == ["Renamed again"]


@on_sqlite
def test_s10_the_next_harvest_brings_back_what_the_source_still_says(services: Services, endpoint: Endpoint, feed: str) -> None:
    endpoint.hold(renamed(0), *ALL[1:], document(9))
    run = harvest(services, feed)
    after = {ref: record["canonical"] for ref, record in state(services).items()}
    undo(services, run)
    assert harvest(services, feed).counters == {"updated": 1, "restored": 1, "unchanged": 3}
    assert {ref: record["canonical"] for ref, record in state(services).items()} == after


@on_sqlite
def test_s10_undo_brings_back_what_a_run_removed_or_missed(services: Services, endpoint: Endpoint) -> None:
    endpoint.hold(*(document(number) for number in range(20)))
    feed = add_federation(services, endpoint.base_url)
    harvest(services, feed)
    before = state(services)
    endpoint.hold(*(document(number) for number in range(10)))
    run = harvest(services, feed)
    with services.store.reading() as session:
        (hold,) = holds.listing(session)
    deciding.approve(services.store, hold.id, by="Alex", now=NOW)
    assert undo(services, run).counters == {"restored": 10}
    assert state(services) == before
    endpoint.hold(*(document(number) for number in range(18)))
    missed = harvest(services, feed)
    assert missed.counters["missing"] == 2
    assert undo(services, missed).counters == {"updated": 2}
    assert state(services) == before


@on_sqlite
def test_s10_a_run_is_not_undone_while_its_source_is_read(services: Services, endpoint: Endpoint, feed: str) -> None:
    with services.store.reading() as session:
        (first,) = runs.listing(session)
    second = services.harvesting.queue_run(feed)
    with pytest.raises(Conflict, match="is not over yet"):
        undo(services, first if first.id == second else _run(services, second))
    with services.store.transaction() as tx:
        assert runs.claim(tx.session, second, owner="another", now=NOW) is not None
    with pytest.raises(Conflict, match="is reading this source"):
        undo(services, first)


def _run(services: Services, number: int) -> Run:
    with services.store.reading() as session:
        return runs.by_id(session, number)


@on_sqlite
def test_s10_pages_and_api_offer_the_undo_and_only_a_curators_key_does_it(services: Services, endpoint: Endpoint, feed: str) -> None:
    endpoint.hold(renamed(0), *ALL[1:])
    run = harvest(services, feed)
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        page = f"/sources/{feed}/runs/{run.id}"
        assert f"gateway harvest undo {run.id}" in client.get(page).text
        address = f"/api/v1/runs/{run.id}/undo"
        assert client.post(address).status_code == 401
        key = create_key(services.store, name="a curator", scopes=("curate",), now=datetime.now(UTC)).key
        answer = client.post(address, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 201
        undoing = RunShape.model_validate_json(answer.content)
        assert (undoing.undoes, undoing.counters) == (run.id, {"updated": 1})
        assert "This run was undone" in client.get(page).text
        changed = services.catalogue.resolve(ALL[0]["identifier"])
        assert f"Undo of run {run.id} by a curator" in client.get(f"/datasets/{changed}/versions", follow_redirects=True).text
        assert f"run {run.id}" in client.get(f"/sources/{feed}/runs/{undoing.id}").text
        assert client.post("/api/v1/runs/999/undo", headers={"Authorization": f"Bearer {key}"}).status_code == 404


@on_sqlite
def test_a3_the_states_of_the_corpus_in_time_order_and_each_run_undone(services: Services, tmp_path: Path) -> None:
    """One folder that is replaced by its next state, as an endpoint replaces its list.

    The states of August and November 2020 share 323 identifiers. November goes on with 362 records all the same: 39 more stand
    under a new identifier and name the one of August among their ``revisions``. So 52 are new, and 3 of the 365 are gone.

    In April 2021 the records are keyed by PID. 253 have a new identifier and name that of November among their ``revisions``; 6 kept
    their identifier of November; 1 names that of a record which was there in August alone, and brings it back. So 260 go on, 58 are
    new, and the 157 others that were held become one hold.
    """
    feed = tmp_path / "feed"
    states = [corpus("hdruk", "v1", "2020-08-04"), corpus("hdruk", "v2", "2020-11-20"), corpus("hdruk", "v2", "2021-04-07")]
    august, november, april = (_revisions_by_id(folder) for folder in states)
    shared, renamed = august.keys() & november.keys(), _continuing(november, august)
    assert (len(shared), len(renamed), len(november) - 362, len(august) - 362) == (323, 39, 52, 3)
    kept, continued = april.keys() & november.keys(), _continuing(april, november)
    revived = _continuing(april, august) - continued - kept
    assert (len(continued), len(kept), len(revived)) == (253, 6, 1)
    slug, before, done = None, [], []
    for number, folder in enumerate(states):
        feed.unlink(missing_ok=True)
        feed.symlink_to(folder)
        slug = slug or add_files(services, feed)
        services.harvesting.clock = lambda day=number: NOW + timedelta(days=day)
        before.append(state(services))
        done.append(harvest(services, slug))
    first, second, third = done
    assert first.counters == {"created": 365}
    assert second.counters == {"updated": len(shared) + len(renamed), "created": 52, "missing": 3}
    assert third.counters == {"updated": len(continued) + len(kept) + len(revived), "created": 58}
    assert _rekeyed(services, third) == 260, "known by their PIDs from now on"
    assert (third.state, len(_held(services, third))) == ("held", 365 + 52 - 260)
    for run, then in zip(reversed(done), reversed(before), strict=True):
        undo(services, run)
        assert differing(state(services), then) == []


def _revisions_by_id(folder: Path) -> dict[str, set[str]]:
    """Of each record of a state the identifiers it had before; an address stands for the identifier that it ends in."""
    lines = [line for file in sorted(folder.rglob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    documents = [json.loads(text) for text in (*lines, *(file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.json"))))]
    return {_end(one.get("id") or one["identifier"]): _named_by(one.get("revisions") or []) for one in documents}


def _named_by(revisions: dict[str, str] | list[dict[str, Any]]) -> set[str]:
    return {_end(one) for one in (revisions.values() if isinstance(revisions, dict) else (one.get("url") or "" for one in revisions))}


def _end(address: str) -> str:
    return address.rpartition("/")[2]


def _continuing(later: dict[str, set[str]], earlier: dict[str, set[str]]) -> set[str]:
    """Records under a new identifier that name one of the earlier state."""
    return {local_id for local_id, named in later.items() if local_id not in earlier and named & earlier.keys()}


def _held(services: Services, run: Run) -> list[str]:
    with services.store.reading() as session:
        return [local_id for hold in holds.listing(session) if hold.run_id == run.id for local_id in hold.local_ids]


def _rekeyed(services: Services, run: Run) -> int:
    with services.store.reading() as session:
        changed = session.scalars(select(Outcome.before).where(Outcome.run_id == run.id, Outcome.outcome == "updated"))
        return sum("local_id" in before for before in changed if before)
