"""Questions of the bank as fields of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from frontend.views.drafts import FieldColumn, FileRow, QuestionField, Remark
from frontend.views.layout import Link
from gateway.access.bank.asking import Asked, AskedTopic
from gateway.access.bank.judging import Judged
from gateway.access.bank.questions import FILES, YES_NO, Column, Question, Type
from gateway.access.bank.reading import word_count
from gateway.access.bank.telling import in_words
from gateway.access.drafts import Draft
from gateway.pages.typed_answers import NONE, as_typed
from gateway.uploads.keeping import FileRules

KINDS: Final[Mapping[Type, str]] = {
    "long": "long", "choice": "choice", "yes_no": "choice", "multi": "multi", "date": "date", "period": "period", "countries": "lines", "list": "lines",
    "tick": "tick", "datasets": "datasets", "person": "row", "org": "row",
    "file": "files", "files": "files",
}
"""How a type is shown; whatever is not here is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stood on the page when it was sent: ``answers`` as they were typed, what is wrong with them, and what others saved meanwhile."""

    answers: Mapping[str, object] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    judged: Judged = field(default_factory=Judged)
    theirs: Mapping[str, Any] = field(default_factory=dict)


def question_fields(draft: Draft, topic: AskedTopic, rules: FileRules, typed: Typed | None = None) -> tuple[QuestionField, ...]:
    again = {key for part in draft.parts for key in part.asked_again}
    return tuple(_field(asked, draft, typed or Typed(), rules, is_asked_again=asked.key in again) for asked in topic.asked)


def file_rows(draft: Draft, key: str, rules: FileRules) -> tuple[FileRow, ...]:
    """What is attached as the answer; what is no longer kept is left out."""
    rows = [row for one in draft.answers.get(key, ()) if (row := draft.files.get(one)) is not None]
    return tuple(
        FileRow(
            id=row.public_id, name=row.name, size_bytes=row.size_bytes, state=row.state, told=rules.words(row.state), warnings=tuple(row.warnings),
            href=f"/requests/{draft.reference}/files/{row.public_id}" if row.state != "refused" else None,
        )
        for row in rows
    )


def questions_of(draft: Draft, topic: AskedTopic) -> list[Question]:
    """Those whose fields the page has, as it shows them: the columns that name a dataset choose among those of the whole request."""
    return [shown_question(asked.question, draft) for asked in topic.asked if asked.question.type not in ("datasets", *FILES)]


def shown_question(question: Question, draft: Draft) -> Question:
    if question.type != "columns":
        return question
    columns = tuple(replace(one, choices=draft.all_titles) if one.name == "dataset" else one for one in question.columns)
    return replace(question, columns=columns)


def _field(asked: Asked, draft: Draft, typed: Typed, rules: FileRules, *, is_asked_again: bool) -> QuestionField:
    question, key = shown_question(asked.question, draft), asked.key
    stands = typed.answers[key] if key in typed.answers else as_typed(question, draft.answers.get(key))
    text = stands if isinstance(stands, str) and stands != NONE else ""
    doubts = typed.judged.suspicions.get(key, ())
    return QuestionField(
        key=key, kind="rows" if question.is_rows else KINDS.get(question.type, "line"), label=question.label, help=question.help, text=text,
        texts=tuple(stands) if isinstance(stands, list) and question.type == "multi" else (), row=stands if isinstance(stands, Mapping) else {},
        rows=tuple(stands) if isinstance(stands, list) and question.is_rows else (), options=_options(question, draft),
        columns=tuple(_column(one) for one in question.columns), none_words=question.none_words, is_none=stands == NONE, words=question.words,
        word_count=word_count(text), is_required=asked.is_required, error=typed.judged.faults.get(key, ""), doubt=" ".join(doubts),
        kept=typed.reasons.get(key, ""), theirs=in_words(question, typed.theirs[key], names=draft.names) if key in typed.theirs else None,
        only=asked.only, why=tuple(Remark(one.custodian, one.text) for one in asked.why), is_asked_again=is_asked_again,
        files=file_rows(draft, key, rules) if question.type in FILES else (),
        guidance=tuple(Remark(one.custodian, one.text) for one in asked.guidance), is_from_profile=draft.notes.get(key, {}).get("from") == "profile",
        reads=Link(*question.reads) if question.reads else None,
    )


def _options(question: Question, draft: Draft) -> tuple[tuple[str, str], ...]:
    if question.type == "datasets":
        return tuple(draft.titles.items())
    return tuple(question.choices.items())


def _column(column: Column) -> FieldColumn:
    choices = YES_NO if column.kind == "yes_no" else column.choices
    return FieldColumn(column.name, column.label, column.kind, tuple(choices.items()), column.is_required)
