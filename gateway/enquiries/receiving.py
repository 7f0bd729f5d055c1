"""A reply that came by mail: taken only with the one-time token of a letter and from the address that letter went to.

What is taken is text. Attachments are left out, markup and the quoted letter are cut off, automatic replies are dropped, and no state changes:
a reply is a message, never a decision.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Final, cast

import nh3
from sqlalchemy.orm import Session

from gateway.access.commands import Command, perform_in
from gateway.enquiries.answering import Side, add_message
from gateway.enquiries.form import LONGEST
from gateway.errors import GatewayError
from gateway.models import ReplyToken
from gateway.store import Store, accounts, enquiries, requests
from gateway.store.sealing import Sealer, token_digest

SIZE_LIMIT_BYTES: Final = 5 * 1024 * 1024
RECIPIENTS: Final = ("Delivered-To", "X-Original-To", "To", "Cc")
TOKEN: Final = re.compile(r"\+([0-9a-f]{40})@", re.IGNORECASE)
QUOTED: Final = re.compile(r"^(?:>|-{2,} ?Original Message|_{10,}|(?:On|Am) .{5,200}(?:wrote|schrieb):\s*$|From: .+@)", re.IGNORECASE)
TAKES: Final[dict[str, Callable[[Session, Sealer, ReplyToken, str, datetime], None]]] = {}
"""What is done with the text, by what the letter was about."""


@dataclass(frozen=True, slots=True)
class Received:
    """``reason`` says why a message was dropped."""

    is_taken: bool
    reason: str = ""


def receive(store: Store, sealer: Sealer, content: bytes, *, now: datetime) -> Received:
    """One message as mail systems hand it over (RFC 5322). Raises nothing for what is not taken."""
    if len(content) > SIZE_LIMIT_BYTES:
        return Received(False, "The message is too large.")
    mail = message_from_bytes(content, policy=policy.default)
    token, text = _token(mail), text_of(mail)
    if is_automatic(mail):
        return Received(False, "It is an automatic reply.")
    if token is None or not text:
        return Received(False, "It holds no text of its own." if token else "No address of it holds a token.")
    try:
        with store.transaction() as tx:
            refusal = _take(tx.session, sealer, mail, token, text=text, now=now)
    except GatewayError as error:
        refusal = error.message
    return Received(refusal is None, refusal or "")


def _take(session: Session, sealer: Sealer, mail: EmailMessage, token: str, *, text: str, now: datetime) -> str | None:
    """Why it was not taken."""
    held = enquiries.usable_token(session, token_digest(token))
    if held is None:
        return "The token is unknown, or was used already."
    if accounts.address_key(_sender(mail)) != accounts.address_key(held.address):
        return "It does not come from the address that the letter went to."
    if not enquiries.use_token(session, held.digest, now=now):
        return "The token was used a moment ago."
    TAKES[held.about](session, sealer, held, text, now)
    return None


def is_automatic(mail: EmailMessage) -> bool:
    """Absence notes, delivery reports, lists."""
    said: Mapping[str, str] = {name.lower(): str(value).strip().lower() for name, value in mail.items()}
    return (
        said.get("auto-submitted", "no") != "no" or said.get("precedence", "") in ("bulk", "junk", "list", "auto_reply")
        or said.get("return-path", "") == "<>" or any(name in said for name in ("x-autoreply", "x-autorespond", "list-id"))
        or mail.get_content_type() == "multipart/report"
    )


def text_of(mail: EmailMessage) -> str:
    """The sender's own words without markup, quoted lines and control characters, cut at the longest that is kept."""
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        text = str(part.get_content())
    except (LookupError, ValueError):
        return ""
    if part.get_content_type() == "text/html":
        text = html.unescape(nh3.clean(re.sub(r"(?i)<(?:br|/p|/div)[^>]*>", "\n", text), tags=set()))
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if QUOTED.match(line.strip()):
            break
        lines.append("".join(sign for sign in line if sign.isprintable() or sign == "\t").rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST]


def _token(mail: EmailMessage) -> str | None:
    found = [match for name in RECIPIENTS for value in mail.get_all(name, []) if (match := TOKEN.search(str(value)))]
    return found[0][1].lower() if found else None


def _sender(mail: EmailMessage) -> str:
    """The one address in From; none where there are several."""
    found = [address for _, address in getaddresses([str(value) for value in mail.get_all("From", [])])]
    return found[0] if len(found) == 1 else ""


def _to_thread(session: Session, sealer: Sealer, held: ReplyToken, text: str, now: datetime) -> None:
    enquiries.thread_for_update(session, held.subject)
    add_message(session, sealer, held.subject, author=cast("Side", held.side), via="mail", text=text, now=now)


def _to_part(session: Session, sealer: Sealer, held: ReplyToken, text: str, now: datetime) -> None:
    command = Command(name="message", role="handler", actor="mailbox", payload={"text": text, "via": "mail"})
    perform_in(session, sealer, requests.locked_by_public_id(session, held.subject), command, now)


TAKES["question"] = _to_thread
TAKES["part"] = _to_part
