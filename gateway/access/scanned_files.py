"""What a scanner said of an attached file, and who is told."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from gateway.access import notices
from gateway.access.files import OF_APPLICANT, OF_CUSTODIAN
from gateway.models import Request, Upload
from gateway.store import Store, accounts, outbox, requests, uploads
from gateway.store.sealing import Sealer
from gateway.uploads.keeping import FileState, Uploads
from gateway.uploads.scanning import IN_A_JOB

AT_ONCE: Final = 50


def settle(session: Session, sealer: Sealer, public_id: str, state: FileState, *, now: datetime) -> None:
    """Note it. Of something harmful whose side sent it is told by mail, once for each file: nothing else says so before they look."""
    row = uploads.judge(session, public_id, state, now=now)
    if row is None or state != "refused":
        return
    address, key = _sender(session, row), f"file.harmful.{public_id}"
    if address is None:
        return
    if row.request_id is None:
        outbox.add_once(session, notices.harmful_certificate(sealer, key=key, to_address=address, now=now))
        return
    request = session.get_one(Request, row.request_id)
    if row.question in (OF_APPLICANT, OF_CUSTODIAN):
        letter = notices.harmful_evidence(sealer, reference=request.reference, key=key, to_address=address, is_own=row.question == OF_APPLICANT, now=now)
    else:
        letter = notices.harmful_file(sealer, reference=request.reference, key=key, to_address=address, now=now)
    outbox.add_once(session, letter)


def _sender(session: Session, row: Upload) -> str | None:
    """Whom to write to: the lead, who of the custodian named evidence with it, or whose profile it belongs to."""
    if row.request_id is not None and row.question != OF_CUSTODIAN:
        return requests.lead_address(session, row.request_id)
    account = accounts.by_subject(session, row.uploaded_by)
    return account.address if account is not None else None


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
