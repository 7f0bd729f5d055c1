"""Attaching files to the answers of a request that is written, and taking them away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from gateway.access.bank.questions import FILES, Question
from gateway.access.carrying_files import new_file_id
from gateway.access.drafts import Draft, Saving, draft, held_draft
from gateway.accounts.people import Person
from gateway.errors import NotFound
from gateway.models import Request, Upload
from gateway.store import Store, audit, drafts, uploads
from gateway.store.sealing import Sealer
from gateway.uploads.checking import check, refused
from gateway.uploads.keeping import Uploads
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
        taken = received(
            self.store, self.uploads, name=name, body=body, question=key, by=self.person.subject, where=f"request/{self.reference}", now=self.now,
            seconds=self.scan_seconds,
        )
        with taken as row, self.store.transaction() as tx:
            request = drafts.shared(tx.session, self.reference, subject=self.person.subject, is_locked=True)
            row.request_id = request.id
            self._give(tx.session, request, row)

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


@contextmanager
def received(
    store: Store, kept: Uploads, *, name: str, body: bytes, question: str, by: str, where: str, now: datetime, seconds: float = WHILE_SOMEBODY_WAITS
) -> Iterator[Upload]:
    """A row for a file that is taken, whose bytes lie in the vault. Whoever asks says what it belongs to, and adds it; where that fails, the bytes go.

    ``where`` is what the audit learns of something harmful: nothing else would be left. Raises :class:`Unprocessable` (field ``file``).
    """
    checked = check(name, body)
    state = kept.judged(checked.body, seconds=seconds)
    if state == "refused":
        with store.transaction() as tx:
            audit.note(tx.session, audit.Entry(stream=audit.GATEWAY, action="file.refused", object=where))
        raise refused("The virus scanner found something harmful in it. Send a sound file.")
    is_clean, (storage_name, sealed_key) = state == "clean", kept.vault.put(checked.body)
    try:
        yield Upload(
            public_id=new_file_id(), question=question, name=checked.name, media_type=checked.media_type, size_bytes=len(checked.body),
            sha256=hashlib.sha256(checked.body).hexdigest(), storage_name=storage_name, sealed_key=sealed_key, state=state,
            warnings=list(checked.warnings), attempts=0, due_at=None if is_clean else now, scanned_at=now if is_clean else None, uploaded_by=by, created_at=now,
        )
    except Exception:
        kept.vault.remove(storage_name)
        raise


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
