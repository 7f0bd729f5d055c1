"""Who of a custodian's team works for the organisation of whoever leads a request. They are kept out of it where the custodian wants that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from gateway.access.bank.telling import name_in
from gateway.access.policy import policy_of
from gateway.accounts.profile.items import profile
from gateway.accounts.tables import Account
from gateway.models import Custodian, Request, RequestPart
from gateway.store import accounts, clocks
from gateway.store.database import utc_now


def colleagues(session: Session, part: RequestPart) -> frozenset[str]:
    """Subjects; nobody unless the custodian had chosen so when the part was made."""
    if part.custodian_id is None or not policy_of(clocks.policy_at(session, part.custodian_id, part.created_at)).organisation_conflicts:
        return frozenset()
    theirs, today = of_lead(session, part.request_id), utc_now().date()
    team = accounts.team(session, session.get_one(Custodian, part.custodian_id).slug)
    return frozenset(one.account.subject for one in team if theirs & of_account(session, one.account, today=today))


def shared_with(session: Session, parts: Sequence[RequestPart], subject: str) -> frozenset[int]:
    """Numbers of the parts of one custodian from which the account is kept out so."""
    if not parts or not any(policy_of(values).organisation_conflicts for values in clocks.policies_of(session, parts[0].custodian_id)):
        return frozenset()
    return frozenset(part.id for part in parts if subject in colleagues(session, part))


def of_lead(session: Session, request_id: int) -> frozenset[str]:
    """What the organisation of the lead is known by: its names, and identifiers such as that of ror.org."""
    request = session.get_one(Request, request_id)
    answer = request.answers.get("people.lead.organisation")
    account = accounts.by_subject(session, request.lead_subject) if request.lead_subject else None
    stated = (request.lead.get("organisation"), account.organisation if account else None, *_of_answer(answer))
    return frozenset(_plain(one) for one in stated if one)


def of_account(session: Session, account: Account, *, today: date) -> frozenset[str]:
    """The same of a person: what their account says, and the places of work of their profile that have not ended."""
    places = [item.facts for item in profile(session, account.id, today=today) if item.group.key == "affiliation" and not item.has_ended]
    stated = (account.organisation, *(place.get(name) for place in places for name in ("organisation", "ror", "ods")))
    return frozenset(_plain(one) for one in stated if one)


def _of_answer(answer: Any) -> Iterator[str]:
    yield name_in(answer)
    if isinstance(answer, Mapping):
        yield str(answer.get("id") or "")


def _plain(text: str) -> str:
    """However it is written: case, blanks, and the article before a name do not count."""
    return " ".join(text.casefold().split()).removeprefix("the ").rstrip("/.")
