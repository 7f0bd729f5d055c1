"""What the clocks do by themselves: remind, escalate, lapse; once each, and only after a warning."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.access.commands import Command, perform
from gateway.access.deliver import deliver_due
from gateway.access.holidays_wanted import ask_for_holidays
from gateway.access.parts import Event
from gateway.access.pathways.listing import shipped
from gateway.access.policy import LIMITS, Policy, checked, kept, policy_of
from gateway.access.reminders import Lapse, Reminder, due
from gateway.access.routes import set_route
from gateway.access.timekeeping import keep_time
from gateway.access.timetable import Running, clocks
from gateway.access.transitions import ROWS
from gateway.accounts.setup import grant
from gateway.accounts.tables import Account
from gateway.errors import Unprocessable
from gateway.models import Message, Request, RequestPart
from gateway.store import Store, accounts, custodians, requests
from gateway.store import clocks as kept_clocks
from tests.gateway.asking import FORM, NOW, Post, channels, sealer, seeded, submit, text_of

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
RUNNING = Running()


def happened(*steps: tuple[str, float, dict[str, Any]] | tuple[str, float], start: datetime = MONDAY) -> list[Event]:
    """Commands with the days since the one before, and their payload."""
    at, events = start, []
    for version, (command, days, *rest) in enumerate(steps, 1):
        at += timedelta(days=days)
        row = ROWS[command]
        payload = rest[0] if rest else {}
        events.append(Event(command=command, event=row.event, version=version, at=at, role="system", actor="x", payload=payload))
    return events


def walked(history: Sequence[Event], days: int, *, running: Running = RUNNING, every: int = 1) -> list[tuple[str, int]]:
    """Clock and step (or *lapse*) with the day on which they were due, looking once in so many days. Mail goes out at once."""
    sent: dict[str, datetime | None] = {}
    found = []
    for day in range(0, days + 1, every):
        now = history[-1].at + timedelta(days=day, minutes=1)
        for one in due(history, sent, part="p", running=running, now=now):
            assert one.key not in sent
            sent[one.key] = now
            found.append((one.key.removeprefix("clock.p."), day))
            if isinstance(one, Lapse):
                return found
    return found


SENT = (("submit", 0), ("record_sent", 0))
REVIEWED = (*SENT, ("acknowledge", 0, {"delivery": "d"}), ("accept_for_review", 0))
APPROVED = (*REVIEWED, ("approve", 0, {"access_until": "2027-12-31"}))


def test_A27_an_unacknowledged_request_goes_up_step_by_step() -> None:
    assert walked(happened(*SENT), 30) == [("acknowledge.2.early", 3), ("acknowledge.2.late", 5), ("acknowledge.2.very-late", 12)]
    first = due(happened(*SENT), {}, part="p", running=RUNNING, now=MONDAY + timedelta(days=20))
    assert [one.to for one in first if isinstance(one, Reminder)] == [("team", "triage", "applicant")], "after an outage only the latest step"


def test_a_part_without_a_desk_is_the_gateways_to_pass_on() -> None:
    """Before it is passed on nothing else runs; afterwards the custodian's clock does."""
    waiting, given_up = (("submit", 0, {"channel": "triage"}),), (("submit", 0, {"channel": "webhook"}), ("record_manual", 1))
    assert walked(happened(*waiting), 30) == [("triage.1.early", 3), ("triage.1.late", 5), ("triage.1.very-late", 12)]
    assert [name for name, _ in walked(happened(*given_up), 30)] == ["triage.2.early", "triage.2.late", "triage.2.very-late"]
    first = due(happened(*waiting), {}, part="p", running=RUNNING, now=MONDAY + timedelta(days=6))
    assert [one.to for one in first if isinstance(one, Reminder)] == [("triage", "administrator", "applicant")]
    passed_on = ("reroute", 1, {"channel": "webhook"})
    assert walked(happened(*waiting, passed_on), 30) == []
    for history in (waiting, given_up):
        assert walked(happened(*history, passed_on, ("record_sent", 0)), 4) == [(f"acknowledge.{len(history) + 2}.early", 3)]
    assert walked(happened(*waiting, ("close", 0, {"reason": "route_dead"})), 30) == []


