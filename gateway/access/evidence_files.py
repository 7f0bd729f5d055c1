"""Naming evidence with the paper that shows it: a file that the event names, and that is kept with the request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gateway.access.attaching import MOST_BYTES, MOST_FILES, received
from gateway.access.commands import Command, perform, perform_in
from gateway.access.files import OF_APPLICANT, OF_CUSTODIAN, PartFile, files_named
from gateway.access.parts import PartState
from gateway.models import RequestPart, Upload
from gateway.store import Store, requests, uploads
from gateway.store.sealing import Sealer
from gateway.uploads.checking import refused
from gateway.uploads.keeping import Uploads


def add_evidence(
    store: Store, sealer: Sealer, kept: Uploads, public_id: str, command: Command, *, name: str, body: bytes, now: datetime
) -> PartState:
    """As :func:`gateway.access.commands.perform` with ``add_evidence``; ``name`` is empty where no file came with it.

    Raises :class:`Unprocessable` (field ``file``) for a file that is not taken, with what to do instead.
    """
    command = replace(command, payload={**command.payload, "evidence": f"{command.payload['type']} {command.payload['reference']}"})
    if not name:
        return perform(store, sealer, public_id, command, now=now)
    side = OF_APPLICANT if command.role in ("lead", "collaborator") else OF_CUSTODIAN
    taken = received(store, kept, name=name, body=body, question=side, by=command.actor, where=f"part/{public_id}", now=now)
    with taken as row, store.transaction() as tx:
        part = requests.locked_by_public_id(tx.session, public_id)
        _require_room(tx.session, part, row)
        row.request_id = part.request_id
        tx.session.add(row)
        return perform_in(tx.session, sealer, part, replace(command, payload={**command.payload, "file": _named(row)}), now)


def told(state: PartState, papers: Mapping[str, PartFile]) -> list[dict[str, Any]]:
    """Evidence of a part for programs, in the order in which it was named; ``papers`` by the name of the evidence."""
    facts = ("type", "reference", "issuer", "issued", "expires", "opinion")
    return [
        {
            "evidence": name, **{fact: document.get(fact) for fact in facts}, "state": state.evidence[name],
            "file": asdict(papers[name]) if name in papers else None,
        }
        for name, document in state.documents.items()
    ]  # fmt: skip


def _named(row: Upload) -> dict[str, Any]:
    return {"id": row.public_id, "name": row.name, "media_type": row.media_type, "size_bytes": row.size_bytes, "sha256": row.sha256}


def _require_room(session: Session, part: RequestPart, wanted: Upload) -> None:
    """Raises :class:`Unprocessable`."""
    if len(files_named(requests.history(session, part.id))) >= MOST_FILES:
        raise refused(f"The evidence of a request to one custodian takes at most {MOST_FILES} files. Name it without one.")
    if sum(row.size_bytes for row in uploads.of_request(session, part.request_id).values()) + wanted.size_bytes > MOST_BYTES:
        raise refused(f"The files of a request are {MOST_BYTES // 2**20} MB at most. Name the evidence without one, and send it another way.")
