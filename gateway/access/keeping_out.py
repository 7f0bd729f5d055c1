"""Who of a custodian's people is kept out of a request: whoever is on it, whoever declared a conflict of interest in it,
and, where the custodian wants that, whoever works for the organisation of its lead."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy.orm import Session

from gateway.access.parts import PartState, State
from gateway.access.same_organisation import colleagues
from gateway.errors import NotAllowed
from gateway.models import RequestPart
from gateway.store import accounts, request_members, requests

ON_IT: Final = "You are on this request yourself, so you cannot see here how it is worked on."
COLLEAGUE: Final = "You work for the applicant’s organisation, so you cannot read this request or act on it."
CONFLICTED: Final = "You declared a conflict of interest, so you cannot read this request or act on it any more."


class KeptOut(NotAllowed):
    """That the request is there may be known; nothing that it says, or that others say about it."""

    title = "You are kept out of this request"

    def __init__(self, why: str, *, custodian_name: str, reference: str, project_title: str, state: State) -> None:
        super().__init__(why, hint="Your colleagues work on it without you.", extra={"reference": reference, "state": state})
        self.custodian_name, self.reference, self.project_title, self.state = custodian_name, reference, project_title, state


def on_request(session: Session, request_id: int) -> frozenset[str]:
    """Subjects of those who are on the request with an account. Whom the answers name alone is not: nobody may keep a custodian's people
    out of a request by naming them in it."""
    subject = requests.lead_subject(session, request_id)
    known = frozenset({subject}) if subject else frozenset()
    known |= {row.subject for row in request_members.joined(session, request_id) if row.subject}
    return known | accounts.subjects_of_addresses(session, [requests.lead_address(session, request_id)])


def barred(session: Session, part: RequestPart) -> frozenset[str]:
    """Subjects of those who cannot act for the custodian: who is on the request, and who of the custodian's team is kept out for working with its lead."""
    return on_request(session, part.request_id) | colleagues(session, part)


def why_kept_out(subject: str, people: Collection[str], state: PartState, fellows: Collection[str] = ()) -> str | None:
    """None for whoever may read it. ``people`` are on the request, ``fellows`` work for its lead's organisation."""
    if subject in people:
        return ON_IT
    if subject in fellows:
        return COLLEAGUE
    return CONFLICTED if subject in state.conflicts else None


def own_requests(session: Session, subject: str) -> frozenset[int]:
    """Numbers of the requests that the account is on; of many parts at once, what :func:`on_request` tells of one."""
    account = accounts.by_subject(session, subject) if subject else None
    found = requests.on_by(session, subject=subject, address=account.address or "") if account is not None else []
    return frozenset(row.id for row in found)
