"""How well datasets are described: the score of a version in full, and how scores developed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from gateway.catalogue.published import Catalogue
from gateway.errors import NotFound
from gateway.models import Version
from gateway.store import Store, records
from harvesters.document_values import opened
from harvesters.source import Content
from schemas.findings import Finding
from schemas.quality import Score, score
from schemas.record import Dataset
from schemas.translate import Unreadable, read


@dataclass(frozen=True, slots=True)
class Point:
    """On ``day`` (ISO 8601) so many datasets had this mean score."""

    day: str
    datasets: int
    mean: float


def of_version(catalogue: Catalogue, version: Version) -> Score:
    """The score as on the day of the harvest, with its points and the fixes that would help most."""
    findings = [Finding.from_json(finding) for finding in version.findings]
    return score(
        Dataset.from_json(version.canonical), findings, today=version.valid_from.date(), paths=_paths(catalogue, version)
    )


def median_of_all(store: Store) -> float | None:
    with store.reading() as session:
        found = records.qualities(session)
    return round(median(found), 1) if found else None


def median_of_custodian(store: Store, custodian_id: int) -> float | None:
    with store.reading() as session:
        found = records.qualities(session, custodian_id=custodian_id)
    return round(median(found), 1) if found else None


def history_of_custodian(store: Store, custodian_id: int) -> tuple[Point, ...]:
    """The mean over the custodian's datasets at the end of each day on which one of them changed."""
    with store.reading() as session:
        changes = records.quality_changes(session, custodian_id)
    current: dict[int, float] = {}
    points: dict[str, Point] = {}
    for at, record_id, value in changes:
        current[record_id] = value
        day = at.date().isoformat()
        points[day] = Point(day, len(current), round(fmean(current.values()), 1))
    return tuple(points.values())


def as_json(found: Score) -> dict[str, Any]:
    return {
        "total": found.total,
        "band": found.band,
        "score_version": found.version,
        "parts": [
            {
                "name": part.name, "weight": part.weight, "percent": None if part.percent is None else round(part.percent, 1),
                "items": [{"name": item.name, "path": item.path, "earned": item.earned, "possible": item.possible} for item in part.items],
            }
            for part in found.parts
        ],
        "sections": [{"name": section.name, "filled": section.filled, "possible": section.possible} for section in found.sections],
        "fixes": [
            {"words": fix.words, "hint": fix.hint, "gain": fix.gain, "path": fix.path, "field": fix.field} for fix in found.fixes
        ],
    }


def _paths(catalogue: Catalogue, version: Version) -> Mapping[str, str]:
    """Where findings speak of the submitted document: worked out from its bytes, which are kept."""
    try:
        raw, body = catalogue.original(version)
        return read(opened(Content(body, raw.media_type, raw.charset)).value).paths
    except (NotFound, OSError, Unreadable, ValueError):
        return {}
