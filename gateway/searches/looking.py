"""The job ``searches``: runs the kept searches that are due, and tells what is news. May run twice, and in several workers at once.

A search is run outside any transaction; what came of it is written in one, if nobody else has run the search meanwhile. Telling is a
second transaction, which writes the letter and up to where news were told: of two workers one does it, and one that dies before the
commit has told nothing, and after it everything. What the index cannot answer now is tried again an hour later.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, cast

import structlog

from frontend.addresses import SearchAddress
from frontend.kept_search import KeptSearch, in_words, named_datasets, read_kept
from gateway.catalogue.published import Catalogue
from gateway.errors import Unavailable
from gateway.mailing.topics import How, due_at
from gateway.models import SavedSearch
from gateway.searches import comparing, finding
from gateway.searches.letters import LISTED, letter
from gateway.store import Store, accounts, outbox, saved_searches
from gateway.store.sealing import Sealer

log = structlog.get_logger(__name__)
AT_ONCE: Final = 25
TRIED_AGAIN_AFTER: Final = timedelta(hours=1)
REMOVED_KEPT: Final = timedelta(days=1)
"""Longer than removing can be undone."""
INSTANT: Final = timedelta(microseconds=1)


def look_at_due(store: Store, sealer: Sealer, catalogue: Catalogue, *, now: datetime) -> dict[str, int]:
    """How many were run and how many letters were written. One search that fails does not keep the others waiting."""
    with store.reading() as session:
        rows = saved_searches.due(session, now=now, limit=AT_ONCE)
    done = {"run": 0, "told": 0}
    for row in rows:
        for what in _tried(store, sealer, catalogue, row, now):
            done[what] += 1
    if any(done.values()):
        log.info("searches.done", **done)
    return done


def forget_removed(store: Store, *, now: datetime) -> int:
    with store.transaction() as tx:
        return saved_searches.forget_removed(tx.session, before=now - REMOVED_KEPT)


def next_tell(often: str, now: datetime) -> datetime | None:
    """When news are told next: with the digests of mail."""
    return None if often == "off" else due_at(cast("How", often), now)


def next_look(now: datetime) -> datetime:
    """All are run once a day, so that their page says what is new."""
    return due_at("daily", now)


def _tried(store: Store, sealer: Sealer, catalogue: Catalogue, row: SavedSearch, now: datetime) -> list[str]:
    try:
        return _look_and_tell(store, sealer, catalogue, row, now)
    except Unavailable:
        log.warning("searches.unavailable", search=row.id)
    except Exception:
        log.exception("searches.failed", search=row.id)
    with store.transaction() as tx:
        saved_searches.put_off(tx.session, row, until=now + TRIED_AGAIN_AFTER)
    return []


def _look_and_tell(store: Store, sealer: Sealer, catalogue: Catalogue, row: SavedSearch, now: datetime) -> list[str]:
    with store.reading() as session:
        account = accounts.by_subject(session, row.subject)
    address = read_kept(row.address)
    if account is None or account.state != "active" or not account.address or address is None:
        with store.transaction() as tx:
            saved_searches.put_off(tx.session, row, until=next_look(now))
        return []
    done, seen = [], row
    if row.look_due_at <= now:
        looked = look(store, catalogue, row, address, now=now)
        if looked is None:
            return []
        done, seen = ["run"], looked
    if seen.tell_due_at is not None and seen.tell_due_at <= now and tell(store, sealer, catalogue, seen, address, to_address=account.address, now=now):
        done.append("told")
    return done


def look(store: Store, catalogue: Catalogue, row: SavedSearch, address: KeptSearch, *, now: datetime) -> SavedSearch | None:
    """Run it, and write what is new and changed. The row as it then is; None where another worker was quicker. Raises :class:`Unavailable`."""
    refs, vanished = finding.found(catalogue, address), finding.vanished(catalogue, address)
    moment = max(now, row.looked_at + INSTANT)
    with store.transaction() as tx:
        fresh = saved_searches.unmoved(tx.session, row)
        if fresh is None:
            return None
        found = saved_searches.visible(tx.session, refs)
        each = isinstance(address, SearchAddress) and address.each_description
        made = comparing.compare(tx.session, fresh, found, each_description=each, moment=moment)
        comparing.write(tx.session, fresh, made, moment=moment)
        fresh.looked_at, fresh.look_due_at, fresh.vanished = moment, next_look(now), vanished
    return fresh


def tell(
    store: Store, sealer: Sealer, catalogue: Catalogue, row: SavedSearch, address: KeptSearch, *, to_address: str, now: datetime
) -> bool:
    """Whether there was something to tell that the person has neither been told nor seen on the page. Raises :class:`Unavailable`."""
    since = max(row.told_at, row.seen_at)
    with store.reading() as session:
        counts = saved_searches.count_news(session, row.id, since=since)
        news = saved_searches.news(session, row.id, since=since, limit=LISTED)
    reasons = finding.reasons(catalogue, address, [one.ref for one in news])
    titles = {ref: title for ref, (title, _) in catalogue.titles(named_datasets(address)).items()} if counts.any else {}
    with store.transaction() as tx:
        fresh = saved_searches.unmoved(tx.session, row)
        if fresh is None:
            return False
        fresh.told_at, fresh.tell_due_at = fresh.looked_at, next_tell(fresh.often, now)
        if not counts.any:
            return False
        written = letter(
            sealer, fresh, to_address=to_address, asked=in_words(address, titles), news=news, reasons=reasons, counts=counts, since=since, now=now
        )
        return outbox.add_once(tx.session, written)
