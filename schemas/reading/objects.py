"""Lists of objects: revisions, observations, demographic counts. A member of another type is carried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from schemas import enumerations as values
from schemas.reader import NO_PLACE, Reading, Value

BIN: Final[dict[str, type | tuple[type, ...]]] = {"bin": str, "count": int}
DISEASE: Final[dict[str, type | tuple[type, ...]]] = {"diseaseCode": (str, int), "diseaseCodeVocabulary": str, "count": int}


def read_revisions(reading: Reading, source: str = "revisions") -> None:
    value = reading.value(source)
    if isinstance(value, Mapping) and not {"version", "url"} & value.keys():
        # ``latest`` and other words are no versions.
        reading.canonical["revisions"] = [{"version": version} for version in value if version[:1].isdecimal()]
        reading.carry(source, value, "A map of revisions became a list; its identifiers lead to earlier versions.")
    elif isinstance(value, list | Mapping):
        read_objects(reading, "revisions", source, {"version": str, "url": str})


def read_observations(reading: Reading) -> None:
    node = {value.casefold(): value for value in values.NODE}
    keys: dict[str, type | tuple[type, ...]] = {
        "observedNode": str, "measuredValue": int, "disambiguatingDescription": str, "observationDate": str, "measuredProperty": object,
    }
    read_objects(reading, "observations", "observations", keys)
    for row in reading.canonical.get("observations") or []:
        if isinstance(row.get("observedNode"), str):
            row["observedNode"] = node.get(row["observedNode"].casefold(), row["observedNode"])


def read_demographics(reading: Reading) -> None:
    for name, keys in (("age", BIN), ("ethnicity", BIN), ("disease", DISEASE)):
        read_objects(reading, f"demographicFrequency.{name}", f"demographicFrequency.{name}", keys)


def read_objects(
    reading: Reading, target: str, source: str, keys: Mapping[str, type | tuple[type, ...]]
) -> None:
    """A list of objects whose known members have these types; members of another type are carried."""
    value = reading.value(source)
    if value is None:
        return
    members = value if isinstance(value, list) else [value]
    found = []
    for number, member in enumerate(members):
        place = f"{source}.{number}" if isinstance(value, list) else source
        if not isinstance(member, Mapping):
            reading.carry(place, member, "An object is due here.")
            continue
        found.append(members_of(reading, place, member, keys))
    if found or value == []:
        put_as_it_is(reading, target, source, found)


def members_of(
    reading: Reading, place: str, member: Mapping[str, Any], keys: Mapping[str, type | tuple[type, ...]]
) -> dict[str, Any]:
    kept = {}
    for name, given in member.items():
        wanted = keys.get(name)
        if given is None:
            continue
        if wanted is None:
            reading.carry(f"{place}.{name}", given, NO_PLACE)
        elif not isinstance(given, wanted) or (isinstance(given, bool) and wanted is not bool and wanted is not object):
            reading.carry(f"{place}.{name}", given, "A value of another type is due here; it is not converted.")
        else:
            kept[name] = given
    return kept


def mappings(reading: Reading, source: str, members: list[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects of a list with their places; any other member is carried."""
    for number, member in enumerate(members):
        if isinstance(member, Mapping):
            yield f"{source}.{number}", member
        else:
            reading.carry(f"{source}.{number}", member, "An object is due here.")


def carry_keys(reading: Reading, place: str, value: Mapping[str, Any], known: Iterable[str]) -> None:
    for name, given in value.items():
        if name not in known and given is not None:
            reading.carry(f"{place}.{name}", given, NO_PLACE)


def put_as_it_is(reading: Reading, target: str, source: str, value: Value) -> None:
    def as_it_is(_: Reading, __: str, given: Value) -> Value:
        return given

    reading.put(target, source, value, as_it_is)
