"""The answers of a part in words and in the order of the form, for pages and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.access.bank.forms import CustodianForm
from gateway.access.bank.telling import in_words
from gateway.access.bank.whole import BANK, TOPIC_OF

OWN = "Questions of the custodian’s own"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    """``topic`` is the heading under which the form asks it."""

    key: str
    topic: str
    label: str
    text: str


def answer_lines(answers: Mapping[str, Any], form: CustodianForm, *, names: Mapping[str, str] | None = None) -> tuple[AnswerLine, ...]:
    """``names`` are as :func:`names_in` gives them. A key that no form knows any more keeps its place at the end."""
    order = {key: number for number, key in enumerate((*BANK, *form.annex))}
    keys = sorted(answers, key=lambda key: (order.get(key, len(order)), key))
    return tuple(_line(key, answers[key], form, names or {}) for key in keys)


def _line(key: str, answer: Any, form: CustodianForm, names: Mapping[str, str]) -> AnswerLine:
    question = form.question(key)
    topic = (TOPIC_OF[key].told_as or TOPIC_OF[key].title) if key in TOPIC_OF else OWN
    return AnswerLine(key=key, topic=topic, label=question.label if question else key, text=in_words(question, answer, names=names))


def names_in(document: Mapping[str, Any]) -> dict[str, str]:
    """Titles of datasets by ref, names of files by id."""
    titles = {one["ref"]: one["title"] or one["ref"] for one in document["datasets"]}
    return titles | {one["id"]: one["name"] for one in document.get("files", ())}
