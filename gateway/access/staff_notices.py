"""Mail to a custodian's people about a step of a request: what its applicant did, what they are asked, what was decided and by whom else.

Nobody is told of what they did themselves, nor of a request that they are on or are kept out of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

from sqlalchemy.orm import Session

from gateway.access import notices
from gateway.access.parts import Event, PartState
from gateway.access.recipients import Recipient, handlers, holders, person
from gateway.store import outbox
from gateway.store.clocks import Ticking
from gateway.store.sealing import Sealer

Whom = Literal["handlers", "deciders", "named", "took_part"]
APPLICANT: Final = frozenset({"lead", "collaborator"})
FROM_APPLICANT: Final[Mapping[str, str]] = {
    "part.resubmitted": "The applicant answered your questions",
    "part.withdrawn": "The applicant withdrew the request",
    "part.reopened_by_lead": "The applicant takes the request up again",
    "message.sent": "The applicant wrote to you",
    "agreement.signed": "The applicant signed the agreement",
    "evidence.added": "The applicant named evidence",
    "access.ended": "The applicant ended the access",
    "outputs.named": "The applicant changed the links to research outputs",
}
"""Of what the applicant's side does, whoever handles the request is told."""
COMES_AGAIN: Final = "part.resubmitted"
"""A mailbox gets the request itself again, with a new address."""
FROM_ANYBODY: Final[Mapping[str, tuple[str, tuple[Whom, ...]]]] = {
    "handler.assigned": ("The request was given to you", ("named",)),
    "review.requested": ("You are asked for a review", ("named",)),
    "part.validated": ("The request is complete and waits for a decision", ("deciders",)),
    "part.approved": ("The request was approved", ("handlers", "took_part")),
    "part.approved_conditionally": ("The request was approved with conditions", ("handlers", "took_part")),
    "part.rejected": ("The request was declined", ("handlers", "took_part")),
    "part.closed": ("The request was closed without a decision", ("handlers", "took_part")),
    "outcome.recorded": ("The decision was recorded", ("handlers", "took_part")),
    "access.activated": ("The access is open, and stands in the register", ("handlers",)),
    "access.suspended": ("The access was suspended", ("handlers",)),
    "access.resumed": ("The access was resumed", ("handlers",)),
    "access.ended": ("The access ended", ("handlers",)),
    "access.revoked": ("The access was stopped", ("handlers", "took_part")),
}
ASKED: Final = frozenset({"handler.assigned", "review.requested", "part.validated"})
"""Somebody's turn: never put off."""


def concerns_staff(event: Event, state: PartState) -> bool:
    """What is done to a draft does not."""
    return state.state != "draft" and (event.event in FROM_ANYBODY or (event.role in APPLICANT and event.event in FROM_APPLICANT))


def tell_staff(
    session: Session, sealer: Sealer, row: Ticking, event: Event, state: PartState, *, on_request: frozenset[str], now: datetime
) -> None:
    """One letter each, however often this is called. A custodian with nothing but a mailbox hears of the applicant's steps there.

    ``on_request`` are the subjects of the people of the request, and of those who are kept out of it for working with its lead.
    """
    left_out = {event.actor, *on_request, *state.conflicts}
    told: set[str] = set()
    for sentence, one in _letters(session, row, event, state):
        if one.label in left_out or one.address in told:
            continue
        letter = notices.staff_step(
            sealer, reference=row.request.reference, key=f"staff.{row.part.public_id}.{event.version}.{one.label}", sentence=sentence, path=one.path,
            to_address=one.address, now=now, is_turn=event.event in ASKED,
        )
        if outbox.add_once(session, letter):
            told.add(one.address)


def _letters(session: Session, row: Ticking, event: Event, state: PartState) -> Iterator[tuple[str, Recipient]]:
    if event.role in APPLICANT and event.event in FROM_APPLICANT:
        found = ((FROM_APPLICANT[event.event], one) for one in handlers(session, row, state))
        yield from (one for one in found if one[1].path is not None or event.event != COMES_AGAIN)
    elif event.event in FROM_ANYBODY:
        sentence, groups = FROM_ANYBODY[event.event]
        for group in groups:
            yield from ((sentence, one) for one in _group(session, row, event, state, group) if one.path is not None)


def _group(session: Session, row: Ticking, event: Event, state: PartState, group: Whom) -> Iterable[Recipient]:
    if group == "named":
        return person(session, row, event.payload["person"])
    if group == "took_part":
        return [one for subject in sorted(state.reviewers | set(state.votes)) for one in person(session, row, subject)]
    return holders(session, row, "decider") if group == "deciders" else handlers(session, row, state)
