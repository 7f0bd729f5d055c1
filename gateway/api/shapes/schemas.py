"""Answers about schemas, validation and translation."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from gateway.api.shapes.base import FindingShape, Paged, Shape
from gateway.api.shapes.quality import QualityFound


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
