"""What the audit learns from answers: what staff were shown, what was refused, and where a limit was reached.

The note is written before the answer leaves, so that nothing is shown without it.
"""

from __future__ import annotations

import re
import secrets
import time
from collections import OrderedDict
from dataclasses import replace
from typing import Final

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.acting import Acting, acting_as
from gateway.audit.reads import Shown, shown_at
from gateway.store import Store, audit, requests
from gateway.store.audit import Entry

log = structlog.get_logger(__name__)
REFUSED: Final = {403: "permission.refused", 429: "limit.hit"}
SIGN_IN: Final = re.compile(r"/sign-in(/.*)?|/oidc(/.*)?")
KNOWN_STEPS: Final = re.compile(r"[a-z][a-z-]{0,30}(\.[a-z]{2,5})?|v1")
"""Parts of an address that are words of the gateway; all others may be secrets and are left out."""
ONCE_IN_SECONDS: Final = 10.0
REMEMBERED: Final = 1000


class Audited:
    """Opens an :class:`Acting` for each request, and notes what the answer says."""

    def __init__(self, app: ASGIApp, *, store: Store) -> None:
        self.app = app
        self._store = store
        self._recent: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with acting_as("public", "public", request_id=secrets.token_hex(8)) as who:

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    entry = self._entry(scope, message["status"], who)
                    if entry is not None:
                        await run_in_threadpool(self._write, entry)
                await send(message)

            try:
                await self.app(scope, receive, noting)
            except Exception as error:
                await run_in_threadpool(self._note_mistake, scope, error)
                raise

    def _entry(self, scope: Scope, status: int, who: Acting) -> Entry | None:
        path, method = scope["path"], scope["method"]
        shown = _shown(path, who) if who.shown or (method == "GET" and 200 <= status < 300) else None
        if shown is not None:
            told = f"part/{shown.part}" if shown.part else f"custodian/{shown.custodian}" if shown.custodian else plain_path(path)
            stream = audit.organisation(shown.custodian) if shown.custodian else audit.GATEWAY
            return Entry(stream=stream, action=shown.action, object=told, outcome="shown")
        action = _refusal(scope, status, who)
        if action is None or self._is_repeated(who.actor, action, path):
            return None
        return Entry(stream=audit.SECURITY, action=action, object=f"{method} {plain_path(path)}", outcome=f"refused {status}")

    def _is_repeated(self, actor: str, action: str, path: str) -> bool:
        """Whoever is refused again and again, and is nobody in particular, must not fill the audit: one row in ten seconds."""
        if actor != "public" or action == "sign_in.failed":
            return False
        now, key = time.monotonic(), (actor, action, path)
        seen = self._recent.pop(key, None)
        self._recent[key] = now if seen is None or now - seen > ONCE_IN_SECONDS else seen
        if len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)
        return seen is not None and now - seen <= ONCE_IN_SECONDS

    def _write(self, entry: Entry) -> None:
        with self._store.transaction() as tx:
            if entry.stream == audit.GATEWAY and entry.object.startswith("part/"):
                slug = requests.custodian_of_part(tx.session, entry.object.removeprefix("part/"))
                entry = replace(entry, stream=audit.organisation(slug))
            audit.note(tx.session, entry)

    def _note_mistake(self, scope: Scope, error: Exception) -> None:
        told = f"{scope['method']} {plain_path(scope['path'])}"
        try:
            self._write(Entry(stream=audit.SECURITY, action="error.unexpected", object=told, outcome=type(error).__name__))
        except Exception:
            log.exception("audit.unwritten")


def _shown(path: str, who: Acting) -> Shown | None:
    return Shown("part.read", None, who.shown) if who.shown else shown_at(path)


def _refusal(scope: Scope, status: int, who: Acting) -> str | None:
    is_post = scope["method"] not in ("GET", "HEAD", "OPTIONS")
    if is_post and status >= 400 and SIGN_IN.fullmatch(scope["path"]) and "route" in scope:
        return "limit.hit" if status == 429 else "sign_in.failed"
    if status in (400, 403, 413) and "route" not in scope:
        return "guard.refused"
    if status == 401 and Headers(scope=scope).get("authorization"):
        return "key.refused"
    if status == 404 and who.actor != "public" and scope["path"].startswith("/w/"):
        return "permission.refused"
    return REFUSED.get(status)


def plain_path(path: str) -> str:
    """The address without what may be a secret, an identifier or somebody's words."""
    return "/".join(step if not step or KNOWN_STEPS.fullmatch(step) else "…" for step in path.split("/"))[:120]
