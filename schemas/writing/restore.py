"""What a reader carried beside the record goes back to its own place, where the written version has that place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from schemas.explain import is_valid
from schemas.reader import Carried, excerpt, is_index
from schemas.versions import Version
from schemas.versions.vocabulary import Schema
from schemas.writing.report import Entry

# Partner fields have one shape in CRUK and GWDM; any other carried value goes back to its own line only.
PARTNER_FIELDS: Final = ("/datasetFilters", "/projectGrants", "/icons")


def restore(document: dict[str, Any], carried: Sequence[Carried], source: str, target: Version) -> list[Entry]:
    """Put carried values back; those that find no place are said to stay beside the record."""
    report = []
    for one in (part for whole in carried for part in _parts(whole, target)):
        if _may_return(one.path, source, target) and _put_back(document, one, target, is_same=source == target.name):
            report.append(Entry("reshaped", None, one.path, excerpt(one.value), "T18", True, "The value stands where it was read."))
        else:
            report.append(
                Entry("carried", one.path, None, excerpt(one.value), "1.2", True, "The value is kept beside the record; this version has no place for it.")
            )
    return report


def _parts(one: Carried, target: Version) -> Iterator[Carried]:
    """A section that was carried whole is its fields, each of which may have a place or not."""
    steps = one.path.split("/")[1:]
    if isinstance(one.value, Mapping) and one.value and any("properties" in schema for schema in _schemas_at(target.schema, steps)):
        for name, value in one.value.items():
            yield from _parts(Carried(f"{one.path}/{name.replace('~', '~0').replace('/', '~1')}", value), target)
    else:
        yield one


def _may_return(path: str, source: str, target: Version) -> bool:
    return _line(source) == _line(target.name) or path.startswith(PARTNER_FIELDS)


def _line(name: str) -> str:
    """HDRUK 2.x is one line, 3.0.0 and later with CRUK another, the Gateway's model a third."""
    model, _, number = name.partition(" ")
    if model == "GWDM":
        return model
    return "HDRUK 2" if number.startswith("2.") else "HDRUK 1" if model == "HDRUK" and number[0] == "1" else "modern"


def _put_back(document: dict[str, Any], one: Carried, target: Version, *, is_same: bool) -> bool:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in one.path.split("/")[1:]]
    known = list(_schemas_at(target.schema, steps))
    if not (any(is_valid(one.value, schema) for schema in known) if known else is_same):
        return False
    place: Any = document
    for depth, step in enumerate(steps[:-1], 1):
        place = _inside(place, step, may_open=any(schema.get("properties") for schema in _schemas_at(target.schema, steps[:depth])))
    if not isinstance(place, dict) or steps[-1] in place:
        return False
    place[steps[-1]] = one.value
    return True


def _inside(place: Any, step: str, *, may_open: bool) -> Any:
    """What stands at one step further; a missing section is opened where the version has it."""
    if isinstance(place, list):
        return place[int(step)] if is_index(step) and int(step) < len(place) else None
    if not isinstance(place, dict):
        return None
    return place.setdefault(step, {}) if may_open else place.get(step)


def _schemas_at(schema: Schema, steps: list[str]) -> Iterator[Schema]:
    """Every branch of the schema that speaks of this place."""
    if "anyOf" in schema:
        for branch in schema["anyOf"]:
            yield from _schemas_at(branch, steps)
    elif not steps:
        yield schema
    elif is_index(steps[0]) and "items" in schema:
        yield from _schemas_at(schema["items"], steps[1:])
    elif steps[0] in schema.get("properties", {}):
        yield from _schemas_at(schema["properties"][steps[0]], steps[1:])
