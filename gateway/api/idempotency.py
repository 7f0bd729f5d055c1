"""``Idempotency-Key``: a request that is sent again, because its answer was lost, is answered as the first time.

Answers are kept for a day for each credential. Faults of ours and refusals for haste are not kept: sending again is right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

from fastapi import Header, Request
from fastapi.responses import Response
from sqlalchemy.exc import IntegrityError

from gateway.api.problems import answer_to
from gateway.errors import BadRequest, Conflict, GatewayError, Unprocessable
from gateway.models import IdempotentAnswer
from gateway.store import pushes
from gateway.web.auth import Credential
from gateway.wiring import Services

KEPT_FOR: Final = timedelta(days=1)
GIVEN_UP_AFTER: Final = timedelta(minutes=5)
"""A request that was begun so long ago and has no answer died with its process."""
KEPT_HEADERS: Final = ("etag", "location", "content-type", "link")

IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="At most 255 characters. The same key and request within a day is answered as before."),
]


def once(
    request: Request, services: Services, credential: Credential, name: str | None, body_sha256: str, produce: Callable[[], Response]
) -> Response:
    """What ``produce`` answers, or what it answered before under this name.

    Raises :class:`Unprocessable` for another request under the same name, :class:`Conflict` while the first is in progress.
    """
    if name is None:
        return produce()
    if not name or len(name) > 255:
        raise BadRequest("Idempotency-Key has 1 to 255 characters.", hint="Use a new UUID for each change.")
    digest = _digest(request, body_sha256)
    kept = _begin(services, credential, name, digest)
    if kept is not None:
        return _again(kept, digest)
    try:
        answer = _answered(request, produce)
    except BaseException:
        _forget(services, credential, name)
        raise
    if answer.status_code >= 500 or answer.status_code == 429:
        _forget(services, credential, name)
        return answer
    headers = {name_: answer.headers[name_] for name_ in KEPT_HEADERS if name_ in answer.headers}
    with services.store.transaction() as tx:
        pushes.keep_answer(tx.session, credential.key_id, name, status=answer.status_code, headers=headers, body=bytes(answer.body))
    return answer


def body_digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(request: Request, body_sha256: str) -> str:
    asked = [request.method, request.url.path, request.url.query, body_sha256]
    asked += [request.headers.get(name, "") for name in ("content-type", "if-match", "if-none-match")]
    return hashlib.sha256("\n".join(asked).encode()).hexdigest()


def _answered(request: Request, produce: Callable[[], Response]) -> Response:
    try:
        return produce()
    except GatewayError as error:
        return answer_to(request, error)


def _begin(services: Services, credential: Credential, name: str, digest: str) -> IdempotentAnswer | None:
    """None where the request is ours to do; else what is kept under the name."""
    now = services.clock()
    try:
        with services.store.transaction() as tx:
            pushes.forget_answers_before(tx.session, now - KEPT_FOR)
            kept = pushes.kept_answer(tx.session, credential.key_id, name)
            if kept is not None and kept.status is None and now - kept.created_at > GIVEN_UP_AFTER:
                pushes.forget_answer(tx.session, credential.key_id, name)
                kept = None
            if kept is not None:
                return kept
            pushes.begin_answer(tx.session, credential.key_id, name, request_sha256=digest, now=now)
    except IntegrityError:
        raise _in_progress() from None
    return None


def _again(kept: IdempotentAnswer, digest: str) -> Response:
    if kept.request_sha256 != digest:
        raise Unprocessable("This Idempotency-Key was used for another request.", hint="Use a new key for each change.")
    if kept.status is None:
        raise _in_progress()
    headers = {**kept.headers, "Idempotent-Replay": "true", "Cache-Control": "no-store"}
    return Response(kept.body, kept.status, headers)


def _in_progress() -> Conflict:
    return Conflict("The first request with this Idempotency-Key is still being worked on.", hint="Ask again in a moment.")


def _forget(services: Services, credential: Credential, name: str) -> None:
    with services.store.transaction() as tx:
        pushes.forget_answer(tx.session, credential.key_id, name)
