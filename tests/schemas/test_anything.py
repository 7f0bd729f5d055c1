"""Whatever is sent: reading, judging and writing answer in words and never break."""

from __future__ import annotations

import contextlib
import copy
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.judging.validation import try_to_judge
from schemas.document import Unreadable
from schemas.findings import Findings
from schemas.translate import local_id, read
from schemas.validate import blocking, check
from schemas.writing import WRITERS, write
from tests.schemas.documents import every_document
from tests.schemas.mutation import mutants
from tests.schemas.telling import tell
from tests.schemas.test_equivalence import NAMES, valid_documents

JUDGED: Counter[str] = Counter()
SETTINGS = settings(max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module", autouse=True)
def _say_how_many(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    tell(request, f"documents judged without a break: {dict(JUDGED)}, {JUDGED.total():,} in all")


def answers(document: Any, kind: str) -> None:
    JUDGED[kind] += 1
    before = copy.deepcopy(document)
    found = check(document)
    assert isinstance(found, Findings)
    assert document == before
    with contextlib.suppress(Unreadable):
        can_be_written(document)


def can_be_written(document: Any) -> None:
    reading = read(document)
    local_id(document)
    blocking(reading.record, identity_problem="", custodian_known=True)
    json.dumps([reading.record.as_json(), [one.as_json() for one in reading.carried], [loss.as_json() for loss in reading.losses]])
    for target in WRITERS:
        written = write(reading.record, target, carried=reading.carried, source=reading.detected.name)
        assert isinstance(written.document, dict)


@pytest.mark.parametrize("name", NAMES)
def test_flawed_documents_of_every_version_are_answered(name: str) -> None:
    @SETTINGS
    @given(mutants(valid_documents(name), most_flaws=6))
    def judge(document: Any) -> None:
        answers(document, "flawed documents")

    judge()


def test_flawed_real_documents_are_answered() -> None:
    documents = [real.content for real in every_document()[::9]]

    @settings(SETTINGS, max_examples=300)
    @given(mutants(documents, most_flaws=8))
    def judge(document: Any) -> None:
        answers(document, "flawed real documents")

    judge()


NAMES_OF_FIELDS = st.sampled_from(
    [
        "summary", "required", "title", "publisher", "dataCustodian", "coverage", "spatial", "provenance", "origin", "temporal", "datasetType",
        "subTypes", "name", "accessibility", "access", "usage", "structuralMetadata", "tables", "columns", "elements", "values", "observations",
        "revisions", "items", "@schema", "pid", "id", "identifier", "linkage", "datasetLinkage", "typicalAgeRange", "keywords", "a.b", "a/b", "", "~", "²", "7", "9" * 12,
    ]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8) | st.sampled_from(["1.0.0", "2.1.0", "18-65", "\ud800", ";,;"])
ANYTHING = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES_OF_FIELDS, inner, max_size=6), max_leaves=25)


@settings(SETTINGS, max_examples=500)
@given(ANYTHING)
def test_any_json_value_is_answered(document: Any) -> None:
    JUDGED["any JSON values"] += 1
    assert isinstance(check(document), Findings)
    local_id(document)


@settings(SETTINGS, max_examples=500)
@given(st.dictionaries(NAMES_OF_FIELDS, ANYTHING, max_size=8), st.sampled_from(["summary", "required"]))
def test_anything_that_looks_like_a_record_is_answered(document: dict[str, Any], name: str) -> None:
    JUDGED["things that look like records"] += 1
    summary = document.get(name) if isinstance(document.get(name), dict) else {}
    assert isinstance(check({**document, name: summary}), Findings)


@settings(SETTINGS, max_examples=600)
@given(st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_answered(body: bytes) -> None:
    JUDGED["bytes"] += 1
    assert try_to_judge(body, today=date(2026, 6, 1)).findings.items


def test_keys_that_are_digits_of_another_script_are_keys() -> None:
    document = {
        "summary": {"title": "Births", "dataCustodian": {"name": "Register"}, "keywords": {"²": {"a": 1}, "٣": 1}},
        "observations": {"²": {"x": 1}}, "structuralMetadata": {"tables": [{"name": "t", "²": 7, "9" * 5000: 7}]},
    }  # fmt: skip
    answers(document, "digits as keys")
