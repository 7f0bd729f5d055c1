"""How good a record is, from 0 to 100: seven sub-scores, every point of them shown, and what would help most.

The total is the weighted mean of the sub-scores that apply, rounded to one decimal. It is a pure function of the record,
the findings about it, a day and the state of its links; equal input gives an equal score. Two rules hold for every
record: filling an empty field with a sound value never lowers a sub-score that looks at fields, and the gain announced
for a fix is what the total rises by when it is made. Scores of different ``SCORE_VERSION`` are never compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from schemas.findings import Finding
from schemas.quality_fields import A_TEXT, BY_PATH, FIELDS, ONE_VALUE, SECTIONS, TABLES, Field, section_of, with_value
from schemas.quality_parts import (
    Item,
    Subject,
    access,
    completeness,
    conformance,
    findability,
    freshness,
    is_within,
    link_health,
    structural,
)  # fmt: skip
from schemas.quality_structure import structure_of
from schemas.record import Dataset
from schemas.words import field_name

__all__ = ["SCORE_VERSION", "WEIGHTS", "Fix", "Item", "Score", "SectionPoints", "SubScore", "mended", "score", "total_score"]

SCORE_VERSION: Final = "1"
WEIGHTS: Final[Mapping[str, float]] = {
    "Completeness": 25, "Conformance": 20, "Findability": 15, "Access clarity": 15, "Structural depth": 10,
    "Freshness": 10, "Link health": 5,
}  # fmt: skip
BANDS: Final = ((85, "excellent"), (70, "good"), (50, "fair"))
PARTS: Final[Mapping[str, tuple[Callable[[Subject], Iterator[Item]], tuple[str, ...]]]] = {
    "Completeness": (completeness, ("record",)),
    "Conformance": (conformance, ("findings",)),
    "Findability": (findability, ("record", "findings")),
    "Access clarity": (access, ("record", "findings")),
    "Structural depth": (structural, ("structure",)),
    "Freshness": (freshness, ("record",)),
    "Link health": (link_health, ("links",)),
}
"""Each sub-score with what it is made from, apart from the day."""

TABLE_FIXES: Final = {
    "tables described": ("Describe every table", "One sentence each: what one row stands for."),
    "columns described": ("Describe every column", "One sentence each: what the value means, its unit, its gaps."),
    "data types": ("Give every column its data type", "Such as string, integer, date or code."),
    "value lists": ("List the values of coded columns", "Each code with its meaning."),
}


@dataclass(frozen=True, slots=True)
class SubScore:
    """``percent`` is None where the sub-score does not apply; ``items`` are all its points."""

    name: str
    weight: float
    percent: float | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class SectionPoints:
    """Completeness of one section of the record: weights of the fields filled, and of all that apply."""

    name: str
    filled: int
    possible: int


@dataclass(frozen=True, slots=True)
class Fix:
    """``gain`` is what the total rises by. ``path`` is a JSON Pointer into the canonical record, or into the submitted
    document where only findings are mended. ``example`` is the value the gain was computed with, never to be taken over;
    None where what is there suffices. ``findings`` are those that go with it."""

    words: str
    hint: str
    gain: float
    path: str
    field: str
    effort: int
    example: Any = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """``sections`` add up to the items of Completeness. ``fixes`` are the best first, by gain over effort."""

    total: float
    band: str
    version: str
    parts: tuple[SubScore, ...]
    sections: tuple[SectionPoints, ...]
    fixes: tuple[Fix, ...]

    def part(self, name: str) -> SubScore:
        return next(part for part in self.parts if part.name == name)


def score(
    record: Dataset,
    findings: Iterable[Finding] | None = None,
    *,
    today: date | None = None,
    links: Mapping[str, bool | None] | None = None,
    paths: Mapping[str, str] | None = None,
    weights: Mapping[str, float] = WEIGHTS,
    fix_limit: int = 5,
) -> Score:
    """Score a record. What is not given is not scored: no findings, no Conformance; no ``today``, no Freshness.

    ``links`` maps probed addresses to alive, dead or unknown (None). ``paths`` leads canonical paths to those of the
    submitted document, in which findings speak (``Reading.paths``).
    """
    subject = _subject(record, findings, today, links, paths)
    parts = _parts(subject, weights)
    total = _total(parts)
    fixes = _fixes(subject, parts, total, weights) if fix_limit else []
    return Score(total, band_of(total), SCORE_VERSION, parts, _sections(parts[0]), tuple(fixes[:fix_limit]))


def total_score(
    record: Dataset, findings: Iterable[Finding], *, today: date, paths: Mapping[str, str], links: Mapping[str, bool | None] | None = None
) -> float:
    """The total alone of :func:`score`."""
    return _total(_parts(_subject(record, findings, today, links, paths), WEIGHTS))


def band_of(total: float) -> str:
    """excellent from 85, good from 70, fair from 50, otherwise *needs work*."""
    return next((name for limit, name in BANDS if total >= limit), "needs work")


def mended(record: Dataset, findings: Iterable[Finding], fix: Fix) -> tuple[Dataset, tuple[Finding, ...]]:
    """The record and the findings once a fix of a field or of findings is made: what its gain was computed with."""
    changed = record if fix.example is None else with_value(record, fix.path[1:].replace("/", "."), fix.example)
    return changed, _without(tuple(findings), fix)


def _subject(
    record: Dataset, findings: Iterable[Finding] | None, today: date | None, links: Mapping[str, bool | None] | None,
    paths: Mapping[str, str] | None,
) -> Subject:  # fmt: skip
    structure = structure_of(record.structural_metadata.tables)
    return Subject(record, structure, None if findings is None else tuple(findings), today, links, paths or {})


def _parts(subject: Subject, weights: Mapping[str, float]) -> tuple[SubScore, ...]:
    return tuple(_part(name, weights[name], tuple(items(subject))) for name, (items, _) in PARTS.items())


def _parts_after(
    after: Subject, before: Subject, parts: tuple[SubScore, ...], weights: Mapping[str, float]
) -> tuple[SubScore, ...]:
    """As :func:`_parts`, for a subject that differs little from another: what is made from the same is the same."""
    return tuple(
        part if all(getattr(after, name) is getattr(before, name) for name in inputs)
        else _part(part.name, weights[part.name], tuple(items(after)))
        for part, (items, inputs) in zip(parts, PARTS.values(), strict=True)
    )  # fmt: skip


def _part(name: str, weight: float, items: tuple[Item, ...]) -> SubScore:
    possible = sum([item.possible for item in items])
    percent = max(0.0, 100 * sum([item.earned for item in items]) / possible) if possible else None
    return SubScore(name, weight, percent, items)


def _total(parts: tuple[SubScore, ...]) -> float:
    applying = [(part.weight, part.percent) for part in parts if part.percent is not None]
    weight = sum(weight for weight, _ in applying)
    return round(sum(weight * percent for weight, percent in applying) / weight, 1) if weight else 0.0


def _sections(part: SubScore) -> tuple[SectionPoints, ...]:
    points = {name: [0.0, 0.0] for name in SECTIONS.values()}
    for item in part.items:
        section = points[section_of(item.path[1:].replace("/", "."))]
        section[0] += item.earned
        section[1] += item.possible
    return tuple(
        SectionPoints(name, int(filled), int(possible)) for name, (filled, possible) in points.items() if possible
    )


# what would help most


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A fix whose gain is not known yet, and what things would be like once it is made."""

    fix: Fix
    after: Subject


