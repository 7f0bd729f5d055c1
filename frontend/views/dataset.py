"""The pages of one dataset: overview, columns, quality, versions, and the tombstone of a withdrawn one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from frontend.addresses import dataset_part_path, dataset_path, with_query
from frontend.dataset_columns import PER_PAGE as COLUMNS_PER_PAGE
from frontend.dataset_columns import DatasetColumns
from frontend.views.forms import WithErrors
from frontend.views.layout import Link, PageView
from frontend.views.paging import Paging, paging
from frontend.words import counted, listed
from schemas.findings import Finding

LONGEST_NAME: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetHead:
    """What stands at the top of each of a dataset's pages.

    ``request_status`` is open, unrouted, preparation, open_data or closed. ``old_version`` is the number of the version shown when it is not the
    current one. ``is_stale`` says that the source has not listed the record lately.
    """

    ref: str
    slug: str
    title: str
    custodian_name: str | None = None
    custodian_slug: str | None = None
    request_status: str = "open"
    request_status_reason: str | None = None
    open_data_href: str | None = None
    """Where open data are."""
    checked_at: str | None = None
    """When the custodian last confirmed that no requests are taken."""
    version: str | None = None
    is_in_basket: bool = False
    is_demonstration: bool = False
    is_stale: bool = False
    stale_words: str = ""
    """Since when, and why, in one or two sentences."""
    old_version: int | None = None
    column_count: int | None = None
    version_count: int | None = None

    @property
    def takes_requests(self) -> bool:
        return self.request_status in ("open", "unrouted")

    @property
    def href(self) -> str:
        return dataset_path(self.ref, self.slug)

    def part(self, part: str) -> str:
        return dataset_part_path(self.ref, self.slug, part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A labelled fact. Empty ``values`` read "Not reported". ``is_text`` marks longer custodian's text (may hold mark-up);
    values that are web or mail addresses are linked."""

    label: str
    values: tuple[str, ...] = ()
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class FactGroup:
    """A section of facts. ``anchor`` is its id on the page."""

    title: str
    anchor: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CanIUse:
    """The first thing a researcher asks. Each is the custodian's statement, ``None`` where nothing is stated."""

    who_may_apply: str | None = None
    where_analysed: str | None = None
    lead_time: str | None = None
    cost: str | None = None
    jurisdiction: str | None = None


@dataclass(frozen=True, slots=True)
class SectionScore:
    """Completeness of one section of the record, in points."""

    name: str
    filled: int
    possible: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """``percent`` of what the schema asks for that is stated, and its sections."""

    percent: int
    sections: tuple[SectionScore, ...]


@dataclass(frozen=True, slots=True)
class ScorePart:
    """``percent`` is None where the part does not apply. ``weight`` is its share of the total."""

    name: str
    percent: float | None
    weight: float


