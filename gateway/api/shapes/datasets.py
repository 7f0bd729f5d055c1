"""Answers about datasets: summaries, versions, differences, links, notes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from gateway.api.shapes.base import FindingShape, Named, Paged, Shape
from schemas.record import Dataset


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
