"""What changed between two states of a record."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.difference import Change, changed_paths, differences
from schemas.translate import read
from tests.schemas.documents import sectioned_documents

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "url", "x", "a/b", "c~d"]), inner, max_size=3),
    max_leaves=12,
)


def changes(before: Any, after: Any) -> list[Change]:
    return list(differences(before, after))


def test_equal_records_do_not_differ() -> None:
    for real in sectioned_documents()[::40]:
        record = read(real.content).record.as_json()
        assert changes(record, read(real.content).record.as_json()) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 2}, [Change("/a", 1, 2)]),
        ({"a": 1}, {}, [Change("/a", 1, None)]),
        ({}, {"a": {"b": 1, "c": [2]}}, [Change("/a/b", None, 1), Change("/a/c", None, [2])]),
        ({"a/b": 1}, {"a/b": 2}, [Change("/a~1b", 1, 2)]),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, []),
        ({"a": ["x"]}, {"a": ["x", "y"]}, [Change("/a", ["x"], ["x", "y"])]),
        ({"a": ["x", "x"]}, {"a": ["x"]}, [Change("/a", ["x", "x"], ["x"])]),
    ],
)
def test_changes_are_told_by_leaf(before: Any, after: Any, expected: list[Change]) -> None:
    assert changes(before, after) == expected


def test_tables_and_columns_are_matched_by_name_and_not_by_place() -> None:
    before = {"tables": [{"name": "a", "columns": [{"name": "x"}, {"name": "y", "sensitive": True}]}, {"name": "b"}]}
    after = {"tables": [{"name": "b"}, {"name": "a", "columns": [{"name": "y", "sensitive": False}, {"name": "x"}]}]}
    assert changes(before, after) == [Change("/tables/a/columns/y/sensitive", True, False)]


def test_members_of_one_name_are_told_apart() -> None:
    before = {"tables": [{"name": "a", "description": "1"}, {"name": "a", "description": "2"}]}
    after = {"tables": [{"name": "a", "description": "1"}, {"name": "a", "description": "3"}]}
    assert changes(before, after) == [Change("/tables/a (2)/description", "2", "3")]


def test_a_number_is_not_the_truth_value_that_equals_it() -> None:
    assert changes({"a": 1}, {"a": True}) == [Change("/a", 1, True)]


def test_a_value_that_becomes_an_object_is_a_change() -> None:
    assert changed_paths({"a": "x"}, {"a": {"b": 1}})
    assert changed_paths({"a": {"b": 1}}, {"a": "x"})
    assert changed_paths({"a": ["x"]}, {"a": {"b": 1}})


def test_the_number_of_paths_is_limited() -> None:
    assert len(changed_paths({}, {str(number): number for number in range(500)}, limit=20)) == 20


@settings(max_examples=400, deadline=None, database=None, derandomize=True)
@given(JSON, JSON)
def test_anything_can_be_compared_with_anything(before: Any, after: Any) -> None:
    assert changes(before, before) == []
    if changes(before, after):
        assert before != after or repr(before) != repr(after)
