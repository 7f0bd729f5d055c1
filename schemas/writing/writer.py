"""How values travel out of the canonical record into a published shape: by tables, one row a field.

Every value of the record is either written, or said to be lost. Nothing is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from schemas.enumerations import match
from schemas.findings import Finding
from schemas.reader import excerpt, pointer
from schemas.writing.report import Entry, Kind

Value = Any
URI: Final = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """``source`` is a dotted path of the canonical record, ``target`` one of the published shape."""

    source: str
    target: str
    convert: Convert


class Writing:
    """One record on its way out: the document so far, which values were asked for, and what was said about them.

    ``source`` names the shape the record was read from, if any; ``carried`` are the values kept beside it, by their paths.
    """

    def __init__(self, canonical: Mapping[str, Any], source: str = "", carried: Mapping[str, Value] | None = None) -> None:
        self.canonical = canonical
        self.source = source
        self.carried = carried or {}
        self.document: dict[str, Any] = {}
        self.report: list[Entry] = []
        self._taken: set[str] = set()

    def apply(self, rows: Sequence[Row]) -> None:
        for row in rows:
            value = self.take(row.source)
            if value not in (None, {}):
                converted = row.convert(self, row, value)
                if converted is not None:
                    self.put(row.target, converted)

    def take(self, source: str) -> Value:
        """The value at a dotted path, or None. It counts as dealt with."""
        found: Any = self.canonical
        for name in source.split("."):
            if not isinstance(found, Mapping) or name not in found:
                return None
            found = found[name]
        self._taken.add(source)
        return found

    def put(self, target: str, value: Value) -> None:
        parent, _, name = target.rpartition(".")
        place = self.document
        for step in parent.split(".") if parent else ():
            place = place.setdefault(step, {})
        place[name] = value

    def say(
        self, kind: Kind, source: str | None, target: str | None, value: Value, message: str, *, rule: str = "", reversible: bool = True
    ) -> None:
        where, there = (None if path is None else pointer(path) for path in (source, target))
        self.report.append(Entry(kind, where, there, excerpt(value), rule, reversible, message))

    def drop(self, source: str, value: Value, message: str, *, rule: str = "4.1") -> None:
        self.say("dropped", source, None, value, message, rule=rule, reversible=False)

    def drop_the_rest(self) -> None:
        """Whatever no row asked for has no place in this version."""
        for path, value in self._untouched(self.canonical, ""):
            self.drop(path, value, "This version has no place for it.")

    def _untouched(self, part: Mapping[str, Any], path: str) -> Iterator[tuple[str, Value]]:
        for name, value in part.items():
            here = f"{path}.{name}" if path else name
            if here in self._taken:
                continue
            if isinstance(value, Mapping):
                yield from self._untouched(value, here)
            else:
                yield here, value


Convert = Callable[[Writing, Row, Value], Value]
GAPS: Final[dict[str, Kind]] = {"SCH-REQUIRED": "unfilled", "SCH-NULL": "unfilled", "SCH-MAX-LENGTH": "over_limit"}


def gap_of(finding: Finding) -> Entry:
    """What the target's schema says of a written document, as an entry of the report."""
    kind = GAPS.get(finding.rule, "invalid_in_target")
    return Entry(kind, None, finding.path, finding.value or "", finding.rule, True, finding.message)


def rows(convert: Convert, *pairs: str) -> tuple[Row, ...]:
    """Rows of one converter: ``source -> target``, or one path where both are the same."""
    parted = [[part.strip() for part in pair.partition("->")] for pair in pairs]
    return tuple(Row(source, target or source, convert) for source, _, target in parted)


# converters


def same(writing: Writing, row: Row, value: Value) -> Value:
    if row.source.rpartition(".")[2] != row.target.rpartition(".")[2]:
        writing.say("renamed", row.source, row.target, value, "The field has another name in this version.", rule="2.2")
    return value


def joined(separator: str) -> Convert:
    """A list as one text."""

    def convert(writing: Writing, row: Row, value: Value) -> str | None:
        if not value:
            writing.drop(row.source, value, "A list without members cannot be said as text.")
            return None
        text = separator.join(value)
        is_reversible = len(value) == 1 and separator.strip() not in text
        if len(value) > 1 or not is_reversible:
            writing.say("joined", row.source, row.target, value, "The members were joined into one text.", rule="4.4", reversible=is_reversible)
        return text

    return convert


def lines(separator: str = ";,;") -> Convert:
    """A list as text of the Gateway's model, whose delimiter seldom stands in a value."""

    def convert(writing: Writing, row: Row, value: Value) -> str | None:
        if not value:
            writing.drop(row.source, value, "A list without members cannot be said as text.")
            return None
        is_reversible = not any(separator in member for member in value)
        writing.say("joined", row.source, row.target, value, "The members were joined into one text.", rule="T5", reversible=is_reversible)
        return separator.join(value)

    return convert


def links_or_text(writing: Writing, row: Row, value: Value) -> Value:
    """A list of addresses stays a list; names can only be said as comma text (P7)."""
    if all(URI.fullmatch(member) for member in value):
        return list(value)
    return joined(", ")(writing, row, value)


def first(writing: Writing, row: Row, value: Value) -> Value:
    """The first member where one alone has a place."""
    if len(value) > 1:
        writing.drop(row.source, value[1:], "This version has a place for one value.")
    elif not value:
        writing.drop(row.source, value, "A list without members cannot be said as one value.")
    return value[0] if value else None


def one_of(older: Mapping[str, str]) -> Convert:
    """A value of a closed list in its older spelling."""

    def convert(writing: Writing, row: Row, value: Value) -> str | None:
        found = _older(value, older)
        if found is None:
            writing.drop(row.source, value, "The list of values of this version does not have it.", rule="3.3")
        return found

    return convert


def some_of(older: Mapping[str, str]) -> Convert:
    """Values of a closed list in their older spellings; those without one are dropped."""

    def convert(writing: Writing, row: Row, value: Value) -> list[str] | None:
        kept = []
        for number, member in enumerate(value):
            found = _older(member, older)
            if found is None:
                writing.drop(f"{row.source}.{number}", member, "The list of values of this version does not have it.", rule="3.3")
            else:
                kept.append(found)
        return kept if kept or not value else None

    return convert


def downwards(newer: tuple[str, ...], older: tuple[str, ...], also: dict[str, str] | None = None) -> dict[str, str]:
    """value of 3.x -> value of the older list. Where two older ones were read as one, that of like spelling stands for both."""
    found: dict[str, str] = {}
    for value in sorted(older, key=lambda value: match(value, newer) is None):
        now = match(value, newer, also)
        if now is not None:
            found.setdefault(now, value)
    return found


def _older(value: str, older: Mapping[str, str]) -> str | None:
    return older.get(value)
