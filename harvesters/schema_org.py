"""Sources of kind ``schema-org``: descriptions of datasets within the pages of a web site, found by its sitemaps.

This is the one protocol that crawls, so robots.txt is kept. Each page is remembered with the datasets that were on it: one
whose date in the sitemap is as it was is not asked for, provided that the dates mean anything (lastmod.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, ClassVar
from urllib.parse import urlsplit

from harvesters.fetch import Fetcher
from harvesters.fetched import Fetched
from harvesters.identity import is_usable
from harvesters.lastmod import is_trusted
from harvesters.linked_config import SchemaOrgConfig
from harvesters.linked_values import Page, record, values
from harvesters.next_address import next_address
from harvesters.parsing import parse
from harvesters.robots import Robots, robots_for
from harvesters.source import (
    Cursor,
    FetchDeferred,
    FetchRefused,
    Held,
    HeldPage,
    Mark,
    Pass,
    RawRecord,
    SourceError,
)

ACCEPT = "text/html, application/xhtml+xml;q=0.9, application/ld+json;q=0.8, */*;q=0.1"
ACCEPT_SITEMAP = "application/xml, text/xml;q=0.9, text/plain;q=0.5, */*;q=0.1"
INDEX_DEPTH = 3
SITEMAPS_AT_MOST = 1_000
FAILURES_IN_A_ROW = 5
PASSES_WITHOUT_DATASET = 3
"""After so many passes in which a page shows no dataset, those that were on it count as absent."""
ROBOTS_KEPT = timedelta(hours=23)
ROBOTS_RULES_KEPT = 200
ROBOTS_KEY = "robots"
END_KEY = "sitemap:end"
PAGES = ("text/html", "application/xhtml+xml")


@dataclass(slots=True)
class _Walk:
    """``waiting`` are sitemaps with their depth; ``after`` is the page of the first of them that was read last."""

    waiting: list[tuple[str, int]]
    after: str | None = None
    met: int = 0
    why: str | None = None
    failures: int = 0
    warnings: dict[str, None] = field(default_factory=dict)

    def cursor(self, **of_page: Any) -> Cursor:
        return {"waiting": [list(one) for one in self.waiting], "after": self.after, "met": self.met, "why": self.why, "page": of_page}

    @classmethod
    def resumed(cls, after: Cursor) -> _Walk:
        return cls([(url, depth) for url, depth in after["waiting"]], after["after"], after["met"], after["why"])


@dataclass(frozen=True, slots=True)
class _InHand:
    """The page in hand: its address, what is remembered of it, and its date where dates are believed."""

    url: str
    known: HeldPage | None
    lastmod: str | None

    @property
    def ids(self) -> tuple[str, ...]:
        return self.known.local_ids if self.known else ()

    @property
    def name(self) -> str:
        """What stands for a page that shows no dataset: its address, where that can be kept."""
        return self.url if is_usable(self.url) else ""

    @property
    def memory(self) -> dict[str, Any]:
        return _memory(self.known)


class SchemaOrgSource:
    kind: ClassVar[str] = "schema-org"
    holds_history: ClassVar[bool] = False

    def __init__(self, config: SchemaOrgConfig, fetcher: Fetcher, wanted: Pass, held: Held) -> None:
        self.config = config
        self._fetcher = fetcher
        self._wanted = wanted
        self._held = held

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:
        robots, remembered, is_new = self._robots()
        self._fetcher.slow_down(robots.delay_seconds)
        walk = _Walk.resumed(after) if after else _Walk(self._sitemaps(robots))
        if not after:
            yield Mark(cursor=walk.cursor(**remembered), page_key=ROBOTS_KEY, unchanged=not is_new)
        while walk.waiting:
            url, depth = walk.waiting[0]
            for page, lastmod in self._pages(walk, url, depth, robots):
                walk.after = page
                yield from self._page(walk, page, lastmod)
            walk.waiting.pop(0)
            walk.after = None
        yield Mark(
            cursor=None, page_key=END_KEY, complete=walk.why is None, why_incomplete=walk.why, warnings=tuple(walk.warnings),
            unchanged=self._held.page(END_KEY) is not None,
        )

    # robots.txt and sitemaps

    def _robots(self) -> tuple[Robots, dict[str, Any], bool]:
        """Asked for once a day. Where there is none, everything may be read; a failing server may not be crawled."""
        known = self._held.page(ROBOTS_KEY)
        kept = known.cursor["page"] if known is not None and known.cursor else None
        if kept and self._fetcher.now() - datetime.fromisoformat(kept["at"]) < ROBOTS_KEPT:
            robots = Robots(tuple((bool(allowed), pattern) for allowed, pattern in kept["rules"]), tuple(kept["sitemaps"]), kept["delay"])
            return robots, kept, False
        address = urlsplit(self.config.url)._replace(path="/robots.txt", query="", fragment="").geturl()
        try:
            answer = self._fetcher.get(address, accept="text/plain, */*;q=0.1")
            lines = [(name, value) for name, value in parse("robots", answer.body)]
            robots = robots_for(lines, self._fetcher.product)
        except FetchRefused as refused:
            if refused.reason not in ("not-found", "credentials", "request-refused"):
                raise
            robots = Robots()
        return robots, self._remembered(robots), True

    def _remembered(self, robots: Robots) -> dict[str, Any]:
        """Long rules are not worth remembering: then they are asked for with every run."""
        is_short = len(robots.rules) <= ROBOTS_RULES_KEPT
        at = self._fetcher.now() if is_short else datetime(2000, 1, 1, tzinfo=UTC)
        return {
            "at": at.isoformat(), "rules": [list(rule) for rule in robots.rules if is_short], "sitemaps": list(robots.sitemaps),
            "delay": robots.delay_seconds,
        }  # fmt: skip

    def _sitemaps(self, robots: Robots) -> list[tuple[str, int]]:
        address = urlsplit(self.config.url)
        if address.path not in ("", "/"):
            return [(self.config.url, 1)]
        named = [target for link in robots.sitemaps if (target := self._near(link)) is not None]
        return [(url, 1) for url in named[:SITEMAPS_AT_MOST]] or [(address._replace(path="/sitemap.xml", query="").geturl(), 1)]

    def _near(self, link: str, page: str | None = None) -> str | None:
        return next_address(link, page or self.config.url, allowed_hosts=self.config.allowed_hosts).url

    def _pages(self, walk: _Walk, url: str, depth: int, robots: Robots) -> Iterator[tuple[str, str | None]]:
        """Addresses of a sitemap's pages with their dates, where the dates are believed; further sitemaps wait their turn."""
        try:
            entries = self._entries(url)
        except SourceError as failure:
            # One of several sitemaps that cannot be read leaves the others to be read.
            if depth == 1 and not walk.met:
                raise
            self._note_failure(walk, failure)
            return
        walk.met += 1
        self._add_sitemaps(walk, entries, url, depth)
        pages = [(page, entry["lastmod"]) for entry in entries if "url" in entry and (page := self._wanted_page(walk, entry["url"], url, robots))]
        trusted = is_trusted([lastmod for _, lastmod in pages], now=self._fetcher.now())
        chosen = [(page, lastmod if trusted else None) for page, lastmod in dict(pages).items()]
        names = [page for page, _ in chosen]
        yield from chosen[names.index(walk.after) + 1 :] if walk.after in names else chosen

    def _entries(self, url: str) -> list[dict[str, Any]]:
        answer = self._fetcher.get(url, accept=ACCEPT_SITEMAP)
        return list(parse("sitemap", answer.body, charset=answer.charset))

    def _add_sitemaps(self, walk: _Walk, entries: list[dict[str, Any]], url: str, depth: int) -> None:
        for entry in entries if walk.after is None else ():
            target = self._near(entry["sitemap"], url) if "sitemap" in entry else None
            if target is not None and depth < INDEX_DEPTH and len(walk.waiting) < SITEMAPS_AT_MOST:
                walk.waiting.append((target, depth + 1))
            elif "sitemap" in entry:
                walk.why = walk.why or ("address-refused" if target is None else "too-deep")

    def _wanted_page(self, walk: _Walk, link: str, sitemap: str, robots: Robots) -> str | None:
        target = next_address(link, sitemap, allowed_hosts=self.config.allowed_hosts)
        if target.url is None or target.was_rewritten:
            walk.warnings["address-refused"] = None
            return None
        if not robots.allows(target.url):
            walk.warnings["disallowed"] = None
            return None
        is_included = not self.config.include or any(fnmatchcase(target.url, glob) for glob in self.config.include)
        is_excluded = any(fnmatchcase(target.url, glob) for glob in self.config.exclude)
        return target.url if is_included and not is_excluded else None

    # pages

    def _page(self, walk: _Walk, url: str, lastmod: str | None) -> Iterator[RawRecord | Mark]:
        hand = _InHand(url, self._held.page(_page_key(url)), lastmod)
        trusted = hand.known if self._wanted == "incremental" else None
        if trusted is not None and lastmod is not None and hand.memory.get("lastmod") == lastmod:
            yield self._unchanged(walk, trusted, lastmod)
            return
        yield from self._asked(walk, hand, trusted)

    def _asked(self, walk: _Walk, hand: _InHand, trusted: HeldPage | None) -> Iterator[RawRecord | Mark]:
        url = hand.url
        try:
            answer = self._fetcher.get(
                url, accept=ACCEPT, etag=trusted.etag if trusted else None, last_modified=trusted.last_modified if trusted else None
            )
            walk.failures = 0
            if trusted is not None and (answer.not_modified or answer.body_hash == trusted.body_hash):
                yield self._unchanged(walk, trusted, hand.lastmod)
                return
            page, datasets = _described(answer)
        except SourceError as failure:
            yield from self._failed(walk, hand, failure)
            return
        yield from self._read(walk, hand, answer, page, datasets)

    def _read(self, walk: _Walk, hand: _InHand, answer: Fetched, page: Page, datasets: list[dict[str, Any]]) -> Iterator[RawRecord | Mark]:
        ids: list[str] = []
        for number, dataset in enumerate(datasets, start=1):
            identity = _identity(dataset, page, hand.url, is_alone=len(datasets) == 1)
            entry = record(dataset, answer, number=number, identity=identity)
            ids += [entry.local_id] if entry.local_id else []
            yield entry
        for reason, message in page.problems:
            yield RawRecord.unusable(reason, f"{hand.url}: {message}", local_id="" if datasets else hand.name)
        if datasets:
            yield self._mark(walk, hand, tuple(dict.fromkeys(ids)), answer)
        else:
            yield from self._without_dataset(walk, hand, page, answer)

    def _without_dataset(self, walk: _Walk, hand: _InHand, page: Page, answer: Fetched) -> Iterator[RawRecord | Mark]:
        """Most pages of a site describe no dataset. One that did is given three passes before it counts as absence."""
        passes = hand.memory.get("without", 0) + 1 if hand.ids else 0
        if hand.ids and passes < PASSES_WITHOUT_DATASET:
            for local_id in hand.ids:
                yield RawRecord.unusable("no-dataset", f"{hand.url} no longer shows a description.", local_id=local_id)
            yield self._mark(walk, hand, hand.ids, None, without=passes)
            return
        if page.needs_scripts:
            detail = "shows nothing until its scripts have run, and they are never run here. Put the description into the page itself."
            yield RawRecord.unusable("no-dataset", f"{hand.url} {detail}", local_id=hand.name)
        yield self._mark(walk, hand, (), answer)

    def _failed(self, walk: _Walk, hand: _InHand, failure: SourceError) -> Iterator[RawRecord | Mark]:
        """What is listed was seen; what was on a page that cannot be read now stays. A page of which nothing is known goes by its address."""
        if isinstance(failure, FetchDeferred):
            self._note_failure(walk, failure)
        reason = "detail-missing" if failure.reason == "not-found" else failure.reason
        for local_id in hand.ids or (hand.name,):
            yield RawRecord.unusable(reason, f"{hand.url}: {failure.message}", local_id=local_id)
        yield self._mark(walk, hand, hand.ids, None)

    @staticmethod
    def _note_failure(walk: _Walk, failure: SourceError) -> None:
        walk.why = walk.why or failure.reason
        walk.failures += isinstance(failure, FetchDeferred)
        if walk.failures >= FAILURES_IN_A_ROW:
            raise failure

    # failed ones again

    def read_again(self, local_ids: Iterable[str]) -> Iterator[RawRecord]:
        robots, _, _ = self._robots()
        self._fetcher.slow_down(robots.delay_seconds)
        walk, pages = _Walk([]), dict[str, list[str]]()
        for local_id in local_ids:
            walk.warnings.clear()
            found = [page for link in self._addresses(local_id) if (page := self._wanted_page(walk, link, self.config.url, robots))]
            for page in found:
                pages.setdefault(page, []).append(local_id)
            if not found:
                detail = f"No page is known that may be asked for {local_id[:200]}. The next run reads it, if the site still lists it."
                yield RawRecord.unusable(next(iter(walk.warnings), "detail-missing"), detail, local_id=local_id)
        for page, wanted in pages.items():
            yield from self._again(walk, page, wanted)

    def _addresses(self, local_id: str) -> list[str]:
        """Of the pages that showed it; else the identifier, which is often the address of the page itself."""
        listing = [str(page.cursor["after"]) for page in self._held.pages_of(local_id) if page.cursor]
        return listing or [local_id] * local_id.startswith(("https://", "http://"))

    def _again(self, walk: _Walk, url: str, wanted: list[str]) -> Iterator[RawRecord]:
        """The wanted ones of a page; all of a page that stands for itself, because nothing of it was known when it failed."""
        known = self._held.page(_page_key(url))
        is_whole = url in wanted and not (known and url in known.local_ids)
        ids = tuple(local_id for local_id in wanted if not (is_whole and local_id == url))
        hand = _InHand(url, HeldPage(_page_key(url), None, None, None, ids, known.cursor if known else None), None)
        met: set[str] = set()
        for entry in self._asked(walk, hand, None):
            if isinstance(entry, RawRecord) and (is_whole or entry.local_id in ids or entry.problem):
                met.add(entry.local_id)
                yield entry
        for local_id in ids:
            if local_id not in met:
                yield RawRecord.unusable("detail-missing", f"{url} does not show it any more.", local_id=local_id)

    # marks

    def _unchanged(self, walk: _Walk, known: HeldPage, lastmod: str | None) -> Mark:
        """A date that moved while the page is as it was is remembered, so that it is not asked for again."""
        is_same = lastmod is None or _memory(known).get("lastmod") == lastmod
        return Mark(
            cursor=walk.cursor(lastmod=lastmod or _memory(known).get("lastmod")), page_key=known.page_key, local_ids=known.local_ids,
            etag=known.etag, last_modified=known.last_modified, body_hash=known.body_hash, unchanged=is_same,
        )  # fmt: skip

    def _mark(self, walk: _Walk, hand: _InHand, ids: tuple[str, ...], answer: Fetched | None, *, without: int = 0) -> Mark:
        """A page that could not be read, or showed nothing for once, is read again whatever its date says."""
        lastmod = hand.lastmod if answer else None
        return Mark(
            cursor=walk.cursor(lastmod=lastmod, without=without), page_key=_page_key(hand.url), local_ids=ids,
            etag=answer.etag if answer else None, last_modified=answer.last_modified if answer else None,
            body_hash=answer.body_hash if answer else None,
        )  # fmt: skip


def _described(answer: Fetched) -> tuple[Page, list[dict[str, Any]]]:
    """What a page of whatever kind says; pictures and documents say nothing."""
    if answer.media_type in PAGES:
        page, found = values(answer, configured="html")
    elif "json" in answer.media_type:
        page, found = values(answer)
    else:
        return Page(), []
    return page, [one.dataset for one in found if one.dataset is not None]


def _identity(dataset: dict[str, Any], page: Page, url: str, *, is_alone: bool) -> str | None:
    stated = dataset["iri"] or (page.canonical if is_alone else None) or dataset.get("url")
    return stated or next(iter(dataset["identifiers"]), None) or (url if is_alone else None)


def _memory(known: HeldPage | None) -> dict[str, Any]:
    """What was remembered of a page beside its datasets."""
    return dict(known.cursor["page"]) if known is not None and known.cursor else {}


def _page_key(url: str) -> str:
    return f"page:{hashlib.sha256(url.encode()).hexdigest()[:16]}"
