"""Take words out of a part that should never have stood there, such as a patient's name. That something stood there, when and from whom,
stays; so does its digest in the audit, whose salt goes, so that nobody can try texts against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.access.commands import Command, perform_in
from gateway.access.files import files_named
from gateway.access.parts import Event, PartState, Role
from gateway.access.telling import INTERNAL, SENTENCES
from gateway.errors import Unprocessable
from gateway.models import RequestPart
from gateway.store import Store, redactions, requests, uploads
from gateway.store.sealing import Sealer

REMOVED: Final = "Removed"
TEXTS: Final = ("text", "comment", "review", "reply", "note", "report")
"""Of an event's payload: somebody's own words, from which no state is folded."""
APPLICANTS: Final[frozenset[Role]] = frozenset({"lead", "collaborator"})
SHOWN: Final = 60
"""So much of a text is shown for choosing it."""


def removable(events: Iterable[Event], answers: Mapping[str, Any], labels: Mapping[str, str], *, role: Role) -> dict[str, str]:
    """What this role may take out: a name for forms -> words. The applicant's side only its own words; a handler all of the part."""
    own = [event for event in events if role == "handler" or event.role in APPLICANTS]
    found = {
        f"event.{event.version}": f"{INTERNAL.get(event.event) or SENTENCES[event.event]}: {words[:SHOWN]}" for event in own if (words := _words(event))
    }
    return found | {
        f"answer.{key}": f"Answer: {labels.get(key, key)}" for key, answer in answers.items() if isinstance(answer, str) and answer != REMOVED
    }


def redact(
    store: Store, sealer: Sealer, public_id: str, *, what: str, reason: str, role: Role, actor: str, expected_version: int | None, now: datetime
) -> PartState:
    """Raises :class:`NotFound`, :class:`Unprocessable` (field ``what``) for what is not this role's, :class:`Conflict`."""
    with store.transaction() as tx:
        part = requests.locked_by_public_id(tx.session, public_id)
        row = requests.part(tx.session, part.id)
        if what not in removable(requests.history(tx.session, part.id), row.snapshot.document["answers"], {}, role=role):
            raise Unprocessable("Nothing was removed.", fields={"what": "Choose what is to be removed."})
        command = Command(name="redact", role=role, actor=actor, payload={"what": what, "reason": reason}, expected_version=expected_version)
        kind, _, name = what.partition(".")
        if kind == "event":
            _forget_file(tx.session, part, int(name))
            redactions.clear_event(tx.session, part, int(name), (*TEXTS, "file"))
        else:
            redactions.clear_answer(tx.session, part, name, REMOVED, also_kept=role in APPLICANTS)
        return perform_in(tx.session, sealer, part, command, now)


def _words(event: Event) -> str:
    if event.event == "evidence.added" and event.payload.get("file"):
        return f"the file {event.payload['file']['name']}"
    return next((str(event.payload[name]) for name in TEXTS if event.payload.get(name)), "")


def _forget_file(session: Session, part: RequestPart, version: int) -> None:
    """The paper that came with evidence; its bytes go with the next sweep."""
    told = next(event for event in requests.history(session, part.id) if event.version == version)
    for file in files_named([told]):
        row = uploads.in_request(session, part.request_id, file)
        if row is not None:
            uploads.forget(session, row)
