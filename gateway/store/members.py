"""Invitations and proposals of roles. The tables of accounts are named here, in accounts.py and in passkeys.py alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from gateway.accounts.tables import Account, Invitation, Proposal
from gateway.models import Message
from gateway.store.mail import UNDELIVERED


@dataclass(frozen=True, slots=True)
class Invited:
    """``is_undelivered``: the letter was given up."""

    row: Invitation
    is_undelivered: bool


@dataclass(frozen=True, slots=True)
class Proposed:
    row: Proposal
    subject: str
    name: str
    address: str


def add_invitation(session: Session, row: Invitation, *, now: datetime) -> None:
    """One offered before for the same role to the same address stops working."""
    same = (Invitation.custodian_id == row.custodian_id, Invitation.address == row.address, Invitation.role == row.role)
    session.execute(update(Invitation).where(*same, Invitation.used_at.is_(None)).values(used_at=now))
    session.add(row)


def open_invitations(session: Session, custodian_id: int, *, now: datetime) -> list[Invited]:
    rows = session.execute(
        select(Invitation, Message.state).outerjoin(Message, Message.idempotency_key == Invitation.message_key)
        .where(Invitation.custodian_id == custodian_id, Invitation.used_at.is_(None), Invitation.ends_at > now).order_by(Invitation.id)
    )
    return [Invited(row, state in UNDELIVERED) for row, state in rows]


def usable_invitation(session: Session, digest: str, *, now: datetime) -> Invitation | None:
    return session.scalar(select(Invitation).where(Invitation.digest == digest, Invitation.used_at.is_(None), Invitation.ends_at > now))


def use_invitation(session: Session, invitation_id: int, *, now: datetime) -> bool:
    """Whether this call was the one that used it, or took it back."""
    used = session.execute(
        update(Invitation).where(Invitation.id == invitation_id, Invitation.used_at.is_(None), Invitation.ends_at > now).values(used_at=now)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def propose(session: Session, row: Proposal) -> None:
    """In place of one for the same role, whose time may be over."""
    same = (Proposal.account_id == row.account_id, Proposal.custodian_id == row.custodian_id, Proposal.role == row.role)
    session.execute(delete(Proposal).where(*same))
    session.add(row)


def proposals(session: Session, custodian_id: int, *, now: datetime) -> list[Proposed]:
    rows = session.execute(
        select(Proposal, Account.subject, Account.name, Account.address).join(Account, Account.id == Proposal.account_id)
        .where(Proposal.custodian_id == custodian_id, Proposal.ends_at > now, Account.state == "active").order_by(Proposal.id)
    )
    return [Proposed(row, subject, name or "", address or "") for row, subject, name, address in rows]


def take_proposal(session: Session, proposal_id: int) -> bool:
    """Whether this call was the one that settled it."""
    gone = session.execute(delete(Proposal).where(Proposal.id == proposal_id))
    return bool(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE's result counts rows
