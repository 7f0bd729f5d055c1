"""An answer in words. Requests that were sent with an earlier form hold texts where the bank has rows or choices; they stay readable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gateway.access.bank.questions import FILES, YES_NO, Question

AGREED: Final = "Agreed"
NO_FILE: Final = "A file that is no longer kept"


def in_words(question: Question | None, answer: Any, *, names: Mapping[str, str] | None = None) -> str:
    """``names`` maps values to their words: refs of datasets to titles, ids of files to their names. Rows stand on lines."""
    if isinstance(answer, list):
        if not answer and question is not None:
            return question.none_words
        return "\n".join(in_words(question, one, names=names) for one in answer)
    if isinstance(answer, Mapping):
        return _row(question, answer, names or {})
    if question is not None and question.type == "tick":
        return AGREED
    if question is not None and question.type in FILES:
        return (names or {}).get(str(answer), NO_FILE)
    return question.choices.get(str(answer), str(answer)) if question is not None else str(answer)


def _row(question: Question | None, row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if "from" in row:
        return f"{row['from']} to {row['to']}" if "to" in row else f"From {row['from']}"
    return ", ".join(_cell(question, name, str(text), names) for name, text in row.items())


def name_in(answer: Any) -> str:
    """The name alone, of an organisation or a person; an earlier form kept just that."""
    return str(answer.get("name", "")) if isinstance(answer, Mapping) else str(answer or "")


def _cell(question: Question | None, name: str, text: str, names: Mapping[str, str]) -> str:
    column = next((one for one in question.columns if one.name == name), None) if question is not None else None
    if column is None:
        return names.get(text, text)
    if column.kind == "yes_no":
        return f"{column.label}: {YES_NO.get(text, text)}"
    return column.choices.get(text, names.get(text, text))
