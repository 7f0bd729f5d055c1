"""A pathway as a document, and what a document must hold to be one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any, Final, cast
from urllib.parse import urlsplit

from gateway.access.guards import EVIDENCE_KINDS
from gateway.access.pathways.pathway import GUARDS, TIMERS, ZONES, Pathway, Step, Zone
from gateway.errors import Unprocessable

TEXTS: Final = {"title": 120, "body": 120, "nation": 60, "applies_when": 300}
"""Fields that hold a line of text, and how long it may be."""
LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "evidence": EVIDENCE_KINDS, "evidence_by_answers": ("REC", "CAG_s251"), "guards": tuple(GUARDS), "timers": tuple(TIMERS),
}
"""Fields of which each value is one of a list."""
LINES: Final = ("rules", "clocks")
MOST_STEPS: Final = 20
MOST_LINES: Final = 10
LONGEST_LINE: Final = 300
LONGEST_ABOUT: Final = 600
MOST_DAYS: Final = 1000


def written(one: Pathway) -> dict[str, Any]:
    """For the database."""
    return {**asdict(one), "last_checked": one.last_checked.isoformat()}


def kept(document: Mapping[str, Any]) -> Pathway:
    """What :func:`written` wrote; of another edition of the gateway, without what is not known."""
    known = {one.name for one in fields(Pathway)} - {"steps", "last_checked"}
    steps = tuple(Step(**{name: step[name] for name in (one.name for one in fields(Step)) if name in step}) for step in document["steps"])
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in document.items() if name in known}
    return Pathway(**values, steps=steps, last_checked=date.fromisoformat(document["last_checked"]))


def checked(one: Pathway, *, today: date) -> Pathway:
    """The same. Raises :class:`Unprocessable` naming every field to mend, steps as ``steps.0.title``."""
    faults = {**_faults_of_texts(one, today), **_faults_of_lists(one)}
    for number, step in enumerate(one.steps):
        faults |= {f"steps.{number}.{name}": sentence for name, sentence in _faults_of_step(step).items()}
    if faults:
        raise Unprocessable("The way to data was not published.", fields=faults)
    return one


def _faults_of_texts(one: Pathway, today: date) -> dict[str, str]:
    faults = {name: f"Write something, of at most {most} characters." for name, most in TEXTS.items() if not 0 < len(getattr(one, name)) <= most}
    if not is_address(one.source):
        faults["source"] = "Name the page on which the facts were read: an address that begins with https://."
    if one.last_checked > today:
        faults["last_checked"] = "The day on which it was compared with its source cannot lie ahead."
    return faults


def _faults_of_lists(one: Pathway) -> dict[str, str]:
    faults = {name: "This is not known here." for name, known in LISTS.items() if not set(getattr(one, name)) <= set(known)}
    for name in LINES:
        lines: Sequence[str] = getattr(one, name)
        if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
            faults[name] = f"At most {MOST_LINES} lines of {LONGEST_LINE} characters."
    if not 0 < len(one.steps) <= MOST_STEPS:
        faults["steps"] = f"A way has at least one step, and at most {MOST_STEPS}."
    return faults


def _faults_of_step(step: Step) -> dict[str, str]:
    faults = {}
    if not 0 < len(step.title) <= TEXTS["title"]:
        faults["title"] = f"Give the step a name of at most {TEXTS['title']} characters."
    if step.zone not in ZONES:
        faults["zone"] = "Choose whose step it is."
    if len(step.about) > LONGEST_ABOUT:
        faults["about"] = f"At most {LONGEST_ABOUT} characters."
    if step.link is not None and not is_address(step.link):
        faults["link"] = "An address begins with https://."
    if step.typical_days is not None and not 0 < step.typical_days <= MOST_DAYS:
        faults["typical_days"] = f"A number of working days from 1 to {MOST_DAYS}, where the body states one."
    return faults


def is_address(text: str) -> bool:
    try:
        found = urlsplit(text)
    except ValueError:
        return False
    return found.scheme == "https" and bool(found.hostname) and text.isprintable() and " " not in text and len(text) <= 500


def zone(text: str) -> Zone:
    """As typed; what is none is found by :func:`checked`."""
    return cast("Zone", text)


NAMES: Final[Mapping[str, str]] = {
    "title": "Title", "body": "Body", "nation": "Nation", "applies_when": "Applies when", "source": "Source", "last_checked": "Checked", "steps": "Steps",
    "evidence": "Approvals of others", "evidence_by_answers": "Approvals that depend on the project", "rules": "Good to know", "clocks": "Times to know",
    "guards": "Rules for requests", "timers": "Clocks", "needs_enquiry_first": "Question first", "needs_training": "Safe researcher training",
}
"""Fields in words, in the order of the page."""


def differences(before: Pathway, after: Pathway) -> tuple[str, ...]:
    """The names of the fields that are not the same."""
    return tuple(words for name, words in NAMES.items() if getattr(before, name) != getattr(after, name))
