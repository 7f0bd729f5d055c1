"""A small federation endpoint on loopback whose answers a test chooses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.loopback import listening


class Endpoint:
    """``items`` is the list, ``details`` maps ids to documents; ``list_answer`` replaces the list (status, bytes, type)."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.details: dict[str, Any] = {}
        self.list_answer: tuple[int, bytes, str] | None = None
        self.detail_answers: dict[str, tuple[int, bytes]] = {}
        self.requests: list[str] = []
        self.base_url = ""

    def hold(self, *documents: dict[str, Any]) -> None:
        """Serve these documents, listed as the official list shape has it."""
        self.items = [
            {
                "persistentId": document["identifier"], "name": document["summary"]["title"], "version": document["version"],
                "modified": document["modified"], "issued": document["issued"], "type": "dataset", "source": "TEST",
                "description": document["summary"]["abstract"], "@schema": "4.0.0", "self": "https://example.org/x",
            }
            for document in documents
        ]
        self.details = {document["identifier"]: document for document in documents}

    def list_body(self) -> bytes:
        query = {"q": "", "total": len(self.items), "limit": 100, "offset": 0}
        return json.dumps({"items": self.items, "query": query}).encode()

    def answer(self, path: str) -> tuple[int, bytes, str]:
        self.requests.append(path)
        if path == "/list":
            return self.list_answer or (200, self.list_body(), "application/json")
        local_id = unquote(path.removeprefix("/detail/"))
        if local_id in self.detail_answers:
            return (*self.detail_answers[local_id], "application/json")
        if local_id in self.details:
            return 200, json.dumps(self.details[local_id]).encode(), "application/json"
        return 404, b"{}", "application/json"


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[Endpoint]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, media_type = endpoint.answer(urlsplit(self.path).path)
            with suppress(ConnectionError):  # Who asked may have gone.
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet: the test reports."""

    with listening(Handler) as address:
        endpoint.base_url = address
        yield endpoint
