"""Questions, their threads and messages, and the tokens for replies by mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.models import Custodian, Enquiry, EnquiryMessage, EnquiryThread, Message, ReplyToken
from gateway.store.mail import UNDELIVERED

Row = TypeVar("Row")
OPEN = ("new", "with_custodian", "with_enquirer")
UNLISTED: Final = "unlisted"
"""The kind of a question for data that no dataset here holds. It goes to the gateway's staff."""
COLUMNS: Final = "columns"
"""The kind of a question for a dataset's column list."""
_is_meant = or_(EnquiryThread.close_reason.is_(None), EnquiryThread.close_reason != "spam")


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A thread with what is read beside it. ``is_undelivered``: the mailbox refused the letter for good."""

    thread: EnquiryThread
    enquiry: Enquiry
    custodian: Custodian | None
    messages: tuple[EnquiryMessage, ...]
    is_undelivered: bool

    @property
    def is_for_staff(self) -> bool:
        """The gateway's staff are asked themselves; no custodian is."""
        return self.enquiry.kind == UNLISTED and self.custodian is None

    @property
    def waits_in_triage(self) -> bool:
        return self.thread.channel == "triage" or self.is_undelivered or self.thread.overdue_at is not None


def by_follow_token(session: Session, digest: str) -> Enquiry:
    """Raises :class:`NotFound`."""
    return _existing(session.scalar(select(Enquiry).where(Enquiry.follow_token_sha256 == digest)))


def by_confirm_token(session: Session, digest: str) -> Enquiry | None:
    return session.scalar(select(Enquiry).where(Enquiry.confirm_token_sha256 == digest))


