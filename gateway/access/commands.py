"""Carry out a command: lock the part, ask the machine, append, tell the applicant. One command is one transaction.

Whoever asks is checked by the caller (a role in the custodian, or the applicant's private link); what may happen is in
``gateway/access/transitions.py`` alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.access import linkage, notices
from gateway.access.accreditation import accreditation
from gateway.access.bank.asking import missing
from gateway.access.context import policy_for, settings_of
from gateway.access.dispatch import deliver_again
from gateway.access.file_faults import STRICT, unsendable
from gateway.access.handlers import write_to_handlers
from gateway.access.keeping_out import barred
from gateway.access.machine import DECISIONS, decide, fold
from gateway.access.part_forms import form_of
from gateway.access.parts import OPEN, Event, Facts, PartState, Refusal, Role
from gateway.access.readiness import require_people_ready
from gateway.access.register import Named, approval, entry, links
from gateway.access.snapshots import digest, renewed_document
from gateway.access.staff_notices import concerns_staff, tell_staff
from gateway.access.telling import SENTENCES
from gateway.access.transitions import ROWS
from gateway.errors import Conflict, Unprocessable
from gateway.models import RequestPart, Snapshot
from gateway.store import Store, accounts, clocks, drafts, outbox, profiles, request_members, requests, uses
from gateway.store.clocks import Ticking
from gateway.store.sealing import Sealer
from gateway.uploads.keeping import FileRules

HELD_FOR: Final[Mapping[str, str]] = {"REC": "REC", "CAG": "CAG_s251", "PBPP": "PBPP"}
"""Reason of a pause -> the kind of evidence that ends it."""
DECIDED: Final = DECISIONS | {"conditions.met"}
TELLS: Final = frozenset(
    {
        "part.acknowledged", "part.returned", "part.validated", "part.held", "part.released", "part.approved", "part.approved_conditionally",
        "part.rejected", "part.closed", "part.reopened", "conditions.met", "agreement.issued", "agreement.signed", "access.activated", "access.suspended",
        "access.resumed", "access.ended", "approval.extended", "evidence.verified", "evidence.refused", "access.revoked", "outcome.recorded", "message.sent",
        "outputs.named",
    }
)
"""Of these the applicant is told by mail, unless it was their own doing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """``expected_version`` is what the sender saw; None where it does not matter."""

    name: str
    role: Role
    actor: str
    payload: Mapping[str, Any]
    expected_version: int | None = None


def perform(store: Store, sealer: Sealer, public_id: str, command: Command, *, now: datetime) -> PartState:
    """The part as it is afterwards. Raises :class:`NotFound`, and :class:`Conflict` with the rule where the machine refuses."""
    with store.transaction() as tx:
        part = requests.locked_by_public_id(tx.session, public_id)
        return perform_in(tx.session, sealer, part, command, now)


def answer(
    store: Store, sealer: Sealer, public_id: str, *, reply: str, expected_version: int | None, now: datetime, rules: FileRules = STRICT
) -> PartState:
    """The applicant sends a part back that came back to them: a new snapshot of the answers there are now, and word to the custodians of
    the other parts. Raises :class:`Unprocessable` naming the keys that this custodian requires and lacks."""
    with store.transaction() as tx:
        part = requests.locked_by_public_id(tx.session, public_id)
        row = requests.part(tx.session, part.id)
        _require_answers(tx.session, row, rules)
        require_people_ready(tx.session, row.request.id, now=now)
        changed = _changed(row.snapshot.document["answers"], renewed_document(tx.session, row)["answers"])
        payload = {"snapshot_sha256": _new_snapshot(tx.session, row, now), "changed": changed, "reply": reply}
        command = Command(name="resubmit", role="lead", actor=row.request.lead_subject or "lead", payload=payload, expected_version=expected_version)
        state = perform_in(tx.session, sealer, part, command, now)
        deliver_again(tx.session, sealer, part, is_answer=True, now=now)
        _tell_sisters(tx.session, sealer, row, now)
        return state


