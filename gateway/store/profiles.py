"""Items of profiles, and sanctions of custodians."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.accounts.tables import Account, ProfileItem, Sanction
from gateway.models import Custodian


def of_account(session: Session, account_id: int) -> list[ProfileItem]:
    """In the order in which they were entered."""
    return list(session.scalars(select(ProfileItem).where(ProfileItem.account_id == account_id).order_by(ProfileItem.id)))


def find(session: Session, account_id: int, item_id: int) -> ProfileItem | None:
    return session.scalar(select(ProfileItem).where(ProfileItem.id == item_id, ProfileItem.account_id == account_id))


def add(session: Session, item: ProfileItem) -> None:
    session.add(item)
    session.flush()


def remove(session: Session, item: ProfileItem) -> None:
    session.delete(item)


def account_of_subject(session: Session, subject: str) -> Account | None:
    return session.scalar(select(Account).where(Account.subject == subject, Account.state == "active"))


def orcids(session: Session, subjects: Collection[str]) -> dict[str, str]:
    """Of those whose profile has one."""
    wanted = select(Account.subject, ProfileItem.facts).join(Account, Account.id == ProfileItem.account_id)
    rows = session.execute(wanted.where(ProfileItem.group == "person", Account.subject.in_(subjects)))
    return {subject: str(facts["orcid"]) for subject, facts in rows if facts.get("orcid")}


def sanctions(session: Session, account_id: int, *, custodian: str | None = None) -> list[tuple[Sanction, str]]:
    """With the name of the custodian; of one custodian (a slug), or of all."""
    wanted = select(Sanction, Custodian.name).join(Custodian, Custodian.id == Sanction.custodian_id).where(Sanction.account_id == account_id)
    if custodian is not None:
        wanted = wanted.where(Custodian.slug == custodian)
    return [(row, name) for row, name in session.execute(wanted.order_by(Sanction.id))]


def add_sanction(session: Session, sanction: Sanction) -> None:
    session.add(sanction)
