"""A custodian without accounts reads one part of a request: with a code that its confirmed mailbox receives.

Eight digits, ten minutes, five tries, bound to the browser that asked; then one hour to read, acknowledge and write messages. Decisions need
an account with a second factor.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from gateway.access.context import policy_for
from gateway.access.notices import Body, message
from gateway.errors import NotAllowed, Unprocessable
from gateway.limits import Limiter
from gateway.models import MailboxVisit
from gateway.store import Store, visits
from gateway.store.requests import PartRow
from gateway.store.sealing import Sealer, new_token, token_digest

CODE_WORKS: Final = timedelta(minutes=10)
VISIT_LASTS: Final = timedelta(hours=1)
TRIES: Final = 5


def needs_code(row: PartRow) -> bool:
    """A system that was sent the link in a signed message has shown who it is; a mailbox has not."""
    return row.part.channel == "mailbox"


def send_code(store: Store, sealer: Sealer, limits: Limiter, row: PartRow, *, now: datetime) -> str:
    """Mail a code to the part's mailbox; returns what the browser keeps. Raises :class:`NotAllowed`, :class:`TooMany`."""
    limits.take("mail", address=f"visit.{row.part.public_id}", now=now)
    code, browser = f"{secrets.randbelow(10**8):08}", new_token()
    with store.transaction() as tx:
        if row.route is None or not policy_for(tx.session, row.part).mailbox_visits:
            raise NotAllowed("This custodian reads requests with an account alone.", hint="Sign in.")
        visits.forget(tx.session, before=now - VISIT_LASTS - CODE_WORKS)
        tx.session.add(
            MailboxVisit(digest=token_digest(browser), part_id=row.part.id, code_sha256=_code_digest(code, browser), tries=0, created_at=now)
        )
        text = f"The code for request {row.request.reference} is {code}. It works for ten minutes, in the browser that asked for it."
        body = Body(text=text, path=None, closing="If you did not ask for a code, do nothing.", says_where=False)
        letter = message(
            sealer, key=f"visit.{token_digest(browser)[:32]}", to_address=row.route.target, subject=f"Code for request {row.request.reference}", body=body, now=now
        )
        tx.session.add(letter)
    return browser


def open_visit(store: Store, row: PartRow, *, browser: str, code: str, now: datetime) -> None:
    """Raises :class:`Unprocessable` for a code that is wrong, too old, or tried too often: the same words for all."""
    digest = token_digest(browser)
    with store.transaction() as tx:
        held = visits.visit(tx.session, digest, row.part.id)
        has_try = held is not None and visits.count_try(tx.session, digest, most=TRIES)
        is_right = held is not None and hmac.compare_digest(held.code_sha256, _code_digest("".join(code.split()), browser))
        if held is not None and has_try and is_right and now - held.created_at < CODE_WORKS and held.opened_at is None:
            held.opened_at = now
            return
    raise Unprocessable("The code is not right.", fields={"code": "This code is not right, or too old. After five tries ask for a new one."})


def is_open(session: Session, row: PartRow, browser: str | None, *, now: datetime) -> bool:
    """Whether the browser may read the part now."""
    held = visits.visit(session, token_digest(browser), row.part.id) if browser else None
    return held is not None and held.opened_at is not None and now - held.opened_at < VISIT_LASTS


def _code_digest(code: str, browser: str) -> str:
    return token_digest(f"{code}.{browser}")
