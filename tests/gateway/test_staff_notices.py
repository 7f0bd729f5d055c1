"""Mail to the custodian's people: who hears of what, once, and nobody of what they did themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.access import notices
from gateway.access.commands import Command, perform
from gateway.access.parts import Role
from gateway.access.policy import DEFAULT, kept
from gateway.access.routes import set_route
from gateway.access.staff_notices import ASKED, FROM_ANYBODY, FROM_APPLICANT
from gateway.access.status import own_requests
from gateway.access.telling import INTERNAL, SENTENCES
from gateway.accounts.registration import add_account
from gateway.accounts.setup import grant
from gateway.models import Message
from gateway.store import Store, accounts, clocks, custodians, requests
from gateway.store.sealing import Sealer
from tests.gateway.asking import FORM, NOW, applicant, sealer, seeded, submit

OPENED = {"access_mode": "TRE", "access_starts": "2027-01-01", "access_ends": "2027-12-31"}
APPROVED = {"access_until": "2027-12-31", "access_mode": "TRE"}
STAFF = {"handler": "handler@alpha.example", "decider": "decider@alpha.example", "reviewer": "reviewer@alpha.example"}


@dataclass
class Team:
    """A request that is with alpha, and its people: role -> subject."""

    store: Store
    sealer: Sealer
    part: str
    people: dict[str, str]
    heard: int = 0

    def does(self, name: str, role: Role, **payload: Any) -> dict[str, str]:
        """Carry a command out. Address -> the line of each letter to staff that it caused."""
        actor = self.people.get(role, role)
        perform(self.store, self.sealer, self.part, Command(name=name, role=role, actor=actor, payload=payload), now=NOW)
        with self.store.reading() as session:
            rows = list(session.scalars(select(Message).where(Message.idempotency_key.startswith("staff.")).order_by(Message.id)))
        new, self.heard = rows[self.heard :], len(rows)
        return {row.to_address: (row.line or "").split(":")[0] for row in new}


def sent(store: Store, seal: Sealer, *roles: str, channel: str = "committee", target: str = "workspace", **chosen: Any) -> Team:
    """``chosen`` is the custodian's policy, where it differs from the usual one."""
    refs = seeded(store)
    with store.transaction() as tx:
        clocks.add_policy(tx.session, custodians.by_slug(tx.session, "alpha").id, {**kept(DEFAULT), **chosen}, by="operator", now=NOW - timedelta(days=1))
    people = {}
    for role in roles:
        with store.transaction() as tx:
            row = add_account(tx.session, address=STAFF[role], name=role, organisation="Alpha", password_hash=None, now=NOW)
            tx.session.flush()
            people[role] = row.subject
        grant(store, address=STAFF[role], role=role, custodian="alpha", granted_by="operator", now=NOW)
    set_route(store, seal, custodian="alpha", channel=channel, target=target, now=NOW)
    submit(store, seal, dataset_refs=refs["alpha"])
    with store.reading() as session:
        part = requests.parts_of_custodian(session, "alpha")[0].part.public_id
    return Team(store, seal, part, {**people, "lead": applicant(store).subject})


def test_every_step_that_staff_hear_of_is_a_step_of_the_machine() -> None:
    assert set(FROM_APPLICANT) | set(FROM_ANYBODY) <= {*SENTENCES, *INTERNAL}
    assert set(FROM_ANYBODY) >= ASKED


