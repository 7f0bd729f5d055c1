"""Sources of kind ``datacite``: the datasets that an organisation registered with DataCite, by its REST API (JSON:API).

Paged by cursor: page numbers stop at 10,000 records. Between monthly listings only what was updated is asked for. A DOI stays
for ever: one whose state is no longer ``findable``, or that is absent from a complete listing, was withdrawn.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from pydantic import Field, model_validator

from harvesters.change_memory import MONTH, ChangeMemory
from harvesters.fetch import Fetched, Fetcher
from harvesters.identity import UnusableIdError, local_id
from harvesters.json_listing import read_json
from harvesters.source import Content, Cursor, FetchRefused, Held, Mark, PageUnreadable, Pass, RawRecord
from harvesters.web_source_config import WebSourceConfig
from schemas.foreign import identities

API = "https://api.datacite.org"
ACCEPT = "application/vnd.api+json, application/json;q=0.9"
MAX_PAGES = 10_000
OVERLAP = timedelta(hours=1)


class DataCiteConfig(WebSourceConfig):
    """At least one of ``client_id`` (a repository), ``provider_id`` (a member) and ``prefix`` says whose DOIs are meant."""

    base_url: str = Field(default=API, min_length=1, title="Address", description="Address of the API.")
    client_id: str = Field(default="", max_length=200, title="Repository", description="A repository, e.g. bl.nhs.")
    provider_id: str = Field(default="", max_length=200, title="Member", description="A member, e.g. bl.")
    prefix: str = Field(default="", pattern=r"^(10\.[0-9]{4,9})?$", title="DOI prefix", description="A DOI prefix, e.g. 10.5072.")
    resource_type_id: str = Field(default="dataset", max_length=100, title="Type of resource", description="Which type of resource; datasets where left out.")
    page_size: int = Field(default=200, ge=1, le=1_000, title="Descriptions at once", description="Descriptions asked for at once.")

    @model_validator(mode="after")
    def _says_whose(self) -> DataCiteConfig:
        if not (self.client_id or self.provider_id or self.prefix):
            raise ValueError("needs client_id, provider_id or prefix: whose DOIs are meant")
        return self

    def filters(self) -> dict[str, str]:
        stated = {
            "client-id": self.client_id, "provider-id": self.provider_id, "prefix": self.prefix, "resource-type-id": self.resource_type_id,
            "disable-facets": "true",
        }  # fmt: skip
        return {name: value for name, value in stated.items() if value}

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token()}"} if self.token() else {}


@dataclass(slots=True)
class _Walk:
    """``withdrawn`` counts records that are named but not listed: what is remembered of a page leaves them out. ``withdrawn_before`` are those
    of them that an earlier attempt met, and are not among ``ids``. ``total`` is the lowest that was declared: the place that is read stays
    where it is while DOIs come and go."""

    address: str
    number: int = 0
    total: int | None = None
    newest: str | None = None
    without_id: int = 0
    withdrawn: int = 0
    withdrawn_before: int = 0
    ids: set[str] = field(default_factory=set)
    visited: set[str] = field(default_factory=set)

    def cursor(self, following: str) -> Cursor:
        facts: dict[str, Any] = {name: getattr(self, name) for name in ("number", "total", "newest", "without_id", "withdrawn")}
        return {**facts, "address": following}


@dataclass(frozen=True, slots=True)
class _Page:
    entries: tuple[Any, ...]
    total: int | None
    following: str | None
    body_hash: str


class DataCiteSource:
    kind: ClassVar[str] = "datacite"
    holds_history: ClassVar[bool] = False

    def __init__(self, config: DataCiteConfig, fetcher: Fetcher, wanted: Pass, held: Held) -> None:
        self.config = config
        self._fetcher = fetcher
        name = hashlib.sha256(json.dumps([config.base_url, config.filters()]).encode()).hexdigest()[:8]
        self._memory = ChangeMemory(held, name, wanted=wanted, now=fetcher.now(), listing_every=MONTH)

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:
        if after:
            walk = _Walk(**after)
            walk.ids, walk.withdrawn_before = self._memory.ids_before(walk.number), walk.withdrawn
            yield from self._listing(walk)
        elif self._memory.since:
            yield from self._changes(self._memory.since)
        else:
            yield from self._listing(_Walk(self._address()))

    def _address(self, **more: str) -> str:
        parameters = {**self.config.filters(), **more, "page[cursor]": "1", "page[size]": str(self.config.page_size)}
        return f"{self.config.base_url}/dois?{urlencode(parameters)}"

    def _listing(self, walk: _Walk) -> Iterator[RawRecord | Mark]:
        last: Mark | None = None
        for page in self._pages(walk):
            met = list(self._entries(page, walk))
            yield from met
            last = Mark(
                cursor=walk.cursor(page.following) if page.following else None, page_key=self._memory.keys.page(walk.number),
                local_ids=tuple(dict.fromkeys(one.local_id for one in met if one.local_id and not one.deleted)), body_hash=page.body_hash,
                declared_total=walk.total,
            )
            yield last
        why = "paging-loop" if walk.address else self._shortfall(walk)
        if why is None:
            yield self._memory.after_listing(_since(walk.newest))
            return
        key, ids = (last.page_key, last.local_ids) if last else (self._memory.keys.page(1), ())
        yield Mark(cursor=None, page_key=key, local_ids=ids, declared_total=walk.total, why_incomplete=why)

    def _shortfall(self, walk: _Walk) -> str | None:
        is_short = walk.total is not None and len(walk.ids) + walk.withdrawn_before + walk.without_id < walk.total
        return "count-mismatch" if is_short else None

    def _changes(self, since: str) -> Iterator[RawRecord | Mark]:
        walk = _Walk(self._address(query=f"updated:[{since} TO *]"))
        received: list[str] = []
        for page in self._pages(walk):
            for record in self._entries(page, walk):
                received += [record.local_id] if record.local_id and not record.deleted else []
                yield record
        if walk.address:
            raise PageUnreadable("paging-loop", "The API leads to the same page again.", url=walk.address)
        yield from self._memory.after_changes(received, _since(walk.newest))

    # pages

    def _pages(self, walk: _Walk) -> Iterator[_Page]:
        """Pages until none follows. ``walk.address`` is empty at the end; it is not where the API leads in a circle."""
        while walk.address and _place(walk.address) not in walk.visited and walk.number < MAX_PAGES:
            walk.visited.add(_place(walk.address))
            page = self._read(self._fetcher.get(walk.address, accept=ACCEPT, headers=self.config.headers()))
            walk.number += 1
            walk.total = min((total for total in (walk.total, page.total) if total is not None), default=None)
            walk.address = (page.following if page.entries else None) or ""
            yield page

    def _read(self, answer: Fetched) -> _Page:
        document = read_json(answer.body, charset=answer.charset, url=answer.url)
        data = document.get("data") if isinstance(document, Mapping) else None
        if not isinstance(data, list):
            raise PageUnreadable("not-a-list", "The answer is JSON, but holds no list of DOIs.", url=answer.url)
        meta = document.get("meta")
        total = meta.get("total") if isinstance(meta, Mapping) else None
        links = document.get("links")
        following = links.get("next") if isinstance(links, Mapping) else None
        is_total = isinstance(total, int) and not isinstance(total, bool)
        return _Page(tuple(data), total if is_total else None, self._next(following, answer.url), answer.body_hash)

    def _next(self, following: Any, asked: str) -> str | None:
        """The address of the next page, with those of our filters that the API left out; its host must be ours."""
        if not isinstance(following, str) or not following:
            return None
        parts, base = urlsplit(following), urlsplit(self.config.base_url)
        if parts.netloc and (parts.hostname, parts.port) != (base.hostname, base.port):
            raise FetchRefused("redirect-refused", "The next page of the listing lies on another server.", url=asked)
        stated = dict(parse_qsl(parts.query, keep_blank_values=True))
        kept = {name: value for name, value in parse_qsl(urlsplit(asked).query) if name not in ("page[cursor]", "page[number]")}
        return urlunsplit((base.scheme, base.netloc, parts.path, urlencode({**kept, **stated}), ""))

    # records

    def read_one(self, local_id: str) -> Content:
        address = f"{self.config.base_url}/dois/{quote(local_id, safe='')}"
        try:
            answer = self._fetcher.get(address, accept=ACCEPT, headers=self.config.headers())
        except FetchRefused as refused:
            raise FetchRefused("detail-missing", refused.message, url=address) if refused.reason == "not-found" else refused from None
        document = read_json(answer.body, charset=answer.charset, url=answer.url)
        record = self._record(document.get("data") if isinstance(document, Mapping) else None, "the answer", _Walk(address))
        if record.problem or record.deleted:
            raise FetchRefused("detail-missing", f"The API does not show {local_id[:200]} any more.", url=address)
        return record.read()

    def _entries(self, page: _Page, walk: _Walk) -> Iterator[RawRecord]:
        for number, entry in enumerate(page.entries, start=1):
            record = self._record(entry, f"entry {number} of page {walk.number}", walk)
            walk.withdrawn += record.deleted and record.local_id not in walk.ids
            walk.ids.update([record.local_id] if record.local_id else [])
            walk.without_id += not record.local_id
            yield replace(record, page_hash=page.body_hash)

    def _record(self, entry: Any, place: str, walk: _Walk) -> RawRecord:
        attributes = entry.get("attributes") if isinstance(entry, Mapping) else None
        if not isinstance(attributes, Mapping):
            return RawRecord.unusable("unreadable-shape", f"{place} has no attributes.")
        try:
            found = local_id(next(iter(identities({**attributes, "schemaVersion": "http://datacite.org/schema/kernel-4"})), None))
        except UnusableIdError as error:
            return RawRecord.unusable("bad-id", f"{place}: {error}")
        if found is None:
            return RawRecord.unusable("missing-id", f"{place} has no DOI.")
        updated = attributes.get("updated") if isinstance(attributes.get("updated"), str) else None
        walk.newest = max(filter(None, (walk.newest, updated)), default=None)
        body = json.dumps(attributes, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        content = Content(body, url=self.config.base_url, locator=found)
        is_withdrawn = attributes.get("state") not in (None, "findable")
        return RawRecord(found, read=lambda: content, hint=updated, deleted=is_withdrawn)


def _place(address: str) -> str:
    """The address with its parameters in one order, so that a circle is recognised."""
    parts = urlsplit(address)
    return f"{parts.path}?{urlencode(sorted(parse_qsl(parts.query)))}"


def _since(newest: str | None) -> str | None:
    """Where the next question for changes begins: an hour before the newest one."""
    try:
        moment = datetime.fromisoformat(newest or "")
    except ValueError:
        return None
    return f"{moment - OVERLAP:%Y-%m-%dT%H:%M:%SZ}"
