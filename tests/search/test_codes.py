"""Codes of diseases as people type them: the table is sound, and a code finds what names it or speaks of the thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from search.codes import ICD_10, Code, codes, meant_by, rules
from search.embedded import EmbeddedEngine
from search.engine import Query
from search.language import words_of
from search.understanding import vocabulary
from tests.search.factories import document, found

SYSTEMS = {ICD_10: re.compile(r"[A-Z]\d\d(\.\d)?"), "SNOMED CT": re.compile(r"[1-9]\d{5,17}")}


def check_digit_is_right(number: str) -> bool:
    """Verhoeff's scheme, which every identifier of SNOMED CT ends on."""
    moved, total = list(range(10)), 0
    for digit in reversed(number):
        total = _times(total, moved[int(digit)])
        moved = [(1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[one] for one in moved]
    return total == 0


def _times(first: int, second: int) -> int:
    """The product of two of the symmetries of a pentagon: turns are 0 to 4, turns of its back 5 to 9."""
    if first < 5:
        return (first + second) % 5 if second < 5 else 5 + (first + second) % 5
    return 5 + (first - second) % 5 if second < 5 else (first - second) % 5


@pytest.mark.parametrize("code", codes().values(), ids=lambda code: code.code)
def test_every_code_is_written_as_its_system_writes_it(code: Code) -> None:
    assert SYSTEMS[code.system].fullmatch(code.code)
    assert code.words
    assert code.system == ICD_10 or check_digit_is_right(code.code)


def test_no_code_is_a_word_of_the_vocabulary_and_each_is_there_once() -> None:
    written = [line.partition(" >")[0] for line in rules()]
    assert len(written) == len(set(written))
    assert all(vocabulary().spans(words_of(code)) for code in written)


@pytest.mark.parametrize(("typed", "read"), [("i21", "I21"), ("I21,", "I21"), ("E11.9", "E11.9"), ("e119", "E119"), ("U07.1", "U07.1"), ("U071", "U07.1"), ("22298006", "22298006")])
def test_a_code_is_read_however_it_is_typed(typed: str, read: str) -> None:
    code = meant_by(typed)
    assert code is not None
    assert code.code == read


@pytest.mark.parametrize("typed", ["", "I", "I2", "U07.0", "Z99", "covid19", "222980060", "E11.9.9.9", "E1199999"])
def test_what_is_no_known_code_is_a_word_like_any_other(typed: str) -> None:
    assert meant_by(typed) is None


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine(tmp_path)
    made.rebuild(
        [
            document("named", "Admissions", abstract="Everyone admitted with E11.9 as the first diagnosis"),
            document("told", "Register", abstract="People with type 2 diabetes"),
            document("listed", "Extract", variables=[{"name": "code", "values": ["E11 Type 2 diabetes mellitus"]}]),
            document("other", "Birds", abstract="Garden birds"),
        ]
    )
    yield made
    made.close()


def test_a_code_finds_what_names_it_and_what_speaks_of_the_thing(engine: EmbeddedEngine) -> None:
    assert set(found(engine, "E11.9")) == {"named", "told"}
    assert set(found(engine, "44054006")) == {"told"}
    page = engine.search(Query(text="E11.9"))
    assert page.read_as == ("ICD-10 E11.9, type 2 diabetes mellitus",)
    assert "type 2 diabetes" in page.also_searched
    assert {hit.id: dict(hit.by_synonym) for hit in page.hits}["told"] == {"abstract": "type 2 diabetes"}


def test_columns_are_found_by_a_code_too(engine: EmbeddedEngine) -> None:
    page = engine.search_variables(Query(text="E11.9"))
    assert [hit.stored["dataset"] for hit in page.hits] == ["listed"]
    assert page.read_as == ("ICD-10 E11.9, type 2 diabetes mellitus",)


def test_a_code_searched_exactly_is_nothing_but_its_letters(engine: EmbeddedEngine) -> None:
    page = engine.search(Query(text="E11.9", exact=True))
    assert ([hit.id for hit in page.hits], page.read_as) == (["named"], ())
    assert found(engine, "e119", exact=True) == ["named"]
    assert found(engine, "E11.8", exact=True) == []
