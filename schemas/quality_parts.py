"""The seven sub-scores, each a list of items with their points."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from schemas.findings import Finding, Severity
from schemas.quality_fields import BY_PATH, FIELDS, is_text
from schemas.quality_structure import Structure
from schemas.record import Dataset

COST: Final[Mapping[Severity, int]] = {"error": 10, "warning": 3, "advice": 1}
ELSEWHERE: Final = ("TXT-", "ACC-", "REF-12")
"""Rules whose flaws the other sub-scores show already."""

INTERVAL_DAYS: Final = {
    "Daily": 1, "Twice a week": 4, "Weekly": 7, "Biweekly": 14, "Monthly": 31, "Bimonthly": 61, "Quarterly": 92,
    "Biannual": 183, "Annual": 365, "Biennial": 730, "Static": 1095, "Irregular": 365, "Continuous": 365, "Other": 365,
}  # fmt: skip
SHORTEST_INTERVAL_DAYS: Final = 1
"""Where no frequency is stated: an unknown interval is never worth more than any stated one."""
GRACE_DAYS: Final = 30

ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)
PLACE: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?|[EKLMNSW][0-9]{8}|https?://\S+", re.ASCII)
PLACE_NAMES: Final = frozenset(
    ("united kingdom", "great britain", "england", "scotland", "wales", "northern ireland", "uk",
     "isle of man", "jersey", "guernsey", "ireland")
)  # fmt: skip
PARTS: Final = re.compile(r"[,;&()]| and ")
GENERIC_TITLES: Final = frozenset(("dataset", "data", "test", "untitled", "table", "database"))
FILE_LIKE: Final = re.compile(r"_|\.(csv|xlsx?|txt|sav|dta|json|parquet|sql)$", re.IGNORECASE)
ACRONYM: Final = re.compile(r"[A-Z0-9]{2,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a sub-score. ``path`` is the JSON Pointer of the field that earns it, in the canonical record."""

    name: str
    path: str
    earned: float
    possible: float


@dataclass(frozen=True, slots=True)
class Subject:
    """All that a score is made from. ``findings`` and ``links`` are None where nobody looked."""

    record: Dataset
    structure: Structure
    findings: tuple[Finding, ...] | None = None
    today: date | None = None
    links: Mapping[str, bool | None] | None = None
    paths: Mapping[str, str] = field(default_factory=dict)

    def has_finding(self, pointer: str, *rules: str) -> bool:
        where = self.paths.get(pointer, pointer)
        return any(
            finding.rule in rules and is_within(finding.path, (pointer, where)) for finding in self.findings or ()
        )


def is_within(path: str, places: Sequence[str]) -> bool:
    """Whether a JSON Pointer is one of the places or inside it."""
    return any(path == place or path.startswith(f"{place}/") for place in places)


FIELD_POINTS: Final = tuple(
    (row, Item(row.words, row.pointer, 0, row.weight), Item(row.words, row.pointer, row.weight, row.weight)) for row in FIELDS
)
"""Each field with its points where it is empty, and where it is filled."""


def completeness(subject: Subject) -> Iterator[Item]:
    for row, empty, filled in FIELD_POINTS:
        if row.is_counted(subject.record):
            yield filled if row.is_filled(subject.record) else empty


def conformance(subject: Subject) -> Iterator[Item]:
    """A hundred points to start with; a rule costs once for each field, however often it fires there."""
    if subject.findings is None:
        return
    yield Item("Every record starts with", "", 100, 100)
    costs: dict[tuple[str, str], Finding] = {}
    for finding in subject.findings:
        key = (finding.rule, finding.field)
        if not finding.rule.startswith(ELSEWHERE) and (
            key not in costs or COST[costs[key].severity] < COST[finding.severity]
        ):
            costs[key] = finding
    for (rule, field_name), finding in costs.items():
        yield Item(f"{field_name} ({rule})", finding.path, -COST[finding.severity], 0)


def findability(subject: Subject) -> Iterator[Item]:
    record = subject.record
    title, abstract = record.summary.title or "", record.summary.abstract or ""
    description = record.documentation.description or ""
    has_type = any(kind.sub_types for kind in record.provenance.origin.dataset_type or ())
    is_good_title = _is_good_title(title, abstract) and not subject.has_finding("/summary/title", "TXT-07", "TXT-09")
    own_abstract = (
        len(abstract.strip()) >= 50 and is_text(abstract) and _same(abstract) not in (_same(title), _same(description))
    )
    yield _item("A title that says what, where and whose", "summary.title", 20, is_good_title)
    yield _item("An abstract of its own, 50 characters or more", "summary.abstract", 20, own_abstract)
    yield _item(
        "A description of 200 characters or more", "documentation.description", 15, len(description.strip()) >= 200
    )
    yield _item(
        "Three keywords that do not repeat the title", "summary.keywords", 15, len(_own_keywords(record, title)) >= 3
    )
    yield _item("An area that is a known place", "coverage.spatial", 10, _has_place(subject))
    yield _item("A type with its sub-types", "provenance.origin.datasetType", 10, has_type)
    yield _item("A DOI or a persistent identifier", "summary.doiName", 10, _has_identifier(record))


