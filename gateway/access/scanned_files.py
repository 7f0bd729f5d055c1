"""What a scanner said of an attached file, and who is told."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from gateway.access import notices
from gateway.models import Request
from gateway.store import Store, outbox, requests, uploads
from gateway.store.sealing import Sealer
from gateway.uploads.keeping import FileState, Uploads
from gateway.uploads.scanning import IN_A_JOB

AT_ONCE: Final = 50


def settle(session: Session, sealer: Sealer, public_id: str, state: FileState, *, now: datetime) -> None:
    """Note it. Of something harmful whoever leads the request is told by mail, once for each file: nothing else says so before they look."""
    row = uploads.judge(session, public_id, state, now=now)
    if row is None or state != "refused":
        return
    request = session.get_one(Request, row.request_id)
    letter = notices.harmful_file(
        sealer, reference=request.reference, key=f"file.harmful.{public_id}", to_address=requests.lead_address(session, request.id), now=now
    )
    outbox.add_once(session, letter)


def scan_waiting(store: Store, sealer: Sealer, kept: Uploads, *, now: datetime) -> int:
    """The job ``scan``: files that wait for the scanner, or for which it had no answer. May run twice. Returns how many were settled."""
    if kept.scanner is None:
        return 0
    with store.reading() as session:
        rows = uploads.due(session, now=now, limit=AT_ONCE)
    ends_at, settled = time.monotonic() + IN_A_JOB, 0
    for row in rows:
        state = kept.judged(kept.vault.get(row.storage_name, row.sealed_key), seconds=IN_A_JOB)
        with store.transaction() as tx:
            settle(tx.session, sealer, row.public_id, state, now=now)
        settled += state != "unavailable"
        if state == "unavailable" or time.monotonic() > ends_at:
            break
    return settled
