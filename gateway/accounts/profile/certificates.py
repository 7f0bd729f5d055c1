"""The certificate of a training or an accreditation: one file of an item, which the profile's owner alone opens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from gateway.access.attaching import MOST_BYTES, received
from gateway.access.files import Download
from gateway.accounts.people import Person
from gateway.accounts.tables import ProfileItem
from gateway.errors import NotFound
from gateway.models import Upload
from gateway.store import Store, profiles, uploads
from gateway.uploads.checking import refused
from gateway.uploads.keeping import Uploads
from gateway.uploads.names import download_name

CERTIFIED: Final = frozenset({"training", "accreditation"})
"""Groups whose items take one."""
CERTIFICATE: Final = "certificate"
"""What stands in place of a question's key."""


def attach(store: Store, kept: Uploads, person: Person, item_id: int, *, name: str, body: bytes, now: datetime) -> None:
    """Instead of the one before. Raises :class:`NotFound`, and :class:`Unprocessable` (field ``file``) for a file that is not taken."""
    with store.reading() as session:
        _item(session, person, item_id)
    with received(store, kept, name=name, body=body, question=CERTIFICATE, by=person.subject, where="profile", now=now) as row, store.transaction() as tx:
        _item(tx.session, person, item_id)
        others = [one for number, one in uploads.certificates(tx.session, person.account_id).items() if number != item_id]
        if sum(one.size_bytes for one in others) + row.size_bytes > MOST_BYTES:
            raise refused(f"The certificates of a profile are {MOST_BYTES // 2**20} MB at most. Remove one first.")
        uploads.forget_certificate(tx.session, item_id)
        row.profile_item_id = item_id
        tx.session.add(row)


def remove(store: Store, person: Person, item_id: int) -> None:
    """Raises :class:`NotFound`."""
    with store.transaction() as tx:
        _item(tx.session, person, item_id)
        uploads.forget_certificate(tx.session, item_id)


def of_person(store: Store, person: Person) -> Mapping[int, Upload]:
    """By the id of the item."""
    with store.reading() as session:
        return uploads.certificates(session, person.account_id)


def opened(kept: Uploads, found: Mapping[int, Upload], item_id: int) -> Download:
    """``found`` as :func:`of_person` gives them. Raises :class:`NotFound`, and :class:`Conflict` for a harmful one."""
    row = found.get(item_id)
    if row is None:
        raise NotFound("There is no such file.", hint="Your profile lists its certificates.")
    return Download(download_name(CERTIFICATE, row.public_id, row.name), row.name, row.media_type, kept.opened_by_owner(row))


def _item(session: Session, person: Person, item_id: int) -> ProfileItem:
    found = profiles.find(session, person.account_id, item_id)
    if found is None or found.group not in CERTIFIED:
        raise NotFound("Your profile has no such item.", hint="Open your profile.")
    return found
