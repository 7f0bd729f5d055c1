"""The embedded engine: Tantivy in a folder, one writer over all processes, any number of readers."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tantivy

from search.answer import answer
from search.batches import batches, newest
from search.document import MAPPING_HASH
from search.engine import IndexState, Page, Query, SearchDocument, SearchError, SearchUnavailable, Suggestion
from search.generations import Generations, Pointer
from search.language import typed_text
from search.mapping import index_document, register, schema
from search.suggest import LONGEST_PREFIX, suggest

BATCH: Final = 5_000
"""Documents between commits of one large write; a commit costs about 100 ms whatever its size."""
HEAP_BYTES: Final = 64_000_000
LOSS_ACCEPTED: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Open:
    """An index that serves, as this process has opened it."""

    pointer: Pointer
    index: tantivy.Index
    path: Path


class EmbeddedEngine:
    """Implements ``search.engine.SearchEngine`` in ``folder``. Any thread may read; writes take turns.

    Nothing is opened before it is needed. The first write makes this process the writer until :meth:`close`; before that,
    :class:`IndexLocked` says that another process is. Readers see every commit, whichever process made it.
    """

    def __init__(self, folder: Path) -> None:
        self.generations = Generations(folder)
        self._opening = threading.Lock()
        self._writing = threading.RLock()
        self._open: _Open | None = None
        self._stamp: tuple[int, ...] | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._versions: dict[str, int] = {}

    # reading

    def state(self) -> IndexState:
        """Never raises: an index that is absent, damaged or of another mapping is not usable, and says why."""
        try:
            pointer = self.generations.current()
            if pointer is None:
                return IndexState(None, 0, is_usable=False, reason="There is no index yet.")
            if pointer.mapping != MAPPING_HASH:
                reason = "The index was made with other fields than this version of the software has."
                return IndexState(pointer.mapping, 0, is_usable=False, reason=reason)
            with _damage_is_unavailability():
                searcher = self._searcher()
                _read_through(searcher)
                return IndexState(pointer.mapping, searcher.num_docs, is_usable=True)
        except (SearchError, ValueError, OSError) as error:
            return IndexState(None, 0, is_usable=False, reason=str(error))

    def search(self, query: Query) -> Page:
        started = time.perf_counter()
        with _damage_is_unavailability():
            page = answer(self._searcher(), query)
        return Page(page.hits, page.total, page.facets, (time.perf_counter() - started) * 1000, page.corrected_to)

    def suggest(self, prefix: str, limit: int = 10) -> tuple[Suggestion, ...]:
        with _damage_is_unavailability():
            return suggest(self._searcher(), typed_text(prefix, LONGEST_PREFIX), limit)

    def versions(self) -> Mapping[str, int]:
        with _damage_is_unavailability():
            return _versions(self._searcher())

    # writing

    def index(self, documents: Iterable[SearchDocument]) -> int:
        written = 0
        with self._writing:
            for batch in batches(documents, BATCH):
                writer = self._become_writer()
                held = self._versions
                fresh = [document for document in newest(batch) if document["version"] >= held.get(document["id"], document["version"])]
                for document in fresh:
                    writer.delete_documents_by_term("id", document["id"])
                    writer.add_document(index_document(document))
                self._commit(writer)
                held.update((document["id"], document["version"]) for document in fresh)
                written += len(fresh)
        return written

    def remove(self, ids: Iterable[str]) -> int:
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return 0
        with self._writing:
            writer = self._become_writer()
            held = self._versions
            present = [id_ for id_ in wanted if id_ in held]
            for id_ in present:
                writer.delete_documents_by_term("id", id_)
            if present:
                self._commit(writer)
            for id_ in present:
                del held[id_]
            return len(present)

    def rebuild(self, documents: Iterable[SearchDocument], *, force: bool = False) -> int:
        with self._writing:
            self.generations.lock()
            before = self._count_before()
            self._close_writer()
            name = self.generations.create()
            try:
                count = _build(self.generations.path(name), documents)
                if not force and count < before * (1 - LOSS_ACCEPTED):
                    raise SearchError(
                        f"The new index holds {count} documents, the old one {before}: more than 5 % would be lost. The old one stays."
                    )
                self.generations.serve(Pointer(name, MAPPING_HASH))
            except BaseException:
                self._clear()
                raise
            self._clear()
            return count

    def close(self) -> None:
        """Release the writer and its lock; reading and writing open again what they need."""
        with self._writing:
            self._close_writer()
            self.generations.unlock()
        with self._opening:
            self._open = self._stamp = None

    # the index that serves

    def _searcher(self) -> tantivy.Searcher:
        for attempt in range(3):
            try:
                return self._opened().index.searcher()
            except (OSError, ValueError) as error:
                self._stamp = None
                if attempt == 2:
                    raise SearchUnavailable(f"The search index cannot be opened: {error}") from error
        raise AssertionError

    def _opened(self) -> _Open:
        """The serving generation, reloaded where another commit or generation has come."""
        stamp = self._current_stamp()
        opened = self._open
        if opened and stamp == self._stamp:
            return opened
        with self._opening:
            stamp = self._current_stamp()
            pointer = self.generations.current()
            if pointer is None:
                raise SearchUnavailable("There is no search index yet.")
            if pointer.mapping != MAPPING_HASH:
                raise SearchUnavailable("The search index was made with other fields; it must be rebuilt.")
            if self._open is None or self._open.pointer != pointer:
                path = self.generations.path(pointer.generation)
                self._open = _Open(pointer, _open_index(path), path)
            else:
                self._open.index.reload()
            self._stamp = stamp
            return self._open

    def _current_stamp(self) -> tuple[int, ...]:
        """Changes with every commit and swap, of any process: two calls of stat."""
        stamp = self.generations.stamp()
        if self._open:
            with suppress(FileNotFoundError):
                stat = os.stat(self._open.path / "meta.json")
                return (*stamp, stat.st_mtime_ns, stat.st_ino, stat.st_size)
        return stamp

    # the writer

    def _become_writer(self) -> tantivy.IndexWriter:
        if self._writer:
            return self._writer
        self.generations.lock()
        try:
            with _damage_is_unavailability():
                if self.generations.current() is None:
                    name = self.generations.create()
                    _new_index(self.generations.path(name))
                    self.generations.serve(Pointer(name, MAPPING_HASH))
                self._versions = _versions(self._searcher())
                self._writer = self._opened().index.writer(HEAP_BYTES, 1)
        except BaseException:
            self._close_writer()
            self.generations.unlock()
            raise
        self.generations.remove_all_but(self._opened().pointer.generation)
        return self._writer

    def _commit(self, writer: tantivy.IndexWriter) -> None:
        try:
            writer.commit()
        except BaseException:
            self._close_writer()
            raise

    def _close_writer(self) -> None:
        writer, self._writer, self._versions = self._writer, None, {}
        if writer:
            with suppress(ValueError, RuntimeError):
                writer.rollback()
            with suppress(ValueError, RuntimeError):
                writer.wait_merging_threads()

    def _count_before(self) -> int:
        """How many documents the serving index holds, of whatever mapping; 0 where it cannot be read."""
        with suppress(SearchError, ValueError, OSError), _damage_is_unavailability():
            pointer = self.generations.current()
            if pointer:
                index = tantivy.Index.open(str(self.generations.path(pointer.generation)))
                return index.searcher().num_docs
        return 0

    def _clear(self) -> None:
        with suppress(ValueError):
            pointer = self.generations.current()
            self.generations.remove_all_but(pointer.generation if pointer else None)


def _new_index(path: Path) -> tantivy.Index:
    index = tantivy.Index(schema(), path=str(path), reuse=False)
    register(index)
    return index


def _open_index(path: Path) -> tantivy.Index:
    if not (path / "meta.json").exists():
        raise FileNotFoundError(f"{path} holds no index.")
    index = tantivy.Index(schema(), path=str(path), reuse=True)
    index.config_reader("manual")
    register(index)
    index.reload()
    return index


def _build(path: Path, documents: Iterable[SearchDocument]) -> int:
    """A whole index from all documents; returns how many it holds. Of several versions of one document the highest stays."""
    writer = _new_index(path).writer(2 * HEAP_BYTES, max(1, min(4, os.cpu_count() or 1)))
    held: dict[str, int] = {}
    for document in documents:
        known = held.get(document["id"])
        if known is not None:
            if document["version"] < known:
                continue
            writer.delete_documents_by_term("id", document["id"])
        held[document["id"]] = document["version"]
        writer.add_document(index_document(document))
    writer.commit()
    writer.wait_merging_threads()
    searcher = _open_index(path).searcher()
    _read_through(searcher)
    return int(searcher.num_docs)


def _versions(searcher: tantivy.Searcher) -> dict[str, int]:
    if not searcher.num_docs:
        return {}
    found = searcher.search(tantivy.Query.all_query(), searcher.num_docs, order_by_field="id", order=tantivy.Order.Asc)
    numbers = searcher.fast_field_values("version", [address for _, address in found.hits])
    return {str(id_): int(number or 0) for (id_, _), number in zip(found.hits, numbers, strict=True)}


def _read_through(searcher: tantivy.Searcher) -> None:
    """Touch every kind of file of the index, so that damage shows."""
    found = searcher.search(tantivy.Query.all_query(), 1)
    for _, address in found.hits:
        searcher.doc(address)
    if searcher.num_docs:
        _versions(searcher)


@contextmanager
def _damage_is_unavailability() -> Iterator[None]:
    """What the engine raises over damaged files, panics included, is said in our words."""
    try:
        yield
    except (SearchError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except (ValueError, OSError) as error:
        raise SearchUnavailable(f"The search index cannot be read: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise SearchUnavailable("The search index is damaged.") from error
