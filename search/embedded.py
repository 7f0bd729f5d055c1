"""The embedded engine: Tantivy in a folder, one writer over all processes, any number of readers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import tantivy

from search.answer import answer, similar
from search.batches import batches, newest
from search.document import MAPPING_HASH
from search.embedded_index import (
    Opened,
    Reading,
    Writer,
    build,
    create,
    damage_is_unavailability,
    opened,
    read_through,
    versions,
)
from search.engine import IndexState, Page, Query, SearchDocument, SearchError, SearchUnavailable, Similar, Suggestion
from search.generations import Generations, Pointer
from search.language import typed_text
from search.suggest import LONGEST_PREFIX, suggest

BATCH: Final = 5_000
"""Documents between commits of one large write; a commit costs about 100 ms whatever its size."""
LOSS_ACCEPTED: Final = 0.05


class EmbeddedEngine:
    """Implements ``search.engine.SearchEngine`` in ``folder``. Any thread may read; writes take turns.

    Nothing is opened before it is needed. The first write makes this process the writer until :meth:`close`; before that,
    :class:`IndexLocked` says that another process is. Readers see every commit, whichever process made it.
    """

    def __init__(self, folder: Path) -> None:
        self.generations = Generations(folder)
        self._opening = threading.Lock()
        self._writing = threading.RLock()
        self._open: Opened | None = None
        self._stamp: tuple[int, ...] | None = None
        self._writer: Writer | None = None
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
            with damage_is_unavailability():
                made = self._opened()
                read_through(made)
                return IndexState(pointer.mapping, made.datasets.searcher().num_docs, is_usable=True)
        except (SearchError, ValueError, OSError) as error:
            return IndexState(None, 0, is_usable=False, reason=str(error))

    def search(self, query: Query) -> Page:
        started = time.perf_counter()
        with damage_is_unavailability():
            reading = self._reading()
            page = answer(reading.datasets, query, variables=reading.variables.searcher)
        return replace(page, took_ms=(time.perf_counter() - started) * 1000)

    def search_variables(self, query: Query) -> Page:
        started = time.perf_counter()
        with damage_is_unavailability():
            page = answer(self._reading().variables, query)
        return replace(page, took_ms=(time.perf_counter() - started) * 1000)

    def suggest(self, prefix: str, limit: int = 10) -> tuple[Suggestion, ...]:
        with damage_is_unavailability():
            reading = self._reading()
            return suggest(reading.datasets.searcher, reading.variables.searcher, typed_text(prefix, LONGEST_PREFIX), limit)

    def similar(self, id_: str, limit: int = 5) -> tuple[Similar, ...]:
        with damage_is_unavailability():
            return similar(self._reading().datasets.searcher, id_, limit)

    def versions(self) -> Mapping[str, int]:
        with damage_is_unavailability():
            return versions(self._reading().datasets.searcher)

    # writing

    def index(self, documents: Iterable[SearchDocument]) -> int:
        written = 0
        with self._writing:
            for batch in batches(documents, BATCH):
                writer = self._become_writer()
                held = self._versions
                fresh = [document for document in newest(batch) if document["version"] >= held.get(document["id"], document["version"])]
                for document in fresh:
                    writer.take_off(document["id"])
                    writer.add(document)
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
                writer.take_off(id_)
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
                count = build(self.generations.path(name), documents)
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

    def roll_back(self) -> None:
        raise SearchError("The index in a folder keeps no former one to go back to. Rebuild it from the database instead.")

    def close(self) -> None:
        """Release the writer and its lock; reading and writing open again what they need."""
        with self._writing:
            self._close_writer()
            self.generations.unlock()
        with self._opening:
            self._open = self._stamp = None

    # the index that serves

    def _reading(self) -> Reading:
        for attempt in range(3):
            try:
                return self._opened().reading
            except (OSError, ValueError) as error:
                self._stamp = None
                if attempt == 2:
                    raise SearchUnavailable(f"The search index cannot be opened: {error}") from error
        raise AssertionError

    def _opened(self) -> Opened:
        """The serving generation, reloaded where another commit or generation has come."""
        stamp = self._current_stamp()
        serving = self._open
        if serving and stamp == self._stamp:
            return serving
        with self._opening:
            stamp = self._current_stamp()
            pointer = self.generations.current()
            if pointer is None:
                raise SearchUnavailable("There is no search index yet.")
            if pointer.mapping != MAPPING_HASH:
                raise SearchUnavailable("The search index was made with other fields; it must be rebuilt.")
            if self._open is None or self._open.pointer != pointer:
                path = self.generations.path(pointer.generation)
                self._open = opened(path, pointer)
            else:
                self._open = self._open.reloaded()
            self._stamp = stamp
            return self._open

    def _current_stamp(self) -> tuple[int, ...]:
        """Changes with every commit and swap, of any process: three calls of stat."""
        serving = self._open
        return (*self.generations.stamp(), *(serving.stamp() if serving else ()))

    # the writer

    def _become_writer(self) -> Writer:
        if self._writer:
            return self._writer
        self.generations.lock()
        try:
            with damage_is_unavailability():
                if self.generations.current() is None:
                    name = self.generations.create()
                    create(self.generations.path(name))
                    self.generations.serve(Pointer(name, MAPPING_HASH))
                self._versions = versions(self._reading().datasets.searcher)
                self._writer = Writer(self._opened())
        except BaseException:
            self._close_writer()
            self.generations.unlock()
            raise
        self.generations.remove_all_but(self._opened().pointer.generation)
        return self._writer

    def _commit(self, writer: Writer) -> None:
        try:
            writer.commit()
        except BaseException:
            self._close_writer()
            raise

    def _close_writer(self) -> None:
        writer, self._writer, self._versions = self._writer, None, {}
        if writer:
            writer.close()

    def _count_before(self) -> int:
        """How many documents the serving index holds, of whatever mapping; 0 where it cannot be read."""
        with suppress(SearchError, ValueError, OSError), damage_is_unavailability():
            pointer = self.generations.current()
            if pointer:
                index = tantivy.Index.open(str(self.generations.path(pointer.generation)))
                return index.searcher().num_docs
        return 0

    def _clear(self) -> None:
        with suppress(ValueError):
            pointer = self.generations.current()
            self.generations.remove_all_but(pointer.generation if pointer else None)
