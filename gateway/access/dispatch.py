"""Hand a part over to the way its custodian takes requests: a delivery in the outbox, the workspace, or the custodian's own form."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from gateway.access import notices
from gateway.access.context import settings_of
from gateway.access.handlers import write_to_handlers, write_to_triage
from gateway.access.links import acknowledge_path, reply_token
from gateway.access.machine import decide, fold
from gateway.access.parts import Facts, Refusal
from gateway.errors import Conflict
from gateway.models import Delivery, FormerLink, ReplyToken, RequestPart, Route
from gateway.store import accounts, outbox, requests
from gateway.store.clocks import Ticking
from gateway.store.requests import PartRow
from gateway.store.sealing import Sealer, new_token, token_digest

CHANGED: Final = "The applicant changed answers that concern you too"
NO_DESK: Final = "No confirmed route to its custodian is known. Please find the right desk"


def step(session: Session, part: RequestPart, command: str, facts: Facts) -> None:
    """One command without a letter. Raises :class:`Conflict` where the machine refuses."""
    history = requests.history(session, part.id)
    state = fold(history)
    decision = decide(command, state, replace(facts, settings=settings_of(session, part, state)))
    if isinstance(decision, Refusal):
        raise Conflict(f"The request cannot be sent: {decision.found}.")
    requests.append(session, part, decision, fold([*history, *decision]))
    session.flush()


def dispatch(session: Session, sealer: Sealer, part: RequestPart, *, now: datetime) -> None:
    """The part's channel says how. A part in triage stays where it is, and the gateway's staff are told."""
    row = requests.part(session, part.id)
    if part.channel == "triage":
        write_to_triage(session, sealer, reference=row.request.reference, key=f"triage.{part.public_id}.{part.version}", sentence=NO_DESK, now=now)
        return
    if part.channel == "portal":
        step(session, part, "redirect", Facts(role="system", actor="gateway", at=now, payload={"channel": "portal"}))
        return
    _queue(session, sealer, part, row.snapshot.id, now)
    if part.channel == "committee" and row.custodian is not None:
        _tell_handlers(session, sealer, row, now)


def deliver_again(session: Session, sealer: Sealer, part: RequestPart, *, is_answer: bool, now: datetime) -> None:
    """A new snapshot of a part that was sent before: the applicant's answer to its custodian, or what changed because of another custodian.
    To a form of the custodian's own the applicant carries it."""
    if part.channel in ("triage", "portal"):
        return
    row = requests.part(session, part.id)
    _queue(session, sealer, part, row.snapshot.id, now)
    if part.channel == "committee" and not is_answer:  # of an answer the handlers are told with the step itself
        key = f"again.{part.public_id}.{row.snapshot.id}"
        write_to_handlers(session, sealer, Ticking.of(row, row.request), key=key, sentence=CHANGED, now=now)


def _queue(session: Session, sealer: Sealer, part: RequestPart, snapshot_id: int, now: datetime) -> None:
    token = new_token()
    if part.channel == "mailbox" and part.acknowledge_token_sha256 and part.route_id:
        session.add(FormerLink(digest=part.acknowledge_token_sha256, part_id=part.id, route_id=part.route_id))
    part.acknowledge_token_sha256 = token_digest(token)
    link = sealer.seal(acknowledge_path(token))
    if part.channel == "mailbox":
        _allow_reply(session, part, reply_token(token), now)
    outbox.give_up_for_good(session, part.id)
    earlier = outbox.delivery_of(session, part.id, snapshot_id, part.channel)
    if earlier is not None:
        earlier.state, earlier.sealed_link, earlier.attempts, earlier.due_at, earlier.lease_until = "queued", link, 0, now, None
        return
    session.add(
        Delivery(
            part_id=part.id, snapshot_id=snapshot_id, channel=part.channel, state="queued", message_id=f"msg_{secrets.token_hex(16)}",
            sealed_link=link, attempts=0, due_at=now, created_at=now,
        )
    )


def _allow_reply(session: Session, part: RequestPart, token: str, now: datetime) -> None:
    """The letter to the mailbox may be answered by mail, once; a reply is a message."""
    route = session.get(Route, part.route_id) if part.route_id else None
    if route is not None:
        session.add(ReplyToken(digest=token_digest(token), about="part", subject=part.public_id, side="custodian", address=route.target, created_at=now))


def _tell_handlers(session: Session, sealer: Sealer, row: PartRow, now: datetime) -> None:
    assert row.custodian is not None
    for one in accounts.team(session, row.custodian.slug):
        key = f"arrived.{row.part.public_id}.{one.account.subject}"
        if one.account.address and any(held.role == "handler" for held in one.held):
            path = f"/w/{row.custodian.slug}/requests/{row.part.public_id}"
            letter = notices.arrived(
                sealer, reference=row.request.reference, key=key, path=path, to_address=one.account.address, now=now
            )
            outbox.add_once(session, letter)
