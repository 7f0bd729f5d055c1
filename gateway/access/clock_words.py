"""What a reminder says, in one sentence. It holds no answer, no name and no dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from gateway.access.reminders import Escalation, Reminder
from gateway.access.timetable import Clock
from gateway.access.working_days import LONDON, is_provisional

SENTENCES: Final[Mapping[str, str]] = {
    "draft": "Your draft has not been changed for a long time. It is deleted on {due} unless you change or send it",
    "acknowledge": "Receipt of the request has not been confirmed yet; the custodian should do so by {due}",
    "triage": "The request has not reached its custodian yet; the gateway’s staff should find the right desk by {due}",
    "screening": "The check that the request is complete should have ended by {due}",
    "decision": "The time that was foreseen for a decision ended on {due}. Nothing is decided by that",
    "answer": "The custodian waits for an answer. Without one by {due} the request is closed; it can be taken up again for some weeks after",
    "hold": "The request is still paused. Please see whether what it waits for has come",
    "conditions": "The conditions of the approval must be met by {due}, or the approval lapses",
    "activation": "The approval waits for the agreement and for access to be opened. It lapses on {due}",
    "report": "The report at the end of access is due by {due}",
    "access": "Access ends on {due}. To keep it longer, ask for an extension now",
    "evidence": "Evidence that the access rests on expires on {due}",
    "rec-report": "The opinion of the ethics committee has to be reported within 14 days, by {due}",
    "protocol": "The approval of the protocol lapses four years after it was given, on {due}",
}
"""By clock."""
DEADLINES: Final[Mapping[str, str]] = {
    "draft": "The draft is deleted after {due} unless it is changed or sent.", "acknowledge": "Receipt should be confirmed by {due}.",
    "triage": "The gateway’s staff should find the right desk by {due}.", "screening": "The check should be done by {due}.", "decision": "A decision is foreseen by {due}; nothing happens by itself after that.",
    "answer": "Without an answer by {due} the request is closed.", "conditions": "The approval lapses if the conditions are not met by {due}.",
    "activation": "The approval lapses on {due} unless access is opened.", "access": "Access ends on {due}.", "report": "The report is due by {due}.",
    "evidence": "Evidence expires on {due}.", "rec-report": "The ethics opinion is to be reported by {due}.",
    "protocol": "The approval of the protocol lapses on {due}.",
}
"""The same for pages, while the clock runs."""


BY_CALENDAR: Final = frozenset({"acknowledge", "triage", "screening", "decision"})
"""Clocks that count working days, and so depend on the bank holidays."""


def provisional(day: date) -> str:
    """Why a figure that counts the working days up to that day may still change; nothing where it may not."""
    return f"provisional: the bank holidays of {day.year} are not published yet" if is_provisional(day) else ""


def counted_day(due: datetime) -> str:
    """The last day in time of a deadline that was counted in working days, and whether it may still change."""
    why = provisional(_last_day(due))
    return f"{_day(due)} ({why})" if why else _day(due)


def deadlines(running: Iterable[Clock]) -> tuple[str, ...]:
    """The nearest first."""
    dated = sorted((clock.due, clock.name) for clock in running if clock.due is not None)
    return tuple(dict.fromkeys(DEADLINES[name].format(due=_told(name, due)) for due, name in dated))


def sentence(notice: Reminder) -> str:
    words = SENTENCES[notice.clock].format(due=_told(notice.clock, notice.due) if notice.due else "")
    return f"{words}. It has been passed on to those responsible" if isinstance(notice, Escalation) and "applicant" in notice.to else words


def _told(clock: str, due: datetime) -> str:
    return counted_day(due) if clock in BY_CALENDAR else _day(due)


def _day(due: datetime) -> str:
    last = _last_day(due)
    return f"{last.day} {last:%B} {last.year}"


def _last_day(due: datetime) -> date:
    """A deadline ends at midnight: the day that is still in time is the one before."""
    local = due.astimezone(LONDON)
    return local.date() if local.hour or local.minute else local.date() - timedelta(days=1)
