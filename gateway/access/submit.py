"""Sending a request: one transaction that makes each chosen part's snapshot, and what is to be delivered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from gateway.access import linkage, notices
from gateway.access.advising import PartAdvice, part_advice, require_acknowledged
from gateway.access.bank.asking import missing
from gateway.access.bank.telling import name_in
from gateway.access.choosing import available
from gateway.access.dispatch import dispatch, step
from gateway.access.file_faults import STRICT, unsendable
from gateway.access.ladder import Resolution, resolve
from gateway.access.links import follow_path
from gateway.access.part_forms import form_of
from gateway.access.parts import Facts
from gateway.access.readiness import freeze_organisations, require_people_ready
from gateway.access.snapshots import digest, file_lines, part_answers, snapshot_document
from gateway.accounts.people import Person
from gateway.errors import Conflict, Unprocessable
from gateway.models import Custodian, Request, RequestPart, Snapshot, Upload
from gateway.store import Store, drafts, requests, uploads
from gateway.store.drafts import DraftRow
from gateway.store.requests import Asked
from gateway.store.sealing import Sealer, new_token, token_digest
from gateway.uploads.keeping import FileRules

SENDING = ("Everything that is asked must be answered before it is sent.", "Each line leads to a question.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """``follow_token`` opens the applicant's private page; it cannot be had again later, and is None where an earlier part of the
    request was sent before. ``recipients`` are custodians' names."""

    reference: str
    follow_token: str | None
    recipients: tuple[str, ...]


def submit(
    store: Store, sealer: Sealer, person: Person, reference: str, *, now: datetime, parts: Sequence[str] | None = None,
    advice: Collection[str] = (), promises: Collection[str] = (), discloses: bool = False, linked: Collection[str] = (), rules: FileRules = STRICT,
) -> Submitted:
    """Send the draft parts (all, or those named) of a request: all of them or none. ``advice`` are the digests of what the person read,
    ``promises`` what they ticked (see gateway/access/advising.py). ``discloses``: custodians may learn of each other; ``linked`` are
    parts that are needed together.

    Raises :class:`NotFound`; :class:`Unprocessable` whose ``fields`` name the keys that a chosen part lacks, or ``datasets``;
    :class:`Conflict` where there is nothing to send, or somebody of the request is not ready.
    """
    with store.transaction() as tx:
        request = drafts.led(tx.session, reference, subject=person.subject, is_locked=True)
        rows = [row for row in drafts.rows_of(tx.session, request.id) if row.part.state == "draft"]
        chosen = [row for row in rows if parts is None or row.part.public_id in parts]
        if not chosen:
            raise Conflict("There is nothing to send: every part that you chose was sent already.", hint="The request's page shows where each stands.")
        require_complete(tx.session, request, chosen, person, rules)
        require_people_ready(tx.session, request.id, now=now)
        told = [part_advice(tx.session, row, request.answers, now) for row in chosen]
        require_acknowledged(told, advice, promises)
        linkage.choose(tx.session, request, discloses=discloses, linked=linked)
        freeze_organisations(tx.session, request.id)
        _Sending(tx.session, sealer, request, person, now).send(chosen, told)
        names = tuple(_name(row.custodian) for row in chosen)
        return Submitted(reference=reference, follow_token=_receipt(tx.session, sealer, request, len(chosen), now), recipients=names)


def require_complete(session: Session, request: Request, rows: Sequence[DraftRow], person: Person, rules: FileRules) -> None:
    """Raises :class:`Unprocessable` naming what the parts lack or cannot send; what only other parts require is no matter."""
    faults = faults_of(request.answers, rows, person) | unsendable(session, request, [form_of(row.form, row.custodian) for row in rows], rules)
    if faults:
        raise Unprocessable(SENDING[0], hint=SENDING[1], fields=faults)


def faults_of(answers: Mapping[str, object], rows: Sequence[DraftRow], person: Person) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        for one in missing(form_of(row.form, row.custodian), answers):
            found.setdefault(one.key, one.sentence)
    address = answers.get("people.lead.email")
    if isinstance(address, str) and address.casefold() != person.address.casefold():
        found["people.lead.email"] = f"This address is not confirmed. Use the one of your account: {person.address}"
    return found


