"""Sources of kind ``oai-pmh``: the records of an OAI-PMH 2.0 repository.

``Identify`` and ``ListMetadataFormats`` once for each full listing, then ``ListRecords`` page by page. Between listings only
what changed is asked for, from the date that the repository itself gave, an hour (or a day) earlier. A resumption token may
live for two minutes only, so a page is fetched before the one before it is handed on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from harvesters.change_memory import MONTH, WEEK, ChangeMemory
from harvesters.fetch import Fetcher
from harvesters.identity import UnusableIdError, local_id
from harvesters.oai_pmh_answers import OaiPage, ProtocolError, as_answer, content_of, formats_of, is_dataset, read_page
from harvesters.oai_pmh_config import OaiPmhConfig
from harvesters.oai_pmh_walk import DAY, Walk, earlier
from harvesters.source import Content, Cursor, FetchRefused, Held, Mark, PageUnreadable, Pass, RawRecord, SourceError

ACCEPT = "text/xml, application/xml;q=0.9, */*;q=0.1"
FORM = "application/x-www-form-urlencoded"
MAX_PAGES = 10_000
MOST_REPEATS = 3
"""So many pages one after another that name no new record mean that the repository walks in a circle."""


class OaiPmhSource:
    kind: ClassVar[str] = "oai-pmh"
    holds_history: ClassVar[bool] = False

    def __init__(self, config: OaiPmhConfig, fetcher: Fetcher, wanted: Pass, held: Held) -> None:
        self.config = config
        self._fetcher = fetcher
        name = hashlib.sha256(f"{config.base_url}|{config.set}|{config.metadata_prefix}".encode()).hexdigest()[:8]
        position = held.page(f"position:{name}")
        every = MONTH if position and (position.etag or "").endswith(" persistent") else WEEK
        self._memory = ChangeMemory(held, name, wanted=wanted, now=fetcher.now(), listing_every=every)
        self._is_first = not self._memory.pages()
        self._wanted = wanted
        self._single_prefix: str | None = None

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:
        try:
            yield from self._records(after)
        except ProtocolError as error:
            raise error.as_source_error() from None

    def _records(self, after: Cursor | None) -> Iterator[RawRecord | Mark]:
        if after:
            walk = Walk(**after)
            walk.ids, walk.deleted_before = self._memory.ids_before(walk.number), walk.deleted
            yield from self._listing(walk)
        elif self._memory.since:
            yield from self._changes(self._memory.since)
        else:
            yield from self._listing(self._introduced())

    # what the repository is like

    def _introduced(self) -> Walk:
        """Raises :class:`FetchRefused` (``wrong-configuration``) where no format of the repository is read here."""
        said = self._ask("Identify").said
        walk = Walk(granularity=said.get("granularity", ""), deletions=said.get("deletedRecord", "no").strip().lower())
        if self.config.metadata_prefix:
            walk.prefix = self.config.metadata_prefix
            return walk
        prefixes = formats_of(self._ask("ListMetadataFormats"))
        if not prefixes:
            raise FetchRefused("wrong-configuration", "The repository offers no format that is read here: DCAT, DataCite or oai_dc.")
        walk.prefix = " ".join(prefixes)
        return walk

    def _ask(self, verb: str, **arguments: str) -> OaiPage:
        """One request; an unreadable answer is asked for once more, as it may have been cut off."""
        try:
            return self._answer(verb, arguments)
        except PageUnreadable as failure:
            if failure.reason not in ("bad-xml", "truncated"):
                raise
            return self._answer(verb, arguments)

    def _answer(self, verb: str, arguments: Mapping[str, str]) -> OaiPage:
        address, headers = self.config.address(verb, **arguments), self.config.headers()
        try:
            if self.config.must_post(address):
                body = self.config.form(verb, **arguments).encode()
                answer = self._fetcher.post(self.config.base_url, body=body, media_type=FORM, accept=ACCEPT, headers=headers)
            else:
                answer = self._fetcher.get(address, accept=ACCEPT, headers=headers)
        except FetchRefused as refused:
            if b"<OAI-PMH" not in refused.answer:
                raise
            return read_page(as_answer(refused))
        return read_page(answer)

    # listing in full

    def _listing(self, walk: Walk) -> Iterator[RawRecord | Mark]:
        verb = "ListRecords" if self._is_first or self.config.filters_by_type or self._wanted == "audit" else "ListIdentifiers"
        why: str | None = None
        last: Mark | None = None
        for page, following in self._pages(verb, walk):
            if isinstance(page, str):
                why = page
                break
            known = len(walk.ids)
            met = list(self._entries(page, walk))
            walk.repeats = walk.repeats + 1 if met and len(walk.ids) == known and not walk.restarts else 0
            yield from met
            last = self._mark(page, walk, met, following)
            yield last
            if walk.repeats == MOST_REPEATS and following:
                why = "paging-loop"
                break
        why = why or self._shortfall(walk)
        if why is None:
            yield self._memory.after_listing(walk.remembered())
        else:
            key = last.page_key if last else self._memory.keys.page(1)
            yield Mark(cursor=None, page_key=key, local_ids=last.local_ids if last else (), declared_total=walk.total, why_incomplete=why)

    def _pages(self, verb: str, walk: Walk) -> Iterator[tuple[OaiPage | str, str]]:
        """Pages with the token after each; last, instead of a page, the reason why the listing is not complete."""
        page: OaiPage | None = self._begin(verb, walk) if not walk.token else self._next(verb, walk, walk.token)
        while page is not None:
            walk.note_dates(page)
            token = page.token
            is_loop = token in walk.tokens or walk.number + 1 >= MAX_PAGES
            walk.tokens.add(token)
            following, failure = None, None
            if token and not is_loop:
                try:
                    following = self._next(verb, walk, token)
                except (SourceError, ProtocolError) as caught:
                    failure = caught
            yield page, token
            if failure is not None:
                raise failure
            if token and is_loop:
                yield "paging-loop", ""
                return
            page = following

    def _begin(self, verb: str, walk: Walk) -> OaiPage:
        """The first page, in the first format that the repository really gives; dates by day where it wants them so."""
        prefixes = walk.prefix.split()
        for number, prefix in enumerate(prefixes[:2]):
            walk.prefix = prefix
            try:
                page = self._first(verb, walk)
            except ProtocolError as error:
                if error.code == "cannotDisseminateFormat" and number == 0 and len(prefixes) > 1:
                    continue
                raise
            if page.is_empty_answer and self.config.set and not walk.since:
                self._check_set()
            walk.started, walk.total = walk.started or page.response_date, walk.total or page.total
            return page
        raise AssertionError("a repository without a format was refused before")

    def _check_set(self) -> None:
        """Nothing came of the set: raises :class:`FetchRefused` where the repository has no such set, naming some that it has."""
        try:
            page = self._ask("ListSets")
        except ProtocolError:
            return
        known = [str(entry.get("setSpec")) for entry in page.entries if entry.get("setSpec")]
        if not page.token and self.config.set not in known:
            some = ", ".join(known[:20]) or "none"
            raise FetchRefused("wrong-configuration", f"The repository has no set {self.config.set!r}. Sets: {some}.")

    def _first(self, verb: str, walk: Walk) -> OaiPage:
        arguments = {"metadataPrefix": walk.prefix, "from_": walk.since, "set": self.config.set}
        try:
            return self._ask(verb, **arguments)
        except ProtocolError as error:
            if error.code != "badArgument" or len(walk.since) <= 10:
                raise
        walk.since, walk.granularity = walk.since[:10], DAY
        return self._ask(verb, **{**arguments, "from_": walk.since})

    def _next(self, verb: str, walk: Walk, token: str) -> OaiPage:
        """The page that a token leads to. A token refused as expired restarts the listing once."""
        try:
            return self._ask(verb, resumptionToken=token)
        except ProtocolError as error:
            if error.code != "badResumptionToken" or walk.restarts:
                raise
        walk.restarts += 1
        walk.total = None
        walk.tokens.clear()
        walk.since = (earlier(walk.newest, walk.granularity) or "") if walk.is_ordered else walk.since
        return self._first(verb, walk)

    def _mark(self, page: OaiPage, walk: Walk, met: list[RawRecord], following: str) -> Mark:
        ids = tuple(dict.fromkeys(record.local_id for record in met if record.local_id and not record.deleted))
        return Mark(
            cursor=walk.cursor(following) if following else None, page_key=self._memory.keys.page(walk.number), local_ids=ids,
            body_hash=page.body_hash, declared_total=walk.total, warnings=page.warnings,
        )

    def _shortfall(self, walk: Walk) -> str | None:
        is_short = walk.total is not None and len(walk.ids) + walk.deleted_before + walk.passed_by < walk.total
        return "count-mismatch" if is_short else None

    # changes

    def _changes(self, remembered: str) -> Iterator[RawRecord | Mark]:
        since, prefix, deletions = [*remembered.split(" "), "", ""][:3]
        walk = Walk(prefix=prefix, since=since, granularity=DAY if len(since) == 10 else "", deletions=deletions)
        received: list[str] = []
        for page, _ in self._pages("ListRecords", walk):
            if isinstance(page, str):
                raise PageUnreadable(page, "The repository gives the same resumption token again.")
            for record in self._entries(page, walk):
                received += [record.local_id] if record.local_id and not record.deleted else []
                yield record
        yield from self._memory.after_changes(received, walk.remembered() if walk.number and walk.ids else None)

    # records

    def _entries(self, page: OaiPage, walk: Walk) -> Iterator[RawRecord]:
        walk.number += 1
        for number, entry in enumerate(page.entries, start=1):
            record = self._record(entry, walk, f"record {number} of page {walk.number}")
            if record is None or not record.local_id:
                walk.passed_by += 1
            if record is not None:
                walk.deleted += record.deleted and record.local_id not in walk.ids
                walk.ids.update([record.local_id] if record.local_id else [])
                yield replace(record, page_hash=page.body_hash)

    def _record(self, entry: dict[str, Any], walk: Walk, place: str) -> RawRecord | None:
        """``None`` for what is no dataset."""
        try:
            found = local_id(entry.get("identifier"))
        except UnusableIdError as error:
            return RawRecord.unusable("bad-id", f"{place}: {error}")
        if found is None:
            return RawRecord.unusable("missing-id", f"{place} has no identifier in its header.")
        datestamp = entry.get("datestamp") or ""
        if entry["deleted"]:
            return RawRecord(found, read=partial(self._read, found, walk.prefix), hint=datestamp or None, deleted=True)
        if entry.get("types") is not None and self.config.filters_by_type and not is_dataset(entry["types"]):
            return None
        if "xml" not in entry:
            return RawRecord(found, read=partial(self._read, found, walk.prefix), hint=datestamp or None, is_fetched=True)
        return RawRecord(found, read=partial(content_of, entry, self.config.base_url), hint=datestamp or None)

    def read_one(self, local_id: str) -> Content:
        """In the format of the last listing, or the first that is offered."""
        if self._single_prefix is None:
            remembered = [*(self._memory.since or "").split(" "), ""][1]
            self._single_prefix = remembered or self._introduced().prefix.split()[0]
        return self._read(local_id, self._single_prefix)

    def _read(self, identifier: str, prefix: str) -> Content:
        """A record by itself, where the listing gave only its header."""
        try:
            page = self._ask("GetRecord", identifier=identifier, metadataPrefix=prefix)
        except ProtocolError as error:
            if error.code not in ("idDoesNotExist", "cannotDisseminateFormat"):
                raise error.as_source_error() from None
            raise FetchRefused("detail-missing", f"The repository lists {identifier[:200]} but does not give it ({error.code}).") from None
        entry = next((entry for entry in page.entries if "xml" in entry), None)
        if entry is None:
            raise FetchRefused("detail-missing", f"The repository lists {identifier[:200]} but gives no metadata for it.")
        return content_of(entry, self.config.base_url)
