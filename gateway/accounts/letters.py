"""Mail about an account. The subject says what kind of message it is, never who is concerned."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from gateway.access.notices import Body, message
from gateway.models import Message
from gateway.store.sealing import Sealer

NOT_YOU: Final = "If this was not you, you need do nothing: nobody gets in with your address alone."
NOT_WANTED: Final = "If you do not want this, you need do nothing: the invitation ends by itself."
STOP_IT: Final = "If you do nothing and two people confirm it, the account gets a new password after 48 hours."
TELL_US: Final = "If this was not you, sign in, end all sessions on your security page, and tell the operator."


def confirm_address(sealer: Sealer, *, to: str, path: str, now: datetime) -> Message:
    text = "Somebody, probably you, wants to make an account with this address. This link confirms it; it works once, for 24 hours."
    return _letter(sealer, to=to, subject="Confirm your address", text=text, path=path, closing=NOT_YOU, now=now)


def account_exists(sealer: Sealer, *, to: str, now: datetime) -> Message:
    text = "Somebody, probably you, wanted to make an account with this address. There is one already: sign in, or choose a new password."
    return _letter(sealer, to=to, subject="You have an account already", text=text, path="/sign-in", closing=NOT_YOU, now=now)


def reset_password(sealer: Sealer, *, to: str, path: str, now: datetime) -> Message:
    text = "Somebody, probably you, forgot the password of this account. This link sets a new one; it works once, for 60 minutes."
    return _letter(sealer, to=to, subject="Choose a new password", text=text, path=path, closing=NOT_YOU, now=now)


def no_account(sealer: Sealer, *, to: str, path: str, now: datetime) -> Message:
    text = (
        "Somebody, probably you, asked for a new password. There is no account with this address; you may have used another. "
        "This link makes one; it works once, for 24 hours."
    )
    return _letter(sealer, to=to, subject="No account with this address", text=text, path=path, closing=NOT_YOU, now=now)


def unusable_account(sealer: Sealer, *, to: str, now: datetime) -> Message:
    text = "Somebody, probably you, asked for a new password. This account cannot be used now; please write to the operator."
    return _letter(sealer, to=to, subject="Your account cannot be used", text=text, path="/help", closing=NOT_YOU, now=now)


def invitation(sealer: Sealer, *, to: str, path: str, custodian: str, role: str, now: datetime) -> Message:
    """``role`` is the sentence of the role: "can decide requests"."""
    text = (
        f"{custodian} invites you to be one who {role} on this gateway. Sign in, or make an account, with the address that this letter "
        "came to; then this link shows the invitation. It works once, for seven days."
    )
    return _letter(sealer, to=to, subject="Invitation to a team", text=text, path=path, closing=NOT_WANTED, now=now)


def recovery_begun(sealer: Sealer, *, to: str, path: str, now: datetime) -> Message:
    text = (
        "Somebody, probably you, lost every way into an account. If there is such an account, two people who look after it are asked whether it "
        "is you; they may call you. 48 hours after they confirm, this link sets a new password."
    )
    return _letter(sealer, to=to, subject="You asked to get into your account again", text=text, path=path, closing=NOT_YOU, now=now)


def recovery_asked(sealer: Sealer, *, to: str, path: str, now: datetime) -> Message:
    text = "Somebody says that they lost every way into your account, and asks for a new one. If this was not you, stop it with this link."
    return _letter(sealer, to=to, subject="Somebody asks to get into your account", text=text, path=path, closing=STOP_IT, now=now)


def recovery_confirmed(sealer: Sealer, *, to: str, now: datetime) -> Message:
    text = (
        "Two people confirmed that your account may be recovered. In 48 hours the link of the first letter sets a new password. If you did not "
        "ask for it, stop it with the link that you were sent, or write to the operator."
    )
    return _letter(sealer, to=to, subject="Your account will be recovered", text=text, path="/help", closing=STOP_IT, now=now)


def something_changed(sealer: Sealer, *, to: str, what: str, now: datetime) -> Message:
    """``what`` is a sentence: "The password of your account was changed."."""
    return _letter(sealer, to=to, subject="Your account was changed", text=what, path="/account/security", closing=TELL_US, now=now)


def try_again(sealer: Sealer, *, to: str, path: str, now: datetime) -> Message:
    text = "Your mailbox refused our mail. If you can read this, it works again; this link tells us so. It works for 24 hours."
    return _letter(sealer, to=to, subject="Does your mailbox work?", text=text, path=path, closing=NOT_YOU, now=now)


def unused(sealer: Sealer, *, to: str, key: str, closes_on: datetime, now: datetime) -> Message:
    """An account that nobody used for a year."""
    text = f"Your account was not used for a year. It is closed on {closes_on:%d %B %Y} unless you sign in before; then everything in it goes."
    body = Body(text=text, path="/sign-in", closing="You need do nothing if you no longer want it.")
    return message(sealer, key=key, to_address=to, subject="Your account is not used", body=body, now=now, topic="security")


def _letter(sealer: Sealer, *, to: str, subject: str, text: str, path: str, closing: str, now: datetime) -> Message:
    body = Body(text=text, path=path, closing=closing)
    return message(sealer, key=f"account.{secrets.token_hex(12)}", to_address=to, subject=subject, body=body, now=now, topic="security")
