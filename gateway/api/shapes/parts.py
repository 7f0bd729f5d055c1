"""Answers about parts of requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from gateway.api.shapes.base import Paged, Shape


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
    kept_out: str | None = Field(description="Why the key's owner cannot read it: they are on the request, work for its lead’s organisation, or declared a conflict of interest.")


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


class PartEvidence(Shape):
    evidence: str = Field(description="Its name, for `verify_evidence` and `refuse_evidence`.", examples=["REC 20/EM/0148"])
    type: str | None = Field(examples=["REC"])
    reference: str | None = Field(examples=["20/EM/0148"])
    issuer: str | None
    issued: str | None
    expires: str | None
    opinion: str | None
    state: str = Field(description="awaited (not confirmed yet), verified, refused.", examples=["awaited"])
    file: PartFileShape | None = Field(description="The paper that shows it, if one came with it.")


class PartAgreement(Shape):
    id: str = Field(description="Fetch it at /api/v1/parts/{part}/agreements/{id}.", examples=["0f9c5d1e7a3b4c2d8e6f0a1b"])
    title: str
    name: str
    size_bytes: int
    sha256: str = Field(description="Send it with `sign_agreement`: it says what is signed.")
    issued_at: datetime
    standing: str = Field(description="unsigned, by_applicant, by_custodian, in_force, replaced, over.", examples=["in_force"])


class PartAnswer(Shape):
    part: str
    reference: str
    title: str
    state: str
    version: int = Field(description="Send it with a command, so that nobody's change is overrun.")
    since: datetime | None
    answers: dict[str, Any] = Field(description="By key of the question bank: text, a number, a list, or rows of named texts, by the question's type; files by their ids.")
    files: list[PartFileShape]
    evidence: list[PartEvidence] = Field(description="Approvals of other bodies, in the order in which they were named.")
    datasets: list[PartDataset]
    others: list[str] = Field(description="Other custodians of the request, where the applicant lets them know of each other.")
    conditions: dict[str, str] = Field(description="Each condition and whether it is open, met or waived.")
    access_ends: str | None
    agreements: list[PartAgreement] = Field(description="The newest first.")
    history: list[PartHistory]
    allowed: list[str] = Field(description="Commands that your system could give now.")
