"""Once a day: forget what is kept no longer, compare the index with the database, and read again what a new mapping reads
differently. Each step may be repeated, and one that fails does not keep the others from their work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from gateway.access.holidays_wanted import ask_for_holidays
from gateway.audit.heads import Signer, sign_heads
from gateway.catalogue.published import Catalogue
from gateway.channels.mail import FolderMailer
from gateway.channels.routing import Channels
from gateway.enquiries.keeping import keep
from gateway.harvesting import Harvesting
from gateway.privacy.retention import Means, purge
from gateway.searches.looking import forget_removed
from gateway.sources.holds import expire_due
from gateway.store import Store, replays, retention
from gateway.store.files import Files
from gateway.store.mail import BODIES_KEPT
from gateway.store.rhythm import HOUSEKEEPING
from gateway.store.sealing import Sealer

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Housekeeping:
    store: Store
    files: Files
    catalogue: Catalogue
    harvesting: Harvesting
    sealer: Sealer
    audit_signer: Signer
    channels: Channels

    def keep_house(self, *, now: datetime) -> dict[str, int]:
        """What each step came to."""
        with self.store.transaction() as tx:
            HOUSEKEEPING.note_time(tx.session, now=now)
        steps: dict[str, Callable[[], int]] = {
            "audit_heads": lambda: sign_heads(self.store, self.audit_signer, now=now),
            "expired_holds": lambda: expire_due(self.store, now=now),
            "outcomes": lambda: self._forget(retention.forget_outcomes, now),
            "events": lambda: self._forget(retention.forget_events, now),
            "files": lambda: self.sweep_files(now=now),
            "index_differences": self.compare_index,
            "replays": self.queue_replays,
            "retention": lambda: self._purge(now),
            "uploads": lambda: self.channels.uploads.sweep(self.store, older_than=now - timedelta(hours=1)),
            "holidays": lambda: ask_for_holidays(self.store, self.sealer, now=now),
            "searches": lambda: forget_removed(self.store, now=now),
            "questions": lambda: keep(self.store, self.sealer, now=now),
        }
        done = {name: _tried(name, step) for name, step in steps.items()}
        log.info("housekeeping.done", **done)
        return done

    def _purge(self, now: datetime) -> int:
        if isinstance(self.channels.mailer, FolderMailer):
            self.channels.mailer.forget(before=now - BODIES_KEPT)
        return sum(purge(self.store, Means(self.sealer, self.channels.addresses), now=now).values())

    def _forget(self, forget: Callable[..., int], now: datetime) -> int:
        with self.store.transaction() as tx:
            return forget(tx.session, now=now)

    def sweep_files(self, *, now: datetime) -> int:
        """Drop documents that nothing refers to. A file of the last day may belong to a run that is not committed yet."""
        with self.store.reading() as session:
            needed = retention.needed_files(session, now=now)
        return self.files.sweep(needed, older_than=now - timedelta(days=1))

    def compare_index(self) -> int:
        """Find and mend every difference between index and database; returns how many there were."""
        found = self.catalogue.repair()
        if found:
            self.catalogue.index_pending()
        return found

    def queue_replays(self) -> int:
        """Returns how many are queued. A source of which none can be queued does not keep the others from theirs."""
        with self.store.reading() as session:
            slugs = replays.outdated(session)
        return sum(_tried(f"replay of {slug}", partial(self._queue_replay, slug)) for slug in slugs)

    def _queue_replay(self, slug: str) -> int:
        self.harvesting.queue_run(slug, trigger="replay", wanted="audit")
        return 1


def _tried(name: str, step: Callable[[], int]) -> int:
    try:
        return step()
    except Exception:
        log.exception("housekeeping.failed", step=name)
        return 0
