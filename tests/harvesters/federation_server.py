"""A custodian's federation endpoint on loopback whose state a test can change between runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from harvesters.fetch import Fetcher
from harvesters.registry import KINDS
from harvesters.source import Held, Pass, Source
from tests.harvesters.holding import Holding, dataset
from tests.harvesters.web_server import Answer, Asked, WebServer, as_json, loopback_fetcher, serving


class Federation:
    """``documents`` by identifier. ``overrides`` answer instead, by path (without query) or by path and query."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        self.documents = {str(document["identifier"]): document for document in documents}
        self.overrides: dict[str, Answer | Callable[[Asked], Answer]] = {}
        self.page_size: int | None = None
        self.states_total = True
        self.sends_etag = True

    @classmethod
    def of(cls, count: int) -> Federation:
        return cls(*(dataset(f"d{number}") for number in range(count)))

    def answer(self, asked: Asked) -> Answer:
        address = urlsplit(asked.path)
        for path in (asked.path, address.path):
            if path in self.overrides:
                override = self.overrides[path]
                return override(asked) if callable(override) else override
        if address.path == "/api/list":
            return self._list(asked, parse_qs(address.query))
        document = self.documents.get(unquote(address.path.removeprefix("/api/one/")))
        return as_json(json.dumps(document)) if document else Answer(status=404)

    def entry(self, document: dict[str, Any]) -> dict[str, Any]:
        return {
            "persistentId": document["identifier"], "name": "n", "version": document["version"], "modified": document["modified"],
        }

    def _list(self, asked: Asked, query: dict[str, list[str]]) -> Answer:
        offset, limit = int(query.get("offset", ["0"])[0]), int(query.get("limit", [str(self.page_size or 10**6)])[0])
        chosen = list(self.documents.values())[offset : offset + min(limit, self.page_size or limit)]
        body: dict[str, Any] = {"items": [self.entry(document) for document in chosen]}
        if self.states_total:
            body["query"] = {"q": "", "total": len(self.documents), "limit": limit, "offset": offset}
        text = json.dumps(body)
        etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:8]}"'
        if self.sends_etag and asked.headers.get("if-none-match") == etag:
            return Answer(status=304)
        return as_json(text, **({"ETag": etag} if self.sends_etag else {}))


class Custodian:
    """A served federation, and sources built on it."""

    def __init__(self, federation: Federation, server: WebServer, fetcher: Fetcher) -> None:
        self.federation, self.server, self.fetcher = federation, server, fetcher

    def source(self, held: Held | None = None, *, wanted: Pass = "incremental", secret: str | None = None, **changes: Any) -> Source:
        configuration = {"base_url": self.server.url, "list_path": "/api/list", "detail_path": "/api/one/{id}"} | changes
        return KINDS["federation"].build(
            configuration, fetcher=self.fetcher, held=held or Holding(), wanted=wanted, secret=secret
        )

    def asked(self) -> list[str]:
        """The paths asked for since the last call."""
        paths = self.server.paths
        self.server.asked.clear()
        return paths


@contextmanager
def serving_federation(federation: Federation) -> Iterator[Custodian]:
    with serving(federation.answer) as server, loopback_fetcher() as fetcher:
        yield Custodian(federation, server, fetcher)