def _require_answers(session: Session, row: requests.PartRow, rules: FileRules) -> None:
    if row.request.bank_version is None:
        return
    form = form_of(row.form, row.custodian)
    faults = {one.key: one.sentence for one in missing(form, row.request.answers)}
    faults |= unsendable(session, row.request, [form], rules)
    if faults:
        raise Unprocessable("Some answers are missing.", hint=" ".join(faults.values()), fields=faults)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return sorted(key for key in {*before, *after} if before.get(key) != after.get(key))


def _tell_sisters(session: Session, sealer: Sealer, changed: requests.PartRow, now: datetime) -> None:
    """Parts not yet decided get the new answers that concern them; decided ones keep what they were decided on, and are marked."""
    for row in requests.parts_of(session, changed.request.id):
        document = renewed_document(session, row)
        if row.part.id == changed.part.id or document["answers"] == row.snapshot.document["answers"]:
            continue
        part = requests.part_for_update(session, row.part.id)
        for name in ("update_snapshot", "flag_amendment"):
            payload = {"snapshot_sha256": digest(document)}
            command = Command(name=name, role="system", actor="sister", payload=payload)
            if isinstance(_decided(session, part, command, now), Refusal):
                continue
            if name == "update_snapshot":
                _new_snapshot(session, row, now)
            perform_in(session, sealer, part, command, now)
            if name == "update_snapshot":
                deliver_again(session, sealer, part, is_answer=False, now=now)
            break


def _new_snapshot(session: Session, row: requests.PartRow, now: datetime) -> str:
    document = renewed_document(session, row)
    sha256 = digest(document)
    session.add(Snapshot(part_id=row.part.id, sha256=sha256, document=document, created_at=now))
    session.flush()
    return sha256


def _decided(session: Session, part: RequestPart, command: Command, now: datetime) -> tuple[Event, ...] | Refusal:
    state = fold(requests.history(session, part.id))
    facts = Facts(
        role=command.role, actor=command.actor, at=now, payload=command.payload, expected_version=command.expected_version,
        people=barred(session, part), settings=settings_of(session, part, state),
    )
    return decide(command.name, state, facts)


def perform_in(session: Session, sealer: Sealer, part: RequestPart, command: Command, now: datetime) -> PartState:
    """As :func:`perform`, within a transaction that holds the lock of the part already."""
    history = requests.history(session, part.id)
    decision = _decided(session, part, command, now)
    if isinstance(decision, Refusal):
        raise _refused(command, decision)
    state = fold([*history, *decision])
    if decision:
        requests.append(session, part, decision, state)
        session.flush()
        _enter(session, part, [*history, *decision], now)
        for event in decision:
            _tell_applicant(session, sealer, part, event, now)
            _tell_staff(session, sealer, part, event, state, now=now)
            state = _follow_up(session, sealer, part, event, state, now=now)
            if event.event in DECIDED:
                linkage.follow_up(session, sealer, part, state, now)
    return state


def _follow_up(session: Session, sealer: Sealer, part: RequestPart, event: Event, state: PartState, *, now: datetime) -> PartState:
    """What the gateway does by itself because of a step, in the same transaction. The ``state`` after it."""
    if event.event == "access.activated":
        _supersede(session, sealer, part, now)
    if ROWS[event.command].targets and state.state not in OPEN:
        outbox.give_up_for_good(session, part.id)
    if event.event == "part.deleted":
        drafts.forget_unsent(session, part.request_id)
    if event.event != "evidence.verified" or state.state != "on_hold" or not is_awaited_no_more(state, event):
        return state
    released = Command(name="release", role="system", actor="evidence", payload={"evidence": event.payload["evidence"]})
    return perform_in(session, sealer, part, released, now)


def is_awaited_no_more(state: PartState, event: Event) -> bool:
    """Whether the pause was for this kind of evidence, and none of the kind is missing any more."""
    kind = state.documents[event.payload["evidence"]].get("type")
    others = (state.evidence[name] for name, document in state.documents.items() if document.get("type") == kind)
    return HELD_FOR.get(state.held_for or "") == kind and kind not in state.awaited and "awaited" not in others


