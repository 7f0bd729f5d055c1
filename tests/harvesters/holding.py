"""What a catalogue holds for one source, kept in memory: a run's outcomes and marks go in, the next run sees them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from harvesters.pipeline import Outcome, outcomes
from harvesters.plan import change
from harvesters.source import Held, HeldPage, HeldRecord, Mark, Pass, RawRecord, Source

TODAY: Final = date(2026, 6, 1)


class Holding:
    def __init__(self) -> None:
        self.pages: dict[str, HeldPage] = {}
        self.records: dict[str, HeldRecord] = {}

    def page(self, page_key: str) -> HeldPage | None:
        return self.pages.get(page_key)

    def pages_of(self, local_id: str) -> list[HeldPage]:
        return [page for page in self.pages.values() if local_id in page.local_ids]

    def record(self, local_id: str) -> HeldRecord | None:
        return self.records.get(local_id)

    def remember(self, mark: Mark) -> None:
        self.pages[mark.page_key] = HeldPage(
            mark.page_key, mark.etag, mark.last_modified, mark.body_hash, mark.local_ids, mark.cursor
        )

    def take(self, outcome: Outcome) -> str:
        """Keep what a run brought and name the change."""
        before = self.records.get(outcome.local_id)
        named = change(outcome, before)
        known = (before.known_hashes if before else frozenset()) | {outcome.content_hash or ""}
        if outcome.kind == "accepted":
            modified, version = (outcome.record.modified, outcome.record.version) if outcome.record else (None, None)
            self.records[outcome.local_id] = HeldRecord(
                outcome.local_id, "live", outcome.content_hash, None, outcome.hint, modified, known, version
            )
        elif before is None and outcome.kind == "quarantined":
            self.records[outcome.local_id] = HeldRecord(outcome.local_id, "unpublished", None, outcome.content_hash, None, None)
        elif before is not None and outcome.kind == "quarantined":
            self.records[outcome.local_id] = replace(before, refused_hash=outcome.content_hash)
        elif before is not None and outcome.kind == "older":
            self.records[outcome.local_id] = replace(before, known_hashes=known)
        elif before is not None and outcome.kind == "unchanged":
            self.records[outcome.local_id] = replace(before, hint=outcome.hint, state="live")
        return named

    def run(self, source: Source, *, wanted: Pass = "incremental") -> tuple[list[Outcome], list[Mark]]:
        """One run with everything it brought kept."""
        met: list[Outcome] = []
        marks: list[Mark] = []
        for item in outcomes(source, self, custodian_known=True, wanted=wanted, today=TODAY):
            if isinstance(item, Mark):
                self.remember(item)
                marks.append(item)
            else:
                self.take(item)
                met.append(item)
        return met, marks


def broken_off(source: Callable[[Held], Source], *, after_mark: int, meanwhile: Callable[[], object] = lambda: None) -> tuple[set[str], Mark]:
    """A listing that is broken off behind a mark and taken up there, after something happened: what both parts named, and the last mark."""
    held, named, marks = Holding(), set[str](), list[Mark]()
    for item in source(held).records():
        if isinstance(item, Mark):
            held.remember(item)
            marks.append(item)
            if len(marks) == after_mark:
                break
        else:
            named.add(item.local_id)
    meanwhile()
    rest = list(source(held).records(json.loads(json.dumps(marks[-1].cursor))))
    last = rest[-1]
    assert isinstance(last, Mark)
    return named | {item.local_id for item in rest if isinstance(item, RawRecord)}, last


def kinds(met: Iterable[Outcome]) -> dict[str, str]:
    return {outcome.local_id: outcome.kind for outcome in met}


def dataset(local_id: str, **changes: object) -> dict[str, object]:
    """A small description in the shape of specification 4.0.0."""
    section = {"title": f"Dataset {local_id}", "abstract": "A synthetic dataset for tests.", "dataCustodian": {"name": "Test Trust", "identifier": "t"}}
    document: dict[str, object] = {
        "identifier": local_id, "version": "1.0.0", "issued": "2024-01-01T00:00:00Z", "modified": "2024-01-01T00:00:00Z",
        "summary": section, "documentation": {"description": "Made up."},
    }
    return document | changes


def without_marks(items: Iterator[object]) -> list[object]:
    return [item for item in items if not isinstance(item, Mark)]
