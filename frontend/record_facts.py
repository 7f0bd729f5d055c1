"""What a dataset's pages read out of its record: facts in their groups, the figures, the tables and columns.

Every function takes the canonical record and returns view values. Nothing is guessed: what the record does not state is
None or empty, and the page says "Not reported".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, Final

from frontend.addresses import column_anchor
from frontend.custodian_text import plain
from frontend.views.dataset import (
    CanIUse,
    CodedValue,
    ColumnRow,
    Fact,
    FactGroup,
    ObservationRow,
    RelatedDataset,
    TableSummary,
)
from frontend.words import JURISDICTIONS, LANGUAGES, named, sentence_case
from schemas.record import Dataset
from schemas.record import RelatedDataset as Relation

VALUES_SHOWN: Final = 6
_YEAR: Final = re.compile(r"\d{4}")
_CONTINUING: Final = {"continuous", "continuing", "ongoing", "present"}


def can_i_use(record: Dataset) -> CanIUse:
    """The custodian's statements on access. Who may apply is not part of the record and stays None."""
    access = record.accessibility.access
    return CanIUse(
        where_analysed=access.access_service_category,
        lead_time=_words(access.delivery_lead_time),
        cost="; ".join(access.access_request_cost or ()) or None,
        jurisdiction=", ".join(named(access.jurisdiction, JURISDICTIONS)) or None,
    )


def years(record: Dataset) -> tuple[int | None, int | None, bool]:
    """First year, last year, whether it continues."""
    temporal = record.provenance.temporal
    end = (temporal.end_date or "").strip()
    return _year(temporal.start_date), _year(end), end.lower() in _CONTINUING


def ages(record: Dataset) -> str | None:
    """``0 to 110 years``, ``From 16 years``, None."""
    least, most = record.coverage.typical_age_range_min, record.coverage.typical_age_range_max
    if least is None and most is None:
        return None
    if least is None:
        return f"Up to {most} years"
    return f"From {least} years" if most is None else f"{least} to {most} years"


def fact_groups(record: Dataset) -> tuple[FactGroup, ...]:
    """The sections of the overview, each with all of its facts in a fixed order."""
    return (
        FactGroup("Access", "access", _access(record)),
        FactGroup("Coverage", "coverage", _coverage(record)),
        FactGroup("Origin", "origin", _origin(record)),
        FactGroup("Format and standards", "format", _format(record)),
    )


def not_said(groups: Iterable[FactGroup]) -> tuple[str, ...]:
    """The labels of the facts that the custodian has not stated."""
    return tuple(fact.label for group in groups for fact in group.facts if not fact.values)


def observations(record: Dataset) -> tuple[ObservationRow, ...]:
    return tuple(
        ObservationRow(
            what=_words(row.observed_node),
            count=row.measured_value,
            measured=_words(str(row.measured_property)) if row.measured_property is not None else None,
            date=row.observation_date,
            detail=row.disambiguating_description,
        )
        for row in record.observations or ()
    )


def related(record: Dataset, *, series: Collection[str] = ()) -> tuple[RelatedDataset, ...]:
    """Relations in words. ``href`` is set only from a stated web address; the handler replaces it by ours where we hold it.
    Being part of one of ``series`` (addresses) is told elsewhere."""
    linkage = record.enrichment_and_linkage
    kinds = (
        ("Derived from", linkage.derived_from),
        ("Part of", linkage.is_part_of),
        ("Linked with", linkage.linkable_datasets),
        ("Similar to", linkage.similar_to_datasets),
    )
    return tuple(RelatedDataset(words, _title(other), web_address(other.url)) for words, others in kinds for other in others or () if _title(other) and other.url not in series)


def column_count(record: Dataset) -> int:
    return sum(len(table.columns or ()) for table in record.structural_metadata.tables or ())


def tables(record: Dataset, *, selected: str = "") -> tuple[TableSummary, ...]:
    return tuple(
        TableSummary(table.name or "", table.description, len(table.columns or ()), bool(selected) and table.name == selected)
        for table in record.structural_metadata.tables or ()
    )


