"""The two Tantivy indices of a generation: datasets in its folder, variables in the folder ``variables`` within."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import tantivy

from search.engine import SearchDocument, SearchError, SearchUnavailable
from search.generations import Pointer
from search.mapping import index_document, register, schema
from search.meanings import Meanings
from search.prepared import DATASETS, prepared
from search.prepared_variables import VARIABLES, prepared_variables
from search.shape import Shape

HEAP_BYTES: Final = 64_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What one moment of an index is read by, by any thread."""

    datasets: Meanings
    variables: Meanings


@dataclass(frozen=True, slots=True)
class Opened:
    """An index that serves, as this process has opened it."""

    pointer: Pointer
    path: Path
    datasets: tantivy.Index
    variables: tantivy.Index
    reading: Reading

    def reloaded(self) -> Opened:
        """As it is after the last commit."""
        self.variables.reload()
        self.datasets.reload()
        return replace(self, reading=_reading(self.datasets, self.variables))

    def stamp(self) -> tuple[int, ...]:
        """Changes with every commit, of any process."""
        found: list[int] = []
        for folder in (self.path, variables_folder(self.path)):
            with suppress(FileNotFoundError):
                stat = os.stat(folder / "meta.json")
                found += (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        return tuple(found)


class Writer:
    """Writes to both indices. That of the variables is committed first: a dataset that is there has its variables, and one whose
    writing was cut off is written again by whoever asked."""

    def __init__(self, made: Opened) -> None:
        self._variables_held = made.variables.searcher
        self._datasets = made.datasets.writer(HEAP_BYTES, 1)
        self._open_variables = made.variables.writer
        self._variables: tantivy.IndexWriter | None = None

    def take_off(self, id_: str) -> None:
        self._datasets.delete_documents_by_term("id", id_)
        if self._variables or self._variables_held().doc_freq("facet_dataset", id_):
            self._columns().delete_documents_by_term("facet_dataset", id_)

    def add(self, document: SearchDocument) -> None:
        self._datasets.add_document(index_document(prepared(document)))
        if document.get("variables"):
            add_variables(self._columns(), document)

    def commit(self) -> None:
        if self._variables:
            self._variables.commit()
        self._datasets.commit()

    def close(self) -> None:
        """What was not committed is given up; merges that are under way are waited for, so that none goes on beside the next writer. (After
        ``rollback`` they would: it starts anew and waits for what it started.)"""
        for writer in (self._variables, self._datasets):
            if writer:
                with suppress(ValueError, RuntimeError):
                    writer.wait_merging_threads()

    def _columns(self) -> tantivy.IndexWriter:
        if self._variables is None:
            self._variables = self._open_variables(HEAP_BYTES, 1)
        return self._variables


def variables_folder(path: Path) -> Path:
    return path / "variables"


def create(path: Path) -> tuple[tantivy.Index, tantivy.Index]:
    """Empty indices of datasets and of variables."""
    variables_folder(path).mkdir(exist_ok=True)
    return _new(path, DATASETS), _new(variables_folder(path), VARIABLES)


def opened(path: Path, pointer: Pointer) -> Opened:
    datasets, variables = _existing(path, DATASETS), _existing(variables_folder(path), VARIABLES)
    return Opened(pointer, path, datasets, variables, _reading(datasets, variables))


def _reading(datasets: tantivy.Index, variables: tantivy.Index) -> Reading:
    return Reading(Meanings(datasets.searcher(), DATASETS), Meanings(variables.searcher(), VARIABLES))


def build(path: Path, documents: Iterable[SearchDocument]) -> int:
    """Whole indices from all documents; returns how many datasets they hold. Of several versions of one document the highest stays."""
    datasets, variables = create(path)
    threads = max(1, min(4, os.cpu_count() or 1))
    writer, columns = datasets.writer(2 * HEAP_BYTES, threads), variables.writer(2 * HEAP_BYTES, threads)
    held: dict[str, int] = {}
    for document in documents:
        known = held.get(document["id"])
        if known is not None:
            if document["version"] < known:
                continue
            writer.delete_documents_by_term("id", document["id"])
            columns.delete_documents_by_term("facet_dataset", document["id"])
        held[document["id"]] = document["version"]
        writer.add_document(index_document(prepared(document)))
        add_variables(columns, document)
    for each in (columns, writer):
        each.commit()
        each.wait_merging_threads()
    made = opened(path, Pointer("", ""))
    read_through(made)
    return int(made.datasets.searcher().num_docs)


def add_variables(columns: tantivy.IndexWriter, document: SearchDocument) -> None:
    for variable in prepared_variables(document):
        columns.add_document(index_document(variable, VARIABLES))


def versions(searcher: tantivy.Searcher) -> dict[str, int]:
    if not searcher.num_docs:
        return {}
    found = searcher.search(tantivy.Query.all_query(), searcher.num_docs, order_by_field="id", order=tantivy.Order.Asc)
    numbers = searcher.fast_field_values("version", [address for _, address in found.hits])
    return {str(id_): int(number or 0) for (id_, _), number in zip(found.hits, numbers, strict=True)}


def read_through(made: Opened) -> None:
    """Touch every kind of file of the indices, so that damage shows."""
    searcher = made.datasets.searcher()
    _read(searcher)
    if searcher.num_docs:
        versions(searcher)
    _read(made.variables.searcher())


def _read(searcher: tantivy.Searcher) -> None:
    found = searcher.search(tantivy.Query.all_query(), 1)
    for _, address in found.hits:
        searcher.doc(address)


def _new(path: Path, shape: Shape) -> tantivy.Index:
    index = tantivy.Index(schema(shape), path=str(path), reuse=False)
    register(index)
    return index


def _existing(path: Path, shape: Shape) -> tantivy.Index:
    if not (path / "meta.json").exists():
        raise FileNotFoundError(f"{path} holds no index.")
    index = tantivy.Index(schema(shape), path=str(path), reuse=True)
    index.config_reader("manual")
    register(index)
    index.reload()
    return index


@contextmanager
def damage_is_unavailability() -> Iterator[None]:
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
