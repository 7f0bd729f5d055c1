"""Canonical record -> simple Dublin Core: fifteen elements, each a text that may stand several times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.record import Dataset

Statement = tuple[str, str]
"""Name of the element, and its text."""


def dublin_core(record: Dataset, *, identifiers: Sequence[str], custodian: str | None, page: str) -> list[Statement]:
    """What of the record Dublin Core has a place for. ``page`` is where people read all of it."""
    return [(name, " ".join(text.split())) for name, text in _said(record, identifiers, custodian, page) if text and text.strip()]


def _said(record: Dataset, identifiers: Sequence[str], custodian: str | None, page: str) -> Iterator[tuple[str, str | None]]:
    summary, access = record.summary, record.accessibility.access
    answerable = summary.data_custodian.name or custodian
    yield "title", summary.title
    yield from (("creator", name) for name in record.accessibility.usage.resource_creator or [answerable or ""])
    yield from (("subject", word) for word in summary.keywords or ())
    yield "description", summary.abstract
    yield "description", record.documentation.description
    yield "publisher", answerable
    yield "date", record.modified or record.issued
    yield "type", "Dataset"
    yield from (("format", one) for one in record.accessibility.format_and_standards.format or ())
    yield from (("identifier", one) for one in dict.fromkeys([page, *identifiers]))
    yield from (("language", one) for one in record.accessibility.format_and_standards.language or ())
    yield from (("relation", one.url or one.pid) for one in record.enrichment_and_linkage.is_part_of or ())
    yield from (("coverage", place) for place in record.coverage.spatial or ())
    yield "coverage", period(record)
    yield from (("rights", one) for one in access.access_rights or ())


def period(record: Dataset) -> str | None:
    """``2001-01-01/2020-12-31``, open on the side that is not stated; None where neither is."""
    temporal = record.provenance.temporal
    if not temporal.start_date and not temporal.end_date:
        return None
    return f"{temporal.start_date or '..'}/{temporal.end_date or '..'}"
