"""A request while it is written: begun from the basket, saved answer by answer, changed, deleted."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from gateway.access.bank.asking import AskedTopic, asked_of, asked_together
from gateway.access.bank.forms import CustodianForm
from gateway.access.bank.whole import VERSION
from gateway.access.carried_columns import KEY as COLUMNS
from gateway.access.carried_columns import with_columns, without_datasets
from gateway.access.carrying_files import carried_over
from gateway.access.choosing import available, require_some
from gateway.access.commands import Command, perform_in
from gateway.access.ladder import grouped, workflow
from gateway.access.machine import fold
from gateway.access.part_forms import NOBODY, form_of
from gateway.access.parts import Event, PartState, Role
from gateway.access.prefill import Prefill
from gateway.access.references import new_reference
from gateway.accounts.people import Person
from gateway.catalogue.chosen_columns import Choice
from gateway.errors import Conflict, Unprocessable
from gateway.models import Request, RequestPart, Upload
from gateway.store import Store, drafts, requests, uploads
from gateway.store.drafts import DraftRow
from gateway.store.requests import Asked
from gateway.store.sealing import Sealer, new_token, token_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPart:
    """``datasets`` maps refs to titles. ``asked_again`` are the keys that a custodian wants to be answered anew."""

    part: str
    custodian: str | None
    name: str
    channel: str
    state: PartState
    datasets: Mapping[str, str]
    form: CustodianForm
    newer_form: int | None
    """The version of a form that was published since, None where this is the newest."""

    @property
    def is_open(self) -> bool:
        return self.state.state in ("draft", "returned")

    @property
    def asked_again(self) -> tuple[str, ...]:
        return self.state.questions if self.state.state == "returned" else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """``version`` grows with every save; ``notes`` are as in :class:`gateway.models.Request`. ``gone`` are refs that can no longer be asked for."""

    reference: str
    answers: Mapping[str, Any]
    notes: Mapping[str, Mapping[str, Any]]
    version: int
    parts: tuple[DraftPart, ...]
    gone: frozenset[str]
    is_led: bool
    """By who asks; else they are a collaborator."""
    discloses: bool
    """Custodians may learn of each other."""
    files: Mapping[str, Upload]
    """All that are attached to the request, by id."""

    @property
    def open_parts(self) -> tuple[DraftPart, ...]:
        return tuple(part for part in self.parts if part.is_open)

    @property
    def drafts(self) -> tuple[DraftPart, ...]:
        return tuple(part for part in self.parts if part.state.state == "draft")

    @property
    def topics(self) -> tuple[AskedTopic, ...]:
        """What is asked now, each question once."""
        return asked_together([part.form for part in self.open_parts], self.answers)

    @property
    def titles(self) -> dict[str, str]:
        """Of the datasets of open parts."""
        return {ref: title for part in self.open_parts for ref, title in part.datasets.items()}

    @property
    def all_titles(self) -> dict[str, str]:
        """Of the datasets of every part: answers that all share may name those that were sent as well."""
        return {ref: title for part in self.parts for ref, title in part.datasets.items()}

    @property
    def names(self) -> dict[str, str]:
        """Of datasets by ref and of attached files by id, for :func:`gateway.access.bank.telling.in_words`."""
        return self.all_titles | {one: row.name for one, row in self.files.items()}


class AnswersChanged(Conflict):
    """Somebody, or another window, saved other answers to the same questions. ``extra`` maps each key to the answer that is stored."""


def begin(
    store: Store, sealer: Sealer, person: Person, refs: Sequence[str], prefill: Prefill, *, known: Mapping[str, Any] | None = None, now: datetime
) -> str:
    """The reference of a new draft with a part for each custodian. ``known`` are answers that were given elsewhere, as ``prefill`` knows those
    of the profile. Raises :class:`Unprocessable` (field ``datasets``)."""
    with store.transaction() as tx:
        return begin_in(tx.session, sealer, person, refs, prefill(person), known=known or {}, now=now)


def begin_in(
    session: Session, sealer: Sealer, person: Person, refs: Sequence[str], filled: Mapping[str, Any], *, known: Mapping[str, Any], now: datetime
) -> str:
    """As :func:`begin`, within a transaction. ``filled`` are the answers that the profile gives."""
    datasets = available(session, refs)
    request = _new_request(session, person, filled, now, given=known)
    _Parts(session, sealer, request, person.subject, now).add(datasets)
    return request.reference


def begin_amendment(store: Store, sealer: Sealer, person: Person, part: str, kind: str, *, now: datetime) -> str:
    """The reference of a draft that starts as a copy of what was sent to one custodian. The access that there is goes on until the new part
    is active; then it ends. Raises :class:`NotFound` for another's part, :class:`Conflict` where it has no approval."""
    with store.transaction() as tx:
        held = requests.locked_by_public_id(tx.session, part)
        row = requests.part(tx.session, held.id)
        earlier = drafts.led(tx.session, row.request.reference, subject=person.subject)
        answers = {key: answer for key, answer in row.snapshot.document["answers"].items() if not key.startswith(("declare.", "project.previous"))}
        request = _new_request(tx.session, person, {**answers, "project.kind": kind, "project.previous": earlier.reference}, now)
        request.kind, request.amends, request.answers_notes = kind, earlier.id, {}
        request.answers = carried_over(tx.session, earlier, request, now)
        _note(tx.session, request, "copy", "request.copied", subject=person.subject, payload={"reference": earlier.reference, "kind": kind}, now=now)
        command = Command(name="start_amendment", role="lead", actor=person.subject, payload={"reference": request.reference, "kind": kind})
        perform_in(tx.session, sealer, held, command, now)
        _Parts(tx.session, sealer, request, person.subject, now).add(available(tx.session, held.dataset_refs))
        return request.reference


