"""Those who are on a request, and who of them will handle data: the lead, those who joined, and those whom the answers name alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.accounts.profile.items import profile
from gateway.accounts.tables import Account
from gateway.models import Request
from gateway.store import accounts, request_members

ROLES: Final[Mapping[str, str]] = {
    "principal": "Principal investigator", "collaborator": "Collaborator", "analyst": "Analyst", "manager": "Data manager", "clinical": "Clinical lead",
    "supervisor": "Supervisor", "other": "Other",
}
"""What somebody does in the project; it gives no rights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """``subject`` None: named in the answers alone, without an account on the request. ``is_trained``: a training of the profile was
    verified and has not ended."""

    subject: str | None
    name: str
    address: str
    organisation: str
    role: str
    has_access: bool
    is_trained: bool


def participants(session: Session, request: Request, answers: Mapping[str, Any], *, today: date) -> tuple[Participant, ...]:
    """The lead first."""
    account = accounts.by_subject(session, request.lead_subject) if request.lead_subject else None
    lead = _participant(
        session, account, today=today, name=request.lead["name"], address=request.lead["email"], organisation=request.lead["organisation"], role="Lead",
        has_access=answers.get("people.lead.needs_access") == "yes",
    )
    joined = [
        _participant(
            session, accounts.by_subject(session, row.subject or ""), today=today, organisation=row.organisation or "", role=ROLES[row.role],
            has_access=row.needs_access,
        )
        for row in request_members.joined(session, request.id)
    ]
    known = (lead, *joined)
    return (*known, *_named_alone(answers, known))


def without_training(people: tuple[Participant, ...]) -> tuple[str, ...]:
    """Those with access who show no current training, and why."""
    return tuple(
        one.name if one.subject else f"{one.name} (has not joined the request with an account)" for one in people if one.has_access and not one.is_trained
    )


def _participant(
    session: Session, account: Account | None, *, today: date, organisation: str, role: str, has_access: bool, name: str = "", address: str = ""
) -> Participant:
    items = profile(session, account.id, today=today) if account else ()
    return Participant(
        subject=account.subject if account else None, name=(account.name if account else None) or name or "Somebody who left",
        address=(account.address if account else None) or address, organisation=organisation, role=role, has_access=has_access,
        is_trained=any(item.group.key == "training" and item.level == "verified" for item in items),
    )


def _named_alone(answers: Mapping[str, Any], known: tuple[Participant, ...]) -> Iterator[Participant]:
    team = answers.get("people.team")
    names, addresses = {one.name.casefold() for one in known}, {one.address.casefold() for one in known}
    for one in team if isinstance(team, list) else ():
        name, address = str(one.get("name") or "Somebody"), str(one.get("email") or "")
        if name.casefold() not in names and (not address or address.casefold() not in addresses):
            yield Participant(
                subject=None, name=name, address=address, organisation="", role="Named in the answers", has_access=one.get("needs_access") == "yes", is_trained=False,
            )