def access(subject: Subject) -> Iterator[Item]:
    record = subject.record
    usage, rights = record.accessibility.usage, record.accessibility.access.access_rights or ()
    filled = BY_PATH["accessibility.access.accessRights"].is_filled(record)
    explained = filled and any(ADDRESS.search(text) or len(text.strip()) >= 40 for text in rights)
    lead = record.accessibility.access.delivery_lead_time
    contact = BY_PATH["summary.contactPoint"]
    personal = any(
        subject.has_finding(place, "PRV-01") for place in (contact.pointer, "/summary/dataCustodian/contactPoint")
    )
    yield _item("How to apply: an address or an explanation", "accessibility.access.accessRights", 30, explained)
    yield _filled("The kind of environment", "accessibility.access.accessServiceCategory", 15, record)
    yield _item("The time until access", "accessibility.access.deliveryLeadTime", 15, bool(lead) and lead != "Other")
    yield _filled("The cost", "accessibility.access.accessRequestCost", 10, record)
    yield _item("The contact of a team", "summary.contactPoint", 15, contact.is_filled(record) and not personal)
    said = bool(usage.data_use_limitation or usage.data_use_requirements)
    yield _item("Permitted uses or conditions", "accessibility.usage.dataUseLimitation", 10, said)
    yield _filled("The data controller", "accessibility.access.dataController", 5, record)


def structural(subject: Subject) -> Iterator[Item]:
    """Where no column is coded, the points of value lists go to the descriptions of columns."""
    counts, path = subject.structure, "structuralMetadata.tables"
    for name, possible, part, whole in (
        ("Tables present", 30, min(counts.tables, 1), 1),
        ("Tables described", 20, counts.described_tables, counts.tables),
        ("Columns described", 25 if counts.coded_columns else 40, counts.described_columns, counts.columns),
        ("Columns with a data type", 10, counts.typed_columns, counts.columns),
        (
            "Coded columns with their values",
            15 if counts.coded_columns else 0,
            counts.listed_columns,
            counts.coded_columns,
        ),
    ):
        if possible:
            yield Item(name, f"/{path.replace('.', '/')}", possible * part / whole if whole else 0, possible)


def freshness(subject: Subject) -> Iterator[Item]:
    if subject.today is None:
        return
    modified = _day(subject.record.modified)
    earned = 0.0
    if modified is not None:
        interval = INTERVAL_DAYS.get(
            subject.record.provenance.temporal.publishing_frequency or "", SHORTEST_INTERVAL_DAYS
        )
        earned = freshness_percent((subject.today - modified).days, interval)
    yield Item("Reviewed within the time its frequency asks for", "/modified", earned, 100)


def freshness_percent(age_days: int, interval_days: int) -> float:
    """100 up to 1.5 intervals and the grace, then linearly down to 0 at 4 intervals and the grace."""
    start, end = 1.5 * interval_days + GRACE_DAYS, 4 * interval_days + GRACE_DAYS
    return min(100.0, max(0.0, 100 * (end - age_days) / (end - start)))


def link_health(subject: Subject) -> Iterator[Item]:
    known = [alive for alive in (subject.links or {}).values() if alive is not None]
    if known:
        yield Item("Links that answer", "", sum(known), len(known))


# what the items ask


def _item(name: str, path: str, possible: int, is_earned: bool) -> Item:
    return Item(name, BY_PATH[path].pointer, possible if is_earned else 0, possible)


def _filled(name: str, path: str, possible: int, record: Dataset) -> Item:
    return _item(name, path, possible, BY_PATH[path].is_filled(record))


def _same(text: str) -> str:
    return " ".join(text.split()).casefold()


def _is_good_title(title: str, abstract: str) -> bool:
    bare = title.strip()
    is_generic = bare.casefold() in GENERIC_TITLES or FILE_LIKE.search(bare) or ACRONYM.fullmatch(bare)
    return is_text(title) and not is_generic and _same(title) != _same(abstract)


def _own_keywords(record: Dataset, title: str) -> frozenset[str]:
    words = [keyword for keyword in record.summary.keywords or () if is_text(keyword)]
    return frozenset(_same(word) for word in words) - {_same(title)}


def _has_place(subject: Subject) -> bool:
    places = [part.strip() for text in subject.record.coverage.spatial or () for part in PARTS.split(text)]
    known = any(PLACE.fullmatch(text) or _same(text) in PLACE_NAMES for text in places)
    return known and not subject.has_finding("/coverage/spatial", "REF-05")


def _has_identifier(record: Dataset) -> bool:
    return any(BY_PATH[path].is_filled(record) for path in ("summary.doiName", "identifier"))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
