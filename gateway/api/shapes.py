"""The shapes of answers, for the OpenAPI description. Answers are written with orjson, and a test holds them against these."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.record import Dataset


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Named(Shape):
    slug: str = Field(examples=["hfea"])
    name: str = Field(examples=["Human Fertilisation and Embryology Authority"])


class Paged(Shape):
    next: str | None = Field(description="Address of the next page; null on the last.", examples=[None])


class FacetValueShape(Shape):
    value: str = Field(examples=["England"])
    count: int = Field(examples=[12], description="Results with this value, all other facets applied.")
    selected: bool


class FacetShape(Shape):
    name: str = Field(examples=["nation"])
    total: int = Field(description="How many values there are.")
    values: list[FacetValueShape]


class MarkedText(Shape):
    text: str = Field(examples=["fertility"])
    marked: bool = Field(description="Whether this piece matched.")


class SearchHit(BaseModel):
    """One dataset found: the facts of its card, and why it matched."""

    model_config = ConfigDict(extra="allow")
    ref: str = Field(examples=["mfrggzdfmz"])
    url: str
    title: str | None = Field(default=None, examples=["Register of fertility treatments and outcomes (demonstration)"])
    score: float
    highlights: dict[str, list[MarkedText]]
    matched_in: dict[str, list[str]]
    matched_columns: int = Field(description="How many columns of the dataset hold the words.", examples=[3])


class ColumnHit(BaseModel):
    """One column of a dataset, and why it matched."""

    model_config = ConfigDict(extra="allow")
    name: str | None = Field(default=None, examples=["smoking_status"])
    description: str | None = None
    type: str | None = Field(default=None, examples=["varchar"])
    table: str | None = None
    sensitive: str | None = Field(default=None, examples=["No"])
    dataset: str = Field(description="The ref of its dataset.", examples=["mfrggzdfmz"])
    dataset_title: str | None = None
    dataset_url: str
    score: float
    highlights: dict[str, list[MarkedText]]
    matched_in: dict[str, list[str]]


class ColumnPage(Paged):
    query: str = Field(examples=["smoking"])
    total: int = Field(description="Exact number of columns, whatever the page.", examples=[3])
    corrected_to: str | None
    did_you_mean: str | None
    problems: list[str] = Field(description="Parameters that could not be read, in sentences.")
    facets: list[FacetShape]
    items: list[ColumnHit]


class SearchPage(Paged):
    query: str = Field(examples=["fertility"])
    total: int = Field(description="Exact number of results, whatever the page.", examples=[3])
    corrected_to: str | None
    did_you_mean: str | None = Field(description="A word that far more datasets hold, near one that was typed.")
    problems: list[str] = Field(description="Parameters that could not be read, in sentences.")
    facets: list[FacetShape]
    items: list[SearchHit]


class SuggestionShape(Shape):
    text: str = Field(examples=["fertility"])
    kind: str = Field(examples=["keyword"])
    id: str | None


class SuggestionList(Shape):
    items: list[SuggestionShape]


class FindingShape(Shape):
    rule: str = Field(examples=["SCH-REQUIRED"])
    severity: str = Field(examples=["error"])
    path: str = Field(examples=["/summary/abstract"], description="JSON Pointer into the submitted document.")
    field: str = Field(examples=["Abstract"])
    message: str
    hint: str
    value: str | None


class DatasetSummary(Shape):
    ref: str = Field(examples=["mfrggzdfmz"])
    url: str
    pid: str
    identifiers: list[str]
    title: str | None
    abstract: str | None
    custodian: Named | None
    source: str
    state: str = Field(examples=["live"])
    version: int = Field(examples=[2])
    stated_version: str | None = Field(examples=["1.0.0"])
    stated_modified: str | None
    specification: str | None = Field(examples=["HDRUK 4.0.0"])
    errors: int = Field(description="Findings of severity error.")
    quality: float | None = Field(description="Score of the description on the day of the harvest, 0 to 100.", examples=[83.2])
    accepts_requests: bool
    first_seen_at: datetime
    last_changed_at: datetime
    missing_since: datetime | None
    stale_since: datetime | None


class LikenessShape(Shape):
    kind: str = Field(examples=["keywords"])
    values: list[str] = Field(examples=[["asthma"]])


class SimilarDataset(Shape):
    ref: str = Field(examples=["mfrggzdfmz"])
    url: str
    title: str | None
    custodian_name: str | None
    reasons: list[LikenessShape]


class SimilarList(Shape):
    items: list[SimilarDataset]


class DatasetPage(Paged):
    items: list[DatasetSummary]


class SeriesShape(Shape):
    url: str = Field(description="The address of the series; `/datasets?series=` lists its members.")
    title: str | None
    description: str | None
    datasets: int = Field(description="How many datasets of it are published here.")


class DatasetAnswer(DatasetSummary):
    record: Dataset
    findings: list[FindingShape]
    losses: list[dict[str, Any]]
    carried: list[dict[str, Any]]
    series: list[SeriesShape] = Field(description="Series of datasets that this one is in.")
    extensions: dict[str, Any] = Field(description="Fields that partners add to the specification, under their own names.")


class VersionShape(Shape):
    number: int = Field(examples=[1])
    valid_from: datetime
    stated_version: str | None
    stated_modified: str | None
    specification: str | None
    is_older_state: bool
    content_sha256: str
    changed: list[str] = Field(description="JSON Pointers of the fields that differ from the version before.")
    errors: int
    run: int | None


class VersionPage(Paged):
    items: list[VersionShape]


class VersionAnswer(VersionShape):
    record: Dataset
    findings: list[FindingShape]


class FieldDifference(Shape):
    path: str = Field(examples=["/summary/title"])
    before: Any = Field(description="Null where nothing was stated.")
    after: Any


class ChangedBy(Shape):
    run: int | None
    at: datetime
    cause: str | None = Field(description="Why there is the newer version, where its source did not send it.")


class DiffAnswer(Shape):
    ref: str
    from_: int = Field(alias="from", examples=[1])
    to: int = Field(examples=[2])
    is_complete: bool = Field(description="Whether these are all differences.")
    changes: list[FieldDifference]
    changed_by: ChangedBy


class QualityItem(Shape):
    name: str
    path: str
    earned: float
    possible: float


class QualityPart(Shape):
    name: str = Field(examples=["Completeness"])
    weight: float
    percent: float | None = Field(description="Null where the part does not apply.")
    items: list[QualityItem]


class QualitySection(Shape):
    name: str
    filled: int
    possible: int


class QualityFix(Shape):
    words: str
    hint: str
    gain: float = Field(description="What the total rises by when this is mended.")
    path: str
    field: str


class QualityPoint(Shape):
    version: int
    at: datetime
    total: float | None


class QualityFound(Shape):
    total: float = Field(examples=[83.2])
    band: str = Field(examples=["good"])
    score_version: str
    parts: list[QualityPart]
    sections: list[QualitySection]
    fixes: list[QualityFix]


class QualityAnswer(QualityFound):
    ref: str
    median: float | None = Field(description="Of all datasets.")
    history: list[QualityPoint]


class CustodianQualityPoint(Shape):
    day: str = Field(examples=["2026-11-25"])
    datasets: int
    mean: float


class CustodianQuality(Shape):
    slug: str
    datasets: int
    median: float | None
    history: list[CustodianQualityPoint]


class ReportEntry(Shape):
    kind: str = Field(examples=["renamed"])
    from_: str | None = Field(alias="from", description="JSON Pointer into the canonical record.")
    to: str | None = Field(description="JSON Pointer into the document written.")
    value: str
    rule: str
    reversible: bool = Field(description="Whether reading the result gives the value back.")
    message: str


class TranslationAnswer(Shape):
    target: str = Field(examples=["HDRUK 3.0.0"])
    conforms: bool
    document: dict[str, Any]
    report: list[ReportEntry]


class SchemaShape(Shape):
    name: str = Field(examples=["HDRUK 4.0.0"])
    model: str
    version: str
    sha256: str = Field(description="Of the schema's canonical bytes, which `url` answers.")
    url: str


class SchemaPage(Paged):
    items: list[SchemaShape]


class CustodianShape(Shape):
    slug: str
    name: str
    category: str | None = Field(examples=["National agency or public body"])
    nations: list[str]
    description: str | None
    identifier: str | None
    origin: str = Field(examples=["registered"], description="registered, or named by a record")
    is_demonstration: bool
    datasets: int
    accepts_requests: bool


class CustodianPage(Paged):
    items: list[CustodianShape]


class RunShape(Shape):
    id: int = Field(examples=[42])
    source: str = Field(examples=["hfea"])
    trigger: str = Field(examples=["schedule"])
    wanted_pass: str = Field(examples=["incremental"])
    state: str = Field(examples=["succeeded"])
    counters: dict[str, int] = Field(examples=[{"created": 3, "unchanged": 12}])
    reason: str | None
    error: str | None
    http: dict[str, Any]
    timings_ms: dict[str, int]
    attempt: int
    missed_ticks: int
    is_mass_change: bool = Field(description="Whether it changed more than half of what the source showed.")
    undoes: int | None = Field(description="The run that this one took back.")
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class RunPage(Paged):
    items: list[RunShape]


class ProblemShape(Shape):
    code: str = Field(examples=["SCH-REQUIRED"])
    severity: str = Field(examples=["error"])
    records: int
    example: str


class RunAnswer(RunShape):
    problems: list[ProblemShape]


class OutcomeShape(Shape):
    id: int
    local_id: str
    title: str | None
    outcome: str = Field(examples=["created"])
    reason: str | None
    sentence: str | None
    hint: str | None
    detail: str | None
    dataset: str | None = Field(description="ref of the dataset, where there is one")
    findings: list[FindingShape]
    at: datetime


class OutcomePage(Paged):
    items: list[OutcomeShape]


class EventShape(Shape):
    seq: int
    at: datetime
    kind: str
    data: dict[str, Any]


class EventPage(Paged):
    items: list[EventShape]


class SourceShape(Shape):
    slug: str = Field(examples=["hfea"])
    name: str
    kind: str = Field(examples=["federation"])
    custodian: str | None
    configuration: dict[str, Any]
    has_secret: bool
    policy: dict[str, Any]
    schedule: str = Field(examples=["@daily"])
    timezone: str
    state: str
    next_due_at: datetime | None
    last_attempt_at: datetime | None
    last_success_at: datetime | None
    last_complete_pass_at: datetime | None
    consecutive_failures: int
    latest_run: RunShape | None


class SourcePage(Paged):
    items: list[SourceShape]


class ValidationAnswer(Shape):
    shape: str | None = Field(examples=["HDRUK 4.0.0"])
    schema_sha256: str | None
    conforms: bool
    errors: int
    warnings: int
    advice: int
    publishable: bool = Field(description="Whether a harvest would publish the record.")
    quality: QualityFound | None = Field(description="How well the record is described; null where it cannot be read.")
    findings: list[FindingShape]
    not_checked: list[str] = Field(description="Rules that need what only the catalogue knows: other records, earlier states, visits to links.")


class TriagePart(Shape):
    reference: str = Field(examples=["AR-7K3M9Q2XJ"])
    part: str
    custodian: str | None
    datasets: list[str]
    waiting_since: datetime


class TriagePage(Paged):
    items: list[TriagePart]


class PartLine(Shape):
    part: str = Field(examples=["4f9c1e0a7b2d4c6e8f901234"])
    reference: str = Field(examples=["AR-7K3M9Q2XJ"])
    title: str
    state: str = Field(examples=["screening"])
    since: datetime
    sent_at: datetime
    datasets: int


class PartPage(Paged):
    items: list[PartLine]


class PartDataset(Shape):
    ref: str
    title: str | None
    version: int


class PartHistory(Shape):
    at: datetime
    what: str
    who: str
    detail: str | None


class PartFileShape(Shape):
    id: str = Field(description="Fetch it at /api/v1/parts/{part}/files/{id}.", examples=["0f9c5d1e7a3b4c2d8e6f0a1b"])
    question: str = Field(examples=["project.protocol"])
    name: str = Field(examples=["protocol.pdf"])
    media_type: str = Field(examples=["application/pdf"])
    size_bytes: int
    sha256: str
    state: str = Field(description="clean, waiting or unavailable (for the scanner), refused, gone.", examples=["clean"])


class PartAnswer(Shape):
    part: str
    reference: str
    title: str
    state: str
    version: int = Field(description="Send it with a command, so that nobody's change is overrun.")
    since: datetime | None
    answers: dict[str, Any] = Field(description="By key of the question bank: text, a number, a list, or rows of named texts, by the question's type; files by their ids.")
    files: list[PartFileShape]
    datasets: list[PartDataset]
    others: list[str] = Field(description="Other custodians of the request, where the applicant lets them know of each other.")
    conditions: dict[str, str] = Field(description="Each condition and whether it is open, met or waived.")
    access_ends: str | None
    history: list[PartHistory]
    allowed: list[str] = Field(description="Commands that your system could give now.")


class HoldShape(Shape):
    id: int = Field(examples=[3])
    source: str = Field(examples=["hfea"])
    run: int = Field(description="The run that raised it last.")
    state: str = Field(examples=["open"])
    why: str
    count: int = Field(description="How many records it lists.")
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    decided_by: str | None


class HoldPage(Paged):
    items: list[HoldShape]


class HeldRecordShape(Shape):
    ref: str
    local_id: str
    title: str | None


class HoldAnswer(HoldShape):
    removed: int = Field(description="Datasets that this decision removed.")
    records: list[HeldRecordShape] = Field(description="Those of the records that are still shown.")


class DryRunShape(Shape):
    id: int
    source: str = Field(examples=["hfea"])
    state: str = Field(examples=["succeeded"])
    counters: dict[str, int]
    failure: dict[str, str] | None
    started_at: datetime
    ended_at: datetime


class DryRunPage(Paged):
    items: list[DryRunShape]


class DryRunAnswer(DryRunShape):
    records: list[dict[str, Any]] = Field(description="The first thousand that would not stay as they are, with findings and changes.")
    missing: list[str]
    removed: list[str]
    held: list[str] = Field(description="Identifiers whose removal would wait for a person.")
    why_held: str
    is_mass_change: bool
    links: list[dict[str, str]] = Field(description="Datasets of other sources that share an identifier.")
    requests: int


class QueuedShape(Shape):
    queued: bool


class NamedDataset(Shape):
    ref: str
    title: str | None


class LinkShape(Shape):
    id: int
    state: str = Field(examples=["linked"])
    evidence: dict[str, str] = Field(examples=[{"identifier": "10.5555/example"}])
    decided_by: str | None
    datasets: list[NamedDataset]


class LinkPage(Paged):
    items: list[LinkShape]


class GroupAnswer(Shape):
    group: list[str]
    items: list[LinkShape]


class AnswerShape(Shape):
    code: str = Field(examples=["missing"])
    sentence: str
    hint: str


class MetShape(Shape):
    run: int
    outcome: str
    reason: str | None
    at: datetime


class ExplanationShape(Shape):
    dataset: str | None = Field(description="ref of its page here; null for what was never taken in.")
    local_id: str
    title: str | None
    state: str | None = Field(examples=["live"])
    is_visible: bool
    source: str
    answers: list[AnswerShape]
    findings: list[FindingShape]
    outcomes: list[MetShape]
    last_attempt_at: datetime | None
    last_success_at: datetime | None
    next_due_at: datetime | None


class NoteShape(Shape):
    id: int
    text: str
    by: str = Field(description="Who wrote it.")
    at: datetime


class NoteList(Shape):
    items: list[NoteShape]
