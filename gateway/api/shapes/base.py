"""What the shapes of answers share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Named(Shape):
    slug: str = Field(examples=["hfea"])
    name: str = Field(examples=["Human Fertilisation and Embryology Authority"])


class Paged(Shape):
    next: str | None = Field(description="Address of the next page; null on the last.", examples=[None])


class FindingShape(Shape):
    rule: str = Field(examples=["SCH-REQUIRED"])
    severity: str = Field(examples=["error"])
    path: str = Field(examples=["/summary/abstract"], description="JSON Pointer into the submitted document.")
    field: str = Field(examples=["Abstract"])
    message: str
    hint: str
    value: str | None
