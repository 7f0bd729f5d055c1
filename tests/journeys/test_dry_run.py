"""Dry runs (S9, A10): what they tell is what the run then does, and they write nothing to the catalogue."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from gateway.api.shapes.sources import DryRunAnswer, DryRunPage
from gateway.app import create_app
from gateway.errors import Conflict
from gateway.models import Custodian, DryRun, Outcome, Record, Run, Version
from gateway.sources.registering import change_configuration
from gateway.sources.trying import hold_back, try_source
from gateway.store import Store, custodians, holds, sources
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.corpus import corpus
from tests.journeys.endpoints import Endpoint, serving
from tests.journeys.gateways import (
    add_federation,
    add_files,
    document,
    harvest,
    make_services,
    wait_until,
    write_documents,
    writing_statements,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    built.harvesting.clock = lambda: NOW
    yield built
    built.close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving(Endpoint()) as started:
        yield started


def tried(services: Services, slug: str) -> dict[str, Any]:
    row = try_source(services.store, services.sealer, slug, user_agent="test", clock=services.clock)
    return {"state": row.state, **row.diff}


def did(services: Services, run: Run) -> dict[str, Any]:
    """The run's own outcomes, in the shape of a dry run."""
    with services.store.reading() as session:
        rows = list(session.scalars(select(Outcome).where(Outcome.run_id == run.id).order_by(Outcome.id)))
        changed = dict(session.execute(select(Version.id, Version.changed_paths)).all())
        held = [local_id for hold in holds.listing(session) if hold.run_id == run.id for local_id in hold.local_ids]
    told = [
        (row.local_id, row.outcome, row.reason, _errors(row.findings), changed.get(row.new_version_id or 0, []) if row.old_version_id else [])
        for row in rows if row.outcome not in ("missing", "removed")
    ]
    gone = {name: sorted(row.local_id for row in rows if row.outcome == name) for name in ("missing", "removed")}
    return {"counters": run.counters, "records": told, "held": held, "is_mass_change": run.is_mass_change, **gone}


def as_told(diff: dict[str, Any]) -> dict[str, Any]:
    records = [
        (one["local_id"], one["outcome"], one["reason"], _errors(one["findings"]), _changed(one))
        for one in diff["records"]
    ]
    return {"records": records, **{name: diff[name] for name in ("counters", "held", "is_mass_change", "missing", "removed")}}


def _changed(told: dict[str, Any]) -> list[str]:
    """What would be refused is compared with what is held too, which a run leaves to the page of its report."""
    return [] if told["outcome"] == "quarantined" else [change["path"] for change in told["changes"]]