def _fixes(subject: Subject, parts: tuple[SubScore, ...], total: float, weights: Mapping[str, float]) -> list[Fix]:
    fixes = []
    for candidate in _candidates(subject, parts):
        gain = round(_total(_parts_after(candidate.after, subject, parts, weights)) - total, 1)
        if gain > 0:
            fixes.append(replace(candidate.fix, gain=gain))
    return sorted(fixes, key=lambda fix: -fix.gain / fix.effort)


def _candidates(subject: Subject, parts: tuple[SubScore, ...]) -> Iterator[_Candidate]:
    failing = {item.path for part in parts for item in part.items if 0 <= item.earned < item.possible}
    concerned: set[Finding] = set()
    for row in FIELDS:
        if row.path == "structuralMetadata.tables" and subject.structure.tables:
            continue
        places = (row.pointer, subject.paths.get(row.pointer, row.pointer))
        flaws = tuple(finding for finding in subject.findings or () if is_within(finding.path, places))
        concerned.update(flaws)
        if row.pointer in failing or flaws:
            example = _example(subject, row) if row.pointer in failing else None
            yield _candidate(
                subject, Fix(row.words, row.hint, 0.0, row.pointer, field_name(row.pointer), row.effort, example, flaws)
            )
    yield from _table_candidates(subject)
    yield from _finding_candidates(subject, concerned)
    yield from _link_candidates(subject)


def _candidate(subject: Subject, fix: Fix) -> _Candidate:
    """A field is filled, or filled better, where that earns points; in any case its findings are gone."""
    record, findings = mended(subject.record, subject.findings or (), fix)
    structure = structure_of(record.structural_metadata.tables) if fix.effort == TABLES else subject.structure
    return _Candidate(
        fix,
        replace(subject, record=record, structure=structure, findings=None if subject.findings is None else findings),
    )


def _example(subject: Subject, row: Field) -> Any:
    if row.path == "modified" and subject.today is not None:
        return f"{subject.today.isoformat()}T00:00:00Z"
    return row.example_for(subject.record)


def _without(findings: tuple[Finding, ...], fix: Fix) -> tuple[Finding, ...]:
    gone = frozenset(fix.findings)
    return tuple(finding for finding in findings if finding not in gone) if gone else findings


def _table_candidates(subject: Subject) -> Iterator[_Candidate]:
    path = BY_PATH["structuralMetadata.tables"].pointer
    for name, counts in subject.structure.mended():
        words, hint = TABLE_FIXES[name]
        yield _Candidate(Fix(words, hint, 0.0, path, words, TABLES), replace(subject, structure=counts))


def _finding_candidates(subject: Subject, concerned: set[Finding]) -> Iterator[_Candidate]:
    """Findings about anything that is no field of the table: one fix for each rule and field."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in subject.findings or ():
        if finding not in concerned:
            groups.setdefault((finding.rule, finding.field), []).append(finding)
    for (_, name), found in groups.items():
        first = found[0]
        yield _candidate(
            subject, Fix(f"{name}: {first.message}", first.hint, 0.0, first.path, name, ONE_VALUE, None, tuple(found))
        )


def _link_candidates(subject: Subject) -> Iterator[_Candidate]:
    dead = [address for address, alive in (subject.links or {}).items() if alive is False]
    if dead:
        words = "Mend the dead link" if len(dead) == 1 else f"Mend {len(dead)} dead links"
        alive = {address: alive is not None or None for address, alive in (subject.links or {}).items()}
        fix = Fix(words, f"Start with {dead[0]}.", 0.0, "", "Links", A_TEXT)
        yield _Candidate(fix, replace(subject, links=alive))
