"""Letters to those who handle a part, about the people of its request or what it is needed together with; and to the gateway's staff, where
a part has no desk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from gateway.access import notices
from gateway.access.recipients import officers, recipients
from gateway.store import outbox, requests
from gateway.store.clocks import Ticking
from gateway.store.sealing import Sealer


def write_to_handlers(session: Session, sealer: Sealer, row: Ticking, *, key: str, sentence: str, now: datetime) -> None:
    """One letter each under ``key``, and none twice. A mailbox without a page to open gets none."""
    for one in recipients(session, row, requests.state_of(session, row.part.id), "handlers"):
        if one.path is not None:
            letter = notices.people_changed(
                sealer, reference=row.request.reference, key=f"{key}.{one.label}", sentence=sentence, path=one.path, to_address=one.address, now=now
            )
            outbox.add_once(session, letter)


def write_to_triage(session: Session, sealer: Sealer, *, reference: str, key: str, sentence: str, now: datetime) -> None:
    """One letter each under ``key``, and none twice."""
    for one in officers(session):
        letter = notices.waits_for_staff(
            sealer, reference=reference, key=f"{key}.{one.label}", sentence=sentence, path=one.path, may_read=one.is_officer,
            to_address=one.address, now=now,
        )
        outbox.add_once(session, letter)