def begun(store: Store, person: Person) -> list[Draft]:
    """Requests that the person writes and that are not all sent yet, the newest first."""
    with store.reading() as session:
        return [held_draft(session, request, person) for request in drafts.written_by(session, person.subject)]


def draft(store: Store, person: Person, reference: str) -> Draft:
    """Raises :class:`NotFound` for whom is not on the request."""
    with store.reading() as session:
        return held_draft(session, drafts.shared(session, reference, subject=person.subject), person)


def save(
    store: Store, sealer: Sealer, person: Person, reference: str, given: Mapping[str, Any], *, seen_version: int, now: datetime,
    kept: Mapping[str, str] | None = None,
) -> int:
    """Keep answers (None takes one away), and say which version that makes. Saving what is there already changes nothing.

    ``kept`` says by key why a text stays that looks like an identifier. Raises :class:`NotFound`, :class:`Unprocessable` for a key that
    this request does not ask, :class:`AnswersChanged` where another answer was saved after ``seen_version``, and :class:`Conflict`.
    """
    with store.transaction() as tx:
        request = drafts.shared(tx.session, reference, subject=person.subject, is_locked=True)
        held = held_draft(tx.session, request, person)
        changed = {key: answer for key, answer in given.items() if request.answers.get(key) != answer}
        _require_agreement(request, changed, seen_version)
        if changed:
            Saving(tx.session, sealer, request, person.subject, now).keep(held, changed, kept or {})
        return request.answers_version


def add_columns(store: Store, sealer: Sealer, person: Person, reference: str, chosen: Mapping[str, Choice], *, now: datetime) -> None:
    """Name these columns too, of the datasets that the request still asks for. What it names already stands there once.

    Raises :class:`NotFound` for whom is not on the request, :class:`Unprocessable` for more than it can name.
    """
    with store.transaction() as tx:
        request = drafts.shared(tx.session, reference, subject=person.subject, is_locked=True)
        Saving(tx.session, sealer, request, person.subject, now).name_columns(held_draft(tx.session, request, person), chosen)


def change_datasets(
    store: Store, sealer: Sealer, person: Person, reference: str, refs: Sequence[str], *, chosen: Mapping[str, Choice] | None = None, now: datetime
) -> None:
    """Let the request ask for these datasets. Parts that were sent keep theirs; one that came back may lose some. Columns that were ``chosen``
    of those that come are named; those of datasets that go are not any more.

    Raises :class:`NotFound`, :class:`Unprocessable` (field ``datasets``), :class:`Conflict`.
    """
    with store.transaction() as tx:
        request = drafts.led(tx.session, reference, subject=person.subject, is_locked=True)
        rows = drafts.rows_of(tx.session, request.id)
        closed = {ref for row in rows if row.part.state not in ("draft", "returned") for ref in row.part.dataset_refs}
        wanted = [ref for ref in dict.fromkeys(refs) if ref not in closed]
        _Parts(tx.session, sealer, request, person.subject, now).change(rows, wanted)
        Saving(tx.session, sealer, request, person.subject, now).name_columns(held_draft(tx.session, request, person), chosen or {})


def renew_form(store: Store, person: Person, reference: str, part: str, *, now: datetime) -> None:
    """Take up the custodian's newest form for a part that is not sent yet. Raises :class:`NotFound`, :class:`Conflict`."""
    with store.transaction() as tx:
        request = drafts.led(tx.session, reference, subject=person.subject, is_locked=True)
        row = next((row for row in drafts.rows_of(tx.session, request.id) if row.part.public_id == part), None)
        if row is None or row.part.state != "draft" or row.custodian is None:
            raise Conflict("This part keeps the form it was sent with.")
        newest = drafts.newest_forms(tx.session, [row.custodian.id]).get(row.custodian.id)
        row.part.form_id, row.part.updated_at = newest.id if newest else None, now


