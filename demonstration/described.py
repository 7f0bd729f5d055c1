"""What a record says, whichever version of the specification it is written in: the few things that other protocols carry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from demonstration.holdings import Document

ADDRESS = re.compile(r"https?://[^\s\"';,)]+")


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    description: str
    columns: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Described:
    """``access_page`` is the first web address among the words on access; ``people`` is None where the number is not known."""

    id: str
    version: str
    issued: str
    modified: str
    title: str
    abstract: str
    description: str
    keywords: tuple[str, ...]
    custodian: str
    contact: str
    creator: str
    spatial: str
    start: str | None
    end: str | None
    ages: tuple[int, int] | None
    people: int | None
    access_page: str | None
    formats: tuple[str, ...]
    languages: tuple[str, ...]
    tables: tuple[Table, ...]


def described(document: Document) -> Described:
    content = document.content
    summary, coverage = content["summary"], content.get("coverage", {})
    temporal = content.get("provenance", {}).get("temporal", {})
    access = content.get("accessibility", {})
    standards, usage = access.get("formatAndStandards", {}), access.get("usage", {})
    rights = _text(access.get("access", {}).get("accessRights"))
    people = summary.get("populationSize")
    page = ADDRESS.search(rights)
    return Described(
        id=document.id, version=content["version"], issued=content["issued"], modified=content["modified"],
        title=_text(summary.get("title")), abstract=_text(summary.get("abstract")),
        description=_text(content.get("documentation", {}).get("description")), keywords=_texts(summary.get("keywords")),
        custodian=(summary.get("dataCustodian") or summary["publisher"])["name"], contact=_text(summary.get("contactPoint")),
        creator=_text(usage.get("resourceCreator")), spatial=_text(coverage.get("spatial")),
        start=temporal.get("startDate"), end=_date(temporal.get("endDate")), ages=_ages(coverage),
        people=people if isinstance(people, int) and people >= 0 else None, access_page=page.group() if page else None,
        formats=_texts(standards.get("format")), languages=_texts(standards.get("language")), tables=tuple(_tables(content)),
    )  # fmt: skip


def _text(value: Any) -> str:
    return "; ".join(_texts(value))


def _texts(value: Any) -> tuple[str, ...]:
    """A text, or a list of them; older versions write lists with ``;,;`` between."""
    if isinstance(value, list):
        return tuple(one for one in value if isinstance(one, str))
    return tuple(part.strip() for part in value.split(";,;")) if isinstance(value, str) and value else ()


def _date(value: Any) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) else None


def _ages(coverage: dict[str, Any]) -> tuple[int, int] | None:
    least, most = coverage.get("typicalAgeRangeMin"), coverage.get("typicalAgeRangeMax")
    if isinstance(least, int) and isinstance(most, int):
        return least, most
    found = re.fullmatch(r"(\d+)-(\d+)", str(coverage.get("typicalAgeRange", "")))
    return (int(found[1]), int(found[2])) if found else None


def _tables(content: dict[str, Any]) -> Iterator[Table]:
    structure = content.get("structuralMetadata") or []
    for table in structure.get("tables", []) if isinstance(structure, dict) else structure:
        columns = table.get("columns") or table.get("elements") or []
        yield Table(table["name"], table.get("description", ""), tuple(columns))