@dataclass(frozen=True, slots=True)
class QualityScore:
    """``total`` of 100; ``band`` in a word; ``history`` pairs days with earlier totals, oldest first."""

    total: float
    band: str
    parts: tuple[ScorePart, ...]
    history: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """A count the custodian published, as stated."""

    what: str | None
    count: int | None
    measured: str | None
    date: str | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class RelatedDataset:
    """``relation`` in words ("Derived from"); ``href`` is ours where we hold the dataset, an address, or None."""

    relation: str
    title: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class SimilarDataset:
    """A dataset like this one; ``reasons`` are words on what they share."""

    title: str
    href: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """Where the record came from. ``harvested_at`` is when this version was read."""

    source_name: str
    source_href: str | None
    harvested_at: str
    record_version: str | None
    pid: str
    identifiers: tuple[str, ...] = ()
    shape: str | None = None
    last_seen_at: str | None = None
    last_changed_at: str | None = None
    last_attempt_at: str | None = None
    failures: int = 0
    """How often the source failed in a row since then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetOverviewView(PageView):
    """Overview. ``abstract`` and ``description_text`` are the custodian's own text, raw: the page cleans them.

    ``structured_data`` is a JSON-LD document as text; ``citation`` one plain sentence. ``not_said`` are labels of facts that
    are not reported, for the closing line. ``failed_blocks`` are sentences about blocks that could not be shown.
    """

    template: ClassVar[str] = "dataset/overview.html"

    head: DatasetHead
    abstract: str | None = None
    description_text: str | None = None
    keywords: tuple[str, ...] = ()
    can_i_use: CanIUse = CanIUse()
    people: int | None = None
    year_from: int | None = None
    year_to: int | None = None
    is_continuing: bool = False
    places: tuple[str, ...] = ()
    nations: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    """What of the United Kingdom the places name."""
    ages: str | None = None
    table_count: int | None = None
    quality: float | None = None
    completeness: Completeness | None = None
    groups: tuple[FactGroup, ...] = ()
    observations: tuple[ObservationRow, ...] = ()
    related: tuple[RelatedDataset, ...] = ()
    similar: tuple[SimilarDataset, ...] = ()
    not_said: tuple[str, ...] = ()
    source: SourceLine | None = None
    citation: str | None = None
    structured_data: str | None = None
    uses: tuple[Link, ...] = ()
    """The newest entries of the register, (title, address); ``uses_count`` is how many there are."""
    uses_count: int = 0
    failed_blocks: tuple[str, ...] = ()
    findings_errors: int = 0
    findings_count: int = 0
    """Of the version shown, while there is no score."""

    @property
    def title(self) -> str:
        return self.head.title

    @property
    def description(self) -> str | None:
        return self.abstract


@dataclass(frozen=True, slots=True)
class TableSummary:
    name: str
    description: str | None
    column_count: int
    is_selected: bool = False
    is_chosen: bool = False
    """All its columns are to be asked for."""

    @property
    def can_be_chosen(self) -> bool:
        return bool(self.column_count) and _fits_a_request(self.name)


def _fits_a_request(name: str) -> bool:
    """Names longer than a request has room for, or with signs that cannot be shown, are no use to whoever reads it."""
    return len(name) <= LONGEST_NAME and name.isprintable()


@dataclass(frozen=True, slots=True)
class CodedValue:
    """A value a column can hold, what it means, how often it occurs."""

    name: str
    description: str | None = None
    frequency: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRow:
    """One column. ``values_total`` counts all its coded values where only some are shown."""

    table: str
    name: str
    data_type: str | None = None
    description: str | None = None
    is_sensitive: bool | None = None
    values: tuple[CodedValue, ...] = ()
    values_total: int = 0
    also_in: int = 0
    """Other datasets with a column of this name; ``also_href`` leads to them."""
    also_href: str = ""
    anchor: str = ""
    """The fragment that leads to this row."""
    is_chosen: bool = False
    is_chosen_with_table: bool = False

    @property
    def can_be_chosen(self) -> bool:
        return bool(self.name.strip()) and _fits_a_request(self.name) and _fits_a_request(self.table)


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLine:
    """A scan of the data that tables and columns are shown from, beside what the dataset's own source says."""

    source_name: str
    source_href: str
    read_at: str
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class ChosenCount:
    """How much is chosen of a dataset: columns one by one, and whole tables."""

    columns: int = 0
    tables: int = 0

    def __bool__(self) -> bool:
        return bool(self.columns or self.tables)

    @property
    def words(self) -> str:
        """``12 columns and 2 whole tables``."""
        said = [counted(count, one) for count, one in ((self.columns, "column"), (self.tables, "whole table")) if count]
        return listed(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChoice:
    """What is chosen of the dataset so far, and the drafts that it may be carried to: their words and references."""

    count: ChosenCount = ChosenCount()
    drafts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetColumnsView(WithErrors):
    """Columns. ``asked`` says which; ``choices`` are the values of its filters; ``total`` counts the rows of all pages. ``choice`` is None
    where nothing can be asked for."""

    template: ClassVar[str] = "dataset/columns.html"

    head: DatasetHead
    tables: tuple[TableSummary, ...] = ()
    rows: tuple[ColumnRow, ...] = ()
    asked: DatasetColumns = field(default_factory=DatasetColumns)
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    total: int = 0
    scans: tuple[ScanLine, ...] = ()
    choice: ColumnChoice | None = None

    @property
    def title(self) -> str:
        return f"{'Error: ' if self.errors else ''}Columns – {self.head.title}"

    def href(self, asked: DatasetColumns) -> str:
        return with_query(self.head.part("columns"), asked.parameters())

    @property
    def paging(self) -> Paging:
        pages = 1 if self.asked.is_whole else max(1, -(-self.total // COLUMNS_PER_PAGE))
        return paging(self.asked.page, pages, lambda page: self.href(self.asked.on_page(page)))


@dataclass(frozen=True, slots=True)
class NextFix:
    """What would help most. ``gain`` is in points of the percentage; ``hint`` says how."""

    words: str
    gain: float
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetQualityView(PageView):
    """Quality. ``findings`` are those of the current version; ``scored_at`` is when they were made."""

    template: ClassVar[str] = "dataset/quality.html"

    head: DatasetHead
    score: QualityScore | None = None
    completeness: Completeness | None = None
    next_fixes: tuple[NextFix, ...] = ()
    findings: tuple[Finding, ...] = ()
    shape: str | None = None
    scored_at: str | None = None
    median: float | None = None
    """Median total of all datasets."""

    @property
    def title(self) -> str:
        return f"Quality – {self.head.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """``number`` is ours (1, 2, …), ``stated_version`` the custodian's. ``changed`` names the fields that changed."""

    number: int
    stated_version: str | None
    date: str
    origin: str
    changed: tuple[str, ...] = ()
    is_current: bool = False
    href: str | None = None
    difference_href: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs. ``before`` or ``after`` is None where the field was added or removed."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from version ``older`` to ``newer``."""

    older: int
    newer: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetVersionsView(PageView):
    """Versions, newest first, and the difference of two of them when one is asked for."""

    template: ClassVar[str] = "dataset/versions.html"

    head: DatasetHead
    versions: tuple[VersionRow, ...]
    difference: Difference | None = None

    @property
    def title(self) -> str:
        if self.difference:
            return f"Versions {self.difference.older} and {self.difference.newer} – {self.head.title}"
        return f"Versions – {self.head.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TombstoneView(PageView):
    """A withdrawn dataset (410). ``reason`` is a sentence."""

    template: ClassVar[str] = "dataset/tombstone.html"
    width: ClassVar[str] = "narrow"

    dataset_title: str
    custodian_name: str | None = None
    custodian_slug: str | None = None
    pid: str | None = None
    reason: str | None = None
    last_version: str | None = None
    withdrawn_at: str | None = None
    replacement: Link | None = None

    @property
    def title(self) -> str:
        return f"Withdrawn – {self.dataset_title}"

    @property
    def status(self) -> int:
        return 410