def delete(store: Store, sealer: Sealer, person: Person, reference: str, *, now: datetime) -> None:
    """Delete the parts that are not sent; with the last of them go the answers. Raises :class:`NotFound`, :class:`Conflict`."""
    with store.transaction() as tx:
        request = drafts.led(tx.session, reference, subject=person.subject, is_locked=True)
        unsent = [row for row in drafts.rows_of(tx.session, request.id) if row.part.state == "draft"]
        if not unsent:
            raise Conflict("There is no draft to delete: every part was sent.", hint="You can withdraw a part on the request's page.")
        for row in unsent:
            command = Command(name="delete_draft", role="lead", actor=person.subject, payload={})
            perform_in(tx.session, sealer, requests.part_for_update(tx.session, row.part.id), command, now)


def held_draft(session: Session, request: Request, person: Person) -> Draft:
    rows = drafts.rows_of(session, request.id)
    refs = [ref for row in rows for ref in row.part.dataset_refs]
    visible = requests.visible_datasets(session, refs)
    titles = requests.known_titles(session, refs)
    newest = drafts.newest_forms(session, {row.custodian.id for row in rows if row.custodian})
    histories = requests.histories_of(session, [row.part.id for row in rows])
    parts = tuple(_part(row, fold(histories[row.part.id]), titles, newest) for row in rows)
    return Draft(
        reference=request.reference, answers=request.answers, notes=request.answers_notes, version=request.answers_version, parts=parts,
        gone=frozenset(ref for part in parts if part.is_open for ref in part.datasets if ref not in visible),
        is_led=request.lead_subject == person.subject, discloses=request.discloses,
        files=uploads.of_request(session, request.id),
    )


def _part(row: DraftRow, state: PartState, titles: Mapping[str, str], newest: Mapping[int, Any]) -> DraftPart:
    known = newest.get(row.custodian.id) if row.custodian else None
    return DraftPart(
        part=row.part.public_id, custodian=row.custodian.slug if row.custodian else None, name=row.custodian.name if row.custodian else NOBODY,
        channel=row.part.channel, state=state, datasets={ref: titles.get(ref, ref) for ref in row.part.dataset_refs},
        form=form_of(row.form, row.custodian), newer_form=known.version if known is not None and known.id != row.part.form_id else None,
    )


def _new_request(session: Session, person: Person, known: Mapping[str, Any], now: datetime, *, given: Mapping[str, Any] = MappingProxyType({})) -> Request:
    reference = new_reference()
    while requests.reference_is_taken(session, reference):
        reference = new_reference()
    request = Request(
        reference=reference, follow_token_sha256=token_digest(new_token()), lead_subject=person.subject,
        lead={"name": person.name, "email": person.address, "organisation": person.organisation or ""}, answers={**known, **given}, answers_version=1,
        answers_notes={key: {"at": 1} if key in given else {"at": 1, "from": "profile"} for key in (*known, *given)}, bank_version=VERSION, created_at=now,
    )
    session.add(request)
    session.flush()
    _note(session, request, "begin", "request.created", subject=person.subject, payload={"reference": reference}, now=now)
    return request


def _note(session: Session, request: Request, command: str, name: str, *, subject: str, payload: Mapping[str, Any], now: datetime) -> None:
    """An event of the whole request, which its lead caused."""
    version = requests.count_events_of_request(session, request.id) + 1
    event = Event(command=command, event=name, version=version, at=now, role="lead", actor=subject, payload=payload)
    session.add(requests.event_row(event, request_id=request.id, part_id=None))
    session.flush()


def _require_agreement(request: Request, changed: Mapping[str, Any], seen_version: int) -> None:
    clashing = {key: request.answers.get(key) for key in changed if request.answers_notes.get(key, {}).get("at", 0) > seen_version}
    if clashing:
        raise AnswersChanged("Somebody saved other answers meanwhile.", hint="Compare both and choose.", extra=clashing)


