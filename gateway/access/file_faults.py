"""Which attached files keep a request from being sent, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy.orm import Session

from gateway.access.bank.asking import asked_of
from gateway.access.bank.forms import CustodianForm
from gateway.access.snapshots import is_of_files
from gateway.models import Request
from gateway.store import uploads
from gateway.uploads.keeping import FileRules

STRICT: Final = FileRules()


def unsendable(session: Session, request: Request, forms: Iterable[CustodianForm], rules: FileRules) -> dict[str, str]:
    """Key of the question -> a sentence, for the files that these forms ask for."""
    held = uploads.of_request(session, request.id)
    found: dict[str, str] = {}
    for form in forms:
        for key in asked_of(form, request.answers):
            for one in request.answers.get(key, ()) if is_of_files(form, key) else ():
                row = held.get(one)
                if row is None:
                    found[key] = "An attached file is no longer kept. Attach it again."
                elif not rules.allow(row.state):
                    found[key] = f"“{row.name}”: {rules.words(row.state)}"
    return found
