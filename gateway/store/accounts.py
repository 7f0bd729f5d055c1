"""Accounts, their links, sessions, recovery codes and roles. No other module names these tables."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Delete, delete, func, or_, select, update
from sqlalchemy.orm import Session

from gateway.accounts.roles import Held
from gateway.accounts.tables import (
    Account,
    AccountLink,
    AccountSession,
    Challenge,
    Identity,
    Invitation,
    Membership,
    Passkey,
    ProfileItem,
    Proposal,
    Recovery,
    RecoveryCode,
    Sanction,
)
from gateway.models import ApiKey, Custodian, Upload
from gateway.store import audit, request_members, saved_searches


@dataclass(frozen=True, slots=True)
class Listed:
    """An account and its roles, for lists."""

    account: Account
    held: tuple[Held, ...]
    has_second_factor: bool


def address_key(address: str) -> str:
    """The address in one spelling: mail systems differ in case only on paper."""
    return address.strip().casefold()


def by_address(session: Session, address: str) -> Account | None:
    return session.scalar(select(Account).where(Account.address_key == address_key(address)))


def by_subject(session: Session, subject: str) -> Account | None:
    return session.scalar(select(Account).where(Account.subject == subject))


def existing(session: Session, account_id: int) -> Account:
    """One that a session, a link or a role names, and that is therefore there: accounts are emptied, never deleted."""
    return session.get_one(Account, account_id)


def has_second_factor(session: Session, account: Account) -> bool:
    """An authenticator app or a passkey. A blocked passkey counts: it must not open the door to the password alone."""
    return account.totp_secret is not None or session.scalar(select(Passkey.id).where(Passkey.account_id == account.id).limit(1)) is not None


def add(session: Session, account: Account) -> Account:
    session.add(account)
    session.flush()
    return account


def listing(session: Session, *, text: str = "", limit: int | None = None) -> list[Listed]:
    """Every account that is not closed, by name; those with ``text`` in their name or address."""
    found = select(Account).where(Account.state != "closed").order_by(Account.name, Account.id).limit(limit)
    if text:
        found = found.where(or_(Account.name.icontains(text, autoescape=True), Account.address_key.icontains(text, autoescape=True)))
    rows = session.scalars(found)
    return [Listed(row, held(session, row.id), has_second_factor(session, row)) for row in rows]


def held(session: Session, account_id: int) -> tuple[Held, ...]:
    rows = session.execute(
        select(Membership.role, Custodian.slug, Custodian.name).outerjoin(Custodian, Custodian.id == Membership.custodian_id)
        .where(Membership.account_id == account_id).order_by(Membership.id)
    )
    return tuple(Held(role, slug, name) for role, slug, name in rows)


def subjects_of_addresses(session: Session, addresses: Sequence[str]) -> frozenset[str]:
    """Of the accounts that have one of these addresses."""
    keys = [address_key(address) for address in addresses]
    return frozenset(session.scalars(select(Account.subject).where(Account.address_key.in_(keys))))


def team(session: Session, custodian: str) -> list[Listed]:
    """Active people with a role in the custodian (a slug), by name."""
    rows = session.scalars(
        select(Account).join(Membership, Membership.account_id == Account.id).join(Custodian, Custodian.id == Membership.custodian_id)
        .where(Custodian.slug == custodian, Account.state == "active").order_by(Account.name, Account.id).distinct()
    )
    return [
        Listed(row, tuple(one for one in held(session, row.id) if one.custodian == custodian), has_second_factor(session, row)) for row in rows
    ]


def holding(session: Session, role: str) -> list[Account]:
    """Active people who hold a role of the whole gateway."""
    query = select(Account).join(Membership, Membership.account_id == Account.id)
    return list(session.scalars(query.where(Membership.role == role, Membership.custodian_id.is_(None), Account.state == "active").order_by(Account.id)))


def names(session: Session, subjects: Collection[str]) -> dict[str, str]:
    """Of those who still have an account."""
    rows = session.execute(select(Account.subject, Account.name).where(Account.subject.in_(subjects), Account.name.is_not(None)))
    return {subject: name for subject, name in rows if name}


def grant(session: Session, account_id: int, role: str, custodian_id: int | None, *, granted_by: str, now: datetime) -> bool:
    """Whether the role was new."""
    if _membership(session, account_id, role, custodian_id) is not None:
        return False
    session.add(Membership(account_id=account_id, custodian_id=custodian_id, role=role, granted_by=granted_by, granted_at=now))
    return True


def withdraw(session: Session, account_id: int, role: str, custodian_id: int | None) -> bool:
    found = _membership(session, account_id, role, custodian_id)
    if found is not None:
        session.delete(found)
    return found is not None


def custodians_with(session: Session, role: str) -> frozenset[int]:
    """Ids of custodians in which an active account holds the role."""
    rows = select(Membership.custodian_id).join(Account, Account.id == Membership.account_id)
    found = session.scalars(rows.where(Membership.role == role, Account.state == "active", Membership.custodian_id.is_not(None)))
    return frozenset(one for one in found if one is not None)


def lock_holders(session: Session, role: str, custodian_id: int | None) -> None:
    """Until the commit: of two who would leave at the same moment, the second sees that the first has gone."""
    where = Membership.custodian_id.is_(None) if custodian_id is None else Membership.custodian_id == custodian_id
    session.execute(select(Membership.id).where(Membership.role == role, where).order_by(Membership.id).with_for_update())


def count_holding(session: Session, role: str, custodian_id: int | None) -> int:
    """Active accounts that hold the role there."""
    wanted = (Membership.role == role, Membership.custodian_id.is_(None) if custodian_id is None else Membership.custodian_id == custodian_id)
    counted = select(func.count()).select_from(Membership).join(Account, Account.id == Membership.account_id)
    return session.scalar(counted.where(*wanted, Account.state == "active")) or 0


def custodian_id_of(session: Session, one: Held) -> int | None:
    return session.scalar(select(Custodian.id).where(Custodian.slug == one.custodian)) if one.custodian else None


def erase(session: Session, account: Account, *, now: datetime) -> None:
    """Take away whatever says who the person is. The row with its opaque subject stays, so that nothing points nowhere."""
    session.execute(delete(Upload).where(Upload.profile_item_id.in_(select(ProfileItem.id).where(ProfileItem.account_id == account.id))))
    for table in (Membership, RecoveryCode, AccountSession, AccountLink, Passkey, Challenge, Identity, Proposal, Recovery, ProfileItem, Sanction):
        session.execute(delete(table).where(table.account_id == account.id))
    session.execute(delete(AccountLink).where(AccountLink.address == account.address))
    session.execute(delete(Invitation).where(Invitation.address == account.address_key))
    end_keys(session, account.subject, now=now)
    saved_searches.forget_person(session, account.subject)
    request_members.forget_person(session, account.subject, account.address_key, now=now)
    account.address = account.address_key = account.name = account.organisation = None
    account.password_hash = account.totp_secret = account.terms_version = account.last_signed_in_at = account.roles_changed_at = None
    account.state, account.created_at = "closed", now.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)


def end_keys(session: Session, subject: str, *, now: datetime) -> None:
    """Those that the person made."""
    session.execute(update(ApiKey).where(ApiKey.owner == subject, ApiKey.revoked_at.is_(None)).values(revoked_at=now))


def _membership(session: Session, account_id: int, role: str, custodian_id: int | None) -> Membership | None:
    where = Membership.custodian_id.is_(None) if custodian_id is None else Membership.custodian_id == custodian_id
    return session.scalar(select(Membership).where(Membership.account_id == account_id, Membership.role == role, where))


# links


def add_link(session: Session, link: AccountLink) -> None:
    session.add(link)


def usable_link(session: Session, digest: str, purpose: str, *, now: datetime) -> AccountLink | None:
    found = session.get(AccountLink, digest)
    is_usable = found is not None and found.purpose == purpose and found.used_at is None and found.ends_at > now
    return found if is_usable else None


def use_link(session: Session, digest: str, *, now: datetime) -> bool:
    """Whether this call was the one that used it: of two at the same moment, one."""
    used = session.execute(
        update(AccountLink).where(AccountLink.digest == digest, AccountLink.used_at.is_(None), AccountLink.ends_at > now).values(used_at=now)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def end_links(session: Session, *, purpose: str, now: datetime, account_id: int | None = None, address: str | None = None) -> None:
    """Links given out before stop working."""
    where = [AccountLink.purpose == purpose, AccountLink.used_at.is_(None)]
    if account_id is not None:
        where.append(AccountLink.account_id == account_id)
    if address is not None:
        where.append(AccountLink.address == address)
    session.execute(update(AccountLink).where(*where).values(used_at=now))


# sessions


def add_session(session: Session, row: AccountSession) -> None:
    session.add(row)


def session_of(session: Session, digest: str) -> tuple[AccountSession, Account] | None:
    found = session.execute(
        select(AccountSession, Account).join(Account, Account.id == AccountSession.account_id).where(AccountSession.digest == digest)
    ).first()
    return (found[0], found[1]) if found else None


def open_sessions(session: Session, account_id: int, *, idle_since: datetime, begun_since: datetime) -> list[AccountSession]:
    """Those that still work, the latest used first."""
    return list(
        session.scalars(
            select(AccountSession).where(
                AccountSession.account_id == account_id, AccountSession.ended_at.is_(None),
                AccountSession.seen_at > idle_since, AccountSession.created_at > begun_since,
            ).order_by(AccountSession.seen_at.desc(), AccountSession.digest)
        )
    )


def seen(session: Session, digest: str, *, now: datetime) -> None:
    session.execute(update(AccountSession).where(AccountSession.digest == digest, AccountSession.ended_at.is_(None)).values(seen_at=now))


def rename_session(session: Session, digest: str, *, to: str, now: datetime) -> bool:
    """Whether this call was the one that did: of two pages opened at the same moment, one."""
    done = session.execute(
        update(AccountSession).where(AccountSession.digest == digest, AccountSession.ended_at.is_(None)).values(digest=to, renewed_at=now)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def end_session(session: Session, digest: str, *, now: datetime) -> None:
    _end(session, [AccountSession.digest == digest], now)


def end_sessions(session: Session, account_id: int, *, now: datetime, but: str | None = None) -> None:
    """End all of a person's sessions, save the one with the digest ``but``."""
    where: list[ColumnElement[bool]] = [AccountSession.account_id == account_id]
    if but is not None:
        where.append(AccountSession.digest != but)
    _end(session, where, now)


