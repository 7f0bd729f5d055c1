"""Reading attached files: by those who are on the request, and by those who received them with their part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.access.parts import Event, PartState
from gateway.accounts.people import Person
from gateway.errors import NotFound
from gateway.models import Upload
from gateway.store import Store, drafts, requests, uploads
from gateway.store.requests import PartRow
from gateway.uploads.keeping import Uploads
from gateway.uploads.names import download_name

OF_APPLICANT: Final = "evidence"
OF_CUSTODIAN: Final = "evidence.custodian"
"""What stands in place of a question's key where a file came with evidence: which side named it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFile:
    """A file of a snapshot as it is today. ``state`` is as in :class:`gateway.models.Upload`, or ``gone``."""

    id: str
    question: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    state: str


@dataclass(frozen=True, slots=True)
class Download:
    """``ascii_name`` is of a fixed pattern, ``name`` as it was attached."""

    ascii_name: str
    name: str
    media_type: str
    body: bytes


def files_of(held: Mapping[str, Upload], document: Mapping[str, Any]) -> tuple[PartFile, ...]:
    """Of a part's snapshot; ``held`` is what its request has by now."""
    return tuple(PartFile(**one, state=held[one["id"]].state if one["id"] in held else "gone") for one in document.get("files", ()))


def files_named(history: Iterable[Event]) -> frozenset[str]:
    """Ids of the files that came with the evidence of a part."""
    return frozenset(event.payload["file"]["id"] for event in history if event.event == "evidence.added" and event.payload.get("file"))


def papers(held: Mapping[str, Upload], state: PartState) -> dict[str, PartFile]:
    """Those of the evidence, by its name; ``held`` is what its request has by now."""
    named = {name: document["file"] for name, document in state.documents.items() if document.get("file")}
    return {name: PartFile(**one, question=OF_APPLICANT, state=held[one["id"]].state if one["id"] in held else "gone") for name, one in named.items()}


def open_own(store: Store, kept: Uploads, person: Person, reference: str, file: str) -> Download:
    """For whoever is on the request. Raises :class:`NotFound`, and :class:`Conflict` for a harmful one."""
    with store.reading() as session:
        request = drafts.shared(session, reference, subject=person.subject)
        row = _found(uploads.in_request(session, request.id, file))
    return _download(reference, row, opened_on_request(kept, row))


def opened_on_request(kept: Uploads, row: Upload) -> bytes:
    """For who is on the request: own files at once, a custodian's once it may be sent. Raises :class:`Conflict`, :class:`NotFound`."""
    return kept.opened(row) if row.question == OF_CUSTODIAN else kept.opened_by_owner(row)


def open_received(store: Store, kept: Uploads, part: PartRow, file: str) -> Download:
    """A file that stands in a snapshot of this part, or came with its evidence; whether the reader may read the part is for the caller to say.

    Raises :class:`NotFound` for any other file, :class:`Conflict` for one that may not be sent.
    """
    with store.reading() as session:
        row = _found(_received(session, part, file))
    return _download(part.request.reference, row, kept.opened(row))


def _received(session: Session, part: PartRow, file: str) -> Upload | None:
    sent = {one["id"] for snapshot in requests.snapshots_of(session, part.part.id) for one in snapshot.document.get("files", ())}
    sent |= files_named(requests.history(session, part.part.id))
    return uploads.in_request(session, part.request.id, file) if file in sent else None


def _found(row: Upload | None) -> Upload:
    if row is None:
        raise NotFound("There is no such file.", hint="The request's page lists its files.")
    return row


def _download(reference: str, row: Upload, body: bytes) -> Download:
    return Download(download_name(reference, row.public_id, row.name), row.name, row.media_type, body)
