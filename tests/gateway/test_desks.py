"""Parts that have no desk: who is told, and how one is found; and parts that are over, to which nothing is sent any more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.access.commands import Command, perform
from gateway.access.deliver import deliver_due
from gateway.access.rerouting import reachable, reroute
from gateway.access.routes import set_route
from gateway.access.status import status
from gateway.access.triage import triage
from gateway.access.workspace import integration_detail
from gateway.accounts.setup import grant
from gateway.accounts.tables import Account
from gateway.channels.webhook import new_secret
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.models import AuditRow, Delivery, Record, RequestPart
from gateway.pages.requests import dataset_links
from gateway.store import Store, accounts, requests
from tests.gateway.asking import (
    FORM,
    MAILBOX,
    NOW,
    Post,
    channels,
    mail_server,
    orphan,
    receiver,
    sealer,
    seeded,
    submit,
    text_of,
)

OFFICER, ADMIN = "triage@gateway.example", "admin@gateway.example"


def employ(store: Store, address: str, role: str) -> None:
    with store.transaction() as tx:
        accounts.add(tx.session, Account(subject=address.replace("@", "-"), address=address, address_key=address, name=address, created_at=NOW))
    grant(store, address=address, role=role, custodian=None, granted_by="operator", now=NOW)


def letters(post: Post, address: str) -> list[str]:
    return [text_of(one) for one in post.to(address) if "waits for you" in str(one["Subject"])]


def give(store: Store, folder: Path, part: str, name: str, role: Any, **payload: Any) -> None:
    perform(store, sealer(folder), part, Command(name=name, role=role, actor=role, payload=payload), now=NOW)


def only_part(store: Store) -> requests.PartRow:
    with store.reading() as session:
        return requests.part(session, session.scalars(select(RequestPart.id)).one())


@pytest.mark.parametrize("role", ["triage", "admin"])
def test_staff_are_told_of_a_part_without_a_route(store: Store, tmp_path: Path, role: str) -> None:
    """Those who pass requests on; the administrators where nobody does."""
    refs, address = seeded(store), OFFICER if role == "triage" else ADMIN
    employ(store, address, role)
    with mail_server() as post:
        sent = submit(store, sealer(tmp_path), dataset_refs=refs["alpha"])
        deliver_due(store, channels(tmp_path, mail_url=post.url), now=NOW)
        (letter,) = letters(post, address)
    assert sent.reference in letter
    assert ("https://gateway.example/triage" in letter) == (role == "triage")
    assert ("gateway account grant ADDRESS triage" in letter) == (role == "admin")
    for words in (FORM.name, FORM.title, "Alpha"):
        assert words not in letter, "neither names nor answers travel by mail"


@pytest.mark.parametrize(("status", "is_suspended"), [(410, True), (500, False)])
def test_staff_are_told_of_a_delivery_that_was_given_up_and_of_a_suspended_route(store: Store, tmp_path: Path, status: int, is_suspended: bool) -> None:
    refs = seeded(store)
    employ(store, OFFICER, "triage")
    with mail_server() as post, receiver(status) as hook:
        set_route(store, sealer(tmp_path), custodian="alpha", channel="webhook", target=hook.url, secret=new_secret(), now=NOW)
        submit(store, sealer(tmp_path), dataset_refs=refs["alpha"])
        for hours in range(0, 60, 3):
            deliver_due(store, channels(tmp_path, mail_url=post.url), now=NOW + timedelta(hours=hours))
        (letter,) = letters(post, OFFICER)
    assert "could not be delivered" in letter
    assert ("suspended" in letter) == is_suspended


def test_triage_names_the_custodian_of_an_orphan_and_it_is_on_record(store: Store, tmp_path: Path) -> None:
    seeded(store)
    ref = orphan(store)
    submit(store, sealer(tmp_path), dataset_refs=[ref])
    (waiting,) = triage(store)
    assert waiting.custodian is None
    pass_on = {"reason": "Asked by telephone", "actor": "officer", "now": NOW}
    with pytest.raises(Unprocessable) as refused:
        reroute(store, sealer(tmp_path), waiting.part, **pass_on)
    assert set(refused.value.fields) == {"custodian"}
    with pytest.raises(NotFound):
        reroute(store, sealer(tmp_path), waiting.part, custodian="nobody", **pass_on)
    with pytest.raises(Conflict, match="no confirmed route"):
        reroute(store, sealer(tmp_path), waiting.part, custodian="alpha", **pass_on)
    assert only_part(store).custodian is None, "nothing is left of what failed"
    set_route(store, sealer(tmp_path), custodian="alpha", channel="mailbox", target=MAILBOX, now=NOW)
    assert reachable(store, now=NOW) == (("alpha", "Custodian Alpha"),)
    done = reroute(store, sealer(tmp_path), waiting.part, custodian="alpha", **pass_on)
    assert (done.custodian, done.channel) == ("Custodian Alpha", "mailbox")
    row = only_part(store)
    assert row.custodian is not None
    assert row.snapshot.document["custodian"] == row.custodian.slug == "alpha"
    assert row.snapshot.document["answers"]["project.title"] == FORM.title
    with store.reading() as session:
        event = requests.history(session, row.part.id)[-1]
        assert (event.event, event.actor, event.payload["custodian"], event.payload["snapshot_sha256"]) == ("part.rerouted", "officer", "alpha", row.snapshot.sha256)
        noted = session.scalars(select(AuditRow).where(AuditRow.object == f"part/{row.part.public_id}/{event.version}")).all()
        assert [one.actor for one in noted] == ["officer"]
    with mail_server() as post:
        deliver_due(store, channels(tmp_path, mail_url=post.url), now=NOW)
        assert len(post.to(MAILBOX)) == 1
    assert triage(store) == []


@pytest.mark.parametrize(("channel", "target"), [("open", "https://alpha.example/data"), ("not_open", "The collection is closed.")])
def test_a_request_is_passed_on_only_by_a_way_that_takes_requests(store: Store, tmp_path: Path, channel: str, target: str) -> None:
    refs = seeded(store)
    submit(store, sealer(tmp_path), dataset_refs=refs["alpha"])
    set_route(store, sealer(tmp_path), custodian="alpha", channel=channel, target=target, now=NOW)
    (waiting,) = triage(store)
    with pytest.raises(Conflict, match="no confirmed route"):
        reroute(store, sealer(tmp_path), waiting.part, reason="x", actor="officer", now=NOW)
    assert reachable(store, now=NOW) == ()
    assert only_part(store).part.channel == "triage"


@pytest.mark.parametrize(("name", "role", "payload"), [("withdraw", "lead", {}), ("close", "handler", {"reason": "out_of_scope"})])
def test_what_is_over_is_not_delivered_any_more(store: Store, tmp_path: Path, name: str, role: str, payload: dict[str, str]) -> None:
    refs = seeded(store)
    with receiver(500, 200) as hook:
        set_route(store, sealer(tmp_path), custodian="alpha", channel="webhook", target=hook.url, secret=new_secret(), now=NOW)
        submit(store, sealer(tmp_path), dataset_refs=refs["alpha"])
        deliver_due(store, channels(tmp_path), now=NOW)
        assert len(hook.received) == 1
        give(store, tmp_path, only_part(store).part.public_id, name, role, **payload)
        held = only_part(store).delivery
        assert held is not None
        assert (held.state, held.due_at, held.sealed_link) == ("failed", None, None)
        deliver_due(store, channels(tmp_path), now=NOW + timedelta(days=1))
        set_route(store, sealer(tmp_path), custodian="alpha", channel="webhook", target=hook.url, secret=new_secret(), now=NOW)
        deliver_due(store, channels(tmp_path), now=NOW + timedelta(days=1))
        assert len(hook.received) == 1


def test_a_worker_takes_no_delivery_of_a_part_that_is_over(store: Store, tmp_path: Path) -> None:
    """Also where the row waits from before such rows were cancelled."""
    refs = seeded(store)
    with receiver() as hook:
        set_route(store, sealer(tmp_path), custodian="alpha", channel="webhook", target=hook.url, secret=new_secret(), now=NOW)
        submit(store, sealer(tmp_path), dataset_refs=refs["alpha"])
        with store.transaction() as tx:
            tx.session.scalars(select(RequestPart)).one().state = "withdrawn"
            assert tx.session.scalars(select(Delivery)).one().state == "queued"
        deliver_due(store, channels(tmp_path), now=NOW)
        assert hook.received == []


def test_a_dataset_that_left_the_catalogue_is_marked_for_both_sides(store: Store, tmp_path: Path) -> None:
    refs = seeded(store)
    sent = submit(store, sealer(tmp_path), dataset_refs=refs["alpha"])
    assert sent.follow_token is not None

    def marked() -> list[list[bool]]:
        row = only_part(store)
        assert row.part.custodian_id is not None
        sides = (status(store, sent.follow_token or "").parts[0].datasets, integration_detail(store, row.part.custodian_id, row.part.public_id).datasets)
        return [[one.is_withdrawn for one in side] for side in sides]

    assert marked() == [[False, False], [False, False]]
    with store.transaction() as tx:
        tx.session.scalars(select(Record).where(Record.ref == refs["alpha"][1])).one().state = "removed"
    assert marked() == [[False, True], [False, True]]
    assert [link.words for link in dataset_links(status(store, sent.follow_token).parts[0].datasets)] == [
        "Dataset alpha0a", "Dataset alpha0b (withdrawn from the catalogue since)",
    ]
