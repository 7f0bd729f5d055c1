"""Answers about how complete descriptions are."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from gateway.api.shapes.base import Shape


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
