"""A pathway as fields of a form, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from frontend.views.pathways import StepFields
from frontend.views.requests import ActionField
from gateway.access.pathways.documents import LINES, LISTS, MOST_STEPS, NAMES, TEXTS, zone
from gateway.access.pathways.pathway import GUARDS, TIMERS, ZONES, Pathway, Step
from gateway.access.telling import EVIDENCE

SPARE_STEPS: Final = 3
STEP_FIELDS: Final = ("title", "zone", "about", "link", "typical_days", "has_public_involvement")
TICKS: Final = {"needs_enquiry_first": "A question to the custodian comes first", "needs_training": "Safe researcher training is required"}
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "evidence": EVIDENCE, "evidence_by_answers": {kind: EVIDENCE[kind] for kind in LISTS["evidence_by_answers"]}, "guards": GUARDS, "timers": TIMERS,
}
LONGEST: Final = 6000


@dataclass(frozen=True, slots=True)
class Typed:
    """``faults`` are of what could not be read at all, by field; ``values`` what was typed, its steps in their order."""

    pathway: Pathway
    faults: dict[str, str]
    values: dict[str, str]


def typed(one: Pathway) -> dict[str, str]:
    """As the form shows it."""
    found = {name: getattr(one, name) for name in (*TEXTS, "source")}
    found |= {"last_checked": one.last_checked.isoformat(), **{name: "\n".join(getattr(one, name)) for name in LINES}}
    found |= {f"{name}.{value}": "yes" for name in LISTS for value in getattr(one, name)} | {name: "yes" for name in TICKS if getattr(one, name)}
    for number, step in enumerate(one.steps):
        values = {name: getattr(step, name) for name in STEP_FIELDS}
        shown = {name: ("yes" if value else "") if isinstance(value, bool) else "" if value is None else str(value) for name, value in values.items()}
        found |= {f"steps.{number}.{name}": text for name, text in {**shown, "position": str(number + 1)}.items()}
    return found


def read(name: str, posted: Mapping[str, str]) -> Typed:
    """Steps without any words are left out, the others stand in the order of their numbers."""
    values = {key: text.strip()[:LONGEST] for key, text in posted.items() if not key.startswith("steps.")}
    faults: dict[str, str] = {}
    steps = [_step(one, number, faults) for number, one in enumerate(_in_order(posted))]
    for number, one in enumerate(_in_order(posted)):
        values |= {f"steps.{number}.{field}": text for field, text in {**one, "position": str(number + 1)}.items()}
    texts: dict[str, Any] = {field: values.get(field, "") for field in (*TEXTS, "source")}
    lines: dict[str, Any] = {field: tuple(line for text in values.get(field, "").splitlines() if (line := text.strip())) for field in LINES}
    lists: dict[str, Any] = {field: tuple(value for value in known if values.get(f"{field}.{value}")) for field, known in LISTS.items()}
    ticks: dict[str, Any] = {field: bool(values.get(field)) for field in TICKS}
    made = Pathway(id=name, version=0, last_checked=_day(values.get("last_checked", ""), faults), steps=tuple(steps), **texts, **lines, **lists, **ticks)
    return Typed(made, faults, values)


def _in_order(posted: Mapping[str, str]) -> list[dict[str, str]]:
    found = []
    for number in range(MOST_STEPS + SPARE_STEPS):
        one = {field: posted.get(f"steps.{number}.{field}", "").strip()[:LONGEST] for field in STEP_FIELDS}
        place = posted.get(f"steps.{number}.position", "").strip()
        if any(one[field] for field in ("title", "about", "link", "typical_days")):
            found.append((int(place[:3]) if place.isascii() and place.isdigit() else number + 1, number, one))
    return [one for _, _, one in sorted(found, key=lambda row: row[:2])]


def _step(one: Mapping[str, str], number: int, faults: dict[str, str]) -> Step:
    days = one["typical_days"]
    is_number = days.isascii() and days.isdigit()
    if days and not is_number:
        faults[f"steps.{number}.typical_days"] = "Enter a whole number of working days, or nothing."
    return Step(
        zone=zone(one["zone"]), title=one["title"], about=one["about"], link=one["link"] or None, has_public_involvement=bool(one["has_public_involvement"]),
        typical_days=int(days[:6]) if is_number else None,
    )


def _day(text: str, faults: dict[str, str]) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults["last_checked"] = "Enter the day on which it was compared with its source."
        return date.min


def top_fields(*, is_new: bool) -> tuple[ActionField, ...]:
    named = (ActionField(name="id", label="Name in addresses", kind="text", hint="Small letters, such as wales.sail. It stays for ever."),) if is_new else ()
    texts = tuple(ActionField(name=name, label=NAMES[name], kind="text") for name in TEXTS)
    return (
        *named, *texts, ActionField(name="source", label="Source", kind="text", hint="The page on which the facts were read."),
        ActionField(name="last_checked", label="Compared with its source on", kind="date"),
    )


def step_fields(count: int) -> tuple[StepFields, ...]:
    """Those that are there, and some to add."""
    return tuple(_fields_of_step(number) for number in range(min(count + SPARE_STEPS, MOST_STEPS + SPARE_STEPS)))


def _fields_of_step(number: int) -> StepFields:
    stem = f"steps.{number}"
    return StepFields(
        number=number + 1, fields=(
            ActionField(name=f"{stem}.position", label="Place in the order", kind="number", is_required=False),
            ActionField(name=f"{stem}.title", label="What happens", kind="text", hint="Empty: there is no such step."),
            ActionField(name=f"{stem}.zone", label="Whose step it is", kind="choice", options=tuple((value, words) for value, words in ZONES.items())),
            ActionField(name=f"{stem}.about", label="More about it", kind="long", is_required=False),
            ActionField(name=f"{stem}.link", label="The body’s own page about it", kind="text", is_required=False),
            ActionField(name=f"{stem}.typical_days", label="Working days, where the body states a figure", kind="number", is_required=False),
            ActionField(name=f"{stem}.has_public_involvement", label="Members of the public take part", kind="tick"),
        ),
    )


def last_fields() -> tuple[ActionField, ...]:
    lists = tuple(ActionField(name=name, label=NAMES[name], kind="awaited", options=tuple(WORDS[name].items())) for name in LISTS)
    lines = tuple(ActionField(name=name, label=NAMES[name], kind="lines", hint="One to a line, for applicants.", is_required=False) for name in LINES)
    return (*(ActionField(name=name, label=words, kind="tick") for name, words in TICKS.items()), *lists, *lines)
