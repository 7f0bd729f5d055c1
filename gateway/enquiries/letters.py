"""Mail about questions. Subjects hold a reference alone. What was asked goes to the custodian's desk, which can do nothing without it;
answers are never mailed: the enquirer reads them on the private page."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from gateway.access.notices import Body, message, staff_body
from gateway.enquiries.form import LABELS
from gateway.models import Enquiry, EnquiryThread, Message, ReplyToken
from gateway.store.enquiries import UNLISTED
from gateway.store.sealing import Sealer, token_digest

NOT_YOU = "If you did not ask anything, somebody typed your address by mistake; do nothing, and nothing is sent."
BY_MAIL = "You may also answer this message: the first answer to it is added to the question, without attachments."


def confirm(sealer: Sealer, enquiry: Enquiry, *, path: str, now: datetime) -> Message:
    text = f"Confirm your address, then your question {enquiry.reference} is sent. The link works once, for 24 hours."
    return message(
        sealer, key=f"question.confirm.{enquiry.reference}", to_address=enquiry.address, subject=f"Question {enquiry.reference}: confirm your address",
        body=Body(text=text, path=path, closing=NOT_YOU), now=now,
    )


def receipt(sealer: Sealer, enquiry: Enquiry, *, path: str, desks: int, now: datetime) -> Message:
    whom = "1 custodian" if desks == 1 else f"{desks} custodians"
    if enquiry.kind == UNLISTED:
        whom = "the gateway’s staff, who look for such data and may pass it on to custodians"
    text = f"Your question {enquiry.reference} went to {whom}. Read the answers at this private address; whoever has it can read them too."
    return message(
        sealer, key=f"question.receipt.{enquiry.reference}", to_address=enquiry.address, subject=f"Question {enquiry.reference}: sent",
        body=Body(text=text, path=path, closing=NOT_YOU), now=now,
    )


def to_mailbox(session: Session, sealer: Sealer, enquiry: Enquiry, thread: EnquiryThread, *, titles: list[str], path: str, now: datetime) -> Message:
    """With the question itself and a token for the answer. Never the enquirer's address."""
    assert thread.target is not None
    asked = "\n\n".join(f"{LABELS[name]}:\n{text}" for name, text in enquiry.answers.items() if name != "search")
    about = "\n".join(f"- {title}" for title in titles)
    told = "looks for data that is not listed here. We think that you may hold such data" if enquiry.kind == UNLISTED else "asks about your data"
    text = f"{enquiry.name} {told}.\n\n{asked}" + (f"\n\nDatasets:\n{about}" if about else "") + f"\n\n{BY_MAIL} Or answer here:"
    token = reply_token(session, thread, side="custodian", address=thread.target, now=now)
    return message(
        sealer, key=thread.letter_key or "", to_address=thread.target, subject=f"Question {enquiry.reference}",
        body=Body(text=text, path=path, closing="Whoever has the address can read the question; please keep it inside your organisation.", reply_token=token),
        now=now,
    )


def to_handler(sealer: Sealer, enquiry: Enquiry, *, address: str, path: str, key: str, what: str, now: datetime) -> Message:
    return message(
        sealer, key=key, to_address=address, subject=f"Question {enquiry.reference}",
        body=Body(text=f"{what}: question {enquiry.reference}.", path=path, closing="You receive this because you handle requests there."), now=now, topic="arrivals",
    )


def to_staff(sealer: Sealer, enquiry: Enquiry, *, address: str, path: str | None, what: str, may_read: bool, now: datetime) -> Message:
    body = staff_body(
        f"{what}: question {enquiry.reference}.", path=path, may_read=may_read, closing="You receive this because you answer questions that no custodian has."
    )
    return message(
        sealer, key=f"question.staff.{secrets.token_hex(12)}", to_address=address, subject=f"Question {enquiry.reference}: waits for you",
        body=body, now=now, topic="turn",
    )


def to_enquirer(session: Session, sealer: Sealer, enquiry: Enquiry, thread: EnquiryThread, *, what: str, path: str, now: datetime) -> Message:
    token = reply_token(session, thread, side="enquirer", address=enquiry.address, now=now)
    return message(
        sealer, key=f"question.news.{secrets.token_hex(12)}", to_address=enquiry.address, subject=f"Question {enquiry.reference}: news",
        body=Body(text=f"{what}: question {enquiry.reference}. {BY_MAIL}", path=path, closing=NOT_YOU, reply_token=token), now=now,
    )


def to_desk(session: Session, sealer: Sealer, enquiry: Enquiry, thread: EnquiryThread, *, path: str, now: datetime) -> Message:
    """To a mailbox, that the enquirer wrote again."""
    assert thread.target is not None
    token = reply_token(session, thread, side="custodian", address=thread.target, now=now)
    return message(
        sealer, key=f"question.again.{secrets.token_hex(12)}", to_address=thread.target, subject=f"Question {enquiry.reference}: news",
        body=Body(text=f"The enquirer wrote again: question {enquiry.reference}. {BY_MAIL}", path=path, closing="", reply_token=token), now=now,
    )


def reply_token(session: Session, thread: EnquiryThread, *, side: Literal["enquirer", "custodian"], address: str, now: datetime) -> str:
    """A new token; in hex, because mail systems change the case of addresses."""
    token = secrets.token_hex(20)
    session.add(ReplyToken(digest=token_digest(token), about="question", subject=thread.public_id, side=side, address=address, created_at=now))
    return token
