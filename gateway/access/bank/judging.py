"""What somebody typed into a page of the form, judged question by question: answers to keep, and what to mend first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.access.bank.questions import Answers, Question
from gateway.access.bank.reading import Unanswerable, read, suspicions


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """``answers`` may be kept, None where nothing was typed. ``faults`` are no answers. ``suspicions`` hold what seems to identify a
    patient: they may be kept with a reason. All are by key."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    suspicions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)


def judge(questions: Sequence[Question], typed: Mapping[str, object], *, reasons: Mapping[str, str], held: Answers) -> Judged:
    """``reasons`` say by key why a suspicious text stays; ``held`` are the stored answers, which were judged before."""
    answers: dict[str, Any] = {}
    faults: dict[str, str] = {}
    doubts: dict[str, tuple[str, ...]] = {}
    kept: dict[str, str] = {}
    for question in questions:
        key, reason = question.key, reasons.get(question.key, "").strip()
        try:
            answer = read(question, typed.get(key))
        except Unanswerable as error:
            faults[key] = str(error)
            continue
        found = suspicions(question, answer) if answer is not None and answer != held.get(key) else ()
        if found and not reason:
            doubts[key] = found
            continue
        answers[key] = answer
        if found:
            kept[key] = reason[:500]
    return Judged(answers=answers, faults=faults, suspicions=doubts, kept=kept)
