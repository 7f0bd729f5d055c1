"""Sources of kind ``files``: a folder (with its subfolders) or one file, holding dataset descriptions as JSON.

``.json`` is one document, an array of them, or an object with a list of them under ``items``, ``datasets`` or ``data``;
``.jsonl`` and ``.ndjson`` hold one a line. Files are read in the order of their paths and never altered. A folder may
hold several states of one dataset, so an older state becomes history and never replaces a newer one; a state that bears no
date counts as older than one that does, unless it was written over it in the same file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from harvesters.identity import UnusableIdError, local_id
from harvesters.json_listing import read_json
from harvesters.source import Content, Cursor, FetchRefused, Held, Mark, PageUnreadable, Pass, RawRecord
from schemas import translate

LINES = frozenset({".jsonl", ".ndjson"})
SUFFIXES = LINES | {".json"}
LIST_FIELDS = ("items", "datasets", "data")
BATCH_FILES = 200
BATCH_BYTES = 8 * 1024 * 1024
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
UNREADABLE = frozenset({"bad-json", "encoding", "empty-answer", "html-instead-of-data", "too-deep", "too-large", "file-unreadable"})


class FilesConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(min_length=1, description="The folder or file, as the server sees it.")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """``name`` is the path below the folder, with slashes; bytes in it that are no UTF-8 are shown as ``\\xff``.

    ``problem`` is a reason code for what is not opened.
    """

    path: Path
    name: str
    size_bytes: int = 0
    modified_ns: int = 0
    problem: str | None = None

    @property
    def stamp(self) -> str:
        return f"{self.name}:{self.size_bytes}:{self.modified_ns}"


class FilesSource:
    kind: ClassVar[str] = "files"
    holds_history: ClassVar[bool] = True

    def __init__(self, config: FilesConfig, wanted: Pass, held: Held) -> None:
        self.config = config
        self._wanted = wanted
        self._held = held

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:
        """Marks stand after batches of files. A batch whose files kept name, size and time is not opened.

        A file that cannot be read might hold any of the records known before, so then the pass is not complete.
        """
        found = find_files(Path(self.config.path))
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
                why_incomplete="file-unreadable" if is_last and problem else None,
            )

    def _known_ids(self, number: int, batch: Sequence[FoundFile]) -> tuple[str, ...] | None:
        """The identifiers in a batch that is as it was when last read; ``None`` if it is to be read."""
        known = self._held.page(_page_key(number)) if self._wanted == "incremental" else None
        return known.local_ids if known is not None and known.etag == _fingerprint(batch) else None

    def _records_of(self, batch: Sequence[FoundFile]) -> Iterator[RawRecord]:
        for file in batch:
            try:
                for record in _read_file(file):
                    yield replace(record, replaces_held=True) if self._is_held_from(file, record.local_id) else record
            except PageUnreadable as error:
                yield RawRecord.unusable(error.reason, f"{file.name}: {error.message}")
            except OSError as error:
                yield RawRecord.unusable("file-unreadable", f"{file.name}: {error.strerror or 'it cannot be read'}.")

    def _is_held_from(self, file: FoundFile, local_id: str) -> bool:
        held = self._held.record(local_id) if local_id else None
        return held is not None and (held.hint or "").startswith(f"{file.name}:")


def find_files(root: Path) -> list[FoundFile]:
    """All files to read, sorted by name. Links that lead out of the folder come with a problem.

    Hidden files and folders and other suffixes are passed over. Raises :class:`FetchRefused` (``not-found``) where
    there is neither a folder nor a file.
    """
    try:
        real = root.resolve(strict=True)
    except (OSError, RuntimeError):
        raise FetchRefused("not-found", f"There is no folder or file {root}.") from None
    if real.is_file():
        return [_found(real, _name(Path(real.name)))]
    if not os.access(real, os.R_OK | os.X_OK):
        raise FetchRefused("file-unreadable", f"The folder {root} may not be read.")
    return sorted(_below(real), key=lambda file: file.name)


def _below(root: Path) -> Iterator[FoundFile]:
    """A folder that cannot be listed comes with a problem too: its files are not known to be gone."""
    closed: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=closed.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in [*names, *folders]:
            path = Path(folder, name)
            is_wanted = path.suffix.lower() in SUFFIXES or (name in folders and os.path.islink(path))
            if is_wanted and not name.startswith(".") and (found := _judged(path, root)):
                yield found
    for error in closed:
        path = Path(str(error.filename))
        yield FoundFile(path, _name(path.relative_to(root)), problem="file-unreadable")


def _judged(path: Path, root: Path) -> FoundFile | None:
    """None for what is no file: folders, pipes, devices."""
    name = _name(path.relative_to(root))
    if path.is_symlink():
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):
            return FoundFile(path, name, problem="file-unreadable")
        if not target.is_relative_to(root):
            return FoundFile(path, name, problem="outside-folder")
    return _found(path, name) if path.is_file() else None


def _name(path: Path) -> str:
    """The path as text that can be stored and shown."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def _found(path: Path, name: str) -> FoundFile:
    try:
        facts = path.stat()
    except OSError:
        return FoundFile(path, name, problem="file-unreadable")
    return FoundFile(path, name, facts.st_size, facts.st_mtime_ns)


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


