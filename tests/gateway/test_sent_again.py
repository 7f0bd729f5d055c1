"""A request that changed after it was sent is sent again, to its custodian and to the others whom the change concerns."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from gateway.access import drafts
from gateway.access.acknowledge import acknowledge
from gateway.access.commands import Command, answer, perform
from gateway.access.deliver import deliver_due
from gateway.access.routes import set_route
from gateway.accounts.setup import grant
from gateway.accounts.tables import Account
from gateway.channels.webhook import new_secret
from gateway.store import Store, accounts, requests
from tests.gateway.asking import (
    MAILBOX,
    NOW,
    Post,
    Receiver,
    applicant,
    channels,
    receiver,
    sealer,
    seeded,
    submit,
    text_of,
)

LATER = NOW + timedelta(hours=1)


class Sent:
    """One request to a system, a mailbox and a committee; the first of them asks back."""

    def __init__(self, store: Store, folder: Path, hook: Receiver, post: Post) -> None:
        self.store, self.seal, self.out, self.post = store, sealer(folder), channels(folder, mail_url=post.url), post
        refs = seeded(store)
        with store.transaction() as tx:
            accounts.add(tx.session, Account(subject="handler", address="handler@gamma.example", address_key="handler@gamma.example", name="Handler", created_at=NOW))
        grant(store, address="handler@gamma.example", role="handler", custodian="gamma", granted_by="operator", now=NOW)
        for slug, channel, target in (("alpha", "webhook", hook.url), ("beta", "mailbox", MAILBOX), ("gamma", "committee", "workspace")):
            set_route(store, self.seal, custodian=slug, channel=channel, target=target, secret=new_secret() if channel == "webhook" else None, now=NOW)
        self.reference = submit(store, self.seal, dataset_refs=[ref for one in refs.values() for ref in one]).reference
        self.deliver(NOW)

    def row(self, slug: str) -> requests.PartRow:
        with self.store.reading() as session:
            return requests.parts_of_custodian(session, slug)[0]

    def give(self, slug: str, name: str, **payload: str) -> None:
        command = Command(name=name, role="handler", actor="x", payload=payload)
        perform(self.store, self.seal, self.row(slug).part.public_id, command, now=NOW)

    def ask(self) -> None:
        self.give("alpha", "acknowledge", delivery="d")
        self.give("alpha", "return", comment="Say more.", is_general=True)

    def answer(self, text: str, at: datetime) -> None:
        person = applicant(self.store, now=at)
        drafts.save(self.store, self.seal, person, self.reference, {"project.lay_summary": text}, seen_version=99, now=at)
        answer(self.store, self.seal, self.row("alpha").part.public_id, reply="Here it is.", expected_version=None, now=at)

    def deliver(self, at: datetime) -> None:
        deliver_due(self.store, self.out, now=at)


def test_each_channel_hears_of_the_new_answers_and_what_they_are(store: Store, tmp_path: Path, post: Post) -> None:
    with receiver() as hook:
        sent = Sent(store, tmp_path, hook, post)
        sent.ask()
        sent.answer("marker-new", LATER)
        for _ in range(3):
            sent.deliver(LATER)
        first, second = (json.loads(one.body) for one in hook.received)
        assert (first["type"], second["type"]) == ("access_request.submitted", "access_request.resubmitted")
        assert second["data"]["answers"]["project.lay_summary"] == "marker-new"
        assert second["data"]["snapshot_sha256"] == sent.row("alpha").snapshot.sha256 != first["data"]["snapshot_sha256"]
        assert len({one.headers["webhook-id"] for one in hook.received}) == 2
    opening, again = (text_of(one) for one in sent.post.to(MAILBOX))
    assert "has asked for data" in opening
    assert "has changed a request" in again
    assert "marker-new" not in again
    told = [text_of(one) for one in sent.post.to("handler@gamma.example")]
    assert sum("changed answers that concern you" in one for one in told) == 1


def test_the_same_change_tried_again_is_the_same_message_and_a_newer_one_takes_its_place(store: Store, tmp_path: Path, post: Post) -> None:
    with receiver(204, 500, 204) as hook:
        sent = Sent(store, tmp_path, hook, post)
        sent.ask()
        sent.answer("marker-new", LATER)
        sent.deliver(LATER)
        sent.deliver(LATER + timedelta(seconds=10))
        tried, again = hook.received[1:]
        assert (tried.headers["webhook-id"], tried.body) == (again.headers["webhook-id"], again.body)
        hook.answers = [500]
        sent.give("alpha", "return", comment="And more.", is_general=True)
        sent.answer("marker-newer", LATER + timedelta(hours=1))
        sent.deliver(LATER + timedelta(hours=1))
        sent.give("alpha", "return", comment="Once more.", is_general=True)
        hook.answers = [204]
        sent.answer("marker-newest", LATER + timedelta(hours=2))
        for minutes in range(0, 300, 30):
            sent.deliver(LATER + timedelta(hours=2, minutes=minutes))
        texts = [json.loads(one.body)["data"]["answers"]["project.lay_summary"] for one in hook.received[3:]]
        assert texts == ["marker-newer", "marker-newest"], "what was not delivered is not sent after what came later"


def test_what_was_never_delivered_arrives_as_a_new_request(store: Store, tmp_path: Path, post: Post) -> None:
    with receiver() as hook:
        post.refuse[MAILBOX] = "450 try later"
        sent = Sent(store, tmp_path, hook, post)
        sent.ask()
        sent.answer("marker-new", LATER)
        post.refuse.clear()
        sent.deliver(LATER)
    (letter,) = post.to(MAILBOX)
    assert "has asked for data" in text_of(letter)
    token = text_of(letter).split("https://gateway.example/acknowledge/")[1].split()[0]
    assert not acknowledge(store, token, LATER).was_already


def test_receipt_of_changed_answers_is_confirmed_without_a_fault(store: Store, tmp_path: Path, post: Post) -> None:
    with receiver() as hook:
        sent = Sent(store, tmp_path, hook, post)
        sent.ask()
        sent.answer("marker-new", LATER)
        sent.deliver(LATER)
        token = json.loads(hook.received[1].body)["data"]["acknowledge_url"].rsplit("/", 1)[1]
    version = sent.row("alpha").part.version
    assert acknowledge(store, token, LATER).was_already
    assert sent.row("alpha").part.version == version
