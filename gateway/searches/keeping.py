"""Keeping a search: its name, how often to be told, its feed, and taking it away."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from frontend.kept_search import NAME_AT_MOST, KeptSearch, in_words, named_datasets, read_kept
from gateway.catalogue.published import Catalogue
from gateway.errors import Conflict, NotFound, Unavailable, Unprocessable
from gateway.models import SavedSearch
from gateway.searches import finding
from gateway.searches.looking import next_look, next_tell
from gateway.store import Store, saved_searches
from gateway.store.saved_searches import Counts, News
from gateway.store.sealing import Sealer, new_token, token_digest

MOST: Final = 50
"""Searches of one account."""
MOST_FOUND: Final = 10_000
"""Datasets that a search finds when it is saved: news of so many help nobody, and each is remembered."""
UNDO_WITHIN: Final = timedelta(hours=1)
OFTEN: Final[dict[str, str]] = {"off": "Do not tell me", "daily": "Once a day, at 7:00", "weekly": "Once a week, on Monday at 7:00"}
SHOWN: Final = 100
"""News on the page of a search."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A search as its person sees it. ``counts`` are news since ``seen_at``; ``found`` how many datasets the last run found."""

    row: SavedSearch
    address: KeptSearch
    asked: str
    counts: Counts
    found: int


def asked_for(catalogue: Catalogue, address: str) -> tuple[KeptSearch, str]:
    """The search at an address, and what it asks in words. Raises :class:`NotFound` for an address that is no search's."""
    kept = read_kept(address)
    if kept is None:
        raise NotFound("There is no search at this address to be saved.", hint="Open a search, and choose “Save this search” there.")
    return kept, in_words(kept, _titles(catalogue, kept))


def save(
    store: Store, sealer: Sealer, catalogue: Catalogue, *, subject: str, address: KeptSearch, name: str, often: str, now: datetime
) -> SavedSearch:
    """What it finds now is what news are told against. Raises :class:`Unprocessable` naming the field in trouble."""
    name, often = _checked(name, often)
    try:
        if finding.count(catalogue, address) > MOST_FOUND:
            raise Unprocessable(f"This search finds more than {MOST_FOUND:,} datasets.", hint="Add a word or a filter, or follow its feed.")
        refs = finding.found(catalogue, address)
    except Unavailable as error:
        raise Unprocessable("The search could not be run just now, so it was not saved.", hint="Try again in a moment.") from error
    token = new_token()
    row = SavedSearch(
        public_id=secrets.token_hex(12), subject=subject, address=address.href(), name=name, often=often, vanished=[],
        feed_token_sha256=token_digest(token), sealed_feed_token=sealer.seal(token), created_at=now, looked_at=now, look_due_at=next_look(now),
        told_at=now, tell_due_at=next_tell(often, now), seen_at=now, removed_at=None,
    )  # fmt: skip
    with store.transaction() as tx:
        saved_searches.lock_person(tx.session, subject)
        if len(saved_searches.of_person(tx.session, subject)) >= MOST:
            raise Unprocessable(f"You keep {MOST} searches, and cannot keep more.", hint="Remove one first.")
        saved_searches.add(tx.session, row)
        saved_searches.add_finds(tx.session, row.id, saved_searches.visible(tx.session, refs), found_at=now)
    return row


def kept_by(store: Store, catalogue: Catalogue, subject: str) -> list[Kept]:
    with store.reading() as session:
        rows = saved_searches.of_person(session, subject)
        numbers = [row.id for row in rows]
        counts, found = saved_searches.count_unseen(session, numbers), saved_searches.count_found(session, numbers)
    addresses = {row.id: address for row in rows if (address := read_kept(row.address)) is not None}
    titles = _titles(catalogue, *addresses.values())
    return [
        Kept(row, addresses[row.id], in_words(addresses[row.id], titles), counts.get(row.id, Counts()), found.get(row.id, 0))
        for row in rows if row.id in addresses
    ]


