"""Opening a file of a part without working out its page: whether this reader may read the part, and whether the file is of what they see of it."""

from __future__ import annotations

from gateway.access.files import Download, files_named, open_received
from gateway.access.machine import fold
from gateway.access.part_forms import form_of
from gateway.access.seeing import Reader
from gateway.access.workspace import part_of_integration, part_of_team, reader_of, require_open
from gateway.accounts.people import Person
from gateway.errors import NotFound
from gateway.store import Store, requests
from gateway.store.requests import PartRow
from gateway.uploads.keeping import Uploads


def open_for_team(store: Store, kept: Uploads, person: Person, custodian: str, *, part: str, file: str) -> Download:
    """Reviewers open what the newest answers show them, and the evidence. Raises as :func:`gateway.access.workspace.detail`; :class:`NotFound` for another file."""
    reader = reader_of(person, custodian)
    with store.reading() as session:
        row = part_of_team(session, custodian, part)
        history = requests.history(session, row.part.id)
        require_open(session, row, fold(history), reader)
        if reader.is_reviewer and file not in _shown(row, reader) | files_named(history):
            raise NotFound("There is no such file.", hint="The request's page lists its files.")
    return open_received(store, kept, row, file)


def open_for_integration(store: Store, kept: Uploads, custodian_id: int, *, part: str, file: str, owner: str | None) -> Download:
    """For the custodian's own system. Raises as :func:`gateway.access.workspace.integration_detail`; :class:`NotFound` for another file."""
    with store.reading() as session:
        row = part_of_integration(session, custodian_id, part)
        require_open(session, row, fold(requests.history(session, row.part.id)), Reader(subject=owner or "", roles=("integration",)))
    return open_received(store, kept, row, file)


def _shown(row: PartRow, reader: Reader) -> frozenset[str]:
    """Ids of the files of answers that the reader sees."""
    document = row.snapshot.document
    seen = reader.answers(document["answers"], form_of(row.form, row.custodian))
    return frozenset(one["id"] for one in document.get("files", ()) if one["question"] in seen)
