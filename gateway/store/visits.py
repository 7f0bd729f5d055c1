"""Visits of mailboxes: codes that were sent, and what each opened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from gateway.models import MailboxVisit


def visit(session: Session, digest: str, part_id: int) -> MailboxVisit | None:
    return session.scalar(select(MailboxVisit).where(MailboxVisit.digest == digest, MailboxVisit.part_id == part_id))


def count_try(session: Session, digest: str, *, most: int) -> bool:
    """Whether there was a try left: of two at the same moment each takes one."""
    used = session.execute(
        update(MailboxVisit).where(MailboxVisit.digest == digest, MailboxVisit.tries < most).values(tries=MailboxVisit.tries + 1)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def forget(session: Session, *, before: datetime) -> None:
    session.execute(delete(MailboxVisit).where(MailboxVisit.created_at < before))
