"""Sources of kind ``ckan``: the datasets of a CKAN portal, by its Action API 3.

``package_search`` is paged by what was received, in the order of ids: in its usual order a package edited during the crawl
moves to page one and another is skipped. Between weekly listings only what changed is asked for. Where search is refused,
``package_list`` and ``package_show`` are used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlencode

from pydantic import Field

from harvesters.change_memory import ChangeMemory
from harvesters.ckan_answers import SearchPage, read_result, read_search, record_of, with_portals_words
from harvesters.fetch import Fetched, Fetcher
from harvesters.source import Content, Cursor, FetchRefused, Held, Mark, PageUnreadable, Pass, RawRecord, SourceError
from harvesters.web_source_config import WebSourceConfig

API = "/api/3/action/"
MAX_PAGES = 10_000
NAMES_PER_PAGE = 1_000
OVERLAP = timedelta(hours=1)
TRAVERSALS = 2
SEARCH_REFUSED = ("not-found", "request-refused")


class CkanConfig(WebSourceConfig):
    """``secret`` is an API token, needed only where the portal shows nothing without one."""

    filter: str = Field(default="", max_length=2_000, title="Filter", description="A Solr filter (fq), e.g. organization:nhs-digital.")
    rows: int = Field(default=100, ge=1, le=1_000, title="Packages at once", description="Packages asked for at once.")
    keyset: bool = Field(default=False, title="Page by the last id", description="Page by the last id; for portals with more than 10,000 packages.")

    def headers(self) -> dict[str, str]:
        return {"Authorization": self.token()} if self.token() else {}

    def address(self, action: str, **parameters: str | int) -> str:
        return f"{self.base_url}{API}{action}?{urlencode(parameters)}"


@dataclass(slots=True)
class _Traversal:
    """How far the search has been read. ``start`` counts what was received since the traversal (again) began, ``passed_by`` what of it
    is no dataset: what is remembered of a page does not name it. ``most`` is the largest total of this traversal: where it fell
    meanwhile, what stood behind the place that was read moved in front of it."""

    start: int = 0
    number: int = 0
    round: int = 1
    total: int | None = None
    most: int = 0
    last_id: str = ""
    newest: str | None = None
    passed_by: int = 0
    ids: set[str] = field(default_factory=set)
    hashes: set[str] = field(default_factory=set)

    def cursor(self) -> Cursor:
        names = ("start", "number", "round", "total", "most", "last_id", "newest", "passed_by")
        return {name: getattr(self, name) for name in names}

    def begin_again(self) -> None:
        self.start, self.last_id, self.round, self.passed_by, self.total, self.most = 0, "", self.round + 1, 0, None, 0
        self.hashes.clear()

    @property
    def is_short(self) -> bool:
        """A total that fell means the same, unless pages begin after an id."""
        return self.total is not None and (len(self.ids) + self.passed_by < self.total or self.total < self.most)


class CkanSource:
    kind: ClassVar[str] = "ckan"
    holds_history: ClassVar[bool] = False

    def __init__(self, config: CkanConfig, fetcher: Fetcher, wanted: Pass, held: Held) -> None:
        self.config = config
        self._fetcher = fetcher
        name = hashlib.sha256(f"{config.base_url}|{config.filter}".encode()).hexdigest()[:8]
        self._memory = ChangeMemory(held, name, wanted=wanted, now=fetcher.now())

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:
        if self._memory.since is not None and after is None:
            yield from self._changes(self._memory.since)
            return
        traversal = _Traversal(**after) if after else _Traversal()
        traversal.ids = self._memory.ids_before(traversal.number) if after else set()
        try:
            first = self._search_page(traversal)
        except SourceError as failure:
            if after is not None or failure.reason not in SEARCH_REFUSED:
                raise
            yield from self._by_names(failure)
            return
        yield from self._listing(traversal, first)

    # listing

    def _listing(self, traversal: _Traversal, first: SearchPage) -> Iterator[RawRecord | Mark]:
        last: Mark | None = None
        following: SearchPage | None = first
        while True:
            page, following = following or self._search_page(traversal), None
            met = list(self._entries(page, traversal))
            why = self._why_over(page, traversal, met)
            if page.entries and why != "paging-loop":
                traversal.number += 1
                yield from met
                last = self._mark(page, traversal, met)
                yield last
            if why is None:
                continue
            if why == "count-mismatch" and traversal.round < TRAVERSALS:
                traversal.begin_again()
                continue
            yield self._end(traversal, last, why)
            return

    def _search_page(self, traversal: _Traversal) -> SearchPage:
        filters = [self.config.filter] if self.config.filter else []
        start = traversal.start
        if self.config.keyset and traversal.last_id:
            filters, start = [*filters, f'id:{{"{traversal.last_id}" TO *]'], 0
        page = read_search(self._get(self.config.address(
            "package_search", q="*:*", **({"fq": " AND ".join(filters)} if filters else {}), sort="id asc",
            rows=self.config.rows, start=start, facet="false",
        )))  # fmt: skip
        if traversal.total is None or not self.config.keyset:
            traversal.total = page.total if page.total is not None else traversal.total
            traversal.most = max(traversal.most, traversal.total or 0)
        return page

    def _why_over(self, page: SearchPage, traversal: _Traversal, met: list[RawRecord]) -> str | None:
        """``None`` to go on; ``complete``, or the reason why the listing is not."""
        if page.entries and page.body_hash in traversal.hashes:
            return "paging-loop"
        traversal.hashes.add(page.body_hash)
        before, passed_by = len(traversal.ids), traversal.passed_by
        self._count(page, traversal, met)
        traversal.start += len(page.entries)
        is_last = not page.entries or (traversal.total is not None and traversal.start >= traversal.total and not self.config.keyset)
        if not is_last and traversal.number >= MAX_PAGES:
            return "paging-loop"
        is_new = (before, passed_by) != (len(traversal.ids), traversal.passed_by)
        if not is_last and before and not is_new and traversal.round == 1:
            return "paging-ignored"
        if is_last:
            return "count-mismatch" if traversal.is_short else "complete"
        return None

    def _count(self, page: SearchPage, traversal: _Traversal, met: list[RawRecord]) -> None:
        named = [record.local_id for record in met if record.local_id]
        traversal.ids.update(named)
        traversal.passed_by += len(page.entries) - len(named)
        ids = [entry["id"].strip() for entry in page.entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)]
        traversal.last_id = next((found for found in reversed(ids) if found), traversal.last_id)

    def _entries(self, page: SearchPage, traversal: _Traversal) -> Iterator[RawRecord]:
        traversal.newest = max(filter(None, (traversal.newest, page.newest)), default=None)
        address = self.config.address("package_search")
        for number, entry in enumerate(page.entries, start=1):
            record = record_of(entry, f"package {number} of page {traversal.number + 1}", address)
            if record is not None:
                yield replace(record, page_hash=page.body_hash)

    def _mark(self, page: SearchPage, traversal: _Traversal, met: list[RawRecord]) -> Mark:
        ids = tuple(dict.fromkeys(record.local_id for record in met if record.local_id))
        return Mark(
            cursor=traversal.cursor(), page_key=self._memory.keys.page(traversal.number), local_ids=ids, body_hash=page.body_hash,
            declared_total=traversal.total,
        )

    def _end(self, traversal: _Traversal, last: Mark | None, why: str) -> Mark:
        if why == "complete":
            return self._memory.after_listing(_since(traversal.newest))
        key = last.page_key if last else self._memory.keys.page(1)
        ids = last.local_ids if last else ()
        return Mark(cursor=None, page_key=key, local_ids=ids, declared_total=traversal.total, why_incomplete=why)

    # changes

    def _changes(self, since: str) -> Iterator[RawRecord | Mark]:
        """What changed since; asked for in the order of change, so that nothing moves behind the place that is read."""
        start, number, newest = 0, 0, None
        received: list[str] = []
        while True:
            number += 1
            page = self._changes_page(since, start)
            for place, entry in enumerate(page.entries, start=1):
                record = record_of(entry, f"change {start + place}", self.config.address("package_search"))
                if record is not None:
                    received += [record.local_id] if record.local_id and not record.deleted else []
                    yield record
            start += len(page.entries)
            newest = max(filter(None, (newest, page.newest)), default=None)
            if not page.entries or number >= MAX_PAGES or (page.total is not None and start >= page.total):
                break
        yield from self._memory.after_changes(received, _since(newest))

    def _changes_page(self, since: str, start: int) -> SearchPage:
        changed = f"metadata_modified:[{since} TO *]"
        wanted = f"{self.config.filter} AND {changed}" if self.config.filter else changed
        return read_search(self._get(self.config.address(
            "package_search", q="*:*", fq=wanted, sort="metadata_modified asc, id asc", rows=self.config.rows, start=start, facet="false",
        )))  # fmt: skip

    # without search

    def _by_names(self, refused: SourceError) -> Iterator[RawRecord | Mark]:
        """Every name, one package after the other. Raises what search was refused with if this is refused as well."""
        number, offset, why = 0, 0, None
        known: set[str] = set()
        while True:
            names = self._names(offset, refused)
            fresh = [name for name in names if name not in known]
            known.update(fresh)
            met = [record for name in fresh if (record := self._shown(name)) is not None]
            why = why or next((record.problem for record in met if record.problem), None)
            number, offset = number + 1, offset + len(names)
            yield from met
            is_last = len(names) < NAMES_PER_PAGE or not fresh or number >= MAX_PAGES
            ids = tuple(record.local_id for record in met if record.local_id)
            yield Mark(
                cursor=None, page_key=f"names:{self._memory.keys.name}:{number}", local_ids=ids, complete=is_last and why is None,
                why_incomplete=why if is_last else None,
            )
            if is_last:
                return

    def _names(self, offset: int, refused: SourceError) -> list[str]:
        try:
            found = read_result(self._get(self.config.address("package_list", limit=NAMES_PER_PAGE, offset=offset)))
        except (FetchRefused, PageUnreadable):
            raise refused from None
        if not isinstance(found, list):
            raise PageUnreadable("not-a-list", "package_list holds no list of names.")
        return [name for name in found if isinstance(name, str) and name]

    def _shown(self, name: str) -> RawRecord | None:
        address = self.config.address("package_show", id=name)
        try:
            found = read_result(self._get(address))
            if found is None:
                raise PageUnreadable("detail-missing", "The answer holds no package.")
            return record_of(found, f"package {name[:100]}", address)
        except (FetchRefused, PageUnreadable) as failure:
            if failure.reason == "credentials":
                raise
            return RawRecord.unusable("detail-missing", f"package {name[:100]}: {failure.message}")

    # one alone

    def read_one(self, local_id: str) -> Content:
        address = self.config.address("package_show", id=local_id)
        try:
            record = record_of(read_result(self._get(address)), f"package {local_id[:100]}", address)
        except FetchRefused as refused:
            raise _missing(refused) from None
        if record is None or record.deleted or record.problem:
            raise FetchRefused("detail-missing", f"The portal shows no dataset {local_id[:200]} any more.")
        return record.read()

    def _get(self, address: str) -> Fetched:
        try:
            return self._fetcher.get(address, accept="application/json", headers=self.config.headers())
        except SourceError as failure:
            raise with_portals_words(failure) from None


def _missing(refused: FetchRefused) -> FetchRefused:
    return FetchRefused("detail-missing", refused.message, url=refused.url) if refused.reason == "not-found" else refused


def _since(newest: str | None) -> str | None:
    """Where the next question for changes begins: an hour before the newest change, for clocks that disagree."""
    try:
        moment = datetime.fromisoformat(newest or "")
    except ValueError:
        return None
    return f"{moment - OVERLAP:%Y-%m-%dT%H:%M:%SZ}"
