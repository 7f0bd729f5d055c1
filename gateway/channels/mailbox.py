"""A custodian with a mailbox: a message that says a request has come, without its answers, and a link.

The link shows nothing by itself: the request stands behind a code that is sent to the same mailbox (gateway/access/visits.py), or behind
the sign-in. So a message that was forwarded gives nothing away. An answer by mail becomes a message to the applicant, never a decision.
"""

from __future__ import annotations

from gateway.access.links import reply_token
from gateway.channels.channel import OutgoingPart, Receipt
from gateway.channels.mail import Letter, Mailer


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
        f"A researcher has asked for data held by {' '.join(part.custodian_name.split())}.\n\n"
        f"Reference: {part.reference}\n\n"
        f"Read the request and acknowledge it here:\n{part.link}\n\n"
        "The page asks for a code, which it sends to this mailbox. Reading changes nothing; press the button to acknowledge.\n"
        "You may also answer this message: the first answer goes to the applicant as a message, without attachments.\n"
    )
