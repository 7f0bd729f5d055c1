"""Files of an earlier request that a copy of it goes on with."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gateway.models import Request
from gateway.store import uploads


def new_file_id() -> str:
    return secrets.token_hex(12)


def carried_over(session: Session, earlier: Request, request: Request, now: datetime) -> dict[str, Any]:
    """The answers of the new request with its own ids of the files; those that are no longer kept are left out."""
    held = uploads.of_request(session, earlier.id)
    questions = {row.question for row in held.values()}
    answers = {key: [one for one in answer if one in held] if key in questions else answer for key, answer in request.answers.items()}
    named = {one: held[one] for key in questions for one in answers.get(key, ())}
    names = {one: new_file_id() for one in named}
    uploads.copies(session, named, request_id=request.id, names=names, now=now)
    renamed = {key: [names[one] for one in answer] if key in questions else answer for key, answer in answers.items()}
    return {key: answer for key, answer in renamed.items() if answer or key not in questions}
