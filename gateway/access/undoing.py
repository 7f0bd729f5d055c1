"""A draft that was deleted by mistake: for ten minutes its writer gets it back, as a new draft with the same answers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.access import drafts
from gateway.accounts.people import Person
from gateway.errors import Conflict, NotFound
from gateway.models import KeptText
from gateway.store import Store, requests
from gateway.store import drafts as stored
from gateway.store.sealing import Sealer, new_token, token_digest

UNDO_FOR: Final = timedelta(minutes=10)


def delete(store: Store, sealer: Sealer, person: Person, reference: str, *, now: datetime) -> str | None:
    """Delete the parts that are not sent. A token for :func:`restore` where nothing of the request was sent. Raises as
    :func:`gateway.access.drafts.delete`."""
    held = drafts.draft(store, person, reference)
    is_whole = len(held.drafts) == len(held.parts)
    drafts.delete(store, sealer, person, reference, now=now)
    if not is_whole:
        return None
    token = new_token()
    kept = json.dumps({"answers": held.answers, "datasets": list(held.titles)})
    with store.transaction() as tx:
        stored.keep_text(tx.session, KeptText(digest=token_digest(token), subject=person.subject, sealed_text=sealer.seal(kept), created_at=now))
    return token


def restore(store: Store, sealer: Sealer, person: Person, token: str, *, now: datetime) -> str:
    """The reference of the new draft. Raises :class:`NotFound` for another's, and once the time is over; :class:`Unprocessable` where none
    of its datasets can be asked for any more."""
    kept = _take(store, sealer, person, token, now)
    answers: dict[str, Any] = kept["answers"]
    with store.reading() as session:
        there = requests.visible_datasets(session, kept["datasets"])
    refs = [ref for ref in kept["datasets"] if ref in there]
    return drafts.begin(store, sealer, person, refs, lambda _: {}, known=answers, now=now)


def _take(store: Store, sealer: Sealer, person: Person, token: str, now: datetime) -> dict[str, Any]:
    with store.transaction() as tx:
        sealed = stored.take_text(tx.session, token_digest(token), subject=person.subject, after=now - UNDO_FOR)
    if sealed is None:
        raise NotFound("This draft cannot be brought back any more.", hint=f"A deleted draft is kept for {UNDO_FOR.seconds // 60} minutes.")
    try:
        found: dict[str, Any] = json.loads(sealer.open(sealed))
    except Conflict:
        raise NotFound("This draft cannot be brought back any more.") from None
    return found