def test_A27_answers_are_asked_for_once_before_the_request_is_closed() -> None:
    returned = happened(*REVIEWED, ("return", 0, {"comment": "?"}))
    assert walked(returned, 90) == [("answer.5.halfway", 30), ("answer.5.lapse", 60)]
    assert walked(returned, 120, every=80) == [("answer.5.halfway", 80)], "late as it is, the warning comes first"
    warned = {"clock.p.answer.5.halfway": returned[-1].at + timedelta(days=80)}
    for days, lapses in ((81, 0), (86.9, 0), (87, 1)):
        found = due(returned, warned, part="p", running=RUNNING, now=returned[-1].at + timedelta(days=days))
        assert len(found) == lapses
    assert due(returned, {"clock.p.answer.5.halfway": None}, part="p", running=RUNNING, now=returned[-1].at + timedelta(days=200)) == (), "mail that waits warns nobody"


@pytest.mark.parametrize(
    ("history", "found"),
    [
        (happened(*REVIEWED, ("approve_conditionally", 0, {"conditions": [{"text": "a"}]})), [("conditions.5.14-days", 76), ("conditions.5.lapse", 90)]),
        (
            happened(*REVIEWED, ("approve_conditionally", 0, {"conditions": [{"text": "a", "until": "2026-05-01"}, {"text": "b"}]})),
            [("conditions.5.14-days", 47), ("conditions.5.lapse", 61)],
        ),
        (happened(*APPROVED), [("activation.5.30-days", 150), ("activation.5.7-days", 173), ("activation.5.lapse", 180)]),
        (
            happened(*APPROVED, ("extend_approval", 10, {"extended_to": "2026-12-31"})),
            [("activation.6.30-days", 265), ("activation.6.7-days", 288), ("activation.6.lapse", 295)],
        ),
        (
            happened(*APPROVED, ("activate", 0, {"access_ends": "2026-06-30"})),
            [("access.6.60-days", 61), ("access.6.30-days", 91), ("access.6.7-days", 114), ("access.6.lapse", 121)],
        ),
        (happened(*APPROVED, ("activate", 0, {"access_ends": "2026-06-30"}), ("end", 0, {"reason": "finished"})), [("report.7.near", 46), ("report.7.late", 60)]),
        (happened(*APPROVED, ("activate", 0, {"access_ends": "2026-06-30"}), ("end", 0, {"reason": "finished"}), ("record_report", 5, {"report": "r"})), []),
        (happened(*REVIEWED, ("hold", 0, {"reason": "fee"})), [("hold.5.1", 26), ("hold.5.2", 58), ("hold.5.3", 88)]),
        (happened(("save_answers", 0, {"answers": ["a"]})), [("draft.1.7-days", 83), ("draft.1.lapse", 90)]),
        (happened(*REVIEWED[:3]), [("screening.3.late", 12)]),
        (happened(*REVIEWED), []),
    ],
)
def test_A27_each_clock_reminds_and_lapses_on_its_days(history: list[Event], found: list[tuple[str, int]]) -> None:
    assert walked(history, 300 if len(found) != 3 or "hold" not in found[0][0] else 90) == found


def test_A27_a_decision_is_reminded_of_by_the_custodians_own_time_and_never_taken() -> None:
    policy = Running(policy=Policy(decision_days=10))
    assert walked(happened(*REVIEWED), 60, running=policy) == [("decision.4.late", 12)]
    paused = happened(*REVIEWED, ("hold", 7, {"reason": "fee"}), ("release", 100, {"to": "in_review"}))
    assert walked(paused, 60, running=policy) == [("decision.4.late", 7)], "five days were spent before the pause"
    stated = Running(lead_times=("2-4 weeks", "1-2 months", "Other"))
    assert stated.decision_days == 45
    assert all(clock.end is None for clock in clocks(happened(*REVIEWED), stated, now=MONDAY))


