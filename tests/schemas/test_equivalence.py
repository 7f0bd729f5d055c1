"""Our own JSON Schemas against the official ones: the same verdict on every document, at the same fields."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.explain import explain
from schemas.versions import VERSIONS
from tests.schemas.documents import every_document
from tests.schemas.mutation import mutants, sample, simple_mutants
from tests.schemas.official import FILES, SAME_PATTERN, failing_fields, field_oracle, normal_form, official, oracle
from tests.schemas.telling import tell

NAMES = list(FILES)
COMPARED: Counter[str] = Counter()
TAKEN: Counter[str] = Counter()
EACH = 160  # hypothesis examples for each version, of ten documents each


@pytest.fixture(scope="module", autouse=True)
def _say_how_many(request: pytest.FixtureRequest) -> Any:
    yield
    tell(request, f"verdicts compared with the official schemas: {dict(COMPARED)}; {TAKEN.total():,} of the documents valid")


@cache
def valid_documents(name: str) -> list[Any]:
    """Documents of many forms that the official schema takes, made from the schema itself."""
    form, random = normal_form(official(name)), Random(name)
    found: list[Any] = []
    while len(found) < 25:
        document = sample(form, random)
        if oracle(name).is_valid(document):
            found.append(document)
    return found


def agree(name: str, document: Any, kind: str) -> None:
    COMPARED[kind] += 1
    ours, theirs = VERSIONS[name].validator, oracle(name)
    verdict = theirs.is_valid(document)
    assert ours.is_valid(document) == verdict, json.dumps(document)[:2000]
    if verdict:
        TAKEN[name] += 1
    else:
        assert failing_fields(ours, document) == failing_fields(field_oracle(name), document), json.dumps(document)[:2000]


def test_every_published_version_has_a_model() -> None:
    assert set(VERSIONS) == set(FILES)


@pytest.mark.parametrize("name", NAMES)
def test_schemas_are_the_same_word_by_word_but_for_names_and_annotations(name: str) -> None:
    ours = normal_form(VERSIONS[name].schema)
    theirs = normal_form(official(name))
    assert _without_revision_hint(ours) == theirs


def _without_revision_hint(form: Any) -> Any:
    """Our schema of 3.0.0 names what the linear pattern of revision addresses is for; the name asserts nothing."""
    if isinstance(form, list):
        return [_without_revision_hint(inner) for inner in form]
    if isinstance(form, dict):
        return {name: _without_revision_hint(value) for name, value in form.items() if (name, value) != ("format", "revision-address")}
    return form


@pytest.mark.parametrize("name", NAMES)
def test_real_documents_get_the_same_verdict_at_the_same_fields(name: str) -> None:
    for real in every_document():
        agree(name, real.content, "real documents and examples")


@pytest.mark.parametrize("name", NAMES)
def test_documents_with_one_flaw_get_the_same_verdict_at_the_same_fields(name: str) -> None:
    longest = max(valid_documents(name), key=lambda document: len(json.dumps(document)))
    for mutant in simple_mutants(longest):
        agree(name, mutant, "systematic mutants")
        _every_failing_field_has_a_finding(name, mutant)


def _every_failing_field_has_a_finding(name: str, document: Any) -> None:
    """A finding stands where the official schema complains, or deeper, at the leaf; a sound document has none."""
    paths = {finding.path.removeprefix("/") for finding in explain(document, VERSIONS[name])}
    failing = failing_fields(field_oracle(name), document)
    assert bool(paths) == bool(failing), json.dumps(document)[:2000]
    for field in failing:
        assert any(path == field or path.startswith(f"{field}/") or not field for path in paths), (field, paths)


@pytest.mark.parametrize("name", NAMES)
def test_documents_with_random_flaws_get_the_same_verdict_at_the_same_fields(name: str) -> None:
    @settings(max_examples=EACH, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(mutants(valid_documents(name)), min_size=10, max_size=10))
    def compare(documents: list[Any]) -> None:
        for document in documents:
            agree(name, document, "random mutants")

    compare()


PIECES = [
    *"aZ09-.:/, _;()\n\t", "http://", "https://", "ab", "a.b", "..", ":80", "/p", "x1", "C12", ".1234", "10.", "1234", "12", "2fd3c6f0",
    "1111-4a4a-8a8a-0123456789AB", "GB", "é", "٣", "\u00a0", "\ufeff", "", "1.2.3", "150", "-", "Not Known", "In Progress", "_",
]  # fmt: skip


@pytest.mark.parametrize("published", SAME_PATTERN, ids=lambda pattern: pattern[:24])
def test_patterns_take_the_same_texts(published: str) -> None:
    """P1 among them: the published pattern is matched here by an engine that cannot backtrack."""
    ours = jsonschema_rs.validator_for({"pattern": SAME_PATTERN[published]}, pattern_options=jsonschema_rs.RegexOptions())
    theirs = jsonschema_rs.validator_for({"pattern": published}, pattern_options=jsonschema_rs.RegexOptions())

    @settings(max_examples=700, deadline=None, database=None, derandomize=True)
    @given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
    def compare(text: str) -> None:
        COMPARED["texts against patterns"] += 1
        assert ours.is_valid(text) == theirs.is_valid(text)

    compare()
