"""Passkeys and the challenges that they sign. The tables of accounts are named here and in accounts.py alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from gateway.accounts.tables import Challenge, Passkey


def add(session: Session, passkey: Passkey) -> None:
    session.add(passkey)
    session.flush()


def of_account(session: Session, account_id: int) -> list[Passkey]:
    """Blocked ones too, the oldest first."""
    return list(session.scalars(select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)))


def by_credential(session: Session, credential_id: str) -> Passkey | None:
    return session.scalar(select(Passkey).where(Passkey.credential_id == credential_id))


def used(session: Session, passkey: Passkey, *, sign_count: int, now: datetime) -> bool:
    """Note a use; False where the counter did not rise: of two with the same counter, one gets through. Authenticators that
    do not count send zero always."""
    rises = Passkey.sign_count < sign_count if sign_count else Passkey.sign_count == 0
    done = session.execute(
        update(Passkey).where(Passkey.id == passkey.id, Passkey.blocked_at.is_(None), rises).values(sign_count=sign_count, last_used_at=now)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def block(session: Session, passkey: Passkey, *, now: datetime) -> None:
    session.execute(update(Passkey).where(Passkey.id == passkey.id).values(blocked_at=now))


def remove(session: Session, passkey_id: int) -> None:
    session.execute(delete(Passkey).where(Passkey.id == passkey_id))


def remove_all(session: Session, account_id: int) -> None:
    session.execute(delete(Passkey).where(Passkey.account_id == account_id))


def add_challenge(session: Session, challenge: Challenge, *, now: datetime) -> None:
    """Those that have ended go."""
    session.execute(delete(Challenge).where(Challenge.ends_at <= now))
    session.add(challenge)


def use_challenge(session: Session, digest: str, *, purpose: str, account_id: int | None, now: datetime) -> bool:
    """Whether it was given out for this, has not ended, and nobody used it before."""
    whose = Challenge.account_id.is_(None) if account_id is None else Challenge.account_id == account_id
    used_up = session.execute(delete(Challenge).where(Challenge.digest == digest, Challenge.purpose == purpose, whose, Challenge.ends_at > now))
    return bool(used_up.rowcount)  # type: ignore[attr-defined]  # a DELETE's result counts rows
