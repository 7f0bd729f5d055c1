"""The custodian's one-time page: reading it changes nothing, acknowledging does, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gateway.access.answer_lines import AnswerLine, answer_lines, names_in
from gateway.access.bank.telling import name_in
from gateway.access.files import PartFile, files_of, papers
from gateway.access.machine import decide, fold
from gateway.access.part_forms import form_of
from gateway.access.parts import OPEN, Facts, PartState, Refusal
from gateway.access.status import DatasetLine, dataset_lines
from gateway.errors import Conflict, NotFound
from gateway.models import Upload
from gateway.store import Store, outbox, requests, uploads
from gateway.store.requests import PartRow
from gateway.store.sealing import token_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementPage:
    """What the page shows: this part alone, from the snapshot that was sent. ``answers`` are by question key."""

    reference: str
    part: str
    custodian_name: str
    custodian_slug: str
    project_title: str
    applicant_name: str
    applicant_email: str
    organisation: str
    answers: Mapping[str, Any]
    lines: tuple[AnswerLine, ...]
    files: tuple[PartFile, ...]
    state: PartState
    papers: Mapping[str, PartFile]
    """What came with evidence, by its name."""
    datasets: tuple[DatasetLine, ...]
    sent_at: datetime
    acknowledged_at: datetime | None
    is_mailbox: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """``at`` is when it was acknowledged first."""

    reference: str
    custodian_name: str
    at: datetime
    was_already: bool


def acknowledgement(store: Store, token: str) -> AcknowledgementPage:
    """The facts for the page behind a private link. Changes nothing. Raises :class:`NotFound` for an unknown link."""
    with store.reading() as session:
        part_id = part_behind(session, token)
        row = requests.part(session, part_id)
        return _page(session, row, requests.state_of(session, part_id), uploads.of_request(session, row.request.id))


def acknowledge(store: Store, token: str, now: datetime) -> Acknowledged:
    """Acknowledge the part behind a private link; a second time says when it was done first and changes nothing.

    Raises :class:`NotFound` for an unknown link, :class:`Conflict` where the part can no longer be acknowledged.
    """
    with store.transaction() as tx:
        part = requests.part_for_update(tx.session, part_behind(tx.session, token))
        row = requests.part(tx.session, part.id)
        history = requests.history(tx.session, part.id)
        delivery = outbox.newest_delivery(tx.session, part.id)
        if delivery is None:
            raise NotFound("This link is not known.")
        facts = Facts(
            role="handler", actor=part.channel, at=now, payload={"delivery": delivery.message_id, "channel": part.channel}
        )
        before = fold(history)
        decision = decide("acknowledge", before, facts)
        if isinstance(decision, Refusal) and before.acknowledged_at is not None and before.state in OPEN:
            decision = ()  # a newer snapshot arrived; that the custodian has the request was confirmed before
        if isinstance(decision, Refusal):
            raise Conflict(f"Request {row.request.reference} can no longer be acknowledged.", hint=f"It is {decision.found} now.")
        state = fold([*history, *decision])
        if decision:
            requests.append(tx.session, part, decision, state)
            delivery.state, delivery.due_at, delivery.last_error = "acknowledged", None, None
        assert state.acknowledged_at is not None
        return Acknowledged(
            reference=row.request.reference, custodian_name=row.custodian.name if row.custodian else "",
            at=state.acknowledged_at, was_already=not decision,
        )


def part_behind(session: Session, token: str) -> int:
    """The id of the part behind a private link. Raises :class:`NotFound`, in other words where a letter did name the link once."""
    digest = token_digest(token)
    part_id = requests.part_id_by_acknowledgement(session, digest)
    if part_id is None and requests.was_acknowledgement(session, digest):
        raise NotFound("This link has ended.", hint="The request is over, or went another way. Please open the newest message about it.")
    if part_id is None:
        raise NotFound("This link is not known.", hint="Please copy the whole address from the message.")
    return part_id


def _page(session: Session, row: PartRow, state: PartState, held: Mapping[str, Upload]) -> AcknowledgementPage:
    assert row.custodian is not None, "a part with a link has a custodian"
    answers = row.snapshot.document["answers"]
    return AcknowledgementPage(
        reference=row.request.reference, part=row.part.public_id, custodian_name=row.custodian.name,
        custodian_slug=row.custodian.slug, project_title=answers["project.title"],
        applicant_name=answers["people.lead.name"], applicant_email=answers["people.lead.email"],
        organisation=name_in(answers["people.lead.organisation"]), answers=dict(answers),
        lines=answer_lines(answers, form_of(row.form, row.custodian), names=names_in(row.snapshot.document)), datasets=dataset_lines(session, row),
        files=files_of(held, row.snapshot.document), state=state, papers=papers(held, state), sent_at=row.snapshot.created_at,
        acknowledged_at=state.acknowledged_at, is_mailbox=row.part.channel == "mailbox",
    )
