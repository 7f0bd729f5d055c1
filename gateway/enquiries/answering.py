"""What either side does to a thread: read it, acknowledge it, write, ask back, answer, close. Each is one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from sqlalchemy.orm import Session

from gateway.enquiries import asking, letters
from gateway.enquiries.form import read_text
from gateway.errors import Conflict
from gateway.models import EnquiryMessage, EnquiryThread
from gateway.store import Store, enquiries
from gateway.store.enquiries import ThreadRow
from gateway.store.sealing import Sealer

Side = Literal["enquirer", "custodian", "gateway"]
CLOSINGS: Final = {"spam": "Spam", "out_of_scope": "Out of scope", "no_answer": "No answer came within 60 days"}
"""``no_answer`` is the clock's alone."""
AFTER_REPLY: Final = {"answer": "answered", "ask": "with_enquirer"}
"""What a custodian's reply on a page leads to."""


def reply(store: Store, sealer: Sealer, public_id: str, *, side: Side, text: str, then: str = "answer", now: datetime) -> None:
    """A message written on a page. The custodian's answers the question (``then`` is ``answer``) or asks back (``ask``).

    Raises :class:`Unprocessable` for no text, :class:`Conflict` for a closed thread, :class:`NotFound`.
    """
    text = read_text(text)
    with store.transaction() as tx:
        thread = still_open(tx.session, public_id)
        state = _back_at(thread) if side == "enquirer" else AFTER_REPLY.get(then, "answered")
        move(thread, state, now)
        if side != "enquirer":
            thread.acknowledged_at = thread.acknowledged_at or now
        if state == "answered":
            thread.answered_at = thread.answered_at or now
        add_message(tx.session, sealer, public_id, author=side, via="page", text=text, now=now)


def add_message(session: Session, sealer: Sealer, public_id: str, *, author: Side, via: str, text: str, now: datetime) -> None:
    """Write the message down and tell the other side. The thread's state stays as it is."""
    session.flush()
    row = enquiries.thread(session, public_id)
    thread, enquiry = row.thread, row.enquiry
    session.add(EnquiryMessage(thread_id=thread.id, author=author, via=via, text=text, at=now))
    enquiry.updated_at = now
    if author != "enquirer":
        who = row.custodian.name if row.custodian and author == "custodian" else "The gateway’s staff"
        what = f"{who} wrote to you"
        session.add(letters.to_enquirer(session, sealer, enquiry, thread, what=what, path=asking.path_of(sealer, enquiry), now=now))
    elif row.is_for_staff:
        asking.tell_staff(session, sealer, enquiry, thread, what="The enquirer wrote again", now=now)
    elif thread.channel == "workspace" and row.custodian is not None:
        asking.tell_handlers(session, sealer, enquiry, thread, row.custodian.slug, what="The enquirer wrote again", now=now)
    elif thread.channel == "mailbox":
        asking.send_to_mailbox_again(session, sealer, enquiry, thread, now=now)


def acknowledge(store: Store, public_id: str, *, now: datetime) -> None:
    """The desk says that it has the question; a second time changes nothing. Raises :class:`Conflict`, :class:`NotFound`."""
    with store.transaction() as tx:
        thread = still_open(tx.session, public_id)
        thread.acknowledged_at = thread.acknowledged_at or now
        thread.overdue_at = None
        if thread.state == "new" and thread.channel != "triage":
            move(thread, "with_custodian", now)


def close(store: Store, sealer: Sealer, public_id: str, *, reason: str, now: datetime) -> None:
    """Raises :class:`Conflict` for a thread that is over, :class:`NotFound`."""
    with store.transaction() as tx:
        close_in(tx.session, sealer, still_open(tx.session, public_id), reason=reason, now=now)


def close_in(session: Session, sealer: Sealer, thread: EnquiryThread, *, reason: str, now: datetime) -> None:
    move(thread, "closed", now)
    thread.close_reason = reason
    row = enquiries.thread(session, thread.public_id)
    row.enquiry.updated_at = now
    if reason != "spam":
        what = f"Closed ({CLOSINGS[reason].lower()})"
        session.add(letters.to_enquirer(session, sealer, row.enquiry, thread, what=what, path=asking.path_of(sealer, row.enquiry), now=now))


def forward(store: Store, sealer: Sealer, public_id: str, *, now: datetime) -> str:
    """Send a thread of the triage queue to the desk that its custodian has by now; returns the desk's kind.

    Raises :class:`Conflict` while there is none.
    """
    with store.transaction() as tx:
        thread = still_open(tx.session, public_id)
        row = enquiries.thread(tx.session, public_id)
        channel, target = asking.desk_of(tx.session, row.custodian, now)
        if channel == "triage":
            raise Conflict("This custodian has neither a confirmed mailbox nor people here.", hint="Confirm a route first, or answer it yourself.")
        thread.channel, thread.target, thread.overdue_at = channel, target, None
        move(thread, "with_custodian", now)
        asking.hand_over(tx.session, sealer, row.enquiry, thread, row.custodian, now=now)
        return channel


def still_open(session: Session, public_id: str) -> EnquiryThread:
    """Locked until the transaction ends. Raises :class:`Conflict`, :class:`NotFound`."""
    thread = enquiries.thread_for_update(session, public_id)
    if thread.state in ("closed", "converted"):
        raise Conflict("This question is closed.", hint="Ask a new one from the dataset’s page.")
    return thread


def _back_at(thread: EnquiryThread) -> str:
    """The state while the desk has the turn."""
    return "new" if thread.channel == "triage" else "with_custodian"


def move(thread: EnquiryThread, state: str, now: datetime) -> None:
    if thread.state != state:
        thread.state, thread.since = state, now


def read(store: Store, public_id: str) -> ThreadRow:
    """Changes nothing. Raises :class:`NotFound`."""
    with store.reading() as session:
        return enquiries.thread(session, public_id)
