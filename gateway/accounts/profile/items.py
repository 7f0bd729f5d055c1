"""Items of a profile: kept, changed, removed, verified.

An item is *stated* by the person, *documented* where it names a place to check it, or *verified*: by whom, when, and until when. A change
by the person takes the verification away; the end of the item or of the verification does so by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from gateway.access.addresses import is_address
from gateway.accounts.people import Person
from gateway.accounts.profile.groups import GROUPS, Field, Group
from gateway.accounts.tables import ProfileItem
from gateway.errors import Conflict, NotFound, Unprocessable
from gateway.store import Store, profiles, uploads

Level = Literal["stated", "documented", "verified"]
LONGEST: Final = 200
LONGEST_EVIDENCE: Final = 1000
AT_MOST: Final = 50
"""Items of one group."""
_ROR: Final = re.compile(r"(?:https://ror\.org/)?(0[a-hj-km-np-tv-z0-9]{6}[0-9]{2})")
_ORCID: Final = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """As it counts today. ``verified_by`` is in words; ``has_ended``: its own end, or its verification's, has passed."""

    id: int
    group: Group
    facts: Mapping[str, str]
    level: Level
    verified_by: str | None
    verified_at: datetime | None
    verified_until: date | None
    has_ended: bool

    @property
    def name(self) -> str:
        return ", ".join(self.facts[key] for key in self.group.leading if self.facts.get(key))


def group(key: str) -> Group:
    """Raises :class:`NotFound`."""
    if key not in GROUPS:
        raise NotFound("A profile has no such part.", hint="Open your profile.")
    return GROUPS[key]


def profile(session: Session, account_id: int, *, today: date) -> tuple[Item, ...]:
    """In the order of the groups, and of entry."""
    order = list(GROUPS)
    items = [judged(row, today=today) for row in profiles.of_account(session, account_id)]
    return tuple(sorted(items, key=lambda item: order.index(item.group.key)))


def of_person(store: Store, person: Person, *, today: date) -> tuple[Item, ...]:
    with store.reading() as session:
        return profile(session, person.account_id, today=today)


def own(store: Store, person: Person, item_id: int, *, today: date) -> Item:
    """Raises :class:`NotFound` for another's."""
    with store.reading() as session:
        return judged(_row(session, person.account_id, item_id), today=today)


def judged(row: ProfileItem, *, today: date) -> Item:
    kind = GROUPS[row.group]
    ends = row.facts.get(kind.ends) if kind.ends else None
    is_over = ends is not None and date.fromisoformat(ends) < today
    holds = row.verified_at is not None and (row.verified_until is None or row.verified_until >= today)
    lapsed = row.verified_at is not None and not holds
    level: Level = "verified" if holds and not is_over else "documented" if row.facts.get("evidence") else "stated"
    return Item(
        id=row.id, group=kind, facts=row.facts, level=level, verified_by=row.verified_by, verified_at=row.verified_at,
        verified_until=row.verified_until, has_ended=is_over or lapsed,
    )


def save(store: Store, person: Person, kind: Group, typed: Mapping[str, str], *, item_id: int | None = None, now: datetime) -> None:
    """A new item, or another text of an old one, which nobody has verified then.

    Raises :class:`Unprocessable` naming the fields, :class:`Conflict` where there are too many, :class:`NotFound`.
    """
    facts = read(kind, typed)
    with store.transaction() as tx:
        if item_id is not None:
            row = _row(tx.session, person.account_id, item_id)
            if row.facts != facts:
                row.facts, row.updated_at = facts, now
                row.verified_by = row.verified_at = row.verified_until = None
            return
        held = sum(row.group == kind.key for row in profiles.of_account(tx.session, person.account_id))
        if held >= (1 if kind.is_single else AT_MOST):
            raise Conflict("Your profile holds this already." if kind.is_single else "Your profile holds too many of these.", hint="Change one instead.")
        profiles.add(tx.session, ProfileItem(account_id=person.account_id, group=kind.key, facts=facts, created_at=now, updated_at=now))


def remove(store: Store, person: Person, item_id: int) -> None:
    with store.transaction() as tx:
        row = _row(tx.session, person.account_id, item_id)
        uploads.forget_certificate(tx.session, row.id)
        profiles.remove(tx.session, row)


def verify(row: ProfileItem, *, by: str, until: date | None, now: datetime) -> None:
    """Raises :class:`Unprocessable` (field ``until``) for an end that has passed."""
    if until is not None and until < now.date():
        raise Unprocessable("The verification was not kept.", fields={"until": "Give a date that has not passed, or none."})
    row.verified_by, row.verified_at, row.verified_until = by, now, until


def read(kind: Group, typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, field by field, without the empty ones. Raises :class:`Unprocessable` naming every field to mend."""
    facts, faults = {}, {}
    for field in kind.fields:
        text = unicodedata.normalize("NFC", typed.get(field.key, "")).strip()
        if not text:
            if field.is_required:
                faults[field.key] = "Fill this in." if field.kind != "choice" else "Choose one."
            continue
        try:
            facts[field.key] = _value(field, text)
        except ValueError as error:
            faults[field.key] = str(error)
    if faults:
        raise Unprocessable("The profile was not saved.", fields=faults)
    return facts


def _value(field: Field, text: str) -> str:
    if not text.isprintable() or len(text) > (LONGEST_EVIDENCE if field.kind == "evidence" else LONGEST):
        raise ValueError(f"Use up to {LONGEST_EVIDENCE if field.kind == 'evidence' else LONGEST} characters on one line.")
    if field.kind == "choice" and text not in field.choices:
        raise ValueError("Choose one of the answers.")
    readers = {"date": _day, "orcid": _orcid, "ror": _ror, "evidence": _address, "email": _mail}
    return readers[field.kind](text) if field.kind in readers else text


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("Give a date as year, month and day: 2027-12-31.") from None


def _orcid(text: str) -> str:
    found = _ORCID.fullmatch(text)
    total = 0
    for digit in found[1].replace("-", "")[:-1] if found else "":
        total = (total + int(digit)) * 2
    if found is None or found[1][-1] != "0123456789X"[(12 - total % 11) % 11]:
        raise ValueError("Give the sixteen digits of an ORCID iD, as 0000-0002-1825-0097.")
    return found[1]


def _ror(text: str) -> str:
    found = _ROR.fullmatch(text)
    if found is None:
        raise ValueError("Give an identifier of ror.org, as https://ror.org/01cwqze88.")
    return f"https://ror.org/{found[1]}"


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise ValueError("Give an address that begins with https://.")
    return text


def _mail(text: str) -> str:
    if not is_address(text):
        raise ValueError("Enter an e-mail address in the form name@organisation.ac.uk.")
    return text


def _row(session: Session, account_id: int, item_id: int) -> ProfileItem:
    found = profiles.find(session, account_id, item_id)
    if found is None:
        raise NotFound("Your profile has no such item.", hint="Open your profile.")
    return found
