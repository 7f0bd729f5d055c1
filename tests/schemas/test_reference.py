"""The reference of each version: every field of its schema is there, with what it takes and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from schemas.reference import changes, fields
from schemas.versions import VERSIONS


def property_names(schema: Any) -> Iterator[str]:
    """Every property name anywhere in a schema, by a way of its own."""
    if isinstance(schema, dict):
        for name, part in schema.get("properties", {}).items():
            yield name
            yield from property_names(part)
        for name, part in schema.items():
            if name not in ("properties", "enum", "required"):
                yield from property_names(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from property_names(part)


@pytest.mark.parametrize("name", VERSIONS)
def test_every_property_of_the_schema_is_in_the_reference(name: str) -> None:
    version = VERSIONS[name]
    named = {entry.path.replace("[]", "").rsplit(".", 1)[-1] for entry in fields(version)}
    assert named == set(property_names(version.schema))
    paths = [entry.path for entry in fields(version)]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize("name", VERSIONS)
def test_every_field_has_a_meaning(name: str) -> None:
    assert [entry.path for entry in fields(VERSIONS[name]) if not entry.meaning] == []


def test_requirement_null_and_values_are_those_of_the_schema() -> None:
    by_path = {entry.path: entry for entry in fields(VERSIONS["HDRUK 4.0.0"])}
    assert by_path["summary.title"].is_required
    assert not by_path["summary.title"].may_be_null
    assert by_path["summary.title"].takes == "text of 2 to 150 characters"
    assert by_path["summary.abstract"].is_required
    assert by_path["summary.abstract"].may_be_null
    assert not by_path["summary.keywords[]"].is_required
    assert "TRE/SDE" in by_path["accessibility.access.accessServiceCategory"].values


def test_what_changed_from_3_to_4_is_the_types_and_the_aliases() -> None:
    found = {change.path: change for change in changes(VERSIONS["HDRUK 3.0.0"], VERSIONS["HDRUK 4.0.0"])}
    assert found["summary.datasetAliases[]"].before is None
    assert found["summary.alternateIdentifiers[]"].after is None
    assert found["provenance.origin.datasetSubType[]"].after is None
    assert "summary.title" not in found
    assert changes(VERSIONS["HDRUK 4.0.0"], VERSIONS["HDRUK 4.0.0"]) == ()
