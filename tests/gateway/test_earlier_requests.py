"""Requests that were sent with the seven questions that came before the bank: they survive the upgrade and stay readable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import MetaData, Table

from gateway.access.exports import export
from gateway.access.parts import Event
from gateway.access.register import entry
from gateway.access.status import own_requests, status
from gateway.store import Store, requests
from gateway.store.sealing import token_digest
from tests.gateway.asking import FORM, NOW, applicant

SEVEN = {
    "people.lead.name": "Ada Marker-Name", "people.lead.email": FORM.email, "people.lead.organisation": "Marker University", "project.title": "Marker-Title",
    "project.lay_summary": "Marker summary.", "project.purpose": "To learn something in free words.", "project.public_benefit": "Marker benefit.",
}
BEFORE_THE_BANK = "0009"


@pytest.fixture
def store(tmp_path: Path, database_url: str | None) -> Iterator[Store]:
    made = Store(database_url or f"sqlite:///{tmp_path / 'gateway.sqlite'}")
    made.upgrade()
    with made.migrating() as config:
        command.downgrade(config, BEFORE_THE_BANK)
    yield made
    made.close()


def put(store: Store, table: str, **values: Any) -> None:
    with store.transaction() as tx:
        found = Table(table, MetaData(), autoload_with=tx.session.connection())
        tx.session.execute(found.insert().values(**values))


def test_old_requests_survive_the_upgrade_and_stay_readable(store: Store) -> None:
    now = NOW.replace(tzinfo=None) if store.is_sqlite else NOW
    lead = {"name": SEVEN["people.lead.name"], "email": FORM.email, "organisation": "Marker University"}
    document = {
        "reference": "AR-000000000", "part": "a" * 24, "custodian": None, "answers": SEVEN,
        "datasets": [{"ref": "abc12", "pid": "pid", "title": "Dataset", "version": 1}],
    }
    put(store, "requests", id=1, reference="AR-000000000", follow_token_sha256=token_digest("t"), kind="new", lead=lead, answers=SEVEN, created_at=now)
    put(store, "parts", id=1, request_id=1, public_id="a" * 24, channel="triage", dataset_refs=["abc12"], state="submitted", version=1, created_at=now, updated_at=now)
    put(store, "events", request_id=1, part_id=1, version=1, command="submit", event="part.submitted", role="lead", actor="lead", visibility="party",
        payload={"snapshot_sha256": "0" * 64, "channel": "triage"}, at=now)
    put(store, "snapshots", part_id=1, sha256="0" * 64, document=document, created_at=now)

    store.upgrade()
    found = status(store, "t")
    assert (found.title, found.sent_at, found.is_of_bank) == ("Marker-Title", NOW, False)
    assert {line.key: line.text for line in found.lines} == SEVEN
    assert [one.reference for one in own_requests(store, applicant(store))] == ["AR-000000000"]
    (part,) = found.parts
    written = export(part.document, part.form, "csv")
    assert written is not None
    assert "To learn something in free words." in written.body.decode()
    with store.reading() as session:
        history = requests.history(session, 1)
    approved = Event(command="approve", event="part.approved", version=2, at=NOW, role="decider", actor="d", payload={"access_until": "2027-01-01", "access_mode": "TRE"})
    public = entry(reference=found.reference, document=part.document, events=[*history, approved])
    assert public is not None
    assert (public.missing, public.values["Lead applicant organisation name"]) == ((), "Marker University")