def _receipt(session: Session, sealer: Sealer, request: Request, parts: int, now: datetime) -> str | None:
    """A letter to the lead. The first of a request holds the private address."""
    token = new_token() if request.sent_at is None else None
    if token is not None:
        request.follow_token_sha256, request.sent_at = token_digest(token), now
    path = follow_path(token) if token is not None else f"/account/requests/{request.reference}"
    key = f"receipt.{request.reference}" if token is not None else f"receipt.{request.reference}.{request.answers_version}.{now.isoformat()}"
    session.add(notices.receipt(sealer, key=key, reference=request.reference, to_address=request.lead["email"], parts=parts, path=path, now=now))
    return token


def _name(custodian: Custodian | None) -> str:
    return custodian.name if custodian else "Custodian not known"


def _way(part: RequestPart, found: Sequence[Resolution]) -> Resolution:
    """How the part travels: where its datasets lead to its custodian. If by now they lead elsewhere, a person looks at it."""
    own = next((one for one in found if (one.custodian.id if one.custodian else None) == part.custodian_id), None)
    return own or replace(found[0], rung="triage", route=None, passed={**found[0].passed, found[0].rung: "it leads to another custodian by now"})


class _Sending:
    """Writes the event, snapshot and delivery of each part, over the route that its custodian has now."""

    def __init__(self, session: Session, sealer: Sealer, request: Request, person: Person, now: datetime) -> None:
        self.session, self.sealer, self.request, self.person, self.now = session, sealer, request, person, now

    def send(self, rows: Sequence[DraftRow], advice: Sequence[PartAdvice]) -> None:
        answers = self.request.answers
        self.request.lead = {
            "name": answers["people.lead.name"], "email": self.person.address, "organisation": name_in(answers["people.lead.organisation"]),
        }
        found = {one.record.ref: one for one in available(self.session, [ref for row in rows for ref in row.part.dataset_refs])}
        resolved = resolve(self.session, list(found.values()), now=self.now)
        attached = uploads.of_request(self.session, self.request.id)
        for row, told in zip(rows, advice, strict=True):
            part = requests.part_for_update(self.session, row.part.id)
            way = _way(part, [resolved[ref] for ref in part.dataset_refs])
            part.route_id, part.channel = way.route.id if way.route else None, way.route.channel if way.route else "triage"
            snapshot = self._add_snapshot(row, [found[ref] for ref in part.dataset_refs], attached)
            read = {"advice_sha256": told.digest, "promises": [row.words for row in told.rows if row.verdict == "undertaking"]}
            step(self.session, part, "acknowledge_advice", Facts(role="lead", actor=self.person.subject, at=self.now, payload=read))
            ticked = {"discloses": self.request.discloses, "is_linked": part.is_linked}
            payload = {
                "snapshot_sha256": snapshot.sha256, "channel": part.channel, "routing": way.facts(), **{name: True for name, is_so in ticked.items() if is_so},
            }
            step(self.session, part, "submit", Facts(role="lead", actor=self.person.subject, at=self.now, payload=payload))
            dispatch(self.session, self.sealer, part, now=self.now)

    def _add_snapshot(self, row: DraftRow, datasets: Sequence[Asked], attached: Mapping[str, Upload]) -> Snapshot:
        custodian, part = row.custodian, row.part
        answers = part_answers(self.request, row.form, custodian, part.dataset_refs)
        document = snapshot_document(
            reference=self.request.reference, part=part.public_id, custodian=custodian.slug if custodian else None, datasets=datasets,
            form_version=row.form.version if row.form else 0, answers=answers,
            files=file_lines(attached, form_of(row.form, custodian), answers),
        )
        snapshot = Snapshot(part_id=part.id, sha256=digest(document), document=document, created_at=self.now)
        self.session.add(snapshot)
        self.session.flush()
        return snapshot
