"""Accounts that their owners cannot enter any more: what was asked, and who confirmed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.accounts.tables import Account, Membership, Recovery
from gateway.models import Custodian


@dataclass(frozen=True, slots=True)
class Recovering:
    row: Recovery
    account: Account


def begin(session: Session, row: Recovery, *, now: datetime) -> None:
    """What was asked for the same account before ends."""
    session.execute(update(Recovery).where(Recovery.account_id == row.account_id, Recovery.ended_at.is_(None)).values(ended_at=now))
    session.add(row)


def open_ones(session: Session, *, custodian: str | None, now: datetime) -> list[Recovering]:
    """Those that wait for somebody's word; of people of a custodian (a slug), or all."""
    query = (
        select(Recovery, Account).join(Account, Account.id == Recovery.account_id)
        .where(Recovery.ended_at.is_(None), Recovery.ends_at > now, Recovery.ripe_at.is_(None), Account.state == "active").order_by(Recovery.id)
    )
    if custodian is not None:
        team = select(Membership.account_id).join(Custodian, Custodian.id == Membership.custodian_id).where(Custodian.slug == custodian)
        query = query.where(Account.id.in_(team))
    return [Recovering(row, account) for row, account in session.execute(query)]


def locked(session: Session, row: Recovery) -> Recovery:
    """As it is now, until the commit: of two who confirm at the same moment, the second sees the first."""
    session.execute(select(Recovery.id).where(Recovery.id == row.id).with_for_update())
    session.refresh(row)
    return row


def by_token(session: Session, digest: str, *, now: datetime) -> Recovery | None:
    return session.scalar(select(Recovery).where(Recovery.digest == digest, Recovery.ended_at.is_(None), Recovery.ends_at > now))


def by_stop(session: Session, digest: str, *, now: datetime) -> Recovery | None:
    return session.scalar(select(Recovery).where(Recovery.stop_digest == digest, Recovery.ended_at.is_(None), Recovery.ends_at > now))
