"""How values travel from a submitted document into the canonical record: by tables, one row a field.

Nothing is coerced. A value of another type, or one that a closed list does not know, is carried beside the record and said
so; nothing is ever lost in silence and nothing is made up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from schemas.enumerations import match, split_by_longest

Value = Any
NO_PLACE: Final = "The canonical record has no place for it."
ISO_DATE: Final = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Carried:
    """A value that the canonical record has no place for, with its path in the submitted document."""

    path: str
    value: Value

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "value": self.value}


@dataclass(frozen=True, slots=True)
class Loss:
    """What translation did to one value. Kinds: reshaped, split, narrowed, inherited, carried, ambiguous."""

    kind: str
    from_path: str
    to_path: str | None
    value: str
    message: str

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


class NotHere(Exception):
    """This value cannot stand in this field; it is carried."""

    def __init__(self, message: str, *, kind: str = "carried") -> None:
        super().__init__(message)
        self.kind = kind


Convert = Callable[["Reading", str, Value], Value]


@dataclass(frozen=True, slots=True)
class Row:
    """``target`` and ``source`` are dotted paths in camel case; ``convert`` raises NotHere for a value that does not fit."""

    target: str
    source: str
    convert: Convert


class Reading:
    """One document on its way: what was put where, what was carried, and what was said about it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.canonical: dict[str, Any] = {}
        self.carried: list[Carried] = []
        self.losses: list[Loss] = []
        self.paths: dict[str, str] = {}
        self._used: set[str] = set()
        self._opened: set[str] = set()

    def apply(self, rows: tuple[Row, ...]) -> None:
        for row in rows:
            value = self.value(row.source)
            if value is not None:
                self.put(row.target, row.source, value, row.convert)

    def value(self, source: str) -> Value:
        """The value at a dotted path; None where it is absent or null. Marks it as used."""
        found: Any = self.document
        for name in source.split("."):
            if not isinstance(found, dict) or name not in found:
                return None
            found = found[name]
        self._used.add(source)
        parent = source.rpartition(".")[0]
        while parent and parent not in self._opened:
            self._opened.add(parent)
            parent = parent.rpartition(".")[0]
        return found

    def put(self, target: str, source: str, value: Value, convert: Convert) -> None:
        """Convert and place a value, unless the place is taken or the value does not fit; then it is carried."""
        try:
            converted = convert(self, source, value)
        except NotHere as problem:
            self.carry(source, value, str(problem), kind=problem.kind)
            return
        if converted is None:
            return
        parent, _, name = target.rpartition(".")
        place = self.canonical
        for step in parent.split(".") if parent else ():
            place = place.setdefault(step, {})
        if name in place:
            self.carry(source, value, "The place is filled by another value already.")
            return
        place[name] = converted
        self.paths[pointer(target)] = pointer(source)
        if isinstance(converted, list) and not isinstance(value, list):
            self.paths[f"{pointer(target)}/"] = pointer(source)

    def carry(self, source: str, value: Value, message: str, *, kind: str = "carried") -> None:
        self.carried.append(Carried(pointer(source), value))
        self.losses.append(Loss(kind, pointer(source), None, excerpt(value), message))

    def note(self, kind: str, source: str, value: Value, message: str) -> None:
        self.losses.append(Loss(kind, pointer(source), None, excerpt(value), message))

    def carry_the_rest(self) -> None:
        """Whatever no row asked for is carried, as deep down as rows go."""
        self._carry_unused(self.document, "", "")

    def _carry_unused(self, part: Mapping[str, Any], path: str, place: str) -> None:
        for name, value in part.items():
            here, where = f"{path}.{name}" if path else name, f"{place}/{_step(name)}"
            is_known = "." not in name
            if value is None or (is_known and here in self._used):
                continue
            if is_known and here in self._opened and isinstance(value, Mapping):
                self._carry_unused(value, here, where)
            else:
                self.carried.append(Carried(where, value))
                self.losses.append(Loss("carried", where, None, excerpt(value), NO_PLACE))


@lru_cache(maxsize=8192)
def pointer(dotted: str) -> str:
    """``a.b.0.c`` -> ``/a/b/0/c`` (JSON Pointer)."""
    return "".join(f"/{_step(step)}" for step in dotted.split(".")) if dotted else ""


def _step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def is_index(step: str) -> bool:
    """Whether a step of a pointer can be the place of a list's member: keys may be digits of any script and length."""
    return step.isascii() and step.isdigit() and len(step) < 10


