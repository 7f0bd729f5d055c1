"""A request whose time is over: nobody can be recognised in it any more, and that it was asked and decided still stands."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.access.dispatch import step
from gateway.access.parts import Facts
from gateway.models import Request, RequestEvent
from gateway.store import agreements, drafts, privacy, request_members, uploads

REMOVED: Final = "Removed"
DECLINED_KEPT: Final = timedelta(days=730)
APPROVED_KEPT: Final = timedelta(days=6 * 365 + 2)
SAFE: Final = frozenset(
    {"to", "channel", "attempt", "access_until", "access_mode", "access_starts", "access_ends", "snapshot_sha256", "changed", "answers", "code",
     "outcome", "reference", "vote", "side", "delivery", "audience", "extended_to", "next_try"}
)
"""What stays of an event's payload as it is; all other text goes."""
SUBJECT: Final = re.compile("[0-9a-f]{24}")
"""Of an account; other actors (a key, the gateway) say nothing of a person."""
SPOKEN_REASONS: Final = frozenset({"part.held", "part.closed", "access.ended"})
"""Events whose reason is a code, not somebody's words."""


def anonymise_due(session: Session, *, now: datetime) -> int:
    """Returns how many requests were done."""
    found = privacy.requests_to_anonymise(session, declined_before=now - DECLINED_KEPT, approved_before=now - APPROVED_KEPT)
    for request in found:
        anonymise(session, request, now=now)
    return len(found)


def forget_idle(session: Session, *, before: datetime, now: datetime) -> int:
    """Drafts nobody changed since go as if their writer had deleted them. Returns how many parts."""
    parts = privacy.idle_drafts(session, before=before)
    for part in parts:
        step(session, part, "delete_draft", Facts(role="system", actor="retention", at=now, payload={}))
        drafts.forget_unsent(session, part.request_id)
    return len(parts)


def forget_drafts_of(session: Session, subject: str, *, now: datetime) -> None:
    """What somebody who closes the account was still writing."""
    for request in drafts.begun_by(session, subject):
        for part in privacy.parts_of(session, request.id):
            if part.state == "draft":
                step(session, part, "delete_draft", Facts(role="system", actor="closing", at=now, payload={}))
        drafts.forget_unsent(session, request.id)


def anonymise(session: Session, request: Request, *, now: datetime) -> None:
    parts = privacy.parts_of(session, request.id)
    ids = [part.id for part in parts]
    request.lead = dict.fromkeys(request.lead, "")
    request.answers = dict.fromkeys(request.answers, REMOVED)
    request.answers_notes, request.lead_subject = {}, None
    request.sealed_follow_token, request.form_token_sha256 = None, None
    request.follow_token_sha256 = secrets.token_hex(32)
    for snapshot in privacy.snapshots_of(session, ids):
        snapshot.document = {**snapshot.document, "answers": dict.fromkeys(snapshot.document["answers"], REMOVED), "files": []}
    uploads.forget_of_request(session, request.id)
    agreements.forget_of_request(session, request.id)
    people: dict[tuple[int | None, str], str] = {}
    conditions: dict[str, str] = {}
    for event in privacy.events_of(session, request.id):
        _clear(event, people, conditions)
    privacy.close_deliveries(session, ids)
    privacy.forget_former_links(session, ids)
    privacy.forget_outcomes(session, ids)
    request_members.forget_request(session, request.id)
    for part in parts:
        part.acknowledge_token_sha256 = None
        privacy.forget_salts_of(session, part.public_id)
        step(session, part, "anonymise", Facts(role="system", actor="retention", at=now, payload={}))


def _clear(event: RequestEvent, people: dict[tuple[int | None, str], str], conditions: dict[str, str]) -> None:
    """Fresh random names for who acted, of each part its own; words go, what the state is folded from stays."""

    def person(subject: str) -> str:
        return people.setdefault((event.part_id, subject), secrets.token_hex(12))

    if SUBJECT.fullmatch(event.actor):
        event.actor = person(event.actor)
    event.payload = {name: _cleared(event.event, name, value, person, conditions) for name, value in event.payload.items()}


def _cleared(event: str, name: str, value: Any, person: Any, conditions: dict[str, str]) -> Any:
    if name == "person":
        return person(str(value))
    if name == "conditions":
        return _conditions(value, conditions)
    if name in SAFE or (name == "reason" and event in SPOKEN_REASONS):
        return value
    return _without_words(value)


def _conditions(value: Any, known: dict[str, str]) -> Any:
    def called(text: str) -> str:
        return known.setdefault(text, f"Condition {len(known) + 1}")

    if isinstance(value, Mapping):
        return {called(text): state for text, state in value.items()}
    return [{**one, "text": called(one["text"])} if isinstance(one, Mapping) else called(str(one)) for one in value or ()]


def _without_words(value: Any) -> Any:
    if isinstance(value, str):
        return REMOVED
    if isinstance(value, Mapping):
        return {name: _without_words(inner) for name, inner in value.items()}
    return [_without_words(inner) for inner in value] if isinstance(value, list) else value
