"""CKAN packages (Action API 3) -> canonical record. A member of the package goes before an extra of the same name.

Extras are pairs of key and value, whose values are texts, sometimes holding JSON. What harvesters left in a package (where
it came from, checks of links, counts of views) is no part of the description.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from schemas.enumerations import STANDARD, match
from schemas.foreign.ckan import VOLATILE, is_of_harvester
from schemas.reader import NO_PLACE, Reading, Value, pointer
from schemas.reading.converters import one_text
from schemas.reading.foreign_fields import (
    Field,
    any_address,
    apply,
    carry_member,
    day,
    describe,
    doi,
    frequency,
    json_in,
    languages,
    plain_text,
    plain_texts,
    related,
    set_value,
    split_plain_texts,
    text_of,
    version,
    whole_number,
)

OF_CKAN: Final = frozenset({
    *VOLATILE, "name", "type", "state", "private", "isopen", "creator_user_id", "owner_org", "license_title", "schema-vocabulary",
    "organization.type", "organization.state", "organization.created", "organization.is_organization",
    "organization.approval_status", "organization.revision_id",
})  # fmt: skip
"""Members that say how the portal keeps the package, not what the dataset is."""


def _spatial(reading: Reading, source: str, value: Value) -> list[str] | None:
    """Names of places; a geometry is none."""
    parsed = json_in(value)
    if isinstance(parsed, Mapping) and text_of(parsed) is None:
        reading.carry(source, value, "A geometry is no name of a place.")
        return None
    return plain_texts(reading, source, parsed)


TABLE: Final = (
    Field("identifier", ("id",), one_text),
    Field("version", ("version",), version),
    Field("issued", ("metadata_created",), day),
    Field("modified", ("metadata_modified",), day),
    Field("summary.title", ("title",), plain_text),
    Field("summary.keywords", ("tags", "keywords"), split_plain_texts),
    Field("summary.doiName", ("doi", "identifier"), doi),
    Field("summary.contactPoint", ("maintainer_email", "author_email", "contact_email", "contact-email"), plain_text),
    Field("summary.populationSize", ("population_size", "number_of_unique_individuals", "numberOfUniqueIndividuals"), whole_number),
    Field("coverage.spatial", ("spatial_text", "spatial-text", "geographic_coverage", "spatial"), _spatial),
    Field("coverage.typicalAgeRangeMin", ("min_typical_age",), whole_number),
    Field("coverage.typicalAgeRangeMax", ("max_typical_age",), whole_number),
    Field("provenance.temporal.startDate", ("temporal_coverage-from", "temporal_coverage_from", "temporal_start"), day),
    Field("provenance.temporal.endDate", ("temporal_coverage-to", "temporal_coverage_to", "temporal_end"), day),
    Field("provenance.temporal.publishingFrequency", ("frequency", "accrual_periodicity", "update_frequency", "update-frequency", "frequency-of-update"), frequency),
    Field("accessibility.access.accessRights", ("url",), any_address),
    Field("accessibility.formatAndStandards.language", ("language",), languages),
)


def read_ckan(reading: Reading, _: object = None) -> None:
    extras = dict(_extras(reading))
    apply(reading, TABLE, extras)
    for name in ("notes", "description"):
        source, value = (name, reading.value(name))
        describe(reading, source, value)
    _custodian(reading)
    _formats(reading)
    _standards(reading, extras)
    _series(reading)
    _records(reading, extras)
    _leave_the_portals_own(reading)
    _carry_extras(reading, extras)


def _extras(reading: Reading) -> Iterator[tuple[str, tuple[str, Value]]]:
    """Key -> (place, value). Of a key that stands twice the first holds, the other is carried."""
    value = reading.value("extras")
    if isinstance(value, Mapping):
        yield from ((str(key), (f"extras.{key}", json_in(given))) for key, given in value.items())
        return
    met: set[str] = set()
    for number, pair in enumerate(value if isinstance(value, list) else ()):
        place = f"extras.{number}"
        key = pair.get("key") if isinstance(pair, Mapping) else None
        if not isinstance(key, str) or key in met:
            message = "This key stands twice; the first one was read." if key in met else "A pair of key and value is due here."
            carry_member(reading, place, pair, message)
            continue
        met.add(key)
        yield key, (f"{place}.value", json_in(pair.get("value")))


def _carry_extras(reading: Reading, extras: Mapping[str, tuple[str, Value]]) -> None:
    read = set(reading.paths.values()) | {entry.path for entry in reading.carried}
    for key, (place, value) in extras.items():
        if pointer(place) not in read and not is_of_harvester(key):
            carry_member(reading, place, value, NO_PLACE)


def _custodian(reading: Reading) -> None:
    value = reading.value("organization")
    target = "summary.dataCustodian"
    if isinstance(value, str):
        set_value(reading, f"{target}.name", "organization", value.strip())
        return
    for theirs, ours in (("title", "name"), ("name", "name"), ("id", "identifier"), ("description", "description"), ("image_url", "logo")):
        given = reading.value(f"organization.{theirs}")
        if isinstance(given, str) and pointer(f"{target}.{ours}") not in reading.paths:
            set_value(reading, f"{target}.{ours}", f"organization.{theirs}", given.strip())


def _formats(reading: Reading) -> None:
    """The distinct formats of the resources; of the resources themselves their addresses and titles are carried whole."""
    resources = reading.document.get("resources")
    members = resources if isinstance(resources, list) else []
    found = [text_of(member.get("format")) for member in members if isinstance(member, Mapping)]
    set_value(reading, "accessibility.formatAndStandards.format", "resources", list(dict.fromkeys(filter(None, found))))


def _standards(reading: Reading, extras: Mapping[str, tuple[str, Value]]) -> None:
    """Only standards that the closed list knows; others are carried."""
    source, value = "conforms_to", reading.value("conforms_to")
    if value is None:
        source, value = extras.get("conforms_to", (source, None))
    found = []
    members = value if isinstance(value, list) else [] if value in (None, "") else [value]
    for number, member in enumerate(members):
        known = match(text_of(member) or "", STANDARD)
        if known:
            found.append(known)
        else:
            carry_member(reading, f"{source}.{number}" if isinstance(value, list) else source, member, "The list of values does not know it.")
    set_value(reading, "accessibility.formatAndStandards.conformsTo", source, found)


def _series(reading: Reading) -> None:
    value = reading.value("in_series")
    members = value if isinstance(value, list) else []
    names = [text for member in members if (text := text_of(member))]
    related(reading, "enrichmentAndLinkage.isPartOf", "in_series", [{"url" if re.match(r"https?://", name) else "title": name} for name in names])


def _records(reading: Reading, extras: Mapping[str, tuple[str, Value]]) -> None:
    """A number of records is an observation, counted in events."""
    for name in ("number_of_records", "numberOfRecords"):
        source, value = (name, reading.value(name)) if name in reading.document else extras.get(name, (name, None))
        text = str(value).strip() if not isinstance(value, bool) else ""
        if re.fullmatch(r"[0-9]{1,15}", text, re.ASCII):
            row = {"observedNode": "Events", "measuredValue": int(text), "measuredProperty": "COUNT"}
            set_value(reading, "observations", source, [row])


def _leave_the_portals_own(reading: Reading) -> None:
    for name in (*OF_CKAN, *(name for name, value in reading.document.items() if value in ("", [], {}))):
        reading.value(name)
