"""An answer in words. Requests that were sent with an earlier form hold texts where the bank has rows or choices; they stay readable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from frontend.words import day
from gateway.access.bank.questions import FILES, YES_NO, Question

AGREED: Final = "Agreed"
NO_FILE: Final = "A file that is no longer kept"


def in_words(
    question: Question | None, answer: Any, *, names: Mapping[str, str] | None = None, dates: Callable[[str], str] = day
) -> str:
    """``names`` maps values to their words: refs of datasets to titles, ids of files to their names. ``dates`` writes a date; ``str``
    leaves it as ISO 8601 has it, for programs. Rows stand on lines."""
    if isinstance(answer, list):
        if not answer and question is not None:
            return question.none_words
        return "\n".join(in_words(question, one, names=names, dates=dates) for one in answer)
    if isinstance(answer, Mapping):
        return _row(question, answer, names or {}, dates)
    return str(answer) if question is None else _one(question, str(answer), names or {}, dates)


def _one(question: Question, answer: str, names: Mapping[str, str], dates: Callable[[str], str]) -> str:
    if question.type == "date":
        return dates(answer)
    if question.type == "tick":
        return AGREED
    return names.get(answer, NO_FILE) if question.type in FILES else question.choices.get(answer, answer)


def _row(question: Question | None, row: Mapping[str, Any], names: Mapping[str, str], dates: Callable[[str], str]) -> str:
    if "from" in row:
        since = dates(str(row["from"]))
        return f"{since} to {dates(str(row['to']))}" if "to" in row else f"From {since}"
    return ", ".join(_cell(question, name, str(text), names, dates) for name, text in row.items())


def name_in(answer: Any) -> str:
    """The name alone, of an organisation or a person; an earlier form kept just that."""
    return str(answer.get("name", "")) if isinstance(answer, Mapping) else str(answer or "")


def _cell(question: Question | None, name: str, text: str, names: Mapping[str, str], dates: Callable[[str], str]) -> str:
    column = next((one for one in question.columns if one.name == name), None) if question is not None else None
    if column is None:
        return names.get(text, text)
    if column.kind == "date":
        return dates(text)
    if column.kind == "yes_no":
        return f"{column.label}: {YES_NO.get(text, text)}"
    return column.choices.get(text, names.get(text, text))
