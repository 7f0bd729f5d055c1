"""Answers about custodians, their sources, runs, holds and dry runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from gateway.api.shapes.base import FindingShape, Paged, Shape


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
    http: dict[str, Any] = Field(
        description="Requests, bytes and seconds; `response_ms` of the answers (p50, p95, max; `counts` by steps of a fifth) and `slowest`, the five slowest addresses without their query."
    )
    timings_ms: dict[str, int] = Field(
        description="total, and of it list, fetch, translate, validate and write; index comes after the run.", examples=[{"total": 5120, "fetch": 4030}]
    )
    attempt: int
    missed_ticks: int
    is_mass_change: bool = Field(description="Whether it changed more than half of what the source showed.")
    undoes: int | None = Field(description="The run that this one took back.")
    retries: int | None = Field(description="The run whose failed records this one fetches again, and nothing else.")
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
