"""Sources of kind ``federation``: a list of datasets, and a document for each (HDR UK federated metadata).

``GET <base><list path>`` answers ``{"query": {"total", ...}, "items": [...]}``; ``GET <base><detail path>`` with
``{id}`` replaced answers one document. Lists met in practice leave out or misspell most of this, so a list is read
leniently (federation_list.py): what cannot be missing is a list and, for each entry, an identifier.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar

from harvesters.federation_config import FederationConfig
from harvesters.federation_list import ListPage, entry_id, hint, read_page
from harvesters.fetch import Fetched, Fetcher
from harvesters.identity import UnusableIdError
from harvesters.oauth2 import TokenSource
from harvesters.source import Content, Cursor, FetchRefused, Held, HeldPage, Mark, Pass, RawRecord

ACCEPT = "application/json"
MAX_PAGES = 10_000


@dataclass(slots=True)
class _Traversal:
    """How far the listing has been read. ``most`` is the largest total that was declared: where it fell meanwhile, what stood behind the place
    that was read moved in front of it."""

    received: int = 0
    page_number: int = 0
    limit: int = 0
    total: int | None = None
    most: int = 0
    without_id: int = 0
    page_hashes: set[str] = field(default_factory=set)
    local_ids: set[str] = field(default_factory=set)

    def add(self, page: ListPage) -> None:
        self.received += len(page.entries)
        self.page_number += 1
        self.limit = self.limit or len(page.entries)
        self.total = page.total if page.total is not None else self.total
        self.most = max(self.most, self.total or 0)
        self.without_id += page.without_id
        self.page_hashes.add(page.body_hash)
        self.local_ids.update(page.local_ids)

    def is_repeated_by(self, page: ListPage) -> bool:
        return page.body_hash in self.page_hashes or self.local_ids.issuperset(page.local_ids)

    @property
    def has_declared_more(self) -> bool:
        return self.total is not None and self.received < self.total

    @property
    def listed(self) -> int:
        return len(self.local_ids) + self.without_id

    @property
    def shortfall(self) -> str | None:
        return "count-mismatch" if self.listed < self.most else None

    @property
    def warnings(self) -> tuple[str, ...]:
        return ("count-mismatch",) if self.total is not None and self.listed > self.total else ()

    def cursor(self) -> Cursor:
        return {name: getattr(self, name) for name in ("received", "page_number", "limit", "total", "most", "without_id")}


class FederationSource:
    kind: ClassVar[str] = "federation"
    holds_history: ClassVar[bool] = False

    def __init__(self, config: FederationConfig, fetcher: Fetcher, wanted: Pass, held: Held) -> None:
        self.config = config
        self._fetcher = fetcher
        self._wanted = wanted
        self._held = held
        client = config.client()
        self._tokens = TokenSource(client, fetcher) if client else None
        self._list_name = hashlib.sha256(config.list_address({}).encode()).hexdigest()[:8]

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:
        """A cursor holds only numbers: which records the pages before it listed is read from the held pages."""
        if after:
            traversal = self._resumed(after)
            yield from self._rest(traversal, self._held_mark(traversal), page=None)
            return
        known = self._known_single_page()
        first = self._first_page(known)
        if first is None:
            assert known is not None
            yield self._unchanged(known)
            return
        traversal = _Traversal()
        traversal.add(first)
        yield from self._entries(first)
        yield from self._rest(traversal, None, page=first)

    def _rest(self, traversal: _Traversal, last: Mark | None, page: ListPage | None) -> Iterator[RawRecord | Mark]:
        """Everything after the records of ``page``; ``last`` is the mark given last.

        A page's mark waits for the answer after it only where no declared total says that there is more.
        """
        while True:
            if page is not None and traversal.has_declared_more:
                last, page = self._mark(page, traversal, is_last=False), None
                yield last
            following, why = self._next_page(traversal)
            if page is not None:
                last = self._mark(page, traversal, is_last=following is None, why=why)
                yield last
            if following is None:
                if page is None and last is not None:
                    yield _closing(last, traversal, why)
                return
            traversal.add(following)
            yield from self._entries(following)
            page = following

    # pages

    def _known_single_page(self) -> HeldPage | None:
        """What is remembered of the list, if it was one page then and hints of change may be trusted now."""
        is_single = self._held.page(self._page_key(2)) is None
        return self._held.page(self._page_key(1)) if is_single and self._wanted == "incremental" else None

    def _first_page(self, known: HeldPage | None) -> ListPage | None:
        """The page, or ``None`` if it is the known one."""
        answer = self._fetch_list({}, known)
        if answer.not_modified:
            return None
        page = read_page(answer)
        is_equal = known is not None and known.body_hash == page.body_hash
        return None if is_equal and page.is_all_that_is_declared else page

    def _fetch_list(self, parameters: Mapping[str, str | int], known: HeldPage | None = None) -> Fetched:
        address = self.config.list_address(parameters)
        return self._get(address, etag=known.etag if known else None, last_modified=known.last_modified if known else None)

    def _get(self, address: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
        """With the credentials. A token that is refused before its end is fetched anew, once."""
        if self._tokens is None:
            return self._fetcher.get(address, accept=ACCEPT, headers=self.config.headers(), etag=etag, last_modified=last_modified)
        for is_last in (False, True):
            token = self._tokens.token()
            headers = {"Authorization": f"Bearer {token}"}
            try:
                return self._fetcher.get(address, accept=ACCEPT, headers=headers, etag=etag, last_modified=last_modified)
            except FetchRefused as refused:
                if refused.reason != "credentials" or is_last:
                    raise
                self._tokens.forget(token)
        raise AssertionError("the second try returns or raises")

    def _next_page(self, traversal: _Traversal) -> tuple[ListPage | None, str | None]:
        """The page after what was received, or ``None`` and, where the listing is not complete, the reason."""
        if not self._may_have_more(traversal):
            return None, traversal.shortfall
        if traversal.page_number >= MAX_PAGES:
            return None, "paging-loop"
        page = self._page_after(traversal)
        if page is None or not page.entries:
            return None, traversal.shortfall
        if not traversal.is_repeated_by(page):
            return page, None
        if traversal.page_number > 1:
            return None, "paging-loop"
        # Without a declared total nothing speaks for more than what a server that ignores paging gives.
        return None, "paging-ignored" if traversal.total is not None else None

    def _may_have_more(self, traversal: _Traversal) -> bool:
        """Without a total, only asking for more tells whether there is more; spared while nothing went away."""
        if traversal.received == 0:
            return False
        if traversal.total is not None:
            return traversal.has_declared_more
        known = self._known_single_page()
        if traversal.page_number > 1 or known is None:
            return True
        return not traversal.local_ids.issuperset(known.local_ids)

    def _page_after(self, traversal: _Traversal) -> ListPage | None:
        try:
            return read_page(self._fetch_list({"offset": traversal.received, "limit": traversal.limit}))
        except FetchRefused as refused:
            # A server that does not page may refuse the parameters; with a declared total that is a failure.
            if traversal.total is None and refused.reason in ("request-refused", "not-found"):
                return None
            raise

    def _resumed(self, after: Cursor) -> _Traversal:
        traversal = _Traversal(**after)
        for number in range(1, traversal.page_number + 1):
            held = self._held.page(self._page_key(number))
            if held is not None:
                traversal.local_ids.update(held.local_ids)
                traversal.page_hashes.add(held.body_hash or "")
        return traversal

    # marks

    def _page_key(self, number: int) -> str:
        return f"list:{self._list_name}:{number}"

    def _mark(self, page: ListPage, traversal: _Traversal, *, is_last: bool, why: str | None = None) -> Mark:
        """Validators are kept only where the page is the whole list: then "not modified" speaks for all of it."""
        is_whole = is_last and traversal.page_number == 1 and why is None
        return Mark(
            cursor=None if is_last else traversal.cursor(), page_key=self._page_key(traversal.page_number),
            local_ids=page.local_ids, etag=page.etag if is_whole else None,
            last_modified=page.last_modified if is_whole else None, body_hash=page.body_hash,
            declared_total=traversal.total, complete=is_last and why is None, why_incomplete=why,
            warnings=traversal.warnings if is_last else (),
        )

    def _unchanged(self, known: HeldPage) -> Mark:
        return Mark(
            cursor=None, page_key=known.page_key, local_ids=known.local_ids, etag=known.etag,
            last_modified=known.last_modified, body_hash=known.body_hash, complete=True, unchanged=True,
        )

    def _held_mark(self, traversal: _Traversal) -> Mark:
        """The mark that the cursor came from, as far as it is remembered."""
        page_key = self._page_key(traversal.page_number)
        held = self._held.page(page_key)
        return Mark(
            cursor=None, page_key=page_key, local_ids=held.local_ids if held else (),
            body_hash=held.body_hash if held else None, declared_total=traversal.total,
        )

    # records

    def _entries(self, page: ListPage) -> Iterator[RawRecord]:
        for number, entry in enumerate(page.entries, start=1):
            yield replace(self._record(entry, number), page_hash=page.body_hash)

    def _record(self, entry: Any, number: int) -> RawRecord:
        listed = entry if isinstance(entry, dict) else None
        try:
            found = entry_id(entry)
        except UnusableIdError as error:
            return RawRecord.unusable("bad-id", f"Entry {number} of the list: {error}", listed=listed)
        if found is None:
            return RawRecord.unusable("missing-id", f"Entry {number} of the list has no identifier.", listed=listed)
        return RawRecord(found, read=partial(self.read_one, found), hint=hint(entry), listed=listed, is_fetched=True)

    def read_one(self, local_id: str) -> Content:
        address = self.config.detail_address(local_id)
        try:
            return self._get(address).as_content()
        except FetchRefused as refused:
            if refused.reason == "not-found":
                raise FetchRefused("detail-missing", refused.message, url=refused.url) from None
            raise


def _closing(last: Mark, traversal: _Traversal, why: str | None) -> Mark:
    """The end of a listing whose last page was marked before it was known to be the last."""
    return replace(last, cursor=None, complete=why is None, why_incomplete=why, warnings=traversal.warnings)
