"""A custodian with a mailbox: a message that says a request has come, without its answers, and a link.

The link shows nothing by itself: the request stands behind a code that is sent to the same mailbox (gateway/access/visits.py), or behind
the sign-in. So a message that was forwarded gives nothing away. An answer by mail becomes a message to the applicant, never a decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.access.links import reply_token
from gateway.channels.channel import Occasion, OutgoingPart, Receipt
from gateway.channels.mail import Letter, Mailer

OPENINGS: Final[Mapping[Occasion, str]] = {
    "submitted": "A researcher has asked for data held by {}.", "resubmitted": "A researcher has answered what was asked about a request for data held by {}.",
    "updated": "A researcher has changed a request for data held by {}.",
}
READING: Final[Mapping[bool, str]] = {True: "Read the request and acknowledge it here", False: "Read the request as it is now here"}
"""By whether it is new."""


class MailboxChannel:
    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    def deliver(self, part: OutgoingPart) -> Receipt:
        self._mailer.send(
            Letter(
                message_id=part.message_id, to=part.target, subject=f"Access request {part.reference}", text=_text(part),
                written_at=part.created_at, reply_token=reply_token(part.link),
            )
        )
        return Receipt(facts={"channel": "mailbox", "message_id": part.message_id})


def _text(part: OutgoingPart) -> str:
    return (
        f"{OPENINGS[part.occasion].format(' '.join(part.custodian_name.split()))}\n\n"
        f"Reference: {part.reference}\n\n"
        f"{READING[part.occasion == 'submitted']}:\n{part.link}\n\n"
        "The page asks for a code, which it sends to this mailbox. Reading changes nothing; press the button to acknowledge.\n"
        "You may also answer this message: the first answer goes to the applicant as a message, without attachments.\n"
    )
