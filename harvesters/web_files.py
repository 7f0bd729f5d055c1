"""Sources of kind ``web-files``: a file at an address, or the files of a folder that a web server lists.

What a file may hold stands in file_records.py. Each file is a page of its own: one that is answered 304, or is byte-equal, is
not opened again.
"""

from __future__ import annotations

import codecs
import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from pydantic import Field, field_validator

from harvesters.fetch import Fetcher
from harvesters.fetched import Fetched
from harvesters.file_records import records_of
from harvesters.files import UNREADABLE
from harvesters.folder import SUFFIXES, FoundFile
from harvesters.linked_config import LinkedConfig
from harvesters.parsing import parse
from harvesters.source import Cursor, FetchRefused, Held, HeldPage, Mark, PageUnreadable, Pass, RawRecord

ACCEPT = "*/*"
DEPTH = 3
MEDIA_TYPES = {
    "application/json": ".json", "application/ld+json": ".jsonld", "application/x-ndjson": ".jsonl", "application/jsonl": ".jsonl",
    "application/x-jsonlines": ".jsonl", "text/csv": ".csv", "application/xml": ".xml", "text/xml": ".xml", "application/zip": ".zip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx", "text/turtle": ".ttl", "application/n-triples": ".nt",
    "application/rdf+xml": ".rdf",
}  # fmt: skip
"""For addresses whose ending says nothing."""


class WebFilesConfig(LinkedConfig):
    charset: str = Field(default="", max_length=40, title="Encoding of CSV files", description="The encoding of CSV files that are neither UTF-8 nor Windows-1252.")

    @field_validator("charset")
    @classmethod
    def _charset_is_known(cls, value: str) -> str:
        try:
            return codecs.lookup(value).name if value else ""
        except LookupError:
            raise ValueError("is no character encoding that is known here; mac-roman and utf-16 are") from None


@dataclass(slots=True)
class _Walk:
    """``done`` files of the listing were read; ``why`` is the first reason why it is not complete."""

    done: int = 0
    why: str | None = None
    files: list[str] = field(default_factory=list)

    def cursor(self) -> Cursor | None:
        return {"done": self.done, "why": self.why} if self.done < len(self.files) else None