def column_rows(record: Dataset, *, values_shown: int | None = VALUES_SHOWN) -> tuple[ColumnRow, ...]:
    """Every column, each with an anchor of its own."""
    seen: set[str] = set()
    return tuple(
        replace(row, anchor=_anchor(row, seen))
        for part in record.structural_metadata.tables or ()
        for row in (_row(part.name or "", column, values_shown) for column in part.columns or ())
    )


def _anchor(row: ColumnRow, seen: set[str]) -> str:
    """With a number where an earlier row has the same."""
    plain = column_anchor(row.table, row.name)
    made = next(one for one in (plain, *(f"{plain}-{number}" for number in range(2, len(seen) + 3))) if one not in seen)
    seen.add(made)
    return made


def _row(table: str, column: Any, values_shown: int | None) -> ColumnRow:
    coded = [CodedValue(str(value.name), value.description, value.frequency) for value in column.values or () if value.name is not None]
    return ColumnRow(
        table=table,
        name="" if column.name is None else str(column.name),
        data_type=column.data_type,
        description=column.description,
        is_sensitive=column.sensitive,
        values=tuple(coded[:values_shown]),
        values_total=len(coded),
    )


def _access(record: Dataset) -> tuple[Fact, ...]:
    access, usage = record.accessibility.access, record.accessibility.usage
    return (
        Fact(label="Access rights", values=_many(access.access_rights)),
        Fact(label="How access is given", values=_one(access.access_service), is_text=True),
        Fact(label="Use limitations", values=_many(usage.data_use_limitation)),
        Fact(label="Use requirements", values=_many(usage.data_use_requirements)),
        Fact(label="Data controller", values=_one(access.data_controller)),
        Fact(label="Data processor", values=_one(access.data_processor)),
        Fact(label="Credit in publications", values=_many(usage.resource_creator)),
        Fact(label="Contact", values=_one(record.summary.contact_point)),
    )


def _coverage(record: Dataset) -> tuple[Fact, ...]:
    coverage = record.coverage
    return (
        Fact(label="Places", values=_many(coverage.spatial)),
        Fact(label="Follow-up", values=_one(_words(coverage.follow_up))),
        Fact(label="Samples", values=_many(coverage.material_type)),
        Fact(label="Pathway", values=_one(coverage.pathway), is_text=True),
        Fact(label="What is complete", values=_one(coverage.dataset_completeness), is_text=True),
    )


def _origin(record: Dataset) -> tuple[Fact, ...]:
    origin, temporal = record.provenance.origin, record.provenance.temporal
    kinds = [", ".join(filter(None, (kind.name, *(kind.sub_types or ())))) for kind in origin.dataset_type or ()]
    return (
        Fact(label="Kind of data", values=_many(kinds)),
        Fact(label="Collected for", values=_many(origin.purpose)),
        Fact(label="Collected from", values=_many(origin.source)),
        Fact(label="Collected in", values=_many(origin.collection_source)),
        Fact(label="Updated", values=_one(_words(temporal.publishing_frequency))),
        Fact(label="Time lag", values=_one(_words(temporal.time_lag))),
        Fact(label="Last release", values=_one(temporal.distribution_release_date)),
    )


def _format(record: Dataset) -> tuple[Fact, ...]:
    formats = record.accessibility.format_and_standards
    return (
        Fact(label="Vocabularies", values=_many(formats.vocabulary_encoding_scheme)),
        Fact(label="Conforms to", values=_many(formats.conforms_to)),
        Fact(label="Language", values=_many(named(formats.language, LANGUAGES))),
        Fact(label="Format", values=_many(formats.format)),
    )


def _many(values: Iterable[str | None] | None) -> tuple[str, ...]:
    return tuple(value for value in values or () if value and value.strip())


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value and value.strip() else ()


def _words(value: str | None) -> str | None:
    return sentence_case(plain(value)) or None


def _title(other: Relation) -> str:
    return other.title or other.pid or other.url or ""


def web_address(value: str | None) -> str | None:
    return value if value and value.startswith(("https://", "http://")) else None


def _year(value: str | None) -> int | None:
    found = _YEAR.match((value or "").strip())
    return int(found[0]) if found else None