def _errors(findings: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Of a title that was met twice, a dry run tells within its batch of a hundred only; that is no error."""
    return [(one["rule"], one["path"]) for one in findings if one["severity"] == "error"]


def assert_it_does_what_was_told(services: Services, slug: str) -> Run:
    told = tried(services, slug)
    run = harvest(services, slug)
    assert as_told(told) == did(services, run)
    return run


def test_a10_the_diff_is_what_the_run_then_does_over_an_endpoints_life(services: Services, endpoint: Endpoint) -> None:
    everything = [document(number) for number in range(12)]
    endpoint.hold(*everything)
    slug = add_federation(services, endpoint.base_url)
    assert assert_it_does_what_was_told(services, slug).counters == {"created": 12}
    assert assert_it_does_what_was_told(services, slug).counters == {"unchanged": 12}
    changed = document(0, title="Renamed", abstract="Another text.") | {"version": "2.0.0"}
    endpoint.hold(changed, *everything[1:10], document(20), document(21, title=None))
    endpoint.detail_answers[everything[3]["identifier"]] = (200, b'{"cut":')
    endpoint.items[3]["version"] = "9"
    run = assert_it_does_what_was_told(services, slug)
    assert run.counters == {"updated": 1, "unchanged": 8, "created": 1, "quarantined": 1, "rejected": 1, "missing": 2}
    endpoint.detail_answers.clear()
    endpoint.hold(*everything[:2])
    run = assert_it_does_what_was_told(services, slug)
    assert run.state == "held"
    endpoint.hold(*everything)
    assert_it_does_what_was_told(services, slug)
    endpoint.hold(*everything[:11])
    for day in (1, 2, 9):
        services.harvesting.clock = lambda day=day: NOW + timedelta(days=day)
        run = assert_it_does_what_was_told(services, slug)
    assert run.counters == {"unchanged": 11, "removed": 2}
    endpoint.hold(*everything)
    assert assert_it_does_what_was_told(services, slug).counters == {"unchanged": 11, "restored": 1}


@on_sqlite
def test_a10_the_diff_is_what_the_run_then_does_over_the_states_of_the_corpus(services: Services, tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    shutil.copytree(corpus("hdruk", "v2", "2020-11-20"), feed / "2020-11")
    slug = add_files(services, feed)
    assert_it_does_what_was_told(services, slug)
    shutil.copytree(corpus("hdruk", "v2", "2021-04-07"), feed / "2021-04")
    assert_it_does_what_was_told(services, slug)


def test_s9_a_dry_run_writes_nothing_but_itself(services: Services, endpoint: Endpoint) -> None:
    endpoint.hold(document(1), document(2))
    slug = add_federation(services, endpoint.base_url)
    with writing_statements(services) as written:
        diff = tried(services, slug)
    assert [statement for statement in written if not statement.endswith(" hosts")] == ["INSERT dry_runs", "UPDATE dry_runs"]
    assert (diff["counters"], diff["requests"]) == ({"created": 2}, 3)
    with services.store.reading() as session:
        assert session.scalars(select(Record)).all() == session.scalars(select(Run)).all() == session.scalars(select(Custodian)).all() == []
    assert not list((services.settings.data_dir / "files").rglob("*")), "no bytes are kept either"


def test_s9_the_database_itself_refuses_writes_meanwhile(services: Services) -> None:
    store = Store(services.store.url, is_read_only=True)
    with pytest.raises(DBAPIError), store.transaction() as tx:
        custodians.add(tx.session, name="Trust", now=NOW)
    with store.reading() as session:
        assert sources.listing(session) == []
    store.close()


def test_s9_a_source_runs_only_after_a_dry_run_of_just_its_configuration(services: Services, tmp_path: Path) -> None:
    write_documents(tmp_path / "feed", [document(1)])
    slug = add_files(services, tmp_path / "feed")
    hold_back(services.store, slug)
    with pytest.raises(Conflict, match="was not tried out"):
        services.harvesting.queue_run(slug)
    with services.store.reading() as session:
        assert sources.due(session, now=NOW + timedelta(days=400)) == []
    assert tried(services, slug)["state"] == "succeeded"
    assert harvest(services, slug).counters == {"created": 1}
    change_configuration(services.store, slug, {"path": str(tmp_path / "nowhere")})
    hold_back(services.store, slug)
    failed = tried(services, slug)
    assert (failed["state"], failed["failure"]["reason"]) == ("failed", "not-found")
    with pytest.raises(Conflict, match="was not tried out"):
        services.harvesting.queue_run(slug)


@on_sqlite
def test_s9_over_the_api_a_new_source_is_tried_out_and_then_switched_on(services: Services, tmp_path: Path) -> None:
    write_documents(tmp_path / "feed", [document(1)])
    key = create_key(services.store, name="an operator", now=datetime.now(UTC)).key
    headers = {"Authorization": f"Bearer {key}"}
    wanted = {"name": "Feed", "kind": "files", "schedule": "manual", "configuration": {"path": str(tmp_path / "feed")}}
    with TestClient(create_app(services=services), base_url="http://127.0.0.1", headers=headers) as client:
        assert client.post("/api/v1/sources", json=wanted).json()["state"] == "untried"
        wait_until(lambda: client.get("/api/v1/sources/feed").json()["state"] == "active", "the worker of the web process to try it out")
        newest = DryRunPage.model_validate_json(client.get("/api/v1/sources/feed/dry-runs").content).items[0]
        told = DryRunAnswer.model_validate_json(client.get(f"/api/v1/sources/feed/dry-runs/{newest.id}").content)
        assert (told.counters, told.records[0]["outcome"]) == ({"created": 1}, "created")
        page = client.get(f"/sources/feed/dry-runs/{newest.id}").text
        assert "A run would add 1, change 0, remove 0 and leave 0." in page
        assert "/sources/feed/dry-runs/" in client.get("/sources/feed").text
        assert client.post("/api/v1/sources/feed/dry-runs").status_code == 202
        assert client.get("/api/v1/sources/feed/dry-runs/999").status_code == 404


@on_sqlite
def test_s9_the_field_diff_names_both_values(services: Services, tmp_path: Path) -> None:
    write_documents(tmp_path / "feed", [document(1)])
    slug = add_files(services, tmp_path / "feed")
    harvest(services, slug)
    (tmp_path / "feed" / f"{document(1)['identifier']}.json").write_text(json.dumps(document(1, title="Renamed")))
    (record,) = tried(services, slug)["records"]
    assert {"path": "/summary/title", "before": "Study of sleep number 1", "after": "Renamed"} in record["changes"]
    with services.store.reading() as session:
        assert session.scalars(select(DryRun.state)).all() == ["succeeded"]