def enquiry_for_update(session: Session, enquiry_id: int) -> Enquiry:
    """As it is once nobody else holds it, whatever this transaction read before."""
    query = select(Enquiry).where(Enquiry.id == enquiry_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def threads_of(session: Session, enquiry_id: int) -> list[ThreadRow]:
    return _rows(session, EnquiryThread.enquiry_id == enquiry_id)


def recent(session: Session, *, since: datetime) -> list[tuple[EnquiryThread, str, str | None]]:
    """Threads of confirmed questions with the kind of the question and the custodian's short name."""
    query = (
        select(EnquiryThread, Enquiry.kind, Custodian.slug).join(Enquiry, Enquiry.id == EnquiryThread.enquiry_id)
        .outerjoin(Custodian, Custodian.id == EnquiryThread.custodian_id)
        .where(EnquiryThread.created_at >= since, Enquiry.confirmed_at.is_not(None)).order_by(EnquiryThread.id)
    )
    return [(row, kind, slug) for row, kind, slug in session.execute(query)]


def thread(session: Session, public_id: str) -> ThreadRow:
    """Raises :class:`NotFound`."""
    return _existing(next(iter(_rows(session, EnquiryThread.public_id == public_id)), None))


def thread_of_custodian(session: Session, slug: str, public_id: str) -> ThreadRow:
    """Raises :class:`NotFound`: the same for another custodian's as for none."""
    return _existing(next(iter(_rows(session, (EnquiryThread.public_id == public_id) & (Custodian.slug == slug))), None))


def thread_of_desk(session: Session, digest: str) -> ThreadRow:
    """The thread behind a mailbox's page. Raises :class:`NotFound`."""
    return _existing(next(iter(_rows(session, EnquiryThread.desk_token_sha256 == digest)), None))


def thread_for_update(session: Session, public_id: str) -> EnquiryThread:
    """Locked until the transaction ends. Raises :class:`NotFound`."""
    return _existing(session.scalar(select(EnquiryThread).where(EnquiryThread.public_id == public_id).with_for_update()))


def threads_of_custodian(session: Session, slug: str) -> list[ThreadRow]:
    """Those whose turn began last come first."""
    rows = _rows(session, Custodian.slug == slug)
    return sorted(rows, key=lambda row: (row.thread.state in OPEN, row.thread.since), reverse=True)


def threads_in_triage(session: Session) -> list[ThreadRow]:
    """Open threads that no custodian's desk has, or has looked at in time. Oldest first."""
    return [row for row in _rows(session, EnquiryThread.state.in_(("new", "with_custodian"))) if row.waits_in_triage]


def open_threads(session: Session) -> list[ThreadRow]:
    return _rows(session, EnquiryThread.state.in_(OPEN))


def column_lists_wanted(session: Session, slug: str, *, since: datetime) -> Mapping[str, int]:
    """How many questions asked a custodian for the column list of each dataset, the most wanted first."""
    query = (
        select(EnquiryThread.dataset_refs).join(Enquiry, Enquiry.id == EnquiryThread.enquiry_id).join(Custodian, Custodian.id == EnquiryThread.custodian_id)
        .where(Custodian.slug == slug, Enquiry.kind == COLUMNS, EnquiryThread.created_at >= since, _is_meant).order_by(EnquiryThread.id)
    )
    return dict(Counter(ref for refs in session.scalars(query) for ref in refs).most_common())


def unlisted_wanted(session: Session, *, since: datetime) -> Mapping[str, int]:
    """How many asked for data that is not listed, by the state of the question."""
    query = (
        select(EnquiryThread.state, func.count()).join(Enquiry, Enquiry.id == EnquiryThread.enquiry_id)
        .where(Enquiry.kind == UNLISTED, EnquiryThread.custodian_id.is_(None), EnquiryThread.created_at >= since, _is_meant).group_by(EnquiryThread.state)
    )
    return dict(iter(session.execute(query)))


def _rows(session: Session, condition: Any) -> list[ThreadRow]:
    query = (
        select(EnquiryThread, Enquiry, Custodian)
        .join(Enquiry, Enquiry.id == EnquiryThread.enquiry_id)
        .outerjoin(Custodian, Custodian.id == EnquiryThread.custodian_id)
        .where(condition).order_by(EnquiryThread.id)
    )
    found = [(thread, enquiry, custodian) for thread, enquiry, custodian in session.execute(query)]
    messages: dict[int, list[EnquiryMessage]] = {thread.id: [] for thread, _, _ in found}
    for row in session.scalars(select(EnquiryMessage).where(EnquiryMessage.thread_id.in_(messages)).order_by(EnquiryMessage.id)):
        messages[row.thread_id].append(row)
    keys = [thread.letter_key for thread, _, _ in found if thread.letter_key]
    refused = set(session.scalars(select(Message.idempotency_key).where(Message.idempotency_key.in_(keys), Message.state.in_(UNDELIVERED))))
    return [ThreadRow(one, enquiry, custodian, tuple(messages[one.id]), one.letter_key in refused) for one, enquiry, custodian in found]


def _existing(row: Row | None) -> Row:
    if row is None:
        raise NotFound("There is no question at this address.", hint="Please copy the whole address from the message.")
    return row


# replies by mail


def usable_token(session: Session, digest: str) -> ReplyToken | None:
    return session.scalar(select(ReplyToken).where(ReplyToken.digest == digest, ReplyToken.used_at.is_(None)))


def use_token(session: Session, digest: str, *, now: datetime) -> bool:
    """Whether this call was the one that used it: of two at the same moment, one."""
    used = session.execute(update(ReplyToken).where(ReplyToken.digest == digest, ReplyToken.used_at.is_(None)).values(used_at=now))
    return bool(used.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


# keeping


def forget(session: Session, *, unconfirmed_before: datetime, untouched_before: datetime) -> int:
    """Delete questions that were never confirmed, and those that nothing happened to for so long; returns how many."""
    is_over = or_(Enquiry.updated_at < untouched_before, Enquiry.confirmed_at.is_(None) & (Enquiry.created_at < unconfirmed_before))
    ids = list(session.scalars(select(Enquiry.id).where(is_over)))
    _forget(session, ids)
    return len(ids)


def _forget(session: Session, enquiry_ids: Sequence[int]) -> None:
    threads = {row.id: row.public_id for row in session.scalars(select(EnquiryThread).where(EnquiryThread.enquiry_id.in_(enquiry_ids)))}
    session.execute(delete(ReplyToken).where(ReplyToken.about == "question", ReplyToken.subject.in_(threads.values())))
    session.execute(delete(EnquiryMessage).where(EnquiryMessage.thread_id.in_(threads)))
    session.execute(delete(EnquiryThread).where(EnquiryThread.id.in_(threads)))
    session.execute(delete(Enquiry).where(Enquiry.id.in_(enquiry_ids)))
