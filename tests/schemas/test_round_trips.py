"""Round trips: a document back in its own version is the same; a record through any version loses exactly what the report says."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterator
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import enumerations, older_values
from schemas.difference import differences
from schemas.document import Unreadable
from schemas.record import Dataset
from schemas.translate import read
from schemas.versions import VERSIONS
from schemas.writing import WRITERS, Written, translate, write
from tests.schemas.documents import every_document
from tests.schemas.mutation import mutants, sample
from tests.schemas.official import FILES, normal_form, official
from tests.schemas.telling import tell
from tests.schemas.test_equivalence import valid_documents

COUNTS: Counter[str] = Counter()
MANY = settings(max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(0, 10**9)


@pytest.fixture(scope="module", autouse=True)
def _say_how_many(request: pytest.FixtureRequest) -> Any:
    yield
    tell(request, f"round trips: {dict(COUNTS)}")


@cache
def form(name: str) -> Any:
    return normal_form(official(name))


def made(name: str, seed: int) -> dict[str, Any]:
    """A document of a version, made from the official schema."""
    document: dict[str, Any] = sample(form(name), Random(seed))
    return document


def canonical(seed: int) -> Dataset:
    """A record as rich as 4.0.0 can say."""
    return read(made("HDRUK 4.0.0", seed), "4.0.0").record


@pytest.mark.parametrize("target", WRITERS)
def test_t31_a_document_comes_back_as_the_same_json_value_from_its_own_version(target: str) -> None:
    @MANY
    @given(SEEDS)
    def compare(seed: int) -> None:
        document = made(target, seed)
        if read(document, target.split(" ")[1]).detected.name == target:
            COUNTS["own version, made"] += 1
            assert translate(document, target, declared=target.split(" ")[1]).document == document

    compare()


def test_t31_real_documents_come_back_as_the_same_json_value_from_their_own_version() -> None:
    for real in every_document():
        name = read(real.content).detected.name
        if name in WRITERS:
            COUNTS["own version, real"] += 1
            assert translate(real.content, name).document == real.content, real.name


@MANY
@given(SEEDS)
def test_a_record_survives_4_0_0_without_loss(seed: int) -> None:
    record = canonical(seed)
    written = write(record, "HDRUK 4.0.0")
    lost = set(written.lost_paths)
    back = read(written.document, "4.0.0").record
    changed = {change.path for change in differences(record.as_json(), back.as_json())}
    assert _uncovered(changed, lost) == set()
    assert lost <= {"/accessibility/access/accessRights", "/accessibility/access/accessRequestCost", "/coverage/spatial",
                    "/documentation/associatedMedia"}  # fmt: skip
    COUNTS["4.0.0 and back"] += 1


@pytest.mark.parametrize("target", WRITERS)
def test_a_record_through_any_version_loses_exactly_what_the_report_says(target: str) -> None:
    @MANY
    @given(SEEDS)
    def compare(seed: int) -> None:
        record = canonical(seed)
        written = write(record, target)
        back = read(written.document, target.split(" ")[1]).record
        changed = {change.path for change in differences(record.as_json(), back.as_json())}
        assert _uncovered(changed, set(written.lost_paths)) == set()
        assert _untrue(record, back, written) == set()
        COUNTS["through each version"] += 1

    compare()


def _uncovered(changed: set[str], lost: set[str]) -> set[str]:
    """Changes that no entry of the report speaks of. Members of lists are told by their list."""
    told = {re.sub(r"/[0-9]+(/.*)?$", "", path) for path in lost} | lost
    return {path for path in changed if not any(path == one or path.startswith(f"{one}/") for one in told)}


def _untrue(record: Dataset, back: Dataset, written: Written) -> set[str]:
    """Dropped fields that came back all the same."""
    dropped = [entry.from_path for entry in written.report if entry.kind == "dropped" and entry.from_path]
    before, after = record.as_json(), back.as_json()
    return {path for path in dropped if _at(before, path) is not None and _at(before, path) == _at(after, path)}


def _at(value: Any, path: str) -> Any:
    for step in path.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) and int(step) < len(value) else value.get(step) if isinstance(value, dict) else None
    return value


VOCABULARY = frozenset(
    value
    for module in (enumerations, older_values)
    for name, listed in vars(module).items()
    if name.isupper()
    for value in (listed if isinstance(listed, tuple) else (*listed, *listed.values()) if isinstance(listed, dict) else ())
    if isinstance(value, str)
)


@MANY
@given(SEEDS, st.sampled_from(sorted(set(FILES) - {"GMI list"})), st.sampled_from(sorted(WRITERS)))
def test_t11_every_scalar_of_a_translation_was_in_the_source_or_is_in_a_table(seed: int, source: str, target: str) -> None:
    document = made(source, seed)
    reading = read(document, source.split(" ")[1])
    known = set(_scalars(document)) | VOCABULARY
    letters = _letters(json.dumps(list(_scalars(document)), ensure_ascii=False))
    for translated in (reading.record.as_json(), translate(document, target).document):
        made_up = [one for one in _scalars(translated) if one not in known and not _is_built(one, known, letters)]
        assert made_up == []
    COUNTS["nothing made up"] += 1


@pytest.mark.parametrize("name", sorted(set(FILES) - {"GMI list"}))
def test_t11_a_flawed_document_yields_nothing_that_was_not_in_it(name: str) -> None:
    @settings(MANY, max_examples=60)
    @given(mutants(valid_documents(name), most_flaws=5))
    def compare(document: Any) -> None:
        try:
            record = read(document).record.as_json()
        except Unreadable:
            return
        known = {one for one in (*_scalars(document), *_keys(document)) if isinstance(one, Hashable)} | VOCABULARY
        letters = _letters(json.dumps(list(_scalars(document)), ensure_ascii=False))
        assert [one for one in _scalars(record) if one not in known and not _is_built(one, known, letters)] == []
        COUNTS["nothing made up of flawed documents"] += 1

    compare()


def _keys(value: Any) -> Iterator[str]:
    """Of maps of revisions, whose keys are versions."""
    for part in (value, value.get("required")):
        revisions = part.get("revisions") if isinstance(part, dict) else None
        yield from (version for version in revisions if version[:1].isdecimal()) if isinstance(revisions, dict) else ()


def test_t11_a_single_revision_is_a_revision_and_no_map_of_them() -> None:
    given_ = {"summary": {"dataCustodian": {"name": "x"}}, "revisions": {"version": "1.0.0", "url": "https://a.ac.uk/1"}}
    assert read(given_).record.as_json()["revisions"] == [{"version": "1.0.0", "url": "https://a.ac.uk/1"}]


def _is_built(value: Any, known: set[Any], letters: str) -> bool:
    """Parts of comma text, members joined, two ages as a range, a range as two ages, and a ROR with or without its address."""
    if isinstance(value, int) and not isinstance(value, bool):
        return any(isinstance(one, str) and re.search(rf"(?<![0-9]){value}(?![0-9])", one) for one in known)
    if not isinstance(value, str):
        return False
    parts = [part.strip() for part in re.split(r";,;|,|(?<=[0-9])-(?=[0-9])", value.removeprefix("https://ror.org/"))]
    return all(part in known or _letters(part) in letters or (part.isdigit() and int(part) in known) for part in parts)


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _scalars(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _scalars(inner)
    elif value is not None:
        yield value


@MANY
@given(SEEDS)
def test_t35_any_two_writers_agree_on_what_both_can_say(seed: int) -> None:
    record = canonical(seed)
    told: dict[str, dict[str, Any]] = {}
    for target in WRITERS:
        written = write(record, target)
        lost = {re.sub(r"/[0-9]+(/.*)?$", "", path) for path in written.lost_paths}
        back = read(written.document, target.split(" ")[1]).record.as_json()
        told[target] = {path: value for path, value in _leaves(back, "") if not any(path == one or path.startswith(f"{one}/") for one in lost)}
    whole = dict(_leaves(record.as_json(), ""))
    for leaves in told.values():
        assert {path: value for path, value in leaves.items() if whole.get(path) != value} == {}
    COUNTS["writers agree"] += 1


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}/{name}")
    else:
        yield path, value


@pytest.mark.parametrize("target", WRITERS)
def test_a_written_document_conforms_or_the_report_says_why_not(target: str) -> None:
    for seed in range(60):
        written = write(canonical(seed), target)
        assert written.conforms == VERSIONS[target].validator.is_valid(written.document)
