"""Mail to the applicant: a reference, what happened in one line, and where the private page is. Never an answer or a name.

The body is kept encrypted until it is sent, because it holds the private address. It is kept as a path, so that a change
of the public address reaches messages that still wait.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from gateway.channels.mail import check_header
from gateway.mailing.topics import DEFAULT
from gateway.models import Message
from gateway.store.sealing import Sealer

AT_ONCE: Final = frozenset(
    {
        "part.returned", "part.approved", "part.approved_conditionally", "part.rejected", "part.closed", "agreement.issued", "access.revoked",
        "access.suspended", "outcome.recorded", "message.sent",
    }
)
"""The applicant's turn, or a decision: never put off."""
SHOWN: Final = ("/account", "/w/", "/custodians/", "/sources/", "/triage")
"""Pages that the list of notices may lead to; other paths are secrets."""
UNWANTED: Final = "If you do not know of it, you need do nothing."
LONGEST_LINE: Final = 300
NOBODY_READS_IT: Final = (
    "Nobody can read it yet, as nobody has the role “triage”. Give it to somebody, then it stands at /triage:\ngateway account grant ADDRESS triage"
)
CLOSING = "If you did not ask for data, somebody typed your address by mistake; you need do nothing."


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """``path`` is the private page, where it is known; only the receipt knows it. ``reply_token``: the letter may be answered by mail.

    ``says_where`` False leaves out where to go on. ``stop_path`` ends letters of this kind with one step; without it, its whole topic is ended.
    """

    text: str
    path: str | None
    closing: str = CLOSING
    reply_token: str | None = None
    says_where: bool = True
    stop_path: str | None = None

    def written(self, public_url: str) -> str:
        where = f"{public_url}{self.path}" if self.path else "Open the private address that we sent you with the receipt."
        return "\n\n".join((self.text, *((where,) if self.says_where else ()), self.closing)) + "\n"


def receipt(sealer: Sealer, *, key: str, reference: str, to_address: str, parts: int, path: str, now: datetime) -> Message:
    whom = "1 custodian" if parts == 1 else f"{parts} custodians"
    text = f"Your request {reference} to {whom} has been received. Follow it at this address. It is private: keep it to yourself."
    return message(
        sealer, key=key, to_address=to_address, subject=f"Access request {reference}: received", body=Body(text=text, path=path), now=now,
    )


def delivered_by_hand(sealer: Sealer, *, reference: str, delivery: str, to_address: str, now: datetime) -> Message:
    text = f"A part of your request {reference} could not be delivered automatically. The gateway's staff will see to it."
    return message(
        sealer, key=f"manual.{delivery}", to_address=to_address, subject=f"Access request {reference}: delivery",
        body=Body(text=text, path=None), now=now,
    )


def step(
    sealer: Sealer, *, reference: str, key: str, event: str, sentence: str, custodian: str, to_address: str, now: datetime
) -> Message:
    """One step of a part. The custodian's name stands in the body, never in the subject."""
    return message(
        sealer, key=key, to_address=to_address, subject=f"Access request {reference}: news",
        body=Body(text=f"{sentence}: request {reference}, {custodian}.", path=None), now=now,
        topic="turn" if event in AT_ONCE else "progress", link=f"/account/requests/{reference}",
    )


def arrived(sealer: Sealer, *, reference: str, key: str, path: str, to_address: str, now: datetime) -> Message:
    """To a handler: the request stands in the workspace, behind the sign-in."""
    body = Body(text=f"A researcher has asked for your data: request {reference}.", path=path, closing="You receive this because you handle requests there.")
    return message(sealer, key=key, to_address=to_address, subject=f"Access request {reference}: new", body=body, now=now, topic="arrivals")


def harmful_file(sealer: Sealer, *, reference: str, key: str, to_address: str, now: datetime) -> Message:
    """The name of the file may tell of somebody, so it is left out."""
    text = (
        f"The virus scanner found something harmful in a file of your request {reference}. Nobody can open it and it is not sent: "
        "remove it, and attach a sound one."
    )
    body = Body(text=text, path=f"/account/requests/{reference}", closing="The request itself is not affected.")
    return message(sealer, key=key, to_address=to_address, subject=f"Access request {reference}: a file", body=body, now=now, topic="turn")


def harmful_evidence(sealer: Sealer, *, reference: str, key: str, to_address: str, is_own: bool, now: datetime) -> Message:
    """``is_own``: it came from the applicant's side, not from the custodian's."""
    text = (
        f"The virus scanner found something harmful in a file that came with evidence for request {reference}. Nobody can open it: name the evidence "
        "again with a sound one."
    )
    path = f"/account/requests/{reference}" if is_own else "/account"
    body = Body(text=text, path=path, closing="The request itself is not affected.")
    return message(sealer, key=key, to_address=to_address, subject=f"Access request {reference}: a file", body=body, now=now, topic="turn" if is_own else "handling")


def harmful_certificate(sealer: Sealer, *, key: str, to_address: str, now: datetime) -> Message:
    text = "The virus scanner found something harmful in a certificate of your profile. Nobody can open it: remove it, and attach a sound one."
    body = Body(text=text, path="/account/profile", closing="Nothing else in your profile is affected.")
    return message(sealer, key=key, to_address=to_address, subject="Your profile: a file", body=body, now=now, topic="turn")


