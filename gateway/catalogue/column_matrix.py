"""Which datasets hold which ideas in their columns: a table of datasets by the words of a query.

The ideas are the parts of the query between commas, or its words where there is no comma. A dataset *has* an idea where one column
holds all of its words, and has it *partly* where its columns hold some of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from gateway.catalogue.published import Catalogue
from search.engine import EVERY_VALUE, Query
from search.language import STOP_WORDS, parts_of

MOST_IDEAS: Final = 8
Degree = Literal["has", "partly", "no"]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    ref: str
    degrees: tuple[Degree, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """``rows`` are those of the page that was asked for, of ``total`` datasets; those that have most come first."""

    ideas: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    total: int


def matrix(catalogue: Catalogue, query: Query, *, offset: int, limit: int) -> Matrix:
    ideas = ideas_of(query.text)
    held = [_held(catalogue, query, idea) for idea in ideas]
    refs = {ref for one in held for ref in one}
    rows = [MatrixRow(ref, tuple(one.get(ref, "no") for one in held)) for ref in refs]
    rows.sort(key=lambda row: (-row.degrees.count("has"), -row.degrees.count("partly"), row.ref))
    return Matrix(ideas, tuple(rows[offset : offset + limit]), len(rows))


def ideas_of(text: str) -> tuple[str, ...]:
    """``smoking status, BMI`` are two; ``smoking BMI`` are two as well."""
    parts = text.split(",") if "," in text else text.split()
    told = (" ".join(_plain(word) for word in part.split()).strip() for part in parts)
    return tuple(dict.fromkeys(idea for idea in told if idea and idea.casefold() not in STOP_WORDS))[:MOST_IDEAS]


def _plain(word: str) -> str:
    """A word without the signs of the query language."""
    return word.strip("\"'“”()+-*") if parts_of(word) else ""


def _held(catalogue: Catalogue, query: Query, idea: str) -> Mapping[str, Degree]:
    all_words = " ".join(f"+{word}" for word in idea.split())
    some: dict[str, Degree] = dict.fromkeys(_datasets(catalogue, query, idea), "partly")
    return some | dict.fromkeys(_datasets(catalogue, query, all_words), "has")


def _datasets(catalogue: Catalogue, query: Query, text: str) -> list[str]:
    asked = replace(query, text=text, facets=("dataset",), facet_values=EVERY_VALUE, offset=0, limit=0, highlight=False)
    (facet,) = catalogue.search_variables(asked).facets
    return [value.value for value in facet.values if value.count]
