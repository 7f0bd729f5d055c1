"""Answers of the search for datasets and for columns."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from gateway.api.shapes.base import Paged, Shape


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


class AlsoDescribed(BaseModel):
    """The same dataset, as another source describes it."""

    ref: str = Field(examples=["mfrggzdfmz"])
    title: str
    slug: str | None = None
    custodian_name: str | None = None


class SearchHit(BaseModel):
    """One dataset found: the facts of its card, and why it matched."""

    model_config = ConfigDict(extra="allow")
    ref: str = Field(examples=["mfrggzdfmz"])
    url: str
    title: str | None = Field(default=None, examples=["Register of fertility treatments and outcomes (demonstration)"])
    score: float
    highlights: dict[str, list[MarkedText]]
    matched_in: dict[str, list[str]]
    by_synonym: dict[str, str] = Field(
        description="Fields that hold only other words for what was typed: the words found there, empty where that is not known.", examples=[{"title": "heart attack"}]
    )
    matched_columns: int = Field(description="How many columns of the dataset hold the words.", examples=[3])
    also_described: list[AlsoDescribed] = Field(
        default=[], description="The same dataset as other sources describe it. These are hits of their own only with `each=1`."
    )


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
    also_searched: list[str] = Field(description="What else the things that the words name are called; searched too.", examples=[["heart attack"]])
    read_as: list[str] = Field(description="The codes among the words, and what they mean.", examples=[["ICD-10 I21, acute myocardial infarction"]])
    problems: list[str] = Field(description="Parameters that could not be read, in sentences.")
    facets: list[FacetShape]
    items: list[ColumnHit]


class SearchPage(Paged):
    query: str = Field(examples=["fertility"])
    total: int = Field(description="Exact number of results, whatever the page.", examples=[3])
    corrected_to: str | None
    did_you_mean: str | None = Field(description="A word that far more datasets hold, near one that was typed.")
    also_searched: list[str] = Field(description="What else the things that the words name are called; searched too.", examples=[["heart attack"]])
    read_as: list[str] = Field(description="The codes among the words, and what they mean.", examples=[["ICD-10 I21, acute myocardial infarction"]])
    problems: list[str] = Field(description="Parameters that could not be read, in sentences.")
    facets: list[FacetShape]
    items: list[SearchHit]


class SuggestionShape(Shape):
    text: str = Field(examples=["fertility"])
    kind: str = Field(examples=["keyword"])
    id: str | None


class SuggestionList(Shape):
    items: list[SuggestionShape]
