"""A custodian with a mailbox: a message that says a request has come, without its answers, and a private link.

The answers stand behind the link, on the page where the custodian acknowledges. Only the custodian's confirmed mailbox
ever receives the link, so reading its mail is what gives the right to read the request.
"""

from __future__ import annotations

from gateway.channels.channel import OutgoingPart, Receipt
from gateway.channels.mail import Letter, Mailer


class MailboxChannel:
    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    def deliver(self, part: OutgoingPart) -> Receipt:
        self._mailer.send(
            Letter(
                message_id=part.message_id, to=part.target, subject=f"Access request {part.reference}", text=_text(part),
                written_at=part.created_at,
            )
        )
        return Receipt(facts={"channel": "mailbox", "message_id": part.message_id})


def _text(part: OutgoingPart) -> str:
    return (
        f"A researcher has asked for data held by {' '.join(part.custodian_name.split())}.\n\n"
        f"Reference: {part.reference}\n\n"
        f"Read the request and acknowledge it here:\n{part.link}\n\n"
        "Opening the page changes nothing; press the button to acknowledge. Please do not forward this message outside\n"
        "your organisation: whoever has the address can read the request.\n"
    )
