"""What ranking asks of an index: no more runs and conditions than tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.answer_words import TantivyWords
from search.clauses import Best, Both, Clause, Fixed, Run, Term, Times
from search.embedded import EmbeddedEngine
from search.engine import Query
from search.understanding import Understood, understand
from tests.search.factories import document


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine(tmp_path)
    made.rebuild([
        document("d1", "Hospital admissions", abstract="Who was in hospital."), document("d2", "Inpatients"),
        document("d3", "Heart attack audit", abstract="Myocardial infarction in hospital."),
        document("d4", "IAPT"), document("d5", "NHS staff", abstract="Therapies for talking."),
    ])  # fmt: skip
    yield made
    made.close()


def test_words_side_by_side_are_not_looked_for_where_one_of_them_counts_as_much_alone(engine: EmbeddedEngine) -> None:
    """An inpatient is an admission, and a hospital admission: who has the second has the first."""
    asked = _parts(_understood(engine, "inpatients").scored)
    assert Term("all", "admiss") in asked
    assert Run("all", ("hospit", "admiss")) not in asked


def test_words_side_by_side_are_looked_for_where_none_of_them_counts_alone(engine: EmbeddedEngine) -> None:
    assert Run("all", ("myocardi", "infarct")) in _parts(_understood(engine, "heart attack").scored)


def test_a_name_that_holds_the_words_of_a_shorter_one_is_not_looked_for_apart(engine: EmbeddedEngine) -> None:
    """NHS talking therapies are talking therapies."""
    asked = _parts(_understood(engine, "IAPT").scored)
    assert Term("all", "talk") in asked
    assert Term("all", "nhs") not in asked
    assert {hit.id for hit in engine.search(Query("IAPT")).hits} == {"d4", "d5"}


def test_what_matches_is_counted_without_runs_where_their_words_match_apart(engine: EmbeddedEngine) -> None:
    matching = _parts(_understood(engine, "heart attack").matching)
    assert {Term("all", "myocardi"), Term("all", "infarct")} <= set(matching)
    assert not [part for part in matching if isinstance(part, Run)]


def test_a_title_and_an_identifier_are_looked_for_only_where_the_index_holds_them(engine: EmbeddedEngine) -> None:
    assert not [part for part in _parts(_understood(engine, "hospital").scored) if isinstance(part, Term) and part.field in ("title_key", "identifiers")]
    assert Term("title_key", "inpatients") in _parts(_understood(engine, "Inpatients").scored)


def _understood(engine: EmbeddedEngine, text: str) -> Understood:
    return understand(TantivyWords(engine._reading().datasets.searcher), Query(text))


def _parts(clause: Clause) -> list[Clause]:
    match clause:
        case Both():
            return [leaf for part in (*clause.must, *clause.should, *clause.must_not) for leaf in _parts(part)]
        case Best():
            return [leaf for part in clause.parts for leaf in _parts(part)]
        case Times() | Fixed():
            return _parts(clause.part)
        case _:
            return [clause]
