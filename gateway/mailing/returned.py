"""Bounces and complaints, as mail systems hand them back: delivery reports (RFC 3464) and feedback reports (RFC 5965).

A report counts only by the Message-ID of a message that we sent, which nobody can guess.
"""

from __future__ import annotations

import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message as Mail
from typing import Final, Literal

from gateway.store import Store, mail
from gateway.store.sealing import AddressHashes

Answer = Literal["bounced", "soft_bounced", "complained"]
MESSAGE_ID: Final = re.compile(r"^Message-ID:\s*<([^@>\s]+)@", re.IGNORECASE | re.MULTILINE)
SIZE_LIMIT_BYTES: Final = 5 * 1024 * 1024


def take_report(store: Store, addresses: AddressHashes, content: bytes, *, now: datetime) -> Answer | None:
    """What the report says; None where it is none, or not about a message of ours."""
    if len(content) > SIZE_LIMIT_BYTES:
        return None
    report = message_from_bytes(content, policy=policy.compat32)
    answer, message_id = _said(report), _about(report)
    if answer is None or message_id is None:
        return None
    with store.transaction() as tx:
        rows = mail.by_message_id(tx.session, message_id)
        for row in rows:
            row.state = answer
        if rows and not rows[0].to_address.startswith(mail.HASHED):
            mail.note_answer(tx.session, addresses.of(rows[0].to_address), answer, now=now)
    return answer if rows else None


def _said(report: Mail) -> Answer | None:
    kind = str(report.get_param("report-type", "") or "").lower()
    if kind == "feedback-report":
        return "complained"
    if kind != "delivery-status":
        return None
    status = next((str(part["Status"]).strip() for part in report.walk() if part["Status"]), "")
    return "bounced" if status.startswith("5.") else "soft_bounced" if status.startswith("4.") else None


def _about(report: Mail) -> str | None:
    """The Message-ID of the message that came back, whole or as its headers alone."""
    for part in report.walk():
        if part is not report and part["Message-ID"]:
            return str(part["Message-ID"]).strip().strip("<>").partition("@")[0]
        if part.get_content_type() == "text/rfc822-headers":
            found = MESSAGE_ID.search(str(part.get_payload()))
            if found:
                return found[1]
    return None
