"""What holds for every answer: security headers, a limit on bodies, and no writes started by other sites."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontend.render import SECURITY_HEADERS
from gateway.web.answers import DATA_POLICY, session_cookie

KEY = re.compile(r"gwk_[0-9a-f]{8}_[A-Za-z0-9_-]{40,80}", re.ASCII)
BODY_LIMIT_BYTES = 21 * 1024 * 1024
BULK_LIMIT_BYTES = 64 * 1024 * 1024
BULK_PATH = "/datasets:bulk"
"""Its bodies go to a file as they come (gateway/api/bodies.py)."""

PUBLIC_DATA = ("/api/v1/", "/oai", "/id/", "/openapi.json", "/uses.", "/search.", "/columns.", "/suggest", "/catalogue.", "/vocabulary.")


class SecurityHeaders:
    """The browser's own defences on every answer; what a handler says itself stands."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self.app = app
        self.headers = dict(SECURITY_HEADERS)
        if is_https:
            self.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(MutableHeaders(scope=message), scope)
            await send(message)

        await self.app(scope, receive, with_headers)

    def _complete(self, headers: MutableHeaders, scope: Scope) -> None:
        is_page = headers.get("content-type", "text/html").startswith("text/html")
        if not is_page:
            headers.setdefault("Content-Security-Policy", DATA_POLICY)
        if not is_page and scope["method"] in ("GET", "HEAD") and scope["path"].startswith(PUBLIC_DATA) and _has_no_credential(scope):
            headers.setdefault("Access-Control-Allow-Origin", "*")
            headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
        headers.setdefault("Cache-Control", "no-store")
        for name, value in self.headers.items():
            headers.setdefault(name, value)


def _has_no_credential(scope: Scope) -> bool:
    names = Headers(scope=scope)
    return not any(name in names for name in ("authorization", "cookie", "x-application-id"))


class Faults:
    """Answers what nobody thought of, inside of the headers that every answer carries. The fault goes on to the server all the same."""

    def __init__(self, app: ASGIApp, *, answer: Callable[[Request, Exception], Response]) -> None:
        self.app, self.answer = app, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = has_begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as fault:
            if not has_begun:
                answer = await run_in_threadpool(self.answer, Request(scope), fault)
                await answer(scope, receive, send)
            raise


class RenewedSessions:
    """Sends the new id of a session that was given one while its page was made, whatever kind of answer that is."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self.app = app
        self.is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and state.get("new_session"):
                MutableHeaders(scope=message).append("set-cookie", session_cookie(state["new_session"], is_https=self.is_https))
            await send(message)

        await self.app(scope, receive, with_cookie)


class HeadRequests:
    """Answers HEAD as GET without its body: crawlers and link checkers ask so."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, without_body)


class BodyTooLarge(Exception):
    """The body passed its limit while it was read."""


class BodyLimit:
    """Refuses bodies over the limit, declared or not, before anything reads them whole."""

    def __init__(self, app: ASGIApp, *, limit_bytes: int = BODY_LIMIT_BYTES) -> None:
        self.app = app
        self.limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit_bytes = BULK_LIMIT_BYTES if scope["path"].endswith(BULK_PATH) else self.limit_bytes
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdigit() and int(declared) > limit_bytes:
            await _refuse(send, 413, "The body is too large", f"At most {limit_bytes // 2**20} MB are read.")
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit_bytes:
                raise BodyTooLarge
            return message

        try:
            await self.app(scope, counted, send)
        except BodyTooLarge:
            await _refuse(send, 413, "The body is too large", f"At most {limit_bytes // 2**20} MB are read.")


class KeysInAddresses:
    """Refuses a key in an address, where logs and histories keep it, and ends the key: who has read it there can use it."""

    def __init__(self, app: ASGIApp, *, revoke: Callable[[str], bool]) -> None:
        self.app = app
        self._revoke = revoke

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = KEY.search(_address(scope)) if scope["type"] == "http" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        was_real = await run_in_threadpool(self._revoke, found[0])
        advice = "It was revoked; make a new one." if was_real else "Send it in the header Authorization."
        await _refuse(send, 400, "A key does not belong in an address", advice)


def _address(scope: Scope) -> str:
    return unquote(scope["path"] + "?" + scope.get("query_string", b"").decode("ascii", "replace"))


class SameOriginWrites:
    """Refuses form posts that another site started. Programs that send a key instead of cookies are not concerned."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS") and _is_foreign(scope):
            await _refuse(send, 403, "Sent from another site", "Open the page here and send the form again.")
            return
        await self.app(scope, receive, send)


def _is_foreign(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    if scope["path"].startswith(("/api/", "/unsubscribe/")) or scope["path"] == "/oai":
        return False  # no cookie counts there, and posting to /oai only reads
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc != headers.get("host")


async def _refuse(send: Send, status: int, title: str, detail: str) -> None:
    body = f'{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}"}}'.encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
