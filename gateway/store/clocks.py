"""Custodians' choices, and what the clocks have done about each part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.models import (
    AccessPolicy,
    ClockMark,
    Custodian,
    Message,
    Record,
    Request,
    RequestPart,
    Route,
    Snapshot,
    Version,
)
from gateway.store.drafts import DraftRow
from gateway.store.requests import PartRow

TICKING: Final = (
    "draft", "submitted", "redirected", "screening", "returned", "in_review", "on_hold", "approved_conditionally", "approved", "active", "ended",
)
"""States in which a clock may run."""
WAITING: Final = ("pending", "sending", "soft_bounced")
"""States of mail that has not gone out yet."""


@dataclass(frozen=True, slots=True)
class Ticking:
    """A part, sent or not, with what its clocks depend on. ``answers`` are those of the newest snapshot, else of the draft."""

    part: RequestPart
    request: Request
    custodian: Custodian | None
    route: Route | None
    answers: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, row: PartRow | DraftRow, request: Request) -> Ticking:
        """Without the answers, for letters about the part."""
        return cls(row.part, request, row.custodian, row.route)


def ticking_parts(session: Session) -> list[int]:
    return list(session.scalars(select(RequestPart.id).where(RequestPart.state.in_(TICKING)).order_by(RequestPart.id)))


def ticking(session: Session, part_ids: Sequence[int]) -> list[Ticking]:
    query = (
        select(RequestPart, Request, Custodian, Route).join(Request, Request.id == RequestPart.request_id)
        .outerjoin(Custodian, Custodian.id == RequestPart.custodian_id).outerjoin(Route, Route.id == RequestPart.route_id)
        .where(RequestPart.id.in_(part_ids)).order_by(RequestPart.id)
    )
    rows = list(session.execute(query))
    newest = select(Snapshot).where(Snapshot.part_id.in_(part_ids)).order_by(Snapshot.id)
    answers = {snapshot.part_id: snapshot.document["answers"] for snapshot in session.scalars(newest)}
    return [Ticking(part, request, custodian, route, answers.get(part.id, request.answers)) for part, request, custodian, route in rows]


def add_policy(session: Session, custodian_id: int, values: Mapping[str, Any], *, by: str, now: datetime) -> None:
    session.add(AccessPolicy(custodian_id=custodian_id, values=dict(values), set_by=by, set_at=now))


def policy_at(session: Session, custodian_id: int | None, at: datetime) -> Mapping[str, Any] | None:
    """What the custodian had chosen then; None where it had chosen nothing."""
    query = select(AccessPolicy).where(AccessPolicy.custodian_id == custodian_id, AccessPolicy.set_at <= at)
    row = session.scalar(query.order_by(AccessPolicy.set_at.desc(), AccessPolicy.id.desc()).limit(1))
    return row.values if row is not None else None


def policies_of(session: Session, custodian_id: int | None) -> list[Mapping[str, Any]]:
    """All that the custodian ever chose."""
    return [row.values for row in session.scalars(select(AccessPolicy).where(AccessPolicy.custodian_id == custodian_id))]


def policies(session: Session, custodian_id: int) -> list[AccessPolicy]:
    """All choices of the custodian, the newest first."""
    return list(session.scalars(select(AccessPolicy).where(AccessPolicy.custodian_id == custodian_id).order_by(AccessPolicy.id.desc())))


def every_policy(session: Session) -> list[AccessPolicy]:
    """All choices of all custodians, the oldest first."""
    return list(session.scalars(select(AccessPolicy).order_by(AccessPolicy.set_at, AccessPolicy.id)))


def newest_policies(session: Session) -> dict[int, Mapping[str, Any]]:
    """By custodian, what it chose last."""
    return {row.custodian_id: row.values for row in session.scalars(select(AccessPolicy).order_by(AccessPolicy.set_at, AccessPolicy.id))}


def mark(session: Session, key: str, part_id: int, *, now: datetime) -> None:
    session.add(ClockMark(key=key, part_id=part_id, at=now))
    session.flush()


def done(session: Session, part_ids: Sequence[int]) -> dict[int, dict[str, datetime | None]]:
    """By part, the keys carried out and when the applicant's mail of each went out: None while it waits to be sent. A mailbox that
    refuses mail for good counts as told when the attempt was made, as nothing more can be done."""
    marks = list(session.scalars(select(ClockMark).where(ClockMark.part_id.in_(part_ids))))
    letters = {f"{one.key}.applicant": one.key for one in marks}
    went: dict[str, datetime | None] = {}
    query = select(Message).where(Message.idempotency_key.in_(letters))
    for letter in session.scalars(query):
        went[letters[letter.idempotency_key]] = None if letter.state in WAITING else letter.sent_at or letter.created_at
    found: dict[int, dict[str, datetime | None]] = {part_id: {} for part_id in part_ids}
    for one in marks:
        found[one.part_id][one.key] = went.get(one.key, one.at)
    return found


def lead_times(session: Session, refs: Sequence[str]) -> tuple[str, ...]:
    """What the datasets say about the time until access."""
    query = select(Version.canonical).join(Record, Record.current_version_id == Version.id).where(Record.ref.in_(refs))
    stated = (((canonical.get("accessibility") or {}).get("access") or {}).get("deliveryLeadTime") for canonical in session.scalars(query))
    return tuple(one for one in stated if isinstance(one, str))


def superseded(session: Session, request_id: int, custodian_id: int | None) -> list[int]:
    """Parts of an earlier request to the same custodian, which a new approval replaces."""
    same = RequestPart.custodian_id.is_(None) if custodian_id is None else RequestPart.custodian_id == custodian_id
    query = select(RequestPart.id).where(RequestPart.request_id == request_id, same, RequestPart.state == "active")
    return list(session.scalars(query))