def _read_file(file: FoundFile) -> Iterator[RawRecord]:
    if file.problem == "outside-folder":
        yield RawRecord.unusable("outside-folder", f"{file.name} is a link that leads out of the folder.")
    elif file.problem is not None:
        yield RawRecord.unusable(file.problem, f"{file.name} cannot be read.")
    elif file.path.suffix.lower() in LINES:
        yield from _read_lines(file)
    else:
        yield from _read_document(file)


def _read_document(file: FoundFile) -> Iterator[RawRecord]:
    """One record for a file that is one document: its bytes as they are. Elements of a list are written anew, one by one,
    as compact JSON with the order of their members kept; that is what their ``Content`` then holds."""
    if file.size_bytes > MAX_DOCUMENT_BYTES:
        raise PageUnreadable("too-large", f"It is larger than {MAX_DOCUMENT_BYTES:,} bytes; lines (.jsonl) may be used.")
    body = file.path.read_bytes()
    document = read_json(body)
    listed = _list_in(document)
    if listed is None:
        yield _record(document, Content(body, locator=file.name), hint=file.stamp)
        return
    for number, element in enumerate(listed, start=1):
        slice_ = json.dumps(element, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        yield _record(element, Content(slice_, locator=f"{file.name}, element {number}"), hint=_hint(file, slice_))


def _read_lines(file: FoundFile) -> Iterator[RawRecord]:
    with file.path.open("rb") as lines:
        number = 0
        while line := lines.readline(MAX_DOCUMENT_BYTES + 1):
            number += 1
            if len(line) > MAX_DOCUMENT_BYTES:
                raise PageUnreadable("too-large", f"Line {number} is larger than {MAX_DOCUMENT_BYTES:,} bytes.")
            if line.strip():
                yield _line(file, line.rstrip(b"\r\n"), number)


def _line(file: FoundFile, line: bytes, number: int) -> RawRecord:
    locator = f"{file.name}, line {number}"
    try:
        document = read_json(line)
    except PageUnreadable as error:
        return RawRecord.unusable(error.reason, f"{locator}: {error.message}")
    return _record(document, Content(line, locator=locator), hint=_hint(file, line))


def _list_in(document: Any) -> list[Any] | None:
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        return None
    lists = (document.get(name) for name in LIST_FIELDS)
    return next((value for value in lists if isinstance(value, list)), None)


def _record(document: Any, content: Content, *, hint: str) -> RawRecord:
    try:
        found = local_id(translate.local_id(document))
    except UnusableIdError as error:
        return RawRecord.unusable("bad-id", f"{content.locator}: {error}")
    if found is None:
        return RawRecord.unusable("missing-id", f"{content.locator}: there is no identifier in it.")
    return RawRecord(found, read=lambda: content, hint=hint)


def _hint(file: FoundFile, body: bytes) -> str:
    return f"{file.name}:sha256:{hashlib.sha256(body).hexdigest()}"