def test_A27_the_clocks_of_pathways_and_of_evidence() -> None:
    hfea = Running(policy=Policy(followed=shipped("uk.hfea.register")), rec_opinion=date(2026, 3, 10))
    review = happened(*REVIEWED)
    assert walked(review, 60, running=hfea) == [("rec-report.1.late", 23)]
    named = {"evidence": "e", "type": "REC", "reference": "20/EM/0148", "expires": "2026-12-31"}
    assert walked(happened(*REVIEWED, ("add_evidence", 0, named)), 60, running=hfea) == []
    four_years = walked(happened(*APPROVED, ("activate", 0, {"access_ends": "2036-06-30"})), 1500, running=Running(policy=Policy(followed=shipped("uk.cprd"))))
    assert four_years == [("protocol.5.90-days", 1372), ("protocol.5.30-days", 1432)]
    verified = happened(*REVIEWED, ("add_evidence", 0, named), ("verify_evidence", 0, {"evidence": "e"}), ("approve", 0, {}), ("activate", 0, {"access_ends": "2036-06-30"}))
    assert [step for step, _ in walked(verified, 400)] == ["evidence.5.60-days", "evidence.5.30-days", "evidence.5.7-days"]


def test_values_are_the_custodians_within_published_limits() -> None:
    assert policy_of(kept(Policy(answer_days=90, evidence=("REC",)))) == Policy(answer_days=90, evidence=("REC",))
    assert policy_of({"answer_days": 45, "forgotten": 1}) == Policy(answer_days=45)
    for name, limit in LIMITS.items():
        checked(replace(Policy(), **{name: limit.least}))
        for value in (limit.least - 1, limit.most + 1):
            with pytest.raises(Unprocessable) as caught:
                checked(replace(Policy(), **{name: value}))
            assert set(caught.value.fields) == {name}


# with a database, a worker and a mail server


class Office:
    """Two custodians with their requests, a clock that is set by hand, and a worker that runs when it is told to."""

    def __init__(self, store: Store, folder: Path, post: Post) -> None:
        self.store, self.seal, self.post, self.now = store, sealer(folder), post, NOW
        self.channels = channels(folder, mail_url=post.url)
        refs = seeded(store)
        for address, role, custodian in (("team@alpha.example", "team_admin", "alpha"), ("handler@alpha.example", "handler", "alpha"), ("triage@gateway.example", "triage", None)):
            self.employ(address, role, custodian)
        for slug in ("alpha", "beta"):  # nothing waits for the gateway's staff
            set_route(store, self.seal, custodian=slug, channel="committee" if slug == "alpha" else "portal", target="workspace" if slug == "alpha" else "https://beta.example/apply", now=NOW)
        submit(store, self.seal, dataset_refs=[*refs["alpha"], *refs["beta"]])
        with store.reading() as session:
            self.part = requests.parts_of_custodian(session, "alpha")[0].part.public_id

    def employ(self, address: str, role: str, custodian: str | None) -> None:
        with self.store.transaction() as tx:
            accounts.add(tx.session, Account(subject=address.replace("@", "-"), address=address, address_key=address, name=address, created_at=NOW))
        grant(self.store, address=address, role=role, custodian=custodian, granted_by="operator", now=NOW)

    def give(self, name: str, role: Any = "handler", **payload: Any) -> None:
        perform(self.store, self.seal, self.part, Command(name=name, role=role, actor=role, payload=payload), now=self.now)

    def run(self) -> dict[str, int]:
        done = keep_time(self.store, self.seal, now=self.now)
        deliver_due(self.store, self.channels, now=self.now)
        return done

    def letters(self, address: str) -> int:
        return sum("reminder" in str(letter["Subject"]) for letter in self.post.to(address))

    def state(self) -> str:
        with self.store.reading() as session:
            return requests.parts_of_custodian(session, "alpha")[0].part.state