def _end(session: Session, where: Sequence[ColumnElement[bool]], now: datetime) -> None:
    is_open = AccountSession.ended_at.is_(None)
    whose = select(Account.subject).join(AccountSession, AccountSession.account_id == Account.id).where(*where, is_open).distinct()
    for subject in session.scalars(whose):
        audit.note(session, audit.Entry(stream=audit.SECURITY, action="sign_in.ended", object=f"account/{subject}"))
    session.execute(update(AccountSession).where(*where, is_open).values(ended_at=now))


def forget_sessions(session: Session, *, over_before: datetime, idle: timedelta, longest: timedelta) -> int:
    """Sessions that ended, or could be used no longer, before."""
    over = or_(AccountSession.ended_at < over_before, AccountSession.seen_at < over_before - idle, AccountSession.created_at < over_before - longest)
    return _rows(session, delete(AccountSession).where(over))


def forget_links(session: Session, *, ended_before: datetime) -> int:
    """With the addresses of those who never confirmed them."""
    return _rows(session, delete(AccountLink).where(AccountLink.ends_at < ended_before))


def forget_invitations(session: Session, *, ended_before: datetime) -> int:
    """With the addresses of those who were invited; proposed roles that nobody confirmed go too."""
    session.execute(delete(Proposal).where(Proposal.ends_at < ended_before))
    return _rows(session, delete(Invitation).where(Invitation.ends_at < ended_before))


def unused_since(session: Session, moment: datetime, *, limit: int = 200) -> list[Account]:
    """Accounts that are not closed and that nobody signed in to since."""
    used = func.coalesce(Account.last_signed_in_at, Account.created_at)
    return list(session.scalars(select(Account).where(Account.state != "closed", used < moment).order_by(used).limit(limit)))


def _rows(session: Session, statement: Delete) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]  # a DELETE's result is a CursorResult


# recovery codes


def replace_recovery_codes(session: Session, account_id: int, digests: Sequence[str]) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    session.add_all(RecoveryCode(account_id=account_id, digest=digest) for digest in digests)


def count_recovery_codes(session: Session, account_id: int) -> int:
    left = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return session.scalar(left) or 0


def use_recovery_code(session: Session, account_id: int, digest: str, *, now: datetime) -> bool:
    used = session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.account_id == account_id, RecoveryCode.digest == digest, RecoveryCode.used_at.is_(None))
        .values(used_at=now)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def use_totp_step(session: Session, account_id: int, step: int) -> bool:
    """Whether this call was the first with a step as late as this: of two at the same moment, one."""
    used = session.execute(update(Account).where(Account.id == account_id, Account.totp_last_step < step).values(totp_last_step=step))
    return bool(used.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts rows
