"""Sending a request: one transaction that writes the request, a part for each custodian, and what is to be delivered."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.access import notices
from gateway.access.dispatch import dispatch, step
from gateway.access.form import RequestForm, read_form
from gateway.access.links import follow_path
from gateway.access.parts import Event, Facts
from gateway.access.references import new_reference
from gateway.access.snapshots import digest, snapshot_document
from gateway.errors import Conflict, Unprocessable
from gateway.models import Custodian, Request, RequestPart, Route, Snapshot
from gateway.store import Store, requests
from gateway.store.requests import Asked
from gateway.store.sealing import Sealer, new_token, token_digest

__all__ = ["RequestForm", "Submitted", "read_form", "submit"]
MAX_DATASETS = 50
FORM_TOKEN_MIN_LENGTH = 16
REPEATABLE_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """``follow_token`` opens the applicant's page; it cannot be had again later. ``recipients`` are custodians' names."""

    reference: str
    follow_token: str
    recipients: tuple[str, ...]
    is_repeated: bool = False


def submit(
    store: Store, sealer: Sealer, *, form: RequestForm, dataset_refs: Sequence[str], now: datetime, form_token: str | None = None
) -> Submitted:
    """Send one request to the custodians of all the datasets.

    The same form (``form_token``, a random value made with the form) sent twice within a day is one request.
    Raises :class:`Unprocessable` (field ``datasets``) for no, too many, unknown or withdrawn datasets, naming them;
    :class:`Conflict` where a form was sent before with other answers, or longer ago.
    """
    order = _Order(form, _checked_refs(dataset_refs), _form_token_digest(form_token), now)
    try:
        return _submit_once(store, sealer, order)
    except IntegrityError:
        if order.form_token_sha256 is None:
            raise
        return _submit_once(store, sealer, order)  # the other of two equal posts came first


@dataclass(frozen=True, slots=True)
class _Order:
    form: RequestForm
    refs: tuple[str, ...]
    form_token_sha256: str | None
    now: datetime


def _submit_once(store: Store, sealer: Sealer, order: _Order) -> Submitted:
    now = order.now
    with store.transaction() as tx:
        earlier = requests.sent_with(tx.session, order.form_token_sha256) if order.form_token_sha256 else None
        if earlier is not None:
            return _repeated(tx.session, sealer, earlier, order)
        datasets = _available(tx.session, order.refs)
        follow_token = new_token()
        request = _new_request(tx.session, sealer, order, follow_token)
        recipients = _Sending(tx.session, sealer, request, now).send(datasets)
        tx.session.add(
            notices.receipt(
                sealer, reference=request.reference, to_address=order.form.email, parts=len(recipients),
                path=follow_path(follow_token), now=now,
            )
        )
        requests.forget_follow_tokens(tx.session, before=now - REPEATABLE_FOR)
        return Submitted(reference=request.reference, follow_token=follow_token, recipients=recipients)


def _checked_refs(dataset_refs: Sequence[str]) -> tuple[str, ...]:
    refs = tuple(dict.fromkeys(dataset_refs))
    if not refs:
        raise _datasets_problem("Choose at least one dataset.")
    if len(refs) > MAX_DATASETS:
        raise _datasets_problem(f"A request can name {MAX_DATASETS} datasets at most. You chose {len(refs)}.")
    return refs


def _form_token_digest(form_token: str | None) -> str | None:
    if form_token is None:
        return None
    if len(form_token) < FORM_TOKEN_MIN_LENGTH:
        raise Unprocessable("The form's hidden token is missing.", hint="Open the form again and send it once more.")
    return token_digest(form_token)


def _available(session: Session, refs: Sequence[str]) -> list[Asked]:
    found = requests.visible_datasets(session, refs)
    absent = [ref for ref in refs if ref not in found]
    if absent:
        titles = requests.known_titles(session, absent)
        named = ", ".join(titles.get(ref, ref) for ref in absent)
        raise _datasets_problem(f"These datasets can no longer be asked for: {named}. Take them out of the basket.")
    return [found[ref] for ref in refs]


def _datasets_problem(sentence: str) -> Unprocessable:
    return Unprocessable(sentence, fields={"datasets": sentence})


def _repeated(session: Session, sealer: Sealer, earlier: Request, order: _Order) -> Submitted:
    parts = requests.parts_of(session, earlier.id)
    asked_for = {ref for row in parts for ref in row.part.dataset_refs}
    is_same = earlier.answers == order.form.answers() and asked_for == set(order.refs)
    if not is_same or earlier.sealed_follow_token is None:
        raise Conflict(
            f"This form was sent already, as {earlier.reference}.",
            hint="Its private address is in the receipt we mailed to you. To ask for something else, open the form again.",
        )
    return Submitted(
        reference=earlier.reference, follow_token=sealer.open(earlier.sealed_follow_token),
        recipients=tuple(_name(row.custodian) for row in parts), is_repeated=True,
    )


def _new_request(session: Session, sealer: Sealer, order: _Order, follow_token: str) -> Request:
    form, now = order.form, order.now
    reference = new_reference()
    while requests.reference_is_taken(session, reference):
        reference = new_reference()
    request = Request(
        reference=reference, follow_token_sha256=token_digest(follow_token), form_token_sha256=order.form_token_sha256,
        sealed_follow_token=sealer.seal(follow_token) if order.form_token_sha256 else None,
        lead={"name": form.name, "email": form.email, "organisation": form.organisation}, answers=form.answers(),
        created_at=now,
    )
    session.add(request)
    session.flush()
    created = Event(command="submit", event="request.created", version=1, at=now, role="lead", actor="lead", payload={"reference": reference})
    session.add(requests.event_row(created, request_id=request.id, part_id=None))
    return request


def _name(custodian: Custodian | None) -> str:
    return custodian.name if custodian else "Custodian not known"


class _Sending:
    """Splits a request by custodian and writes each part with its event, snapshot and delivery."""

    def __init__(self, session: Session, sealer: Sealer, request: Request, now: datetime) -> None:
        self.session, self.sealer, self.request, self.now = session, sealer, request, now

    def send(self, datasets: Sequence[Asked]) -> tuple[str, ...]:
        groups = _by_custodian(datasets)
        usable = requests.usable_routes(self.session, [id_ for id_ in groups if id_ is not None], now=self.now)
        for custodian_id, group in groups.items():
            self._send_part(group, usable.get(custodian_id) if custodian_id is not None else None)
        return tuple(_name(group[0].custodian) for group in groups.values())

    def _send_part(self, group: Sequence[Asked], route: Route | None) -> None:
        custodian = group[0].custodian
        part = RequestPart(
            request_id=self.request.id, public_id=secrets.token_hex(12), custodian_id=custodian.id if custodian else None,
            route_id=route.id if route else None, channel=route.channel if route else "triage", state="draft", version=0,
            dataset_refs=[asked.record.ref for asked in group], created_at=self.now, updated_at=self.now,
        )
        self.session.add(part)
        self.session.flush()
        snapshot = self._add_snapshot(part, custodian, group)
        payload = {"snapshot_sha256": snapshot.sha256, "channel": part.channel}
        step(self.session, part, "submit", Facts(role="lead", actor="lead", at=self.now, payload=payload))
        dispatch(self.session, self.sealer, part, now=self.now)

    def _add_snapshot(self, part: RequestPart, custodian: Custodian | None, group: Sequence[Asked]) -> Snapshot:
        document = snapshot_document(
            reference=self.request.reference, part=part.public_id, custodian=custodian.slug if custodian else None,
            answers=self.request.answers, datasets=group,
        )
        snapshot = Snapshot(part_id=part.id, sha256=digest(document), document=document, created_at=self.now)
        self.session.add(snapshot)
        self.session.flush()
        return snapshot


def _by_custodian(datasets: Sequence[Asked]) -> Mapping[int | None, list[Asked]]:
    """One group per custodian, in the order chosen; datasets whose custodian is not known form one group."""
    groups: dict[int | None, list[Asked]] = {}
    for asked in datasets:
        groups.setdefault(asked.custodian.id if asked.custodian else None, []).append(asked)
    return groups
