"""Sources of kind ``files``: a folder (with its subfolders) or one file, holding dataset descriptions (file_records.py says in which forms).

Files are read in the order of their paths and never altered. A folder may hold several states of one dataset, so an older
state becomes history and never replaces a newer one; a state that bears no date counts as older than one that does, unless it
was written over it in the same file.
"""

from __future__ import annotations

import codecs
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from harvesters.file_records import records_of
from harvesters.folder import FoundFile, find_files
from harvesters.source import Cursor, Held, Mark, PageUnreadable, Pass, RawRecord

STABLE_SECONDS = 10.0
BATCH_FILES = 200
BATCH_BYTES = 8 * 1024 * 1024
UNREADABLE = frozenset({
    "bad-json", "encoding", "empty-answer", "html-instead-of-data", "too-deep", "too-large", "file-unreadable", "bad-xml", "bad-rdf",
    "dtd-forbidden", "bad-archive", "unsafe-archive", "nested-archive", "encrypted", "compression", "bad-workbook", "macros", "bad-csv",
    "no-headings", "file-changing", "parser-killed", "unreadable-shape", "no-dataset",
})  # fmt: skip
"""Problems of a whole file: it might hold any of the records known before."""


class FilesConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(min_length=1, title="Folder or file", description="The folder or file, as the server sees it.")
    charset: str = Field(default="", max_length=40, title="Encoding of CSV files", description="The encoding of CSV files that are neither UTF-8 nor Windows-1252.")

    @field_validator("charset")
    @classmethod
    def _charset_is_known(cls, value: str) -> str:
        try:
            return codecs.lookup(value).name if value else ""
        except LookupError:
            raise ValueError("is no character encoding that is known here; mac-roman and utf-16 are") from None


class FilesSource:
    kind: ClassVar[str] = "files"
    holds_history: ClassVar[bool] = True

    def __init__(
        self, config: FilesConfig, wanted: Pass, held: Held, *, pause: Callable[[float], object] | None = None, now: Callable[[], float] = time.time,
    ) -> None:
        """Without ``pause`` the files are taken as they stand: nobody writes to them any more."""
        self.config = config
        self._pause, self._now = pause, now
        self._wanted = wanted
        self._held = held

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:
        """Marks stand after batches of files. A batch whose files kept name, size and time is not opened.

        A file that cannot be read might hold any of the records known before, so then the pass is not complete.
        """
        found = self._settled(find_files(Path(self.config.path)))
        done = int(after["files"]) if after else 0
        number = int(after["batch"]) if after else 0
        problem: str | None = after["problem"] if after else None
        batches = list(_batches(found[done:])) or [[]]
        for position, batch in enumerate(batches, start=1):
            number, done = number + 1, done + len(batch)
            is_last = position == len(batches)
            ids: list[str] = []
            known = self._known_ids(number, batch)
            page_hash = _fingerprint(batch)
            for record in () if known is not None else self._records_of(batch):
                problem = record.problem if record.problem in UNREADABLE else problem
                ids += [record.local_id] if record.local_id else []
                yield replace(record, page_hash=page_hash)
            yield Mark(
                cursor=None if is_last else {"files": done, "batch": number, "problem": problem},
                page_key=_page_key(number), local_ids=tuple(dict.fromkeys(ids)) if known is None else known,
                etag=page_hash, unchanged=known is not None, complete=is_last and problem is None,
                why_incomplete=("file-changing" if problem == "file-changing" else "file-unreadable") if is_last and problem else None,
            )

    def _settled(self, found: list[FoundFile]) -> list[FoundFile]:
        """In a folder, a file counts once its size and time have been stable for ten seconds: what is younger is waited for, and one
        that changed meanwhile is left for the next run."""
        youngest = max((file.modified_ns for file in found), default=0) / 1e9
        left = min(youngest + STABLE_SECONDS - self._now(), STABLE_SECONDS)
        if self._pause is None or left <= 0 or Path(self.config.path).is_file():
            return found
        self._pause(left)
        before = {file.name: file.stamp for file in found}
        again = find_files(Path(self.config.path))
        return [file if before.get(file.name) == file.stamp else replace(file, problem=file.problem or "file-changing") for file in again]

    def _known_ids(self, number: int, batch: Sequence[FoundFile]) -> tuple[str, ...] | None:
        """The identifiers in a batch that is as it was when last read; ``None`` if it is to be read."""
        known = self._held.page(_page_key(number)) if self._wanted == "incremental" else None
        return known.local_ids if known is not None and known.etag == _fingerprint(batch) else None

    def _records_of(self, batch: Sequence[FoundFile]) -> Iterator[RawRecord]:
        for file in batch:
            try:
                for record in records_of(file, charset=self.config.charset or None):
                    yield replace(record, replaces_held=True) if self._is_held_from(file, record.local_id) else record
            except PageUnreadable as error:
                yield RawRecord.unusable(error.reason, f"{file.name}: {error.message}")
            except OSError as error:
                yield RawRecord.unusable("file-unreadable", f"{file.name}: {error.strerror or 'it cannot be read'}.")

    def _is_held_from(self, file: FoundFile, local_id: str) -> bool:
        held = self._held.record(local_id) if local_id else None
        return held is not None and (held.hint or "").startswith(f"{file.name}:")


def _batches(files: Sequence[FoundFile]) -> Iterator[list[FoundFile]]:
    batch: list[FoundFile] = []
    size_bytes = 0
    for file in files:
        if batch and (len(batch) >= BATCH_FILES or size_bytes + file.size_bytes > BATCH_BYTES):
            yield batch
            batch, size_bytes = [], 0
        batch.append(file)
        size_bytes += file.size_bytes
    if batch:
        yield batch


def _page_key(number: int) -> str:
    return f"files:{number}"


def _fingerprint(batch: Sequence[FoundFile]) -> str:
    return hashlib.sha256("\n".join(file.stamp for file in batch).encode()).hexdigest()
