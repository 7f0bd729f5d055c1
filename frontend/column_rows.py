"""The columns of a dataset that were asked for, and the choices of their filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from frontend.dataset_columns import PER_PAGE, SENSITIVE, DatasetColumns
from frontend.record_facts import column_rows
from frontend.views.dataset import Choice, ColumnRow
from frontend.words import NOT_REPORTED
from schemas.record import Dataset
from search.language import indexed_name, parts_of
from search.variable import type_of

NO_VOCABULARIES: Final = frozenset({"LOCAL", "OTHER", "NONE", "NOT CODED"})
"""What is stated in place of a vocabulary, and names none."""


def asked_for(record: Dataset, asked: DatasetColumns) -> tuple[ColumnRow, ...]:
    """All columns that fit, of all pages."""
    return tuple(row for row in column_rows(record) if _fits(row, asked))


def on_page(rows: Sequence[ColumnRow], asked: DatasetColumns) -> Sequence[ColumnRow]:
    return rows if asked.is_whole else rows[(asked.page - 1) * PER_PAGE : asked.page * PER_PAGE]


def choices(record: Dataset, asked: DatasetColumns) -> dict[str, tuple[Choice, ...]]:
    """What may be chosen for ``type``, ``sensitive`` and ``vocab``; nothing where there is no choice."""
    rows = [row for row in column_rows(record) if not asked.table or row.table == asked.table]
    types = sorted({type_of(row.data_type) or NOT_REPORTED for row in rows} | ({asked.type} - {""}), key=lambda type_: (type_ == NOT_REPORTED, type_))
    held = {row.is_sensitive for row in rows}
    marks = [words for words, is_sensitive in SENSITIVE.items() if is_sensitive in held or words == asked.sensitive]
    stated = dict.fromkeys(record.accessibility.format_and_standards.vocabulary_encoding_scheme or ())
    named = [vocab for vocab in stated if vocab == asked.vocab or any(names_vocabulary(row, vocab) for row in rows)]
    return {"type": _choice(types, asked.type), "sensitive": _choice(marks, asked.sensitive), "vocab": _choice(named, asked.vocab, least=1)}


def names_vocabulary(row: ColumnRow, vocab: str) -> bool:
    """Whether the name, the description or a value of a column names the vocabulary: ``ICD10`` and ``ICD-10 code`` do alike."""
    if vocab.upper() in NO_VOCABULARIES or not (wanted := _spelt(vocab)):
        return False
    texts = (row.name, row.description, *(value.description for value in row.values))
    return any(wanted in _spelt(text) for text in texts if text)


def _fits(row: ColumnRow, asked: DatasetColumns) -> bool:
    text = f"{row.name} {row.description or ''}".lower()
    return (
        (not asked.table or row.table == asked.table)
        and all(word in text for word in asked.q.lower().split())
        and (not asked.type or (type_of(row.data_type) or NOT_REPORTED) == asked.type)
        and (not asked.sensitive or row.is_sensitive is SENSITIVE[asked.sensitive])
        and (not asked.vocab or names_vocabulary(row, asked.vocab))
    )


def _spelt(text: str) -> str:
    """The words, each in its parts, between blanks."""
    parts = parts_of(indexed_name(text))
    return f" {' '.join(parts)} " if parts else ""


def _choice(values: Sequence[str], chosen: str, *, least: int = 2) -> tuple[Choice, ...]:
    return tuple(Choice(value, value == chosen) for value in values) if len(values) >= least else ()
