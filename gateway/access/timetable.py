"""The clocks of a part: which run now, when each reminds and escalates, and when it runs out. Pure, and folded from events alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal

from gateway.access import guards
from gateway.access.clocks import intervals
from gateway.access.machine import folded
from gateway.access.parts import Event, PartState
from gateway.access.policy import DEFAULT, Policy
from gateway.access.transitions import ROWS
from gateway.access.working_days import LONDON, Calendar, after_working_days, working_days

Audience = Literal["applicant", "handlers", "team", "triage", "administrator"]
DRAFT_DAYS: Final = 90
REC_REPORT_DAYS: Final = 14
PROTOCOL_YEARS: Final = 4
LEAD_TIMES: Final[Mapping[str, int]] = {
    "less 1 week": 5, "1-2 weeks": 10, "2-4 weeks": 20, "1-2 months": 45, "2-6 months": 130, "more 6 months": 180,
}
"""What datasets say about the time until access -> working days for a decision, where the custodian chose no number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What else the clocks of one part depend on. ``lead_times`` are those of its datasets, ``rec_opinion`` the day of the ethics
    opinion that the answers name."""

    policy: Policy = DEFAULT
    calendar: Calendar = "england-and-wales"
    lead_times: tuple[str, ...] = ()
    rec_opinion: date | None = None

    @property
    def decision_days(self) -> int | None:
        stated = [days for one in self.lead_times if (days := LEAD_TIMES.get(one.casefold())) is not None]
        return self.policy.decision_days or max(stated, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``kind`` is *reminder* for those whose turn it is, *escalation* for those above them."""

    name: str
    at: datetime
    to: tuple[Audience, ...]
    kind: Literal["reminder", "escalation"] = "reminder"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What the gateway does by itself when the clock has run out. ``after_reminder``: only once a reminder is a week old."""

    at: datetime
    command: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    after_reminder: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """``version`` is that of the event that started it; ``due`` the moment that pages name."""

    name: str
    version: int
    due: datetime | None
    steps: tuple[Step, ...] = ()
    end: End | None = None


def clocks(history: Sequence[Event], running: Running, *, now: datetime) -> tuple[Clock, ...]:
    """All that run now; none for a part without events."""
    life = _Life.of(history)
    if life is None:
        return ()
    return tuple(_all(history, life, running, now))


@dataclass(frozen=True, slots=True)
class _Life:
    """Where a part stands: the state, the event that led to it, and the delivery or the last change. ``undelivered`` since when the
    gateway's staff have to find it a desk."""

    state: PartState
    entered: Event
    last: Event
    sent: Event | None
    undelivered: Event | None
    validated: Event | None
    approved: Event | None

    @classmethod
    def of(cls, history: Sequence[Event]) -> _Life | None:
        state, entered = PartState(), None
        sent = undelivered = validated = approved = None
        for event, after in folded(history):
            if entered is None or ROWS[event.command].targets:
                entered = event
            sent = event if event.event == "delivery.sent" and sent is None else None if event.event == "part.rerouted" else sent
            undelivered = _undelivered(event, undelivered)
            validated = validated or (event if event.event == "part.validated" else None)
            approved = event if event.event in ("part.approved", "conditions.met", "outcome.recorded") else approved
            state = after
        return cls(state, entered, history[-1], sent, undelivered, validated, approved) if entered is not None else None


def _undelivered(event: Event, since: Event | None) -> Event | None:
    if event.event == "delivery.manual" or (event.event == "part.submitted" and event.payload.get("channel") == "triage"):
        return since or event
    return None if event.event in ("delivery.sent", "part.rerouted", "part.acknowledged", "part.redirected") else since


def _all(history: Sequence[Event], life: _Life, running: Running, now: datetime) -> Iterator[Clock]:
    yield from _until_decided(history, life, running, now)
    yield from _after_decision(history, life, running.policy)
    yield from _of_pathway(life, running)


