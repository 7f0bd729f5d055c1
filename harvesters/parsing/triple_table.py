"""The triples of one document in a temporary table by subject, so that their order does not matter and memory stays flat.

Why this exists: a catalogue of 100,000 datasets has millions of triples, in any order. In memory they take more than a
gigabyte, as does the bulk load of an RDF store; a plain table on disk with one index takes 90 megabytes.

Terms are texts as in N-Triples: ``<address>``, ``_:label``, ``"text"@en``.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

Triple = tuple[str, str, str]
Said = tuple[tuple[str, str], ...]
RDF_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LITERAL_LIMIT: Final = 1024 * 1024
BATCH: Final = 5_000
UNSAFE: Final = re.compile(r"[\x00-\x20<>\"{}|^`\\]")


class TripleTable:
    def __init__(self, spool: Path) -> None:
        path = spool / "triples.sqlite"
        path.unlink(missing_ok=True)
        self._table = sqlite3.connect(path, isolation_level=None)
        self._table.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000; PRAGMA locking_mode=EXCLUSIVE;"
            "CREATE TABLE triple (subject TEXT, predicate TEXT, object TEXT); BEGIN"
        )
        self.count = 0
        self.has_long_texts = False
        self.about: Callable[[str], Said] = lru_cache(4096)(self._about)

    def close(self) -> None:
        self._table.close()

    def fill(self, quads: Iterable[Any]) -> None:
        """From the parser's quads, whatever graph they are in. Then the table is ready to be asked."""
        rows = self._rows(quads)
        while batch := list(islice(rows, BATCH)):
            self._table.executemany("INSERT INTO triple VALUES (?, ?, ?)", batch)
            self.count += len(batch)
        self._table.execute("CREATE INDEX by_subject ON triple (subject)")
        self._table.execute("COMMIT")

    def _rows(self, quads: Iterable[Any]) -> Iterator[Triple]:
        for quad in quads:
            subject, value = str(quad.subject), str(quad.object)
            if len(value) > LITERAL_LIMIT:
                self.has_long_texts = True
            elif subject[:2] != "<<" and value[:2] != "<<":  # statements about statements
                yield safe(subject), quad.predicate.value, safe(value)

    def _about(self, subject: str) -> Said:
        """Predicates and objects, in document order."""
        found = self._table.execute("SELECT predicate, object FROM triple WHERE subject = ? ORDER BY rowid", (subject,))
        return tuple(dict.fromkeys(found.fetchall()))

    def having(self, predicates: Iterable[str]) -> Iterator[Triple]:
        """All triples with one of these predicates, in document order. Goes through the whole table."""
        names = list(predicates)
        marks = ",".join("?" * len(names))
        yield from self._table.execute(f"SELECT subject, predicate, object FROM triple WHERE predicate IN ({marks}) ORDER BY rowid", names)  # noqa: S608  only question marks

    def all(self) -> Iterator[Triple]:
        yield from self._table.execute("SELECT subject, predicate, object FROM triple ORDER BY rowid")

    def types(self, subject: str) -> set[str]:
        return {value for predicate, value in self.about(subject) if predicate == RDF_TYPE}


def safe(term: str) -> str:
    """An address with characters that no address may hold (read leniently) has them percent-encoded."""
    if term[0] != "<" or not UNSAFE.search(term, 1, len(term) - 1):
        return term
    inner = UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found.group().encode()), term[1:-1])
    return f"<{inner}>"


def iri(term: str) -> str | None:
    return term[1:-1] if term[0] == "<" else None


ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
NAMED: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}


def text(term: str) -> str | None:
    """The value of a literal; None for other terms."""
    if term[0] != '"':
        return None
    inner = term[1 : term.rindex('"')]
    return ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)) if found[1] or found[2] else NAMED.get(found[3], found[3]), inner)
