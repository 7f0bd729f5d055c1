"""Each numbered rule of harvesting has a test of its name: ``test_s1_…``, ``test_a13_…``. Measures B2, B3 and B5 have benchmarks."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
FOLDERS = ("contracts", "gateway", "harvesters", "journeys", "schemas")
ELSEWHERE = ("test_workspace.py", "test_requests.py", "test_requests_races.py", "test_requests_transitions.py", "test_clocks.py")
"""Named after the rules of another part, access requests."""
RULES = [f"{letter}{number}" for letter, last in {"a": 25, "j": 26, "s": 15, "c": 9, "p": 7, "h": 12, "b": 7}.items() for number in range(1, last + 1)]
MEASURED = {"b2": "harvest.py", "b3": "linked_data.py"}


@cache
def rules_tested() -> frozenset[str]:
    paths = [path for folder in FOLDERS for path in (HERE / folder).glob("test_*.py") if path.name not in ELSEWHERE]
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in paths)
    names = (node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))
    return frozenset(word for name in names for word in name.split("_"))


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_test_of_its_name(rule: str) -> None:
    if rule in MEASURED:
        assert (HERE.parent / "benchmarks" / MEASURED[rule]).exists()
    else:
        assert rule in rules_tested()
