"""All requests that a person is on, and the files attached to them, as one archive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson

from gateway.access import drafts, exports
from gateway.access.drafts import Draft
from gateway.access.evidence_files import told
from gateway.access.files import opened_on_request
from gateway.access.status import RequestStatus, own_requests
from gateway.accounts.people import Person
from gateway.errors import Conflict, NotFound
from gateway.models import Upload
from gateway.store import Store, uploads
from gateway.store import drafts as draft_rows
from gateway.uploads.keeping import Uploads
from gateway.uploads.names import download_name


def write_requests(archive: ZipFile, store: Store, kept: Uploads, person: Person) -> None:
    """A folder for each request, named by its reference: ``request.json`` (how it stands and what happened), a file for each part as it
    was sent, ``draft.json`` for what is not sent yet, and ``files``. ``left-out.txt`` says which files cannot be handed out, and why."""
    references = []
    for request in own_requests(store, person):
        references.append(request.reference)
        _put(archive, f"{request.reference}/request.json", _told(request))
        for part in request.parts:
            made = exports.export(part.document, part.form, "json")
            assert made is not None
            archive.writestr(f"{request.reference}/{part.part}.json", made.body, ZIP_DEFLATED)
    for draft in drafts.begun(store, person):
        references.append(draft.reference)
        _put(archive, f"{draft.reference}/draft.json", _written(draft))
    for reference in dict.fromkeys(references):
        _put_files(archive, store, kept, person, reference)


def _put_files(archive: ZipFile, store: Store, kept: Uploads, person: Person, reference: str) -> None:
    left_out = []
    for row in _files(store, person, reference):
        name = f"{reference}/files/{download_name(reference, row.public_id, row.name)}"
        try:
            archive.writestr(name, opened_on_request(kept, row), ZIP_DEFLATED)
        except (Conflict, NotFound) as error:
            left_out.append(f"{row.name}: {error.message} {error.hint}\n")
    if left_out:
        archive.writestr(f"{reference}/left-out.txt", "".join(left_out), ZIP_DEFLATED)


def _files(store: Store, person: Person, reference: str) -> Iterator[Upload]:
    with store.reading() as session:
        request = draft_rows.shared(session, reference, subject=person.subject)
        yield from uploads.of_request(session, request.id).values()


def _told(request: RequestStatus) -> dict[str, Any]:
    return {
        "reference": request.reference, "title": request.title, "status": request.status, "sent_at": request.sent_at, "role": request.role,
        "parts": [
            {
                "part": part.part, "custodian": part.custodian_name, "state": part.state, "since": part.since, "evidence": told(part.folded, part.papers),
                "happened": _happened(part.timeline),
            }
            for part in request.parts
        ],
        "happened": _happened(request.timeline),
    }  # fmt: skip


def _happened(timeline: Any) -> list[dict[str, Any]]:
    return [{"at": one.at, "what": one.sentence, "who": one.who, "detail": one.detail} for one in timeline]


def _written(draft: Draft) -> dict[str, Any]:
    return {"reference": draft.reference, "datasets": draft.all_titles, "answers": draft.answers}


def _put(archive: ZipFile, name: str, value: Any) -> None:
    archive.writestr(name, orjson.dumps(value, option=orjson.OPT_INDENT_2), ZIP_DEFLATED)
