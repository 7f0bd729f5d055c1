"""Attaching files to the answers of a request that is written, and taking them away."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NoReturn

from sqlalchemy.orm import Session

from gateway.access.bank.questions import FILES, Question
from gateway.access.carrying_files import new_file_id
from gateway.access.drafts import Draft, Saving, draft, held_draft
from gateway.accounts.people import Person
from gateway.errors import NotFound
from gateway.models import Request, Upload
from gateway.store import Store, audit, drafts, uploads
from gateway.store.sealing import Sealer
from gateway.uploads.checking import CheckedFile, check, refused
from gateway.uploads.keeping import FileState, Uploads
from gateway.uploads.scanning import WHILE_SOMEBODY_WAITS

MOST_FILES: Final = 20
MOST_BYTES: Final = 100 * 1024 * 1024
"""Of one request."""


def question_of_files(held: Draft, key: str) -> Question:
    """Raises :class:`NotFound` where the request does not ask for files so."""
    found = next((one.question for topic in held.topics for one in topic.asked if one.key == key and one.question.type in FILES), None)
    if found is None:
        raise NotFound("This request asks for no file here.", hint="Its page lists what it asks.")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Attaching:
    """One person's changes to the files of one request."""

    store: Store
    sealer: Sealer
    uploads: Uploads
    person: Person
    reference: str
    now: datetime
    scan_seconds: float = WHILE_SOMEBODY_WAITS

    def attach(self, key: str, *, name: str, body: bytes) -> None:
        """Another file, or the only one instead of the one before.

        Raises :class:`NotFound`, and :class:`Unprocessable` (field ``file``) for a file that is not taken, with what to do instead.
        """
        question_of_files(draft(self.store, self.person, self.reference), key)
        checked = check(name, body)
        state = self.uploads.judged(checked.body, seconds=self.scan_seconds)
        if state == "refused":
            refuse_harm(self.store, f"request/{self.reference}")
        place = self.uploads.vault.put(checked.body)
        try:
            with self.store.transaction() as tx:
                request = drafts.shared(tx.session, self.reference, subject=self.person.subject, is_locked=True)
                self._give(tx.session, request, self._row(request, key, checked, state, place))
        except Exception:
            self.uploads.vault.remove(place[0])
            raise

    def detach(self, key: str, file: str) -> None:
        """Take a file away from the answer; what was sent before keeps it. Raises :class:`NotFound`, :class:`Conflict`."""
        with self.store.transaction() as tx:
            request = drafts.shared(tx.session, self.reference, subject=self.person.subject, is_locked=True)
            held = held_draft(tx.session, request, self.person)
            question_of_files(held, key)
            named = request.answers.get(key, [])
            if file not in named:
                raise NotFound("This file is not attached here.", hint="Open the page again.")
            left = [one for one in named if one != file]
            self._saving(tx.session, request).keep(held, {key: left or None}, {}, file=("remove_file", file))
            _forget_unsent(tx.session, request, [file])

    def _row(self, request: Request, key: str, checked: CheckedFile, state: FileState, place: tuple[str, str]) -> Upload:
        is_clean, (storage_name, sealed_key) = state == "clean", place
        return Upload(
            public_id=new_file_id(), request_id=request.id, question=key, name=checked.name, media_type=checked.media_type,
            size_bytes=len(checked.body), sha256=hashlib.sha256(checked.body).hexdigest(), storage_name=storage_name, sealed_key=sealed_key,
            state=state, warnings=list(checked.warnings), attempts=0, due_at=None if is_clean else self.now,
            scanned_at=self.now if is_clean else None, uploaded_by=self.person.subject, created_at=self.now,
        )

    def _give(self, session: Session, request: Request, row: Upload) -> None:
        held = held_draft(session, request, self.person)
        is_single = question_of_files(held, row.question).type == "file"
        before: list[str] = list(request.answers.get(row.question, ()))
        replaced = before if is_single else []
        _require_room(held, row, replaced=replaced)
        session.add(row)
        session.flush()
        after = [*(one for one in before if one not in replaced), row.public_id]
        self._saving(session, request).keep(held, {row.question: after}, {}, file=("attach_file", row.public_id))
        _forget_unsent(session, request, replaced)

    def _saving(self, session: Session, request: Request) -> Saving:
        return Saving(session, self.sealer, request, self.person.subject, self.now)


def refuse_harm(store: Store, where: str) -> NoReturn:
    """The audit learns of it: nothing else would be left. Raises :class:`Unprocessable`."""
    with store.transaction() as tx:
        audit.note(tx.session, audit.Entry(stream=audit.GATEWAY, action="file.refused", object=where))
    raise refused("The virus scanner found something harmful in it. Send a sound file.")


def _require_room(held: Draft, row: Upload, *, replaced: Sequence[str]) -> None:
    attached = {one for key, answer in held.answers.items() for one in (answer if isinstance(answer, list) else ()) if isinstance(one, str) and one in held.files}
    others = [held.files[one] for one in attached if one not in replaced]
    if len(others) >= MOST_FILES:
        raise refused(f"A request takes at most {MOST_FILES} files. Remove one first.")
    if sum(one.size_bytes for one in others) + row.size_bytes > MOST_BYTES:
        raise refused(f"The files of a request are {MOST_BYTES // 2**20} MB at most. Remove one first.")


def _forget_unsent(session: Session, request: Request, files: Sequence[str]) -> None:
    """What no custodian has received goes for good; its bytes go with the next sweep, and without the row nobody can read them."""
    sent = uploads.names_sent(session, request.id)
    for one in files:
        row = uploads.in_request(session, request.id, one)
        if row is not None and one not in sent:
            uploads.forget(session, row)
