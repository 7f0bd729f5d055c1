"""Every reason code in use is on the list, with words for the custodian."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import harvesters
import schemas
from harvesters.files import UNREADABLE
from harvesters.pipeline import ENDS_THE_RUN
from harvesters.reasons import REASONS, reason
from harvesters.retries import RETRIED
from tests.harvesters.reached_reasons import REACHED

ROOT = Path(__file__).parents[2]

ERRORS = {"FetchRefused", "FetchDeferred", "PageUnreadable", "SourceError", "unusable", "Unreadable", "Unparsable"}
NAMED = {"reason", "problem", "why_incomplete"}


def codes_in(folder: Path) -> Iterator[tuple[str, str]]:
    """Every literal that is given as a reason: first argument of an error, or one of the arguments named for it."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = [keyword.value for keyword in node.keywords if keyword.arg in NAMED]
            given += node.args[:1] if name in ERRORS else []
            for value in given:
                for part in ast.walk(value):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield f"{file.name}:{node.lineno}", part.value


@pytest.mark.parametrize("package", [harvesters, schemas])
def test_every_code_in_use_is_on_the_list(package: object) -> None:
    found = list(codes_in(Path(package.__file__).parent))  # type: ignore[attr-defined]
    assert found
    assert [(where, code) for where, code in found if code not in REASONS] == []


def test_a22_every_code_is_really_given_while_the_test_named_for_it_runs(tmp_path: Path) -> None:
    """The tests of ``REACHED`` run once more, in a process that notes every code which their sources and runs give."""
    assert REACHED.keys() == REASONS.keys()
    found = tmp_path / "given.json"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "tests.given_reasons", "--given-reasons", str(found)]
    ran = subprocess.run([*command, *sorted(set(REACHED.values()))], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:]
    given = json.loads(found.read_text(encoding="utf-8"))
    assert {code: test for code, test in REACHED.items() if code not in given.get(test, ())} == {}


def test_sets_of_codes_are_on_the_list() -> None:
    assert REASONS.keys() >= UNREADABLE | ENDS_THE_RUN | RETRIED


@pytest.mark.parametrize("code", REASONS)
def test_each_reason_has_a_sentence_and_a_hint(code: str) -> None:
    known = reason(code)
    assert known.code == code
    for text in (known.sentence, known.hint):
        assert text[0].isupper()
        assert text.endswith(".")


def test_a_code_outside_the_list_is_our_own_fault() -> None:
    with pytest.raises(KeyError):
        reason("nonsense")
