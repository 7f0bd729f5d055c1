"""What a pathway is: the steps to the data of one body, with what it asks for. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Zone = Literal["researcher", "ethics", "custodian"]
ZONES: Final[dict[Zone, str]] = {"researcher": "Researcher", "ethics": "Ethics and regulation", "custodian": "Custodian"}
UNCHECKED_AFTER_MONTHS: Final = 6
GUARDS: Final[Mapping[str, str]] = {
    "ethics_opinion": "Approval needs a favourable ethics opinion that the custodian confirmed, and nobody is declined while it is pending",
    "authority_tests": "Whoever approves confirms necessity, security, and that the purpose cannot be met without identifying people",
    "no_section_251": "Section 251 of the NHS Act 2006 is refused, as an answer and as evidence, because it does not apply in Scotland",
    "trained": "Access opens only when everybody who will handle the data shows current training, verified in their profile",
    "accredited": "Access opens only when everybody who will handle the data is an accredited researcher",
}
"""What the law of a pathway adds to requests on it (gateway/access/pathways/guards.py), in words."""
TIMERS: Final[Mapping[str, str]] = {
    "rec_report": "The ethics opinion is to be reported within 14 days of its date", "protocol": "The approval of a protocol lapses after four years",
}
"""Clocks that a pathway adds (gateway/access/timetable.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``typical_days`` only where the body states a figure; ``link`` is the body's own page about the step."""

    zone: Zone
    title: str
    about: str = ""
    link: str | None = None
    has_public_involvement: bool = False
    typical_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pathway:
    """``evidence`` are kinds that every request on it comes with or awaits, ``evidence_by_answers`` those that depend on the project.
    ``guards`` and ``timers`` are names of :data:`GUARDS` and :data:`TIMERS`; ``rules`` and ``clocks`` say in words what applicants should know.
    ``source`` is where the facts were read."""

    id: str
    nation: str
    body: str
    title: str
    version: int
    source: str
    last_checked: date
    applies_when: str
    steps: tuple[Step, ...]
    evidence: tuple[str, ...] = ()
    evidence_by_answers: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    timers: tuple[str, ...] = ()
    needs_enquiry_first: bool = False
    needs_training: bool = False

    def is_unchecked(self, today: date) -> bool:
        """Nobody has compared it with its source for six months."""
        months = (today.year - self.last_checked.year) * 12 + today.month - self.last_checked.month - (today.day < self.last_checked.day)
        return months >= UNCHECKED_AFTER_MONTHS