class Saving:
    """Writes changed answers, and the event on every part that they belong to."""

    def __init__(self, session: Session, sealer: Sealer, request: Request, subject: str, now: datetime) -> None:
        self.session, self.sealer, self.request, self.subject, self.now = session, sealer, request, subject, now
        self.role: Role = "lead" if request.lead_subject == subject else "collaborator"

    def keep(self, held: Draft, changed: Mapping[str, Any], kept: Mapping[str, str], *, file: tuple[str, str] | None = None) -> None:
        """``file`` is the command and the id where an attached file is what changed."""
        merged = {key: answer for key, answer in {**self.request.answers, **changed}.items() if answer is not None}
        self._tell_parts(held, merged, changed, kept, file)
        version = self.request.answers_version + 1
        notes = {**self.request.answers_notes}
        for key in changed:
            notes[key] = {"at": version, **({"kept": kept[key]} if kept.get(key) else {})}
        self.request.answers, self.request.answers_notes, self.request.answers_version = merged, notes, version

    def name_columns(self, held: Draft, chosen: Mapping[str, Choice]) -> None:
        """Those chosen of the datasets that are still asked for come to the others; those of datasets that went are named no longer."""
        before = self.request.answers.get(COLUMNS) or []
        after = with_columns(without_datasets(before, held.all_titles), {ref: tables for ref, tables in chosen.items() if ref in held.titles})
        if after != before:
            self.keep(held, {COLUMNS: after or None}, {})

    def _tell_parts(
        self, held: Draft, merged: Mapping[str, Any], changed: Mapping[str, Any], kept: Mapping[str, str], file: tuple[str, str] | None
    ) -> None:
        unknown = set(changed)
        rows = {row.part.public_id: row.part.id for row in drafts.rows_of(self.session, self.request.id)}
        for part in held.open_parts:
            own = sorted(key for key in changed if key in asked_of(part.form, merged) or key in asked_of(part.form, held.answers))
            unknown -= set(own)
            if own:
                reasons = {key: kept[key] for key in own if kept.get(key)}
                payload = {"answers": own, **({"kept": reasons} if reasons else {}), **({"file": file[1]} if file else {})}
                command = Command(name=file[0] if file else "save_answers", role=self.role, actor=self.subject, payload=payload)
                perform_in(self.session, self.sealer, requests.part_for_update(self.session, rows[part.part]), command, self.now)
        if unknown:
            raise Unprocessable(f"This request does not ask: {', '.join(sorted(unknown))}.", fields=dict.fromkeys(unknown, "This is not asked."))


class _Parts:
    """Makes, changes and removes the parts of a draft."""

    def __init__(self, session: Session, sealer: Sealer, request: Request, subject: str, now: datetime) -> None:
        self.session, self.sealer, self.request, self.subject, self.now = session, sealer, request, subject, now

    def add(self, datasets: Sequence[Asked], *, is_later: bool = False) -> None:
        """``is_later``: the request was begun without them."""
        groups = grouped(self.session, datasets, now=self.now)
        forms = drafts.newest_forms(self.session, [found.custodian.id for found, _ in groups if found.custodian])
        for found, group in groups:
            route, form = found.route, forms.get(found.custodian.id) if found.custodian else None
            part = RequestPart(
                request_id=self.request.id, public_id=secrets.token_hex(12), custodian_id=found.custodian.id if found.custodian else None, route_id=route.id if route else None,
                channel=route.channel if route else "triage", state="draft", version=0, form_id=form.id if form else None,
                dataset_refs=[one.record.ref for one in group], created_at=self.now, updated_at=self.now,
            )
            self.session.add(part)
            self.session.flush()
            asked = asked_of(form_of(form, found.custodian), self.request.answers)
            if is_later:
                _note(self.session, self.request, "add_part", "part.added", subject=self.subject, payload={"part": part.public_id}, now=self.now)
            self._give(part, "save_answers", {"answers": [key for key in asked if key in self.request.answers]})

    def change(self, rows: Sequence[DraftRow], refs: Sequence[str]) -> None:
        open_rows = [row for row in rows if row.part.state in ("draft", "returned")]
        held = [ref for row in open_rows for ref in row.part.dataset_refs]
        new = [ref for ref in refs if ref not in held]
        groups = grouped(self.session, available(self.session, new), now=self.now) if new else []
        added = {
            (found.custodian.id if found.custodian else None, found.route.id if found.route else None, workflow(found.route, group[0])): group
            for found, group in groups
        }
        require_some(refs)
        for row in open_rows:
            own = added.pop((row.part.custodian_id, row.part.route_id, self._workflow(row)), []) if row.part.state == "draft" else []
            self._change_part(row, [ref for ref in row.part.dataset_refs if ref in refs] + [one.record.ref for one in own])
        self.add([one for group in added.values() for one in group], is_later=True)

    def _workflow(self, row: DraftRow) -> int | None:
        found = requests.visible_datasets(self.session, row.part.dataset_refs)
        return next((workflow(row.route, one) for one in found.values()), None)

    def _change_part(self, row: DraftRow, refs: list[str]) -> None:
        if refs == row.part.dataset_refs:
            return
        part = requests.part_for_update(self.session, row.part.id)
        if refs or part.state == "returned":
            self._give(part, "change_datasets", {"datasets": refs})
            part.dataset_refs = refs
        else:
            self._give(part, "delete_draft", {})

    def _give(self, part: RequestPart, name: str, payload: Mapping[str, Any]) -> None:
        perform_in(self.session, self.sealer, part, Command(name=name, role="lead", actor=self.subject, payload=payload), self.now)