def test_A27_reminders_and_lapses_happen_once_also_after_an_outage_of_two_weeks(store: Store, tmp_path: Path, post: Post) -> None:
    office = Office(store, tmp_path, post)
    office.give("acknowledge", delivery="d")
    office.give("return", comment="Which years?", is_general=True)
    for _ in range(3):
        assert office.run() == {"reminders": 0, "lapses": 0}
    office.now = NOW + timedelta(days=30)
    assert office.run()["reminders"] == 1
    assert office.run()["reminders"] == 0
    assert office.letters(FORM.email) == 1
    (letter,) = [one for one in post.to(FORM.email) if "reminder" in str(one["Subject"])]
    assert "waits for an answer" in text_of(letter)
    assert "Marker" not in str(letter["Subject"]) + text_of(letter)
    office.now = NOW + timedelta(days=74)
    assert office.run() == {"reminders": 0, "lapses": 1}, "due two weeks ago; warned long before"
    assert office.run() == {"reminders": 0, "lapses": 0}
    assert office.state() == "closed"
    assert any("closed without a decision" in text_of(one) for one in post.to(FORM.email))
    office.give("reopen_no_response", "lead")
    office.now += timedelta(days=75)
    assert office.run() == {"reminders": 1, "lapses": 0}, "a new turn, a new clock: the warning comes first"
    assert office.state() == "returned"
    office.now += timedelta(days=7)
    assert office.run()["lapses"] == 1


def test_A27_while_no_mail_goes_out_nothing_lapses(store: Store, tmp_path: Path, post: Post) -> None:
    office = Office(store, tmp_path, post)
    office.give("acknowledge", delivery="d")
    office.give("return", comment="Which years?", is_general=True)
    office.now = NOW + timedelta(days=31)
    keep_time(store, office.seal, now=office.now)
    office.now = NOW + timedelta(days=61)
    assert keep_time(store, office.seal, now=office.now)["lapses"] == 0
    deliver_due(store, office.channels, now=office.now)
    office.now += timedelta(days=6)
    assert office.run()["lapses"] == 0
    office.now += timedelta(days=1)
    assert office.run()["lapses"] == 1


def test_A27_the_team_and_then_triage_hear_of_it_and_the_applicant_is_told(store: Store, tmp_path: Path, post: Post) -> None:
    office = Office(store, tmp_path, post)
    office.give("acknowledge", delivery="d")
    office.now = NOW + timedelta(days=21)
    assert office.run()["reminders"] == 1
    assert (office.letters("handler@alpha.example"), office.letters("team@alpha.example"), office.letters("triage@gateway.example")) == (1, 1, 0)
    with store.transaction() as tx:
        slow = RequestPart(
            request_id=1, public_id="f" * 24, custodian_id=custodians.by_slug(tx.session, "beta").id, channel="webhook", dataset_refs=["beta1a"], state="draft",
            created_at=NOW, updated_at=NOW,
        )
        tx.session.add(slow)
        tx.session.flush()
        for event in happened(*SENT, start=NOW):
            tx.session.add(requests.event_row(event, request_id=1, part_id=slow.id))
        slow.state, slow.version = "submitted", 2
    office.now = NOW + timedelta(days=22)
    assert office.run()["reminders"] == 1, "beta has nobody: those above are told instead"
    assert (office.letters("triage@gateway.example"), office.letters(FORM.email)) == (1, 1)
    assert office.run()["reminders"] == 0


def test_A27_access_ends_with_its_term_and_drafts_are_deleted(store: Store, tmp_path: Path, post: Post) -> None:
    office = Office(store, tmp_path, post)
    for name, role, payload in (
        ("acknowledge", "handler", {"delivery": "d"}), ("accept_for_review", "handler", {}), ("approve", "decider", {"access_until": "2027-12-31", "access_mode": "TRE"}),
        ("issue_agreement", "handler", {"agreement": "A"}), ("sign_agreement", "handler", {"side": "custodian"}), ("sign_agreement", "lead", {"side": "applicant", "signatory": "Example Signatory"}),
        ("activate", "handler", {"access_mode": "TRE", "access_starts": "2026-12-01", "access_ends": "2026-12-24"}),
    ):
        office.give(name, role, **payload)
    with store.transaction() as tx:
        draft = RequestPart(request_id=1, public_id="e" * 24, channel="triage", dataset_refs=["x"], state="draft", created_at=NOW, updated_at=NOW)
        tx.session.add(draft)
        tx.session.flush()
        (saved,) = happened(("save_answers", 0, {"answers": ["a"]}), start=NOW)
        tx.session.add(requests.event_row(saved, request_id=1, part_id=draft.id))
        draft.version, draft_id = 1, draft.id
    office.now = datetime(2026, 12, 24, 23, 59, tzinfo=UTC)
    office.run()
    assert office.state() == "active"
    office.now += timedelta(minutes=1)
    assert office.run()["lapses"] == 1
    assert office.state() == "ended"
    office.now = NOW + timedelta(days=84)
    office.run()
    office.now = NOW + timedelta(days=92)
    assert office.run()["lapses"] == 1
    with store.reading() as session:
        part = session.get_one(RequestPart, draft_id)
        assert part.state == "deleted"
        assert session.get_one(Request, 1).id == 1