def one_kept(store: Store, catalogue: Catalogue, subject: str, public_id: str) -> tuple[Kept, list[News]]:
    """With its news since it was last seen. Raises :class:`NotFound`."""
    with store.reading() as session:
        row = saved_searches.get(session, subject, public_id)
        counts, found = saved_searches.count_news(session, row.id, since=row.seen_at), saved_searches.count_found(session, [row.id])
        news = saved_searches.news(session, row.id, since=row.seen_at, limit=SHOWN)
    address, asked = asked_for(catalogue, row.address)
    return Kept(row, address, asked, counts, found.get(row.id, 0)), news


def change(store: Store, subject: str, public_id: str, *, name: str, often: str, now: datetime) -> None:
    """Whoever asks to be told again is told of what is found from now on. Raises :class:`NotFound` and :class:`Unprocessable`."""
    with store.transaction() as tx:
        row = saved_searches.get(tx.session, subject, public_id, locked=True)
        row.name, often = _checked(name, often)
        if often != row.often:
            row.told_at = row.looked_at if row.often == "off" else row.told_at
            row.often, row.tell_due_at = often, next_tell(often, now)


def see(store: Store, subject: str, public_id: str) -> KeptSearch:
    """The person looks at the news of the last run now; those that come later are counted from there. Where the search is."""
    with store.transaction() as tx:
        row = saved_searches.get(tx.session, subject, public_id, locked=True)
        row.seen_at = row.looked_at
    address = read_kept(row.address)
    assert address is not None, "only addresses of searches are kept"
    return address


def remove(store: Store, subject: str, public_id: str, *, now: datetime) -> None:
    with store.transaction() as tx:
        saved_searches.get(tx.session, subject, public_id, locked=True).removed_at = now


def restore(store: Store, subject: str, public_id: str, *, now: datetime) -> None:
    """Raises :class:`NotFound`, and :class:`Conflict` after an hour."""
    with store.transaction() as tx:
        row = saved_searches.get(tx.session, subject, public_id, is_removed=True, locked=True)
        if row.removed_at is None or now - row.removed_at > UNDO_WITHIN:
            raise Conflict("The search was removed too long ago to have it back.", hint="Save it again.")
        row.removed_at = None


def renew_feed(store: Store, sealer: Sealer, subject: str, public_id: str) -> None:
    """The old address of the feed does not work any more."""
    token = new_token()
    with store.transaction() as tx:
        row = saved_searches.get(tx.session, subject, public_id, locked=True)
        row.feed_token_sha256, row.sealed_feed_token = token_digest(token), sealer.seal(token)


def exported(store: Store, catalogue: Catalogue, subject: str) -> list[dict[str, Any]]:
    """For the export of an account. The token of the feed is left out: it opens something."""
    return [
        {
            "name": one.row.name, "address": one.row.address, "asks": one.asked, "told": one.row.often, "saved": one.row.created_at,
            "last_run": one.row.looked_at, "last_told": one.row.told_at, "last_seen": one.row.seen_at, "finds": one.found,
        }
        for one in kept_by(store, catalogue, subject)
    ]  # fmt: skip


def _checked(name: str, often: str) -> tuple[str, str]:
    name, faults = " ".join(name.split()), {}
    if not name or len(name) > NAME_AT_MOST or not name.isprintable():
        faults["name"] = f"Give the search a name of at most {NAME_AT_MOST} characters."
    if often not in OFTEN:
        faults["often"] = "Choose how often we tell you."
    if faults:
        raise Unprocessable("The search was not saved.", fields=faults)
    return name, often


def _titles(catalogue: Catalogue, *addresses: KeptSearch) -> dict[str, str]:
    refs = sorted({ref for address in addresses for ref in named_datasets(address)})
    return {ref: title for ref, (title, _) in catalogue.titles(refs).items()} if refs else {}
