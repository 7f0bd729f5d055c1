"""The statistics as they are published: worked out anew once something has happened, or a day has passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from gateway.access.statistics import PERIOD, Figures, History, figures, usual_days
from gateway.access.working_days import calendar_of
from gateway.store import Store, requests

NOT_KNOWN: Final = "-"
"""The scope of parts whose custodian is not known; no short name looks like that."""
EMPTY: Final[Mapping[str, int]] = {}


@dataclass(frozen=True, slots=True)
class PublishedFigures:
    """``usual`` maps custodians to stages and their median in working days."""

    figures: Mapping[str, Figures]
    usual: Mapping[str, Mapping[str, int]]

    def usual_of(self, custodian: str | None, stage: str) -> int | None:
        return self.usual.get(custodian or NOT_KNOWN, EMPTY).get(stage)


def published_figures(store: Store, *, now: datetime) -> PublishedFigures:
    with store.reading() as session:
        newest = requests.newest_event_id(session)
    return _worked_out(store, newest, now.replace(hour=0, minute=0, second=0, microsecond=0), now)


def _worked_out(store: Store, newest: int, day: datetime, now: datetime) -> PublishedFigures:
    kept = _kept(store, newest, day)
    if kept.found is None:
        with store.reading() as session:
            rows = requests.recent_histories(session, since=now - PERIOD)
        histories = [History(slug or NOT_KNOWN, calendar_of(nations), events) for slug, nations, events in rows]
        by_scope: dict[str, list[History]] = {}
        for one in histories:
            by_scope.setdefault(one.scope, []).append(one)
        kept.found = PublishedFigures(figures(histories, now=now), {scope: usual_days(some, now=now) for scope, some in by_scope.items()})
    return kept.found


class _Kept:
    found: PublishedFigures | None = None


@lru_cache(maxsize=4)
def _kept(_store: Store, _newest: int, _day: datetime) -> _Kept:
    """One place for each state of a database and each day."""
    return _Kept()
