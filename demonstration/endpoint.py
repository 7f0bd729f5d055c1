"""What one demonstration custodian answers: list and detail of its records, and the switches of the demonstration.

Each answers as a federation; some speak another protocol as well, by which they are harvested (spoken.py).

``GET  /api/federation/datasets``         the list, in the shape of the HDR UK federated metadata catalogue
``GET  /api/federation/datasets/{id}``    one record
``POST /demonstration/mode``              ``{"mode": ...}``: fail in one of the ways of ``MODES`` until set back
``POST /demonstration/requests``          receives access requests (webhook.py); ``GET`` lists what came
``POST /demonstration/receiver``          ``{"status": 500}``: answer requests with that status until set back
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from demonstration.holdings import Document, Holding, etag
from demonstration.spoken import PROTOCOLS
from demonstration.webhook import Receiver

LIST_PATH = "/api/federation/datasets"
DETAIL_PATH = LIST_PATH + "/{id}"
REQUESTS_PATH = "/demonstration/requests"
MODES = ("ok", "empty", "error", "truncated", "broken-detail")
DEFAULT_KEY_HEADER = "apikey"
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` is still percent-encoded; the names of ``headers`` are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    is_local: bool


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Endpoint:
    def __init__(self, holding: Holding, base_url: str) -> None:
        self._facts = holding.facts
        self._documents = holding.documents
        self._by_id = {document.id: document for document in holding.documents}
        self._base_url = base_url
        self._mode = "ok"
        secret = holding.facts.get("webhook_secret")
        self._receiver = Receiver(secret) if secret else None
        speaks = PROTOCOLS.get(holding.facts.get("protocol", ""))
        self._catalogue = speaks(holding, base_url) if speaks else None

    def answer(self, request: Request) -> Reply:
        if request.path == LIST_PATH or request.path.startswith(LIST_PATH + "/"):
            return self._federation(request)
        page = self._catalogue.page(request.path, request.query) if self._catalogue and request.method == "GET" else None
        if page is not None:
            return _conditional(request, page.text.encode(), page.media_type)
        route = self._switches().get((request.method, request.path))
        if route is None:
            return said(404, "There is nothing at this address.")
        if not request.is_local and route != self._receive:
            return said(403, "Only this machine may use the switches of the demonstration.")
        return route(request)

    def _switches(self) -> dict[tuple[str, str], Callable[[Request], Reply]]:
        routes: dict[tuple[str, str], Callable[[Request], Reply]] = {}
        if self._facts["fails_on_demand"]:
            routes["POST", "/demonstration/mode"] = self._set_mode
        if self._receiver:
            routes["POST", REQUESTS_PATH] = self._receive
            routes["GET", REQUESTS_PATH] = self._received
            routes["POST", "/demonstration/receiver"] = self._set_status
        return routes

    # Federation

    def _federation(self, request: Request) -> Reply:
        if request.method != "GET":
            return said(405, "Only GET is understood here.", Allow="GET")
        if not _is_authorised(self._facts, request.headers):
            return said(401, "The credentials are missing or wrong.", **_challenge(self._facts))
        if self._mode == "error":
            return said(500, "This endpoint was told to fail.")
        if request.path == LIST_PATH:
            return self._list(request)
        return self._detail(request)

    def _list(self, request: Request) -> Reply:
        documents = () if self._mode == "empty" else self._documents
        try:
            offset, limit = (_number(request.query, name) for name in ("offset", "limit"))
        except ValueError as error:
            return said(400, str(error))
        page_size = self._facts.get("page_size", 0)
        limit = min(limit or page_size, page_size) if page_size else limit
        page = documents[offset : offset + limit] if limit else documents[offset:]
        body = _json(
            {
                "query": {"q": "", "total": len(documents), "limit": limit, "offset": offset},
                "items": [self._entry(document) for document in page],
            }
        )
        return _conditional(request, body[: len(body) // 2] if self._mode == "truncated" else body)

    def _entry(self, document: Document) -> dict[str, Any]:
        address = self._base_url + DETAIL_PATH.replace("{id}", quote(document.id, safe=""))
        return document.list_entry(address=address, source=self._facts["name"])

    def _detail(self, request: Request) -> Reply:
        document = self._by_id.get(unquote(request.path.removeprefix(LIST_PATH + "/")))
        if document is None:
            return said(404, "No dataset has this identifier.")
        if self._mode == "broken-detail" and document is self._documents[0]:
            return _conditional(request, document.body[: len(document.body) // 2])
        return _conditional(request, document.body)

    # Switches

    def _set_mode(self, request: Request) -> Reply:
        mode = _member(request.body, "mode")
        if mode not in MODES:
            return said(400, f"The mode must be one of {', '.join(MODES)}.")
        self._mode = mode
        return _answered({"mode": mode})

    def _set_status(self, request: Request) -> Reply:
        assert self._receiver is not None
        status = _member(request.body, "status")
        if type(status) is not int or not 200 <= status <= 599:
            return said(400, "The status must be a number from 200 to 599.")
        self._receiver.status = status
        return _answered({"status": status})

    def _receive(self, request: Request) -> Reply:
        assert self._receiver is not None
        status, sentence = self._receiver.receive(request.headers, request.body, now_seconds=time.time())
        return said(status, sentence)

    def _received(self, _request: Request) -> Reply:
        assert self._receiver is not None
        return _answered({"requests": self._receiver.messages()})


def said(status: int, sentence: str, **headers: str) -> Reply:
    return Reply(status, _json({"detail": sentence}), {name.replace("_", "-"): value for name, value in headers.items()})


def _is_authorised(facts: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
    match facts["auth"]:
        case "NO_AUTH":
            return True
        case "BEARER":
            given, expected = headers.get("authorization", ""), f"Bearer {facts['secret']}"
        case _:
            given, expected = headers.get((facts.get("header") or DEFAULT_KEY_HEADER).lower(), ""), facts["secret"]
    return hmac.compare_digest(given.encode(), expected.encode())


def _challenge(facts: Mapping[str, Any]) -> dict[str, str]:
    return {"WWW_Authenticate": "Bearer"} if facts["auth"] == "BEARER" else {}


def _conditional(request: Request, body: bytes, media_type: str = JSON) -> Reply:
    tag = etag(body)
    held = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if held & {tag, "*"}:
        return Reply(304, b"", {"ETag": tag})
    return Reply(200, body, {"ETag": tag, "Content-Type": media_type})


def _number(query: str, name: str) -> int:
    text = parse_qs(query).get(name, ["0"])[-1]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(f"{name} must be a whole number from 0, not {text!r}.")
    return int(text)


def _member(body: bytes, name: str) -> Any:
    try:
        content = json.loads(body)
    except ValueError:
        return None
    return content.get(name) if isinstance(content, dict) else None


def _answered(content: Any) -> Reply:
    return Reply(200, _json(content))


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
