"""The clocks of questions, worked once a day: five working days to acknowledge, sixty to answer, 24 months to keep."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from gateway.access.working_days import after_working_days, calendar_of
from gateway.enquiries import asking, letters
from gateway.enquiries.answering import close_in
from gateway.store import Store, enquiries
from gateway.store.enquiries import ThreadRow
from gateway.store.sealing import Sealer

ACKNOWLEDGE_DAYS: Final = 5
CLOSE_AFTER: Final = timedelta(days=60)
CONFIRM_WITHIN: Final = timedelta(hours=24)
KEPT: Final = timedelta(days=730)


def due_at(row: ThreadRow) -> datetime | None:
    """The end of the day by which the desk acknowledges; None once it has, and in triage while a desk is looked for."""
    waits = ("new", "with_custodian") if row.is_for_staff else ("with_custodian",)
    if row.thread.acknowledged_at is not None or row.thread.state not in waits:
        return None
    calendar = calendar_of(row.custodian.nations if row.custodian else ())
    return after_working_days(row.thread.since, ACKNOWLEDGE_DAYS, calendar)


def keep(store: Store, sealer: Sealer, *, now: datetime) -> int:
    """Tell of what is late, close what nobody answered, forget what is old; may be repeated. Returns how many changed."""
    with store.transaction() as tx:
        changed = enquiries.forget(tx.session, unconfirmed_before=now - CONFIRM_WITHIN, untouched_before=now - KEPT)
        for row in enquiries.open_threads(tx.session):
            thread = enquiries.thread_for_update(tx.session, row.thread.public_id)
            due = due_at(row)
            if now - thread.since >= CLOSE_AFTER:
                close_in(tx.session, sealer, thread, reason="no_answer", now=now)
            elif due is not None and now >= due and thread.overdue_at is None:
                thread.overdue_at = now
                _tell_of_delay(tx.session, sealer, row, now)
            else:
                continue
            changed += 1
    return changed


def _tell_of_delay(session: Session, sealer: Sealer, row: ThreadRow, now: datetime) -> None:
    what = f"{row.custodian.name if row.custodian else 'The custodian'} has not confirmed your question in time; the gateway’s staff see to it"
    if row.is_for_staff:
        what = "The gateway’s staff have not confirmed your question in time; they were reminded"
        asking.tell_staff(session, sealer, row.enquiry, row.thread, what="Not confirmed within five working days", now=now)
    path = asking.path_of(sealer, row.enquiry)
    session.add(letters.to_enquirer(session, sealer, row.enquiry, row.thread, what=what, path=path, now=now))
