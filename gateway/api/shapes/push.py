"""The shapes of answers to custodians' programs, for the OpenAPI description; gateway/api/shapes.py has the others."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from gateway.api.shapes.base import FindingShape, Paged, Shape
from gateway.api.shapes.sources import OutcomeShape
from schemas.record import Dataset


class PushedAnswer(Shape):
    outcome: str = Field(description="created, updated, restored or unchanged", examples=["updated"])
    unchanged: bool
    local_id: str = Field(examples=["sleep-survey-2025"])
    ref: str = Field(examples=["mfrggzdfmz"])
    pid: str
    url: str = Field(description="Its page.")
    version: int = Field(description="Our number of the version that is shown.", examples=[3])
    content_sha256: str
    specification: str | None = Field(examples=["HDRUK 4.0.0"])
    errors: int = Field(description="Findings of severity error; they do not keep a dataset from being shown.")
    findings: list[FindingShape]
    losses: list[dict[str, Any]] = Field(description="What reading into the canonical record changed.")
    carried: list[dict[str, Any]] = Field(description="Fields that the canonical record has no place for; kept beside it.")
    run: int | None = Field(description="The run that wrote it; null where nothing was written.")
    indexed: bool | None = Field(description="With wait=index: whether search finds it yet.")


class OriginalShape(Shape):
    sha256: str
    media_type: str
    length_bytes: int
    document: Any = Field(description="What was sent, where it is JSON; `as=original` gives the exact bytes.")


class RefusalShape(Shape):
    run: int
    at: datetime
    reason: str | None
    findings: list[FindingShape]


class OwnDataset(Shape):
    local_id: str = Field(examples=["sleep-survey-2025"])
    ref: str
    pid: str
    url: str
    title: str | None
    state: str = Field(description="live, missing, removed, withheld or unpublished", examples=["live"])
    version: int | None
    content_sha256: str | None
    stale_since: datetime | None = Field(description="Since when what is sent has been refused, so that an earlier version is shown.")
    missing_since: datetime | None
    last_changed_at: datetime


class OwnDatasetPage(Paged):
    items: list[OwnDataset]


class OwnDatasetAnswer(OwnDataset):
    record: Dataset | None = Field(description="The canonical record that is shown.")
    findings: list[FindingShape]
    losses: list[dict[str, Any]]
    carried: list[dict[str, Any]]
    original: OriginalShape | None
    refused: RefusalShape | None = Field(description="The newest document that was refused, if it came after what is shown.")


class HeldDeletion(Shape):
    state: str = Field(examples=["held"])
    hold: int
    why: str


class ReceiptAnswer(Paged):
    id: str = Field(examples=["pT5mJ0kq3yW2c8rV9nXbLA"])
    state: str = Field(description="queued, running, waiting, succeeded, partial, held, failed or cancelled", examples=["partial"])
    mode: str = Field(examples=["upsert"])
    run: int
    counts: dict[str, int] = Field(description="Datasets by outcome, once the run is over.", examples=[{"created": 9900, "rejected": 100}])
    reason: str | None
    error: str | None
    sha256: str
    length_bytes: int
    received_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    is_over: bool
    items: list[OutcomeShape]


class FieldChange(Shape):
    path: str = Field(examples=["/summary/title"])
    current: Any
    sent: Any


class TrialItem(Shape):
    local_id: str
    outcome: str = Field(examples=["updated"])
    reason: str | None
    sentence: str | None
    hint: str | None
    detail: str | None
    findings: list[FindingShape]
    losses: list[dict[str, Any]]
    carried: list[dict[str, Any]]
    diff: list[FieldChange] = Field(description="Against what is held, at most 200 fields.")


class TrialAnswer(Shape):
    counts: dict[str, int] = Field(examples=[{"created": 2, "quarantined": 1}])
    items: list[TrialItem] = Field(description="The first thousand.")