def staff_step(
    sealer: Sealer, *, reference: str, key: str, sentence: str, path: str | None, to_address: str, now: datetime, is_turn: bool
) -> Message:
    """To the custodian's people, about a step of a request. A mailbox has no page of its own but the private one it was sent."""
    text, topic = f"{sentence}: request {reference}.", "turn" if is_turn else "handling"
    if path is None:
        closing = "Go on at the private address in the letter that brought you the request."
        body = Body(text=text, path=None, says_where=False, closing=closing)
    else:
        body = Body(text=text, path=path, closing="You receive this because you handle or review requests there.")
    return message(sealer, key=key, to_address=to_address, subject=f"Access request {reference}: news", body=body, now=now, topic=topic)


def staff_body(told: str, *, path: str | None, may_read: bool, closing: str) -> Body:
    """To the gateway's staff. ``may_read`` is False for administrators, who are told where nobody has the role that reads it."""
    if may_read:
        return Body(text=told, path=path, closing=closing)
    return Body(text=f"{told}\n\n{NOBODY_READS_IT}", path=path, closing="You receive this because you administer the gateway.")


def waits_for_staff(
    sealer: Sealer, *, reference: str, key: str, sentence: str, path: str | None, may_read: bool, to_address: str, now: datetime
) -> Message:
    """A part has no desk."""
    body = staff_body(
        f"{sentence}: request {reference}.", path=path, may_read=may_read, closing="You receive this because you find the right desk for requests."
    )
    return message(sealer, key=key, to_address=to_address, subject=f"Access request {reference}: waits for you", body=body, now=now, topic="turn")


def reminder(
    sealer: Sealer, *, reference: str, key: str, sentence: str, path: str | None, to_address: str, now: datetime
) -> Message:
    """A clock reminds or escalates."""
    body = Body(text=f"{sentence}: request {reference}.", path=path, closing="This reminder was written by the gateway itself.")
    return message(sealer, key=key, to_address=to_address, subject=f"Access request {reference}: reminder", body=body, now=now, topic="turn")


def invited(sealer: Sealer, *, reference: str, key: str, path: str, to_address: str, now: datetime) -> Message:
    text = f"You are asked to join request {reference} for data. The link works once, for seven days; you need an account."
    return message(
        sealer, key=key, to_address=to_address, subject=f"Access request {reference}: you are invited", body=Body(text=text, path=path, closing=UNWANTED), now=now,
    )


def people_changed(sealer: Sealer, *, reference: str, key: str, sentence: str, path: str, to_address: str, now: datetime) -> Message:
    """Who is on a request changed, or is to change. No name stands in it."""
    body = Body(text=f"{sentence}: request {reference}.", path=path, closing="You receive this because you are on the request, or look after it.")
    return message(sealer, key=key, to_address=to_address, subject=f"Access request {reference}: people", body=body, now=now, topic="turn")


def holidays_wanted(sealer: Sealer, *, key: str, year: int, to_address: str, now: datetime) -> Message:
    """To an administrator: the published bank holidays end soon."""
    text = (
        f"The gateway knows the published bank holidays up to the end of {year - 1}. Dates in {year} that are counted in working days are marked as provisional. "
        "Please update the gateway to a version that knows more."
    )
    body = Body(text=text, path=None, says_where=False, closing="You receive this as an administrator of the gateway.")
    return message(sealer, key=key, to_address=to_address, subject="Bank holidays are needed", body=body, now=now)


def route_suspended(sealer: Sealer, *, key: str, why: str, to_address: str, now: datetime) -> Message:
    """To a team administrator: requests do not reach the custodian by its route any more."""
    text = f"Requests no longer reach you by the way that was set, so it is not used any more. {why} The gateway's operator sets it again once it is mended."
    body = Body(text=text, path="/account", closing="You receive this as a team administrator.")
    return message(sealer, key=key, to_address=to_address, subject="Delivery of access requests suspended", body=body, now=now, topic="turn")


def open_body(sealer: Sealer, sealed: str) -> Body:
    """Raises :class:`Conflict` where the installation's key is not the one it was sealed with."""
    return Body(**json.loads(sealer.open(sealed)))


def message(
    sealer: Sealer, *, key: str, to_address: str, subject: str, body: Body, now: datetime, topic: str = DEFAULT, link: str | None = None
) -> Message:
    """A row of the outbox. ``key`` makes it one message however often the cause is repeated. ``link`` is the page that the list of
    notices leads to. Raises :class:`Unprocessable` for what cannot stand in a header: a worker must never meet it."""
    check_header(to_address, subject)
    return Message(
        idempotency_key=key, to_address=to_address, topic=topic, subject=subject, state="pending", attempts=0, due_at=now, created_at=now,
        line=body.text.split("\n\n")[0][:LONGEST_LINE], link=link or (body.path if body.path and body.path.startswith(SHOWN) else None),
        sealed_body=sealer.seal(json.dumps(asdict(body))),
    )
