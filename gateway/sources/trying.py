"""Try a source out: a dry run that is kept, and that switches the source on where it waited for it (S9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.harvesting.dry_run import Diff, dry_run
from gateway.models import DryRun
from gateway.store import Store, dry_runs, sources
from gateway.store.sealing import Sealer

TELL_EVERY: Final = timedelta(seconds=2)


def try_source(store: Store, sealer: Sealer, slug: str, *, user_agent: str, clock: Callable[[], datetime]) -> DryRun:
    """Raises :class:`NotFound`. A source that fails its dry run stays as it was. Counts are told meanwhile."""
    with store.transaction() as tx:
        begun = dry_runs.begin(tx.session, sources.by_slug(tx.session, slug), now=clock())
    telling = _Telling(store, begun.id, clock, clock())
    diff = dry_run(store, slug, sealer.open, user_agent=user_agent, clock=clock, tell=telling.tell)
    with store.transaction() as tx:
        return dry_runs.finish(tx.session, begun.id, diff.as_json(), now=clock())


def try_where_it_waits(store: Store, sealer: Sealer, slug: str, *, user_agent: str, clock: Callable[[], datetime]) -> DryRun | None:
    """The job's body: a bell that rang twice tries a source out once."""
    with store.reading() as session:
        if slug not in dry_runs.waiting(session, now=clock()):
            return None
    return try_source(store, sealer, slug, user_agent=user_agent, clock=clock)


def ask_to_try(store: Store, slug: str, *, now: datetime) -> int:
    """The number of the dry run that a worker will make. Raises :class:`NotFound`."""
    with store.transaction() as tx:
        return dry_runs.ask(tx.session, sources.by_slug(tx.session, slug), now=now).id


@dataclass(slots=True)
class _Telling:
    """Writes what was counted so far beside the dry run, every two seconds at most."""

    store: Store
    number: int
    clock: Callable[[], datetime]
    last: datetime

    def tell(self, diff: Diff) -> None:
        if self.clock() - self.last < TELL_EVERY:
            return
        self.last = self.clock()
        with self.store.transaction() as tx:
            dry_runs.tell(tx.session, self.number, counters=dict(diff.counters))


def check_connection(store: Store, sealer: Sealer, slug: str, *, user_agent: str, clock: Callable[[], datetime], at_most: int = 25) -> Diff:
    """Sign in, read the listing and some records. Nothing is kept."""
    return dry_run(store, slug, sealer.open, user_agent=user_agent, clock=clock, at_most=at_most)


def hold_back(store: Store, slug: str) -> None:
    """Switch an active source off until the dry run of its present configuration has succeeded."""
    with store.transaction() as tx:
        source = sources.by_slug(tx.session, slug)
        if source.state == "active":
            source.state = "untried"
