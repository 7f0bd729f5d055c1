"""How often something may be tried: a moving window, counted in the database, so that it holds over all processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.errors import TooMany
from gateway.store import Store, accounts


@dataclass(frozen=True, slots=True)
class Limit:
    times: int
    within: timedelta


SIGN_IN_ACCOUNT: Final = Limit(10, timedelta(minutes=5))
SIGN_IN_ADDRESS: Final = Limit(100, timedelta(minutes=5))
"""Per network address; a hospital's people share one."""
SECOND_FACTOR: Final = (Limit(5, timedelta(minutes=5)), Limit(20, timedelta(hours=1)), Limit(50, timedelta(days=1)))
MAIL: Final = Limit(3, timedelta(hours=6))
REGISTRATION: Final = Limit(10, timedelta(hours=1))
QUESTION_ADDRESS: Final = Limit(5, timedelta(days=1))
QUESTION_PLACE: Final = Limit(20, timedelta(hours=1))


def require_room(store: Store, key: str, *limits: Limit, now: datetime) -> None:
    """Raises :class:`TooMany` where one of the limits is reached, with the time after which it is not."""
    with store.reading() as session:
        for limit in limits:
            since = now - limit.within
            if accounts.count_attempts(session, key, since=since) < limit.times:
                continue
            oldest = accounts.oldest_attempt(session, key, since=since) or now
            wait = max(1, round((oldest + limit.within - now).total_seconds()))
            raise TooMany("This was tried too often.", hint=f"Try again in {_words(wait)}.", retry_after_seconds=wait)


def note(store: Store, *keys: str, now: datetime) -> None:
    with store.transaction() as tx:
        for key in keys:
            accounts.note_attempt(tx.session, key, now=now)


def _words(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes" if seconds < 7200 else f"{-(-seconds // 3600)} hours"
