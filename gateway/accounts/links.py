"""Links that work once: 256 bits in the address, their hash in the database. Opening one changes nothing; sending its form does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from gateway.accounts.tables import AccountLink
from gateway.errors import NotFound
from gateway.store import accounts
from gateway.store.sealing import new_token, token_digest

WORKS_FOR: Final = {
    "register": timedelta(hours=24), "reset": timedelta(minutes=60), "setup": timedelta(minutes=60), "sign-in": timedelta(hours=12),
}
PATHS: Final = {"register": "/register/", "reset": "/reset/", "setup": "/setup/", "sign-in": "/sign-in/link/"}


def give_out(session: Session, purpose: str, *, now: datetime, account_id: int | None = None, address: str | None = None) -> str:
    """The path of a new link; links of the same purpose given out before stop working."""
    accounts.end_links(session, purpose=purpose, account_id=account_id, address=address, now=now)
    token = new_token()
    ends_at = now + WORKS_FOR[purpose]
    accounts.add_link(
        session,
        AccountLink(digest=token_digest(token), purpose=purpose, address=address, account_id=account_id, created_at=now, ends_at=ends_at),
    )
    return PATHS[purpose] + token


def look_up(session: Session, purpose: str, token: str, *, now: datetime) -> AccountLink:
    """Raises :class:`NotFound` for a link that is unknown, used or past its end: the same words for all."""
    found = accounts.usable_link(session, token_digest(token), purpose, now=now)
    if found is None:
        raise NotFound("This link does not work any more.", hint="It may have been used, or be too old. Ask for a new one.")
    return found


def use_up(session: Session, purpose: str, token: str, *, now: datetime) -> AccountLink:
    """Raises :class:`NotFound` as above; of two that use it at the same moment, one gets through."""
    found = look_up(session, purpose, token, now=now)
    if not accounts.use_link(session, found.digest, now=now):
        raise NotFound("This link was used a moment ago.", hint="Sign in with what you set there.")
    return found