def _until_decided(history: Sequence[Event], life: _Life, running: Running, now: datetime) -> Iterator[Clock]:
    state, policy, calendar = life.state.state, running.policy, running.calendar
    start, version = life.entered.at, life.entered.version
    if state == "draft":
        yield _lapsing("draft", life.last.version, life.last.at + timedelta(days=DRAFT_DAYS), (7,), "applicant", command="delete_draft")
    if state == "submitted" and life.sent is not None:
        yield _acknowledge(life.sent, policy.acknowledge_days, calendar)
    if state == "submitted" and life.sent is None and life.undelivered is not None:
        yield _triage(life.undelivered, policy.acknowledge_days, calendar)
    if state == "screening":
        at = after_working_days(start, policy.screening_days, calendar)
        yield Clock(name="screening", version=version, due=at, steps=(_step("late", at, "handlers", "team", kind="escalation"),))
    if state == "in_review" and life.validated is not None:
        yield from _decision(history, life.validated, running, now)
    if state == "returned":
        due = start + timedelta(days=policy.answer_days)
        halfway = _step("halfway", start + timedelta(days=policy.answer_days / 2), "applicant")
        yield Clock(name="answer", version=version, due=due, steps=(halfway,), end=_close(due, "no_response"))
    if state == "on_hold":
        yield _hold(life.entered, policy.hold_days, calendar, now)


def _after_decision(history: Sequence[Event], life: _Life, policy: Policy) -> Iterator[Clock]:
    state, start, version = life.state, life.entered.at, life.entered.version
    if state.state == "approved_conditionally":
        yield _lapsing("conditions", version, _conditions_due(life, policy), (14,), "applicant", reason="conditions_lapsed")
    if state.state == "approved":
        extended = next((event for event in reversed(history) if event.event == "approval.extended" and event.version > version), None)
        until = guards.day(extended.payload["extended_to"]) if extended else None
        due = _midnight_after(until) if until else start + timedelta(days=policy.activation_days)
        yield _lapsing("activation", extended.version if extended else version, due, (30, 7), "applicant", "handlers", reason="approval_lapsed")
    if state.state == "active":
        yield from _access(history, life)
    if state.state == "ended" and state.reported_at is None:
        due = start + timedelta(days=policy.report_days)
        yield Clock(name="report", version=version, due=due, steps=(_step("near", due - timedelta(days=14), "applicant"), _step("late", due, "applicant", "handlers")))


def _step(name: str, at: datetime, *to: Audience, kind: Literal["reminder", "escalation"] = "reminder") -> Step:
    return Step(name=name, at=at, to=to, kind=kind)


def _lapsing(name: str, version: int, due: datetime, days_before: tuple[int, ...], *to: Audience, reason: str = "", command: str = "") -> Clock:
    steps = tuple(_step(f"{days}-days", due - timedelta(days=days), *to) for days in days_before)
    return Clock(name=name, version=version, due=due, steps=steps, end=_close(due, reason) if reason else End(at=due, command=command))


def _close(at: datetime, reason: str) -> End:
    return End(at=at, command="close", payload={"reason": reason})