def excerpt(value: Value) -> str:
    """At most 120 characters that show a value."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 120 else f"{text[:119]}…"



def submitted_path(path: str, paths: Mapping[str, str]) -> str:
    """Where a path of the canonical record stood in the submitted document, as near as is known.

    A key that ends in a slash stands for all members of a list that was one value there.
    """
    head, tail = path, ""
    while head:
        if tail and f"{head}/" in paths:
            return paths[f"{head}/"]
        if head in paths:
            return paths[head] + tail
        head, _, last = head.rpartition("/")
        tail = f"/{last}{tail}"
    return path


# converters


def one_text(reading: Reading, source: str, value: Value) -> str | None:
    """A text; a list of one text is that text."""
    if isinstance(value, list):
        members = [member for member in value if member is not None and member != ""]
        if len(members) > 1:
            raise NotHere("Several values stand where one is due.", kind="ambiguous")
        if not members:
            return None
        reading.note("reshaped", source, value, "A list of one value was read as that value.")
        value = members[0]
    if not isinstance(value, str):
        raise NotHere("A text is due here.")
    return value if value.strip() else None


def whole_number(_: Reading, __: str, value: Value) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotHere("A whole number is due here; the text or other value is not converted.")
    return value


def date(reading: Reading, source: str, value: Value) -> str | None:
    text = one_text(reading, source, value)
    if text is not None and not ISO_DATE.fullmatch(text):
        raise NotHere("Not a date of the form 2024-12-31; it is not interpreted.")
    return text


def end_date(reading: Reading, source: str, value: Value) -> str | None:
    text = one_text(reading, source, value)
    return text if text == "CONTINUOUS" else date(reading, source, value)


def one_of_list(allowed: tuple[str, ...], also: dict[str, str] | None = None) -> Convert:
    """One value of a closed list."""

    def convert(reading: Reading, source: str, value: Value) -> str | None:
        text = one_text(reading, source, value)
        if text is None:
            return None
        found = match(text, allowed, also)
        if found is None:
            raise NotHere("The list of values does not know it.")
        _note_renamed(reading, source, text, found)
        return found

    return convert


def some_of_list(allowed: tuple[str, ...], also: dict[str, str] | None = None) -> Convert:
    """Values of a closed list, given as a list or as comma text. What the list does not know is carried."""

    def convert(reading: Reading, source: str, value: Value) -> list[str] | None:
        members = value if isinstance(value, list) else [value]
        found: list[str] = []
        for number, member in enumerate(members):
            if member is None or member == "":
                continue
            place = f"{source}.{number}" if isinstance(value, list) else source
            found += _matched(reading, place, member, allowed, also)
        if isinstance(value, str) and found:
            reading.note("split" if len(found) > 1 else "reshaped", source, value, "Comma text was read as a list.")
        if not found and value != []:
            return None
        return list(dict.fromkeys(found))

    return convert


def _matched(
    reading: Reading, place: str, member: Value, allowed: tuple[str, ...], also: dict[str, str] | None
) -> list[str]:
    if not isinstance(member, str):
        reading.carry(place, member, "A text is due here.")
        return []
    found, rest = split_by_longest(member, allowed, also)
    for part in rest:
        reading.carry(place, part, "The list of values does not know it.")
    for value in found if len(found) == 1 else ():
        _note_renamed(reading, place, member, value)
    return found


def _note_renamed(reading: Reading, source: str, before: str, after: str) -> None:
    if before.casefold() != after.casefold():
        reading.note("narrowed", source, before, f"Read as {after!r}.")


def texts(reading: Reading, source: str, value: Value) -> list[str] | None:
    """A list of texts; a single text is a list of one. Nothing is split."""
    members = value if isinstance(value, list) else [value]
    kept: list[str] = []
    for number, member in enumerate(members):
        if isinstance(member, str) and member.strip():
            kept.append(member)
        elif member is not None and member != "":
            place = f"{source}.{number}" if isinstance(value, list) else source
            reading.carry(place, member, "A text is due here.")
    if not isinstance(value, list) and kept:
        reading.note("reshaped", source, value, "A text was read as a list of one.")
    return kept if kept or value == [] else None


def split_texts(reading: Reading, source: str, value: Value) -> list[str] | None:
    """As :func:`texts`, and comma text is split: keywords, formats, languages, country codes."""
    if not isinstance(value, str):
        return texts(reading, source, value)
    parts = [part.strip() for part in re.split(r";,;|,", value) if part.strip()]
    if len(parts) > 1:
        reading.note("split", source, value, "Comma text was split at its commas.")
        return parts
    return texts(reading, source, value)


def gateway_texts(reading: Reading, source: str, value: Value) -> list[str] | None:
    """Texts that may be glued by ``;,;``."""
    if isinstance(value, str) and ";,;" in value:
        reading.note("split", source, value, "Text was split at its delimiters.")
        return [part.strip() for part in value.split(";,;") if part.strip()] or None
    return texts(reading, source, value)


def addresses(reading: Reading, source: str, value: Value) -> list[str] | None:
    """A list of addresses; text that is nothing but several addresses is split where the next scheme begins."""
    if isinstance(value, str) and ";,;" not in value:
        parts = [part.strip(" ,;\n\t") for part in re.split(r"[,;\s]+(?=https?://)", value)]
        if len(parts) > 1 and all(_is_address(part) for part in parts):
            reading.note("split", source, value, "Addresses were split where the next one begins.")
            return parts
    return gateway_texts(reading, source, value)


def _is_address(text: str) -> bool:
    """One address and nothing beside it; a sentence that holds addresses is none."""
    return text.startswith(("http://", "https://")) and len(text.split(None, 1)) == 1
