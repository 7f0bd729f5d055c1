"""What the clocks of a part call for now: reminders, escalations, lapses. Pure; each has a key, by which it happens once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.access.parts import Event
from gateway.access.timetable import Audience, Clock, Running, Step, clocks

NOTICE: Final = timedelta(days=7)
"""A reminder must be out for so long before anything lapses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """To those whose turn it is."""

    key: str
    clock: str
    step: str
    to: tuple[Audience, ...]
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation(Reminder):
    """To those above them, and to the applicant where it is about their waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """A command that the gateway gives by itself."""

    key: str
    clock: str
    command: str
    payload: Mapping[str, Any] = field(default_factory=dict)


Due = Reminder | Lapse
Sent = Mapping[str, datetime | None]
"""Keys that were carried out -> when the applicant's mail went out; None while it still waits."""


def due(history: Sequence[Event], sent: Sent, *, part: str, running: Running, now: datetime) -> tuple[Due, ...]:
    """In the order of the clocks. After an outage only the latest step of a clock is caught up with, and nothing lapses before
    a reminder has been out for a week."""
    found: list[Due] = []
    for clock in clocks(history, running, now=now):
        stem = f"clock.{part}.{clock.name}.{clock.version}"
        notice = _notice(clock, stem, sent, now)
        if notice is not None:
            found.append(notice)
        lapse = _lapse(clock, stem, sent, now)
        if lapse is not None:
            found.append(lapse)
    return tuple(found)


def _notice(clock: Clock, stem: str, sent: Sent, now: datetime) -> Reminder | None:
    passed = [step for step in clock.steps if step.at <= now]
    if not passed or f"{stem}.{passed[-1].name}" in sent:
        return None
    step: Step = passed[-1]
    made = Escalation if step.kind == "escalation" else Reminder
    return made(key=f"{stem}.{step.name}", clock=clock.name, step=step.name, to=step.to, due=clock.due)


def _lapse(clock: Clock, stem: str, sent: Sent, now: datetime) -> Lapse | None:
    end = clock.end
    if end is None or now < end.at or f"{stem}.lapse" in sent:
        return None
    if end.after_reminder and not _was_warned(clock, stem, sent, now):
        return None
    return Lapse(key=f"{stem}.lapse", clock=clock.name, command=end.command, payload=end.payload)


def _was_warned(clock: Clock, stem: str, sent: Sent, now: datetime) -> bool:
    out = [at for step in clock.steps if (at := sent.get(f"{stem}.{step.name}")) is not None]
    return any(at <= now - NOTICE for at in out)