def _acknowledge(sent: Event, days: int, calendar: Calendar) -> Clock:
    early, due, late = (after_working_days(sent.at, max(count, 1), calendar) for count in (days * 3 // 5, days, days * 2))
    return Clock(
        name="acknowledge", version=sent.version, due=due,
        steps=(
            _step("early", early, "handlers"), _step("late", due, "team", "applicant", kind="escalation"),
            _step("very-late", late, "team", "triage", "applicant", kind="escalation"),
        ),
    )


def _triage(undelivered: Event, days: int, calendar: Calendar) -> Clock:
    """While a part has no desk, the gateway's staff have as long as a custodian has to confirm receipt."""
    early, due, late = (after_working_days(undelivered.at, max(count, 1), calendar) for count in (days * 3 // 5, days, days * 2))
    return Clock(
        name="triage", version=undelivered.version, due=due,
        steps=(
            _step("early", early, "triage"), _step("late", due, "triage", "administrator", "applicant", kind="escalation"),
            _step("very-late", late, "triage", "administrator", "applicant", kind="escalation"),
        ),
    )


def _decision(history: Sequence[Event], validated: Event, running: Running, now: datetime) -> Iterator[Clock]:
    """Time on hold and with the applicant is not counted, so the moment moves with each pause. It reminds, and decides nothing."""
    wanted = running.decision_days
    if wanted is None:
        return
    spent = [one for one in intervals(history, now=now) if one.reason == "decision"]
    before = sum(working_days(one.start, one.end, running.calendar) for one in spent[:-1])
    if not spent:
        return
    at = after_working_days(spent[-1].start, wanted - before, running.calendar) if wanted > before else spent[-1].start
    yield Clock(name="decision", version=validated.version, due=at, steps=(_step("late", at, "handlers", "team", kind="escalation"),))


def _hold(held: Event, days: int, calendar: Calendar, now: datetime) -> Clock:
    """Every so many working days; the steps passed and the next one."""
    steps: list[Step] = []
    at = held.at
    while at <= now:
        at = after_working_days(at, days, calendar)
        steps.append(_step(str(len(steps) + 1), at, "handlers"))
    return Clock(name="hold", version=held.version, due=None, steps=tuple(steps))


def _conditions_due(life: _Life, policy: Policy) -> datetime:
    stated = [found for one in life.entered.payload.get("conditions") or () if isinstance(one, Mapping) and (found := guards.day(one.get("until")))]
    return _midnight_after(max(stated)) if stated else life.entered.at + timedelta(days=policy.conditions_days)


def _access(history: Sequence[Event], life: _Life) -> Iterator[Clock]:
    opened = next(event for event in reversed(history) if event.event == "access.activated")
    last = guards.day(life.state.access_ends)
    if last is not None:
        due = _midnight_after(last)
        steps = tuple(_step(f"{days}-days", due - timedelta(days=days), "applicant", "handlers") for days in (60, 30, 7))
        end = End(at=due, command="end", payload={"reason": "term"}, after_reminder=False)
        yield Clock(name="access", version=opened.version, due=due, steps=steps, end=end)
    for event in history:
        if event.event == "evidence.added" and life.state.evidence.get(event.payload["evidence"]) == "verified":
            expires = guards.day(life.state.documents[event.payload["evidence"]].get("expires"))
            if expires is not None:
                due = _midnight_after(expires)
                steps = tuple(_step(f"{days}-days", due - timedelta(days=days), "handlers", "applicant") for days in (60, 30, 7))
                yield Clock(name="evidence", version=event.version, due=due, steps=steps)


def _of_pathway(life: _Life, running: Running) -> Iterator[Clock]:
    state = life.state
    is_open = state.state in ("screening", "returned", "in_review", "on_hold")
    has_opinion = any(document.get("type") == "REC" and state.evidence[name] != "refused" for name, document in state.documents.items())
    if "rec_report" in running.policy.followed.timers and is_open and running.rec_opinion is not None and not has_opinion:
        due = _midnight_after(running.rec_opinion + timedelta(days=REC_REPORT_DAYS))
        yield Clock(name="rec-report", version=1, due=due, steps=(_step("late", due, "applicant", "handlers"),))
    if "protocol" in running.policy.followed.timers and life.approved is not None and state.state in ("approved", "active"):
        due = _years_after(life.approved.at, PROTOCOL_YEARS)
        steps = tuple(_step(f"{days}-days", due - timedelta(days=days), "applicant", "handlers") for days in (90, 30))
        yield Clock(name="protocol", version=life.approved.version, due=due, steps=steps)


def _midnight_after(day: date) -> datetime:
    """A deadline ends at midnight in London."""
    return datetime.combine(day + timedelta(days=1), time(), LONDON)


def _years_after(at: datetime, years: int) -> datetime:
    day = at.astimezone(LONDON).date()
    is_leap_day = (day.month, day.day) == (2, 29)
    return _midnight_after(day.replace(year=day.year + years, day=28 if is_leap_day else day.day))
