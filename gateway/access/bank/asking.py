"""Which questions apply, to one custodian's part and to a draft of several; and what is still to be answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from gateway.access.bank.forms import CustodianForm
from gateway.access.bank.questions import FILES, Answers, Column, Question, Topic
from gateway.access.bank.whole import BANK, TOPICS

_CELLS: Final[Mapping[str, Literal["text", "choice", "yes_no", "country"]]] = {
    "choice": "choice", "yes_no": "yes_no", "country": "country",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    custodian: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as this draft meets it. ``only`` names the custodians that ask it, where not all do; ``why`` are their reasons."""

    question: Question
    is_required: bool
    only: tuple[str, ...] = ()
    why: tuple[Guidance, ...] = ()
    guidance: tuple[Guidance, ...] = ()

    @property
    def key(self) -> str:
        return self.question.key


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTopic:
    slug: str
    title: str
    group: str
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    key: str
    sentence: str


def asked_of(form: CustodianForm, answers: Answers) -> dict[str, bool]:
    """Keys that the custodian asks, given the answers, in the order of the form -> whether an answer is required.

    Columns of a list (``people.team.role``) stand for themselves here.
    """
    found: dict[str, bool] = {}
    for question in (*BANK.values(), *form.annex.values()):
        needed = _need(form, question, answers, found)
        if needed is not None:
            found[question.key] = needed
    return found


def _need(form: CustodianForm, question: Question, answers: Answers, before: Mapping[str, bool]) -> bool | None:
    """Whether it is required; None where it is not asked. A condition on a question that is not asked never holds."""
    if question.when and not any(when.key in before and when.holds(answers) for when in question.when):
        return None
    if question.need == "c":
        return True
    if question.custodian is not None:
        return question.need == "R"
    if question.key in form.core:
        return True
    chosen = form.document.optional.get(question.key)
    return chosen.need == "require" if chosen is not None else None


def asked_together(forms: Sequence[CustodianForm], answers: Answers) -> tuple[AskedTopic, ...]:
    """The union of what the custodians ask, each question once, in topics; topics without a question are left out."""
    by_form = [(form, asked_of(form, answers)) for form in forms]
    topics = [*TOPICS, *(_annex_topic(form) for form in forms if form.annex)]
    found = []
    for topic in topics:
        asked = tuple(_asked(question, by_form) for question in topic.questions if question.of is None and any(question.key in keys for _, keys in by_form))
        if asked:
            found.append(AskedTopic(slug=topic.slug, title=topic.title, group=topic.group, asked=asked))
    return tuple(found)


def _annex_topic(form: CustodianForm) -> Topic:
    return Topic(slug=f"only-{form.custodian}", title=f"Only {form.name} asks this", group="More questions", questions=tuple(form.annex.values()))


def _asked(question: Question, by_form: Sequence[tuple[CustodianForm, Mapping[str, bool]]]) -> Asked:
    asking = [(form, keys[question.key]) for form, keys in by_form if question.key in keys]
    is_special = len(asking) < len(by_form) or question.custodian is not None
    return Asked(
        question=with_columns(question, by_form), is_required=any(needed for _, needed in asking),
        only=tuple(form.name for form, _ in asking) if is_special else (),
        why=tuple(Guidance(custodian=form.name, text=text) for form, _ in asking if (text := form.why(question.key))),
        guidance=tuple(Guidance(custodian=form.name, text=text) for form, _ in asking if (text := form.document.guidance.get(question.key, ""))),
    )


def with_columns(question: Question, by_form: Sequence[tuple[CustodianForm, Mapping[str, bool]]]) -> Question:
    """A list with the columns that stand in the bank as questions of their own. They are asked once somebody stands in the list, so all are shown."""
    inner = [one for one in BANK.values() if one.of == question.key]
    if not inner:
        return question
    shown = [(one, needs) for one in inner if (needs := [need for form, _ in by_form if (need := _inner_need(form, one)) is not None])]
    columns = tuple(
        Column(one.column, one.label, _CELLS.get(one.type, "text"), is_required=False, choices=one.choices) for one, _ in shown
    )
    return replace(question, columns=(*question.columns, *columns))


def _inner_need(form: CustodianForm, question: Question) -> bool | None:
    if question.need == "c":
        return True
    chosen = form.document.optional.get(question.key)
    return chosen.need == "require" if chosen is not None else None


def missing(form: CustodianForm, answers: Answers) -> tuple[Missing, ...]:
    """What this custodian requires and nobody has answered. What only others require is not among it."""
    found = []
    for key, is_required in asked_of(form, answers).items():
        question = form.question(key)
        assert question is not None
        if not is_required or question.type == "datasets":
            continue
        if question.of is not None:
            found += [Missing(key=question.of, sentence=sentence) for sentence in _gaps(question, answers)]
        elif key not in answers:
            found.append(Missing(key=key, sentence=_wanted(question)))
        else:
            found += [Missing(key=key, sentence=sentence) for sentence in _unfinished(question, answers[key])]
    return tuple(found)


def _gaps(question: Question, answers: Answers) -> list[str]:
    """People in a list of whom this is not said."""
    rows = answers.get(question.of or "") or []
    return [f"{question.label} of {row.get('name', 'a person')} is missing." for row in rows if not row.get(question.column)]


def _unfinished(question: Question, answer: Any) -> list[str]:
    """Rows that came from elsewhere, and that somebody has yet to finish."""
    rows = enumerate(answer, 1) if question.type == "columns" and isinstance(answer, list) else ()
    return [
        f"{question.label}, row {number}: {column.label} is missing."
        for number, row in rows if isinstance(row, Mapping) for column in question.columns if column.is_required and not row.get(column.name)
    ]


def _wanted(question: Question) -> str:
    if question.type == "tick":
        return f"Tick: {question.label}"
    verb = "Choose an answer" if question.type in ("choice", "multi", "yes_no") else "Attach a file" if question.type in FILES else "Give an answer"
    return f"{verb}: {question.label}"


def for_part(form: CustodianForm, answers: Answers, dataset_refs: Sequence[str]) -> dict[str, Any]:
    """What this custodian receives: answers to what it asks, about its own datasets."""
    asked = asked_of(form, answers)
    return {key: _own(key, answers[key], asked, dataset_refs) for key in asked if key in answers}


def _own(key: str, answer: Any, asked: Mapping[str, bool], refs: Sequence[str]) -> Any:
    question = BANK.get(key)
    if question is None or not isinstance(answer, list):
        return answer
    if question.type == "columns":
        return [row for row in answer if row.get("dataset") in refs]
    hidden = {one.column for one in BANK.values() if one.of == key and one.key not in asked}
    return [{name: cell for name, cell in row.items() if name not in hidden} for row in answer] if hidden else answer
