"""Who hears of runs, and when (J13); following, pausing and stopping them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from gateway.access.notices import open_body
from gateway.app import create_app
from gateway.errors import Unprocessable
from gateway.models import Message, RunEvent
from gateway.sources import upkeep as source_upkeep
from gateway.store import custodians, runs, sources
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    built.harvesting.clock = lambda: NOW
    yield built
    built.close()


@pytest.fixture
def slug(services: Services, tmp_path: Path) -> str:
    with services.store.transaction() as tx:
        custodians.add(tx.session, name="Example Trust", now=NOW)
        custodians.by_slug(tx.session, "example-trust").contact = "trust@example.org"
    return add_files(services, tmp_path / "feed", name="Feed", custodian="example-trust")


def told(services: Services) -> list[tuple[str, str]]:
    with services.store.reading() as session:
        return [(row.to_address, row.subject) for row in session.scalars(select(Message).order_by(Message.id))]


def test_j13_failures_are_told_at_the_first_third_and_seventh_time_and_then_weekly(services: Services, slug: str) -> None:
    source_upkeep.set_contact(services.store, slug, "data@example.org", digest="never")
    counts = []
    for days in range(22):
        services.harvesting.clock = lambda days=days: NOW + timedelta(days=days)  # type: ignore[misc]  # a lambda with a default is not inferred
        assert harvest(services, slug).state == "failed"
        counts.append(len(told(services)))
    grew = [number for number, (before, after) in enumerate(zip([0, *counts], counts, strict=False), start=1) if after > before]
    assert grew == [1, 3, 7, 14, 21]
    assert {address for address, _ in told(services)} == {"data@example.org", "trust@example.org"}
    assert told(services)[2][1] == "Feed: harvest failed 3 times in a row"


def test_j13_a_notice_says_what_happened_and_what_to_do_and_leads_to_the_report(services: Services, slug: str) -> None:
    run = harvest(services, slug)
    with services.store.reading() as session:
        body = open_body(services.sealer, session.scalars(select(Message)).one().sealed_body).written("https://catalogue.example.org")
    assert "Feed could not be harvested (once)." in body
    assert "Check the address" in body
    assert f"https://catalogue.example.org/sources/feed/runs/{run.id}" in body


@pytest.mark.parametrize(("digest", "hears_of"), [("never", 0), ("problems", 1), ("changes", 2), ("always", 3)])
def test_j13_digests_come_as_the_contact_chose(services: Services, slug: str, tmp_path: Path, digest: str, hears_of: int) -> None:
    source_upkeep.set_contact(services.store, slug, "data@example.org", digest=digest)
    write_documents(tmp_path / "feed", [document(1)])
    assert harvest(services, slug).counters == {"created": 1}
    assert harvest(services, slug).counters == {"unchanged": 1}
    (tmp_path / "feed" / "broken.json").write_text("{")
    assert harvest(services, slug).state == "partial"
    assert len(told(services)) == hears_of


def test_contacts_are_checked_and_can_be_taken_away(services: Services, slug: str) -> None:
    with pytest.raises(Unprocessable):
        source_upkeep.set_contact(services.store, slug, "nobody", digest="always")
    with pytest.raises(Unprocessable):
        source_upkeep.set_contact(services.store, slug, "a@example.org", digest="sometimes")
    source_upkeep.set_contact(services.store, slug, "a@example.org", digest="always")
    source_upkeep.drop_contact(services.store, slug, "a@example.org")
    harvest(services, slug)
    assert [address for address, _ in told(services)] == ["trust@example.org"]


def test_j24_a_paused_source_is_not_due_and_a_resumed_one_is_due_next_by_its_schedule(services: Services, slug: str) -> None:
    source_upkeep.reschedule(services.store, slug, "0 12 * * *", timezone="Europe/London", now=NOW)
    source_upkeep.pause(services.store, slug)
    services.harvesting.clock = lambda: NOW + timedelta(days=2)
    assert services.harvesting.queue_due() == []
    source = source_upkeep.resume(services.store, slug, now=NOW + timedelta(days=2))
    assert source.next_due_at is not None
    assert timedelta(0) < source.next_due_at - (NOW + timedelta(days=2)) < timedelta(hours=4)
    with services.store.reading() as session:
        assert sources.by_slug(session, slug).state == "active"


def test_j24_programs_pause_and_resume_a_source_and_an_untried_one_stays_so(services: Services, slug: str) -> None:
    client = TestClient(create_app(services.settings, services=services), base_url="http://127.0.0.1:8000")
    key = create_key(services.store, name="a program", scopes=("sources",), now=datetime.now(UTC)).key
    headers = {"Authorization": f"Bearer {key}"}
    assert client.post(f"/api/v1/sources/{slug}/pause").status_code == 401
    assert client.post(f"/api/v1/sources/{slug}/pause", headers=headers).json()["state"] == "paused"
    assert client.post(f"/api/v1/sources/{slug}/resume", headers=headers).json()["state"] == "active"
    with services.store.transaction() as tx:
        sources.by_slug(tx.session, slug).state = "untried"
    refused = client.post(f"/api/v1/sources/{slug}/resume", headers=headers)
    assert (refused.status_code, "dry-run" in refused.text) == (409, True)


def test_j25_a_run_is_followed_from_the_command_line_until_its_end(
    services: Services, slug: str, tmp_path: Path, database_url: str | None
) -> None:
    write_documents(tmp_path / "feed", [document(number) for number in range(120)])
    ticks = iter(range(100_000))
    services.harvesting.clock = lambda: NOW + next(ticks) * timedelta(seconds=3)
    run = harvest(services, slug)
    environment = {**os.environ, "GATEWAY_DATA_DIR": str(tmp_path / "data"), **({"GATEWAY_DATABASE_URL": database_url} if database_url else {})}
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "harvest", "follow", str(run.id)]
    spoken = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert spoken.stdout.splitlines()[-1] == f"Run {run.id}: succeeded (120 created)."
    machine = subprocess.run([*command, "--json"], env=environment, capture_output=True, text=True, check=True)
    assert '"state": "succeeded"' in machine.stdout
    with services.store.reading() as session:
        events = list(session.scalars(select(RunEvent).order_by(RunEvent.seq)))
        assert events[-1].data["done"] == 120
        assert runs.events(session, run.id, after=events[0].seq) == events[1:]
