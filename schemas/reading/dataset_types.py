"""Types of data with their sub-types: as objects (4.0.0), or as two flat lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas import enumerations as values
from schemas.reader import Reading, Value
from schemas.reading.objects import carry_keys, put_as_it_is


def read_types(reading: Reading, source: str = "provenance.origin.datasetType", sub: str = "provenance.origin.datasetSubType") -> None:
    """Types as objects (4.0.0), or as two flat lists whose sub-types go to the one type that owns them."""
    for place in (source, "summary.datasetType"):
        value = reading.value(place)
        if value is not None:
            break
    if value is None:
        return
    members = value if isinstance(value, list) else str(value).split(";,;")
    found = [entry for number, member in enumerate(members) for entry in _type(reading, f"{place}.{number}", member)]
    _assign_sub_types(reading, found, sub)
    if found or value == []:
        put_as_it_is(reading, "provenance.origin.datasetType", place, found)


def _type(reading: Reading, place: str, member: Value) -> Iterator[dict[str, Any]]:
    """A type by its canonical name. An object keeps a name that the list does not know, for the sake of its sub-types."""
    name = member.get("name") if isinstance(member, Mapping) else member
    known = values.match(name, tuple(values.DATASET_TYPES)) if isinstance(name, str) else None
    sub_types = member.get("subTypes") if isinstance(member, Mapping) else None
    if known is None and not isinstance(sub_types, list):
        reading.carry(place, member, "The list of types does not know it.")
        return
    entry: dict[str, Any] = {"name": known or name} if isinstance(name, str) else {}
    if isinstance(member, Mapping):
        carry_keys(reading, place, member, {"subTypes", *(["name"] if entry else [])})
    if isinstance(sub_types, list):
        entry["subTypes"] = [sub for sub in sub_types if isinstance(sub, str)]
        for number, sub in enumerate(sub_types):
            if not isinstance(sub, str):
                reading.carry(f"{place}.subTypes.{number}", sub, "A text is due here.")
    elif sub_types is not None:
        reading.carry(f"{place}.subTypes", sub_types, "A list of sub-types is due here.")
    yield entry


def _assign_sub_types(reading: Reading, found: list[dict[str, Any]], source: str) -> None:
    """Each of a flat list of sub-types goes to the one stated type that permits it."""
    value = reading.value(source)
    if value is None and source != "summary.datasetSubType":
        source, value = "summary.datasetSubType", reading.value("summary.datasetSubType")
    for number, member in enumerate(_sub_types(value)):
        name = values.match(member, values.SUB_TYPES, values.SUB_TYPE_ALSO) if isinstance(member, str) else None
        owners = {entry["name"]: entry for entry in reversed(found) if name in values.DATASET_TYPES.get(entry.get("name", ""), ())}
        if len(owners) != 1:
            kind = "ambiguous" if owners else "carried"
            reading.carry(f"{source}.{number}", member, "No single stated type permits this sub-type.", kind=kind)
            continue
        for entry in owners.values():
            entry.setdefault("subTypes", []).append(name)


def _sub_types(value: Value) -> list[Value]:
    """Sub-types as a list; free text may name several."""
    if not isinstance(value, str):
        return value if isinstance(value, list) else []
    found, rest = values.split_by_longest(value, values.SUB_TYPES, values.SUB_TYPE_ALSO)
    return [*found, *rest]