class WebFilesSource:
    kind: ClassVar[str] = "web-files"
    holds_history: ClassVar[bool] = False

    def __init__(self, config: WebFilesConfig, fetcher: Fetcher, wanted: Pass, held: Held) -> None:
        self.config = config
        self._fetcher = fetcher
        self._wanted = wanted
        self._held = held

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:
        walk = _Walk(after["done"], after["why"]) if after else _Walk()
        with tempfile.TemporaryDirectory(prefix="gateway-file-") as folder:
            first = self._fetch(self.config.url, Path(folder))
            if first is not None and _is_page(first):
                walk.files = sorted(self._listed(first, DEPTH))
                yield from self._files(walk)
            else:
                walk.files = [self.config.url]
                yield from self._file(walk, self.config.url, first)

    def _files(self, walk: _Walk) -> Iterator[RawRecord | Mark]:
        if not walk.files:
            yield Mark(cursor=None, page_key=_page_key(self.config.url), complete=True)
        for url in walk.files[walk.done :]:
            with tempfile.TemporaryDirectory(prefix="gateway-file-") as folder:
                try:
                    answer = self._fetch(url, Path(folder))
                except FetchRefused as refused:
                    if refused.reason != "not-found":
                        raise
                    walk.why = walk.why or "detail-missing"
                    yield RawRecord.unusable("detail-missing", f"{_name(url)} is listed, but is not there.")
                    answer = None
                    yield self._mark(walk, url, None, [])
                    continue
                yield from self._file(walk, url, answer)

    # requests

    def _known(self, url: str) -> HeldPage | None:
        return self._held.page(_page_key(url)) if self._wanted == "incremental" else None

    def _fetch(self, url: str, folder: Path) -> Fetched | None:
        """``None`` where the file is as it was."""
        known = self._known(url)
        answer = self._fetcher.get(
            url, accept=ACCEPT, headers=self.config.headers(), folder=folder, etag=known.etag if known else None,
            last_modified=known.last_modified if known else None,
        )  # fmt: skip
        is_known = known is not None and (answer.not_modified or answer.body_hash == known.body_hash)
        return None if is_known else answer

    def _listed(self, page: Fetched, depth: int) -> Iterator[str]:
        """Addresses of files in the folder and in its folders."""
        for child in parse("folder-listing", page.whole, base=page.url, charset=page.charset):
            address = str(child["address"])
            if child["is_folder"] and depth > 1:
                inner = self._fetcher.get(address, accept="text/html, */*;q=0.1", headers=self.config.headers())
                yield from self._listed(inner, depth - 1) if _is_page(inner) else ()
            elif PurePosixPath(urlsplit(address).path).suffix.lower() in SUFFIXES:
                yield address

    # one file

    def _file(self, walk: _Walk, url: str, answer: Fetched | None) -> Iterator[RawRecord | Mark]:
        ids: list[str] = []
        for record in self._records_in(url, answer) if answer is not None else ():
            if record.problem in UNREADABLE:
                walk.why = walk.why or "file-unreadable"
            ids += [record.local_id] if record.local_id else []
            yield replace(record, page_hash=answer.body_hash if answer else None)
        yield self._mark(walk, url, answer, ids)

    def _records_in(self, url: str, answer: Fetched) -> Iterator[RawRecord]:
        with tempfile.TemporaryDirectory(prefix="gateway-file-") as folder:
            file = _as_file(url, answer, Path(folder))
            try:
                for record in records_of(file, charset=self.config.charset or None):
                    yield _from(record, answer)
            except PageUnreadable as problem:
                yield RawRecord.unusable(problem.reason, f"{file.name}: {problem.message}")

    def _mark(self, walk: _Walk, url: str, answer: Fetched | None, ids: list[str]) -> Mark:
        walk.done += 1
        is_last = walk.done >= len(walk.files)
        complete, why = is_last and walk.why is None, walk.why if is_last else None
        known = self._known(url) if answer is None else None
        if known is not None:
            return Mark(
                cursor=walk.cursor(), page_key=known.page_key, local_ids=known.local_ids, etag=known.etag, last_modified=known.last_modified,
                body_hash=known.body_hash, unchanged=True, complete=complete, why_incomplete=why,
            )  # fmt: skip
        return Mark(
            cursor=walk.cursor(), page_key=_page_key(url), local_ids=tuple(dict.fromkeys(ids)), etag=answer.etag if answer else None,
            last_modified=answer.last_modified if answer else None, body_hash=answer.body_hash if answer else None, complete=complete,
            why_incomplete=why,
        )  # fmt: skip


def _is_page(answer: Fetched) -> bool:
    start = answer.start(2048).lstrip().lower()
    return b"<html" in start or start.startswith(b"<!doctype html") or (answer.media_type == "text/html" and b"<a " in start)


def _page_key(url: str) -> str:
    return f"file:{hashlib.sha256(url.encode()).hexdigest()[:16]}"


def _name(url: str) -> str:
    return unquote(PurePosixPath(urlsplit(url).path).name) or "file"


def _as_file(url: str, answer: Fetched, folder: Path) -> FoundFile:
    """The answer as a file, whose ending is that of its address, else what its media type says."""
    name = _name(answer.url) if PurePosixPath(_name(answer.url)).suffix.lower() in SUFFIXES else _name(url)
    if PurePosixPath(name).suffix.lower() not in SUFFIXES:
        name += MEDIA_TYPES.get(answer.media_type, ".json")
    path = answer.file or folder / "file"
    if answer.file is None:
        path.write_bytes(answer.body)
    return FoundFile(path, name, path.stat().st_size)


def _from(record: RawRecord, answer: Fetched) -> RawRecord:
    """The record with the address it came from."""
    if record.problem is not None:
        return record
    content = replace(record.read(), url=answer.url, status=answer.status, etag=answer.etag, last_modified=answer.last_modified)
    return replace(record, read=lambda: content)
