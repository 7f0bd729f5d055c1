"""A web site on loopback with a sitemap and pages that describe datasets, which a test can change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from harvesters.fetch import Fetcher
from harvesters.registry import KINDS
from harvesters.source import Held, Pass, Source
from tests.harvesters.holding import Holding
from tests.harvesters.web_server import Answer, Asked, WebServer, loopback_fetcher, serving

NOW = datetime(2024, 9, 1, 12, tzinfo=UTC)


@dataclass
class WebPage:
    """``dataset`` is the description in it; ``body`` replaces the whole page."""

    dataset: dict[str, Any] | None
    lastmod: str | None
    body: str | None = None
    head: str = ""

    def html(self) -> str:
        if self.body is not None:
            return self.body
        script = f'<script type="application/ld+json">{json.dumps(self.dataset)}</script>' if self.dataset is not None else ""
        return f"<!doctype html><html><head><title>A page</title>{self.head}{script}</head><body><p>Some words for people.</p></body></html>"


def described(number: int | str, **changes: Any) -> dict[str, Any]:
    stated = {
        "@context": "https://schema.org/", "@type": "Dataset", "@id": f"https://data.example.org/d/{number}", "name": f"Hearing study {number}",
        "description": "Hearing of volunteers, tested every year.", "publisher": {"@type": "Organization", "name": "Example Trust"},
        "keywords": "hearing, volunteers",
    }  # fmt: skip
    return {name: value for name, value in (stated | changes).items() if value is not None}


@dataclass
class Site:
    """``robots`` is its robots.txt, None where there is none. ``overrides`` answer instead, by path."""

    pages: dict[str, WebPage] = field(default_factory=dict)
    robots: str | None = ""
    sends_etag: bool = True
    overrides: dict[str, Answer | Callable[[Asked], Answer]] = field(default_factory=dict)

    @classmethod
    def of(cls, count: int) -> Site:
        return cls({f"/d/{number}": WebPage(described(number), f"2024-05-{number + 1:02d}") for number in range(count)})

    def answer(self, asked: Asked) -> Answer:
        if asked.path in self.overrides:
            override = self.overrides[asked.path]
            return override(asked) if callable(override) else override
        host = f"http://{asked.headers['host']}"
        if asked.path == "/robots.txt":
            return Answer(status=404) if self.robots is None else Answer(self.robots.replace("HOST", host).encode(), headers={"Content-Type": "text/plain"})
        if asked.path == "/sitemap.xml":
            return Answer(self.sitemap(host).encode(), headers={"Content-Type": "application/xml"})
        page = self.pages.get(asked.path)
        return self._page(page, asked) if page is not None else Answer(status=404)

    def _page(self, page: WebPage, asked: Asked) -> Answer:
        body = page.html().encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:8]}"'
        if self.sends_etag and asked.headers.get("if-none-match") == etag:
            return Answer(status=304)
        return Answer(body, headers={"Content-Type": "text/html; charset=utf-8", **({"ETag": etag} if self.sends_etag else {})})

    def sitemap(self, host: str) -> str:
        entries = "".join(
            f"<url><loc>{host}{path}</loc>{f'<lastmod>{page.lastmod}</lastmod>' if page.lastmod else ''}</url>" for path, page in self.pages.items()
        )
        return f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'


class Custodian:
    """A served site, and sources built on it."""

    def __init__(self, site: Site, server: WebServer, fetcher: Fetcher) -> None:
        self.site, self.server, self.fetcher = site, server, fetcher

    def source(self, held: Held | None = None, *, wanted: Pass = "incremental", **changes: Any) -> Source:
        configuration = {"url": f"{self.server.url}/"} | changes
        return KINDS["schema-org"].build(configuration, fetcher=self.fetcher, held=held or Holding(), wanted=wanted)

    def asked(self) -> list[str]:
        paths = self.server.paths
        self.server.asked.clear()
        return paths


@contextmanager
def serving_site(site: Site, **options: Any) -> Iterator[Custodian]:
    with serving(site.answer) as server, loopback_fetcher(**({"now": lambda: NOW} | options)) as fetcher:
        yield Custodian(site, server, fetcher)