def test_A27_a_part_that_nobody_passes_on_reaches_those_above_and_the_applicant(store: Store, tmp_path: Path, post: Post) -> None:
    office = Office(store, tmp_path, post)
    office.employ("admin@gateway.example", "admin", None)
    submit(store, office.seal, dataset_refs=["gamma2a"])
    office.give("acknowledge", delivery="d")
    office.give("hold", reason="meeting")
    for days, letters in ((0, (0, 0, 0)), (4, (1, 0, 0)), (8, (2, 1, 1)), (15, (3, 2, 2)), (20, (3, 2, 2))):
        office.now = NOW + timedelta(days=days)
        office.run()
        assert tuple(office.letters(address) for address in ("triage@gateway.example", "admin@gateway.example", FORM.email)) == letters, days


def test_a_change_of_choices_holds_for_later_parts_only(store: Store, tmp_path: Path, post: Post) -> None:
    office = Office(store, tmp_path, post)
    with store.transaction() as tx:
        alpha = custodians.by_slug(tx.session, "alpha").id
        kept_clocks.add_policy(tx.session, alpha, kept(Policy(answer_days=30)), by="team", now=NOW + timedelta(hours=1))
    office.give("acknowledge", delivery="d")
    office.give("return", comment="Which years?", is_general=True)
    office.now = NOW + timedelta(days=16)
    assert office.run()["reminders"] == 0
    with store.reading() as session:
        assert kept_clocks.policy_at(session, alpha, NOW) is None
        later = kept_clocks.policy_at(session, alpha, NOW + timedelta(hours=2))
    assert policy_of(later).answer_days == 30


def test_A27_two_workers_at_once_write_one_letter(store: Store, tmp_path: Path, post: Post) -> None:
    office = Office(store, tmp_path, post)
    office.give("acknowledge", delivery="d")
    office.give("return", comment="Which years?", is_general=True)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: keep_time(store, office.seal, now=NOW + timedelta(days=31)), range(2)))
    assert sum(one["reminders"] for one in done) == 1
    with store.reading() as session:
        assert session.query(Message).filter(Message.idempotency_key.like("clock.%")).count() == 1


def test_a26_administrators_are_asked_once_for_bank_holidays_when_less_than_a_year_of_them_is_known(store: Store, tmp_path: Path) -> None:
    with store.transaction() as tx:
        accounts.add(tx.session, Account(subject="admin", address="admin@gateway.example", address_key="admin@gateway.example", name="Admin", created_at=NOW))
    grant(store, address="admin@gateway.example", role="admin", custodian=None, granted_by="operator", now=NOW)
    first_day = datetime(2027, 1, 1, tzinfo=UTC)
    asked = [ask_for_holidays(store, sealer(tmp_path), now=now, published_through=2027) for now in (first_day - timedelta(seconds=1), first_day, first_day)]
    assert asked == [0, 1, 0]
    assert ask_for_holidays(store, sealer(tmp_path), now=first_day, published_through=2028) == 0
    with store.reading() as session:
        (letter,) = session.scalars(select(Message))
    assert (letter.to_address, letter.subject) == ("admin@gateway.example", "Bank holidays are needed")