def _supersede(session: Session, sealer: Sealer, part: RequestPart, now: datetime) -> None:
    """The access that the new part amends goes on until this moment, and ends now."""
    earlier = requests.part(session, part.id).request.amends
    if earlier is None:
        return
    for part_id in clocks.superseded(session, earlier, part.custodian_id):
        old = requests.part_for_update(session, part_id)
        perform_in(session, sealer, old, Command(name="end", role="system", actor="amendment", payload={"reason": "superseded"}), now)


def _enter(session: Session, part: RequestPart, history: list[Event], now: datetime) -> None:
    """Bring the register's entry in line with the part. Nothing is entered that was not sent."""
    if part.state in ("draft", "deleted") or approval(history) is None:
        return
    row = requests.part(session, part.id)
    agreed = [member.subject for member in request_members.joined(session, part.request_id) if member.subject and member.may_be_named]
    names, orcids = accounts.names(session, agreed), profiles.orcids(session, agreed)
    found = entry(
        reference=row.request.reference, document=row.snapshot.document, events=history, report_days=policy_for(session, part).report_days,
        named=[Named(names[subject], orcids.get(subject, "")) for subject in agreed if subject in names],
        accreditation=accreditation(session, row.request.lead_subject, today=now.date()),
    )
    if found is not None:
        added, removed = _links(history[-1])
        uses.save(session, row, found, added=added, removed=removed, now=now)


def _links(event: Event) -> tuple[Sequence[str], Sequence[str]]:
    """To what came of the use, that the step just taken added and removed."""
    if event.event == "report.recorded":
        return [one.rstrip(".)") for one in links(event.payload["report"])], ()
    return (event.payload.get("added", ()), event.payload.get("removed", ())) if event.event == "outputs.named" else ((), ())


def _refused(command: Command, refusal: Refusal) -> Conflict:
    if refusal.rule == "stale":
        return Conflict("Somebody changed this request a moment ago.", hint="Look at it again, then decide whether you still want this.")
    if refusal.rule == "state":
        hint = f"It is in the state {refusal.found}. Possible now: {', '.join(refusal.allowed) or 'nothing'}." if command.role == "integration" else ""
        return Conflict("This is not possible any more: the request has moved on.", hint=hint or "Look at it again to see where it stands.")
    if refusal.rule in ("role", "unknown-command"):
        return Conflict("Your role does not allow this step.", hint="Ask your team administrator.")
    return Conflict(f"This was not done: {refusal.found}.", hint="Mend that and send it again.", fields={command.name: refusal.found})


def _tell_applicant(session: Session, sealer: Sealer, part: RequestPart, event: Event, now: datetime) -> None:
    """The lead and everybody else on the request."""
    if event.event not in TELLS or event.role in ("lead", "collaborator"):
        return
    row = requests.part(session, part.id)
    custodian = row.custodian.name if row.custodian else "A custodian"
    for label, address in _applicants(session, part.request_id):
        letter = notices.step(
            sealer, reference=row.request.reference, key=f"part.{part.public_id}.{event.version}{label}", event=event.event,
            sentence=SENTENCES[event.event], custodian=custodian, to_address=address, now=now,
        )
        outbox.add_once(session, letter)


def _tell_staff(session: Session, sealer: Sealer, part: RequestPart, event: Event, state: PartState, *, now: datetime) -> None:
    if not concerns_staff(event, state):
        return
    row = requests.part(session, part.id)
    tell_staff(session, sealer, Ticking.of(row, row.request), event, state, on_request=barred(session, part), now=now)


def _applicants(session: Session, request_id: int) -> Iterator[tuple[str, str]]:
    """With a label that tells the letters of one event apart."""
    yield "", requests.lead_address(session, request_id)
    for row in request_members.joined(session, request_id):
        account = accounts.by_subject(session, row.subject or "")
        if account is not None and account.address:
            yield f".{account.subject}", account.address


def tell_handlers(session: Session, sealer: Sealer, row: requests.PartRow, *, key: str, sentence: str, now: datetime) -> None:
    """About the people of a request that is with them."""
    state = requests.state_of(session, row.part.id)
    if state.state not in OPEN and state.state != "active":
        return
    write_to_handlers(session, sealer, Ticking.of(row, row.request), key=key, sentence=sentence, now=now)
