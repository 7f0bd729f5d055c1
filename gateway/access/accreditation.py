"""Whether somebody is an accredited researcher under the Digital Economy Act 2017, as their profile shows: a field of the data use register."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from gateway.accounts.profile.items import Item, profile
from gateway.store import accounts

_BODY: Final = re.compile(r"digital economy act|\bdea\b|uk statistics authority|\buksa\b|office for national statistics|\bons\b", re.IGNORECASE)


def accreditation(session: Session, subject: str | None, *, today: date) -> str:
    """In the register's words: Yes, No or Unknown."""
    account = accounts.by_subject(session, subject) if subject else None
    return accredited(profile(session, account.id, today=today)) if account is not None else "Unknown"


def accredited(items: Iterable[Item]) -> str:
    """Yes where an accreditation was verified and holds, No where the verified ones have ended; what was only stated is not known."""
    verified = [item for item in items if item.group.key == "accreditation" and item.verified_at is not None and _BODY.search(item.name)]
    if any(item.level == "verified" for item in verified):
        return "Yes"
    return "No" if verified else "Unknown"
