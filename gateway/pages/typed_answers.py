"""Between the fields of a page and the answers of the bank, in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.datastructures import FormData

from gateway.access.bank.questions import FILES, Question
from gateway.access.bank.reading import MAX_ROWS

ENDS: Final = ("from", "to")
NONE: Final = "none"


def typed_answers(questions: Iterable[Question], posted: FormData) -> dict[str, object]:
    """By key, in the shapes that :func:`gateway.access.bank.reading.read` takes."""
    return {question.key: _typed(question, posted) for question in questions}


def reasons(questions: Iterable[Question], posted: FormData) -> dict[str, str]:
    """Why a text stays that looks like an identifier."""
    return {question.key: _text(posted, f"{question.key}:keep") for question in questions if _text(posted, f"{question.key}:keep")}


def as_typed(question: Question, answer: Any) -> object:
    """A stored answer as the fields show it."""
    if question.is_rows and answer == []:
        return NONE
    if isinstance(answer, list) and question.type not in ("multi", *FILES) and not question.is_rows:
        return "\n".join(str(one) for one in answer)
    return answer if isinstance(answer, (list, Mapping)) else str(answer) if answer is not None else ""


def _typed(question: Question, posted: FormData) -> object:
    key = question.key
    if question.is_rows:
        rows = [row for number in range(MAX_ROWS + 1) if any((row := _cells(question, posted, f"{key}:{number}")).values())]
        return rows or (NONE if _text(posted, f"{key}:{NONE}") else [])
    if question.columns:
        return _cells(question, posted, key)
    if question.type == "period":
        return {end: _text(posted, f"{key}:{end}") for end in ENDS}
    if question.type == "multi":
        return [one for one in posted.getlist(key) if isinstance(one, str)]
    return _text(posted, key)


def _cells(question: Question, posted: FormData, prefix: str) -> dict[str, str]:
    return {column.name: _text(posted, f"{prefix}:{column.name}") for column in question.columns}


def _text(posted: FormData, name: str) -> str:
    value = posted.get(name)
    return value if isinstance(value, str) else ""