def test_who_handles_reviews_and_decides_hears_of_each_step_once_and_not_of_their_own(store: Store, tmp_path: Path) -> None:
    team = sent(store, sealer(tmp_path), "handler", "decider", "reviewer")
    assert team.does("acknowledge", "handler", delivery="d") == {}
    assert team.does("return", "handler", comment="Why?", questions=["project.title"]) == {}
    with store.reading() as session:
        document = requests.newest_answers(session, requests.parts_of_custodian(session, "alpha")[0].part.id)
    assert document["people.lead.email"] == FORM.email
    assert team.does("message", "lead", text="Because.") == {STAFF["handler"]: "The applicant wrote to you"}
    assert team.does("message", "handler", text="I see.") == {}
    assert team.does("resubmit", "lead", snapshot_sha256="0" * 64, changed=[], reply="Better now.") == {STAFF["handler"]: "The applicant answered your questions"}
    assert team.does("accept_for_review", "handler") == {STAFF["decider"]: "The request is complete and waits for a decision"}
    assert team.does("request_review", "handler", person=team.people["reviewer"]) == {STAFF["reviewer"]: "You are asked for a review"}
    assert team.does("approve", "decider", **APPROVED) == dict.fromkeys((STAFF["handler"], STAFF["reviewer"]), "The request was approved")
    team.does("issue_agreement", "handler", agreement="A")
    assert team.does("sign_agreement", "lead", side="applicant", signatory="Example Signatory") == {STAFF["handler"]: "The applicant signed the agreement"}
    assert team.does("sign_agreement", "handler", side="custodian") == {}
    assert team.does("activate", "handler", **OPENED) == {}
    assert team.does("end", "lead", reason="finished") == {STAFF["handler"]: "The applicant ended the access"}


def test_nobody_hears_of_a_request_they_are_on_or_declared_a_conflict_about(store: Store, tmp_path: Path) -> None:
    team = sent(store, sealer(tmp_path), "handler", "decider", "reviewer")
    grant(store, address=FORM.email, role="handler", custodian="alpha", granted_by="operator", now=NOW)
    team.does("acknowledge", "handler", delivery="d")
    assert team.does("declare_conflict", "decider", person=team.people["decider"], reason="A colleague asks.") == {}
    assert team.does("accept_for_review", "handler") == {}
    assert team.does("withdraw", "lead") == {STAFF["handler"]: "The applicant withdrew the request"}


def test_a_custodian_with_a_mailbox_alone_hears_there_of_the_applicant_and_is_told_no_address(store: Store, tmp_path: Path) -> None:
    seal = sealer(tmp_path)
    team = sent(store, seal, channel="mailbox", target="access@alpha.example")
    assert set(team.does("message", "lead", text="Did it arrive?")) == {"access@alpha.example"}
    with store.reading() as session:
        (row,) = session.scalars(select(Message).where(Message.idempotency_key.startswith("staff.")))
        written = notices.open_body(seal, row.sealed_body or "").written("https://gateway.example")
    assert written.startswith("The applicant wrote to you: request ")
    assert "https://" not in written
    assert "in the letter that brought you the request" in written
    assert row.topic == "handling"


def test_what_is_asked_comes_at_once_whatever_somebody_chose(store: Store, tmp_path: Path) -> None:
    team = sent(store, sealer(tmp_path), "handler", "decider", "reviewer")
    team.does("acknowledge", "handler", delivery="d")
    team.does("accept_for_review", "handler")
    with store.reading() as session:
        topics = dict(session.execute(select(Message.to_address, Message.topic).where(Message.idempotency_key.startswith("staff."))).all())
        assert accounts.by_address(session, STAFF["decider"]) is not None
    assert topics == {STAFF["decider"]: "turn"}


@pytest.mark.parametrize(("names_handlers", "who"), [(False, "The custodian"), (True, "handler")])
def test_applicants_learn_who_handles_their_request_only_where_the_custodian_wants_it(
    store: Store, tmp_path: Path, names_handlers: bool, who: str
) -> None:
    team = sent(store, sealer(tmp_path), "handler", "reviewer", names_handlers=names_handlers)
    team.does("acknowledge", "handler", delivery="d")
    team.does("request_review", "handler", person=team.people["reviewer"])
    team.does("message", "handler", text="Which years?")
    (request,) = own_requests(store, applicant(store))
    told = [(entry.event, entry.who) for entry in request.parts[0].timeline]
    assert told[-2:] == [("part.acknowledged", who), ("message.sent", who)]
    assert "reviewer" not in str(told)
