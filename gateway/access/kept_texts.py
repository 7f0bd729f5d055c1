"""What was typed into a form while the sign-in ended: kept encrypted for the person whose form it was, for a day at most."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from gateway.accounts.people import Person
from gateway.accounts.sessions import is_form_token, owner
from gateway.errors import Conflict
from gateway.models import KeptText
from gateway.store import Store, drafts
from gateway.store.sealing import Sealer, new_token, token_digest

KEPT_FOR: Final = timedelta(days=1)
Pairs = list[tuple[str, str]]


def keep(
    store: Store, sealer: Sealer, *, session_token: str | None, form_token: str, pairs: Sequence[tuple[str, str]], now: datetime
) -> str | None:
    """A token to get it back with; None for a form that belongs to no session there ever was."""
    if not session_token or not is_form_token(session_token, form_token):
        return None
    subject = owner(store, session_token)
    if subject is None:
        return None
    token = new_token()
    with store.transaction() as tx:
        drafts.forget_texts(tx.session, before=now - KEPT_FOR)
        drafts.keep_text(tx.session, KeptText(digest=token_digest(token), subject=subject, sealed_text=sealer.seal(json.dumps(list(pairs))), created_at=now))
    return token


def take(store: Store, sealer: Sealer, person: Person, token: str) -> Pairs | None:
    """Fields as they were posted; None where there is nothing of this person."""
    with store.reading() as session:
        sealed = drafts.sealed_text(session, token_digest(token), subject=person.subject)
    if sealed is None:
        return None
    try:
        return [(str(name), str(value)) for name, value in json.loads(sealer.open(sealed))]
    except Conflict:
        return None
