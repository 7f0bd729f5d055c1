"""Who people are at identity providers, and which answers of providers were taken in already."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.accounts.tables import Account, Identity, UsedState
from gateway.store.database import Store
from gateway.store.sealing import token_digest

KEPT = timedelta(days=1)
"""How long a state is remembered; it ends after ten minutes."""


def find(session: Session, issuer: str, subject: str) -> tuple[Identity, Account] | None:
    found = session.execute(
        select(Identity, Account).join(Account, Account.id == Identity.account_id).where(Identity.issuer == issuer, Identity.subject == subject)
    ).first()
    return (found[0], found[1]) if found else None


def of_account(session: Session, account_id: int) -> list[Identity]:
    return list(session.scalars(select(Identity).where(Identity.account_id == account_id).order_by(Identity.linked_at, Identity.id)))


def add(session: Session, identity: Identity) -> None:
    session.add(identity)
    session.flush()


def remove(session: Session, account_id: int, identity_id: int) -> Identity | None:
    """The identity that was removed, if it was this account's."""
    found = session.scalar(select(Identity).where(Identity.id == identity_id, Identity.account_id == account_id))
    if found is not None:
        session.delete(found)
    return found


def remove_all(session: Session, account_id: int) -> None:
    session.execute(delete(Identity).where(Identity.account_id == account_id))


def use_state(store: Store, state: str, *, now: datetime) -> bool:
    """Whether this call was the first with the state: of two at the same moment, one."""
    try:
        with store.transaction() as tx:
            tx.session.execute(delete(UsedState).where(UsedState.at < now - KEPT))
            tx.session.add(UsedState(digest=token_digest(state), at=now))
            tx.session.flush()
    except IntegrityError:
        return False
    return True
