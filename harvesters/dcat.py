"""Sources of kind ``dcat``: a catalogue as linked data (DCAT, DCAT-AP, HealthDCAT-AP, DCAT-US, schema.org) at one address.

Pages follow one another by Hydra terms or a ``Link`` header; catalogues within the catalogue are read after it. A dataset
is known by its address, else by an identifier it states. One that is only named is read at its own address, once.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from harvesters.dcat_changes import ChangesSince, without_parameter
from harvesters.fetch import Fetched, Fetcher
from harvesters.linked_config import DcatConfig
from harvesters.linked_formats import ACCEPT, RDF_TYPES
from harvesters.linked_values import Found, Page, content_of, format_in, record, values
from harvesters.next_address import next_address, next_in_header
from harvesters.source import Content, Cursor, FetchRefused, Held, HeldPage, Mark, PageUnreadable, Pass, RawRecord

MAX_PAGES = 10_000
CATALOGUE_DEPTH = 3
REMEMBERED_PAGES = 200
"""So many addresses of pages go along in a cursor, so that a circle is noticed after a resume too."""


@dataclass(slots=True)
class _Walk:
    """How far the catalogue has been read. ``waiting`` are addresses of pages with the depth of their catalogue."""

    waiting: list[tuple[str, int]]
    number: int = 0
    met: list[str] = field(default_factory=list)
    listed: int = 0
    total: int | None = None
    why: str | None = None
    ids: set[str] = field(default_factory=set)
    hashes: set[str] = field(default_factory=set)
    warnings: dict[str, None] = field(default_factory=dict)

    def cursor(self) -> Cursor | None:
        if not self.waiting:
            return None
        return {
            "waiting": [list(one) for one in self.waiting], "number": self.number, "met": self.met[-REMEMBERED_PAGES:],
            "listed": self.distinct, "total": self.total, "why": self.why,
        }  # fmt: skip

    @classmethod
    def resumed(cls, after: Cursor) -> _Walk:
        waiting = [(url, depth) for url, depth in after["waiting"]]
        return cls(waiting, after["number"], list(after["met"]), after["listed"], after["total"], after["why"])

    @property
    def distinct(self) -> int:
        return self.listed + len(self.ids)

    def judge_total(self) -> None:
        if self.total is not None and self.distinct < self.total:
            self.why = self.why or "count-mismatch"
        elif self.total is not None and self.distinct > self.total:
            self.warnings["count-mismatch"] = None


@dataclass(slots=True)
class _Read:
    """What became of one page."""

    ids: list[str] = field(default_factory=list)
    datasets: int = 0
    has_listed: bool = False
    catalogues: list[str] = field(default_factory=list)


class DcatSource:
    kind: ClassVar[str] = "dcat"
    holds_history: ClassVar[bool] = False

    def __init__(self, config: DcatConfig, fetcher: Fetcher, wanted: Pass, held: Held) -> None:
        self.config = config
        self._fetcher = fetcher
        self._wanted = wanted
        self._held = held

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:
        if not self.config.modified_since:
            return self._listing(after)
        changes = ChangesSince(
            self._listing, self._held, url=self.config.url, parameter=self.config.modified_since, wanted=self._wanted, now=self._fetcher.now(),
        )
        return changes.records(after)

    def _listing(self, after: Cursor | None = None, *, start: str | None = None) -> Iterator[RawRecord | Mark]:
        walk = _Walk.resumed(after) if after else _Walk([(start or self.config.url, 0)])
        while walk.waiting:
            url, depth = walk.waiting.pop(0)
            walk.met.append(_name(url))
            walk.number += 1
            with tempfile.TemporaryDirectory(prefix="gateway-page-") as folder:
                yield from self._page(walk, url, depth, Path(folder))

    def _page(self, walk: _Walk, url: str, depth: int, folder: Path) -> Iterator[RawRecord | Mark]:
        known = self._held.page(_page_key(url)) if self._wanted == "incremental" else None
        try:
            answer = self._fetch(url, folder, known)
            if known is not None and (answer.not_modified or answer.body_hash == known.body_hash):
                yield self._unchanged(walk, known)
                return
            yield from self._changed(walk, url, depth, answer)
        except PageUnreadable as problem:
            if depth == 0:
                raise
            # A catalogue within the catalogue that cannot be read leaves the others to be read.
            walk.why = walk.why or problem.reason
            yield self._mark(walk, url, _Read(), None)

    def _fetch(self, url: str, folder: Path, known: HeldPage | None) -> Fetched:
        answer = self._fetcher.get(
            url, accept=ACCEPT, headers=self.config.headers(), folder=folder,
            etag=known.etag if known else None, last_modified=known.last_modified if known else None,
        )
        return replace(answer, url=without_parameter(answer.url, self.config.modified_since))

    def _unchanged(self, walk: _Walk, known: HeldPage) -> Mark:
        """Where the page went on is known from the last time."""
        walk.ids.update(known.local_ids)
        if known.cursor is not None:
            walk.waiting = [(url, depth) for url, depth in known.cursor["waiting"] if _name(url) not in walk.met]
            walk.total = known.cursor["total"]
        if not walk.waiting:
            walk.judge_total()
        is_last = not walk.waiting
        return Mark(
            cursor=walk.cursor(), page_key=known.page_key, local_ids=known.local_ids, etag=known.etag,
            last_modified=known.last_modified, body_hash=known.body_hash, unchanged=True, complete=is_last and walk.why is None,
            why_incomplete=walk.why if is_last else None, declared_total=walk.total,
        )

    def _changed(self, walk: _Walk, url: str, depth: int, answer: Fetched) -> Iterator[RawRecord | Mark]:
        answer = self._data_behind(answer)
        page, found = values(answer, configured=self.config.format)
        read = _Read()
        for one in found:
            yield from self._entry(walk, one, answer, read)
        if not read.datasets and not read.has_listed and not read.catalogues and not page.is_catalogue:
            raise self._nothing_there(answer, page)
        self._go_on(walk, (url, depth), page, read, answer)
        yield self._mark(walk, url, read, answer)

    # one page

    def _data_behind(self, answer: Fetched) -> Fetched:
        """For a web page that names its data: those data."""
        if format_in(answer, self.config.format) != "html":
            return answer
        page, found = values(answer)
        is_empty = next(found, None) is None
        links = [address for kind, address in page.alternates if kind in RDF_TYPES]
        for link in links if is_empty else ():
            target = next_address(link, answer.url, allowed_hosts=self.config.allowed_hosts).url
            if target is not None:
                return self._fetcher.get(target, accept=ACCEPT, headers=self.config.headers())
        return answer

    def _nothing_there(self, answer: Fetched, page: Page) -> PageUnreadable:
        if format_in(answer, self.config.format) != "html":
            return PageUnreadable("no-dataset", "The document holds no catalogue and no dataset.", url=answer.url)
        reason, message = next(iter(page.problems), ("html-instead-of-data", "A web page without descriptions of datasets came back."))
        return PageUnreadable(reason, message, url=answer.url)

    def _entry(self, walk: _Walk, found: Found, answer: Fetched, read: _Read) -> Iterator[RawRecord]:
        if found.catalogue is not None:
            read.catalogues.append(found.catalogue)
            return
        read.datasets += 1
        if found.dataset is not None:
            entry = record(found.dataset, answer, number=read.datasets)
        else:
            read.has_listed = True
            entry = self._listed(found.listed or "", answer)
        if entry.local_id:
            read.ids.append(entry.local_id)
            walk.ids.add(entry.local_id)
        else:
            walk.listed += 1
        yield entry

    def _listed(self, address: str, answer: Fetched) -> RawRecord:
        """A dataset that the catalogue only names; its description is read at its own address, if that is near enough."""
        target = next_address(address, answer.url, allowed_hosts=self.config.allowed_hosts)
        if target.url is None or target.was_rewritten:
            detail = f"The catalogue names {address[:200]} but does not describe it, and it is on another server."
            return RawRecord.unusable("detail-missing", detail, local_id=address[:1000])
        return RawRecord(address, read=partial(self._read, address, target.url), is_fetched=True)

    def _read(self, address: str, url: str) -> Content:
        try:
            answer = self._fetcher.get(url, accept=ACCEPT, headers=self.config.headers())
        except FetchRefused as refused:
            if refused.reason == "not-found":
                raise FetchRefused("detail-missing", refused.message, url=refused.url) from None
            raise
        _, found = values(answer)
        datasets = [one.dataset for one in found if one.dataset is not None]
        chosen = [one for one in datasets if one["iri"] == address] or (datasets if len(datasets) == 1 else [])
        if not chosen:
            raise PageUnreadable("no-dataset", f"The document at {address[:200]} does not describe it.", url=answer.url)
        return content_of(chosen[0], answer)

    # going on

    def _go_on(self, walk: _Walk, place: tuple[str, int], page: Page, read: _Read, answer: Fetched) -> None:
        url, depth = place
        walk.warnings |= dict.fromkeys(page.warnings)
        walk.total = page.total if page.total is not None and depth == 0 else walk.total
        links = [*page.following[:1], *([link] if (link := next_in_header(answer.link)) and not page.following else [])]
        is_repeated = answer.body_hash in walk.hashes
        walk.hashes.add(answer.body_hash)
        for link in links:
            self._follow(walk, link, url, depth, is_repeated=is_repeated)
        for catalogue in read.catalogues if depth < CATALOGUE_DEPTH else ():
            target = next_address(catalogue, url, allowed_hosts=self.config.allowed_hosts)
            if target.url is None:
                walk.why = walk.why or "address-refused"
            elif _name(target.url) not in walk.met:
                walk.waiting.append((target.url, depth + 1))
        if not walk.waiting:
            walk.judge_total()

    def _follow(self, walk: _Walk, link: str, page: str, depth: int, *, is_repeated: bool) -> None:
        """The next page stands in front of whatever else waits."""
        target = next_address(link, page, allowed_hosts=self.config.allowed_hosts)
        if target.url is None:
            walk.why = walk.why or "address-refused"
        elif is_repeated or _name(target.url) in walk.met or walk.number >= MAX_PAGES:
            walk.why = walk.why or "paging-loop"
        else:
            walk.waiting.insert(0, (target.url, depth))
            walk.warnings |= {"next-rewritten": None} if target.was_rewritten else {}

    def _mark(self, walk: _Walk, url: str, read: _Read, answer: Fetched | None) -> Mark:
        """Validators are kept where the page is all that there is to ask: of a dataset named only, it says nothing."""
        is_last = not walk.waiting
        keeps = answer is not None and not read.has_listed and not (is_last and walk.why)
        return Mark(
            cursor=walk.cursor(), page_key=_page_key(url), local_ids=tuple(dict.fromkeys(read.ids)),
            etag=answer.etag if answer and keeps else None, last_modified=answer.last_modified if answer and keeps else None,
            body_hash=answer.body_hash if answer and keeps else None, declared_total=walk.total,
            complete=is_last and walk.why is None, why_incomplete=walk.why if is_last else None,
            warnings=tuple(walk.warnings) if is_last else (),
        )


def _name(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:12]


def _page_key(url: str) -> str:
    return f"dcat:{_name(url)}"
