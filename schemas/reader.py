"""How values travel from a submitted document into the canonical record: by tables, one row a field.

Nothing is coerced. A value of another type, or one that a closed list does not know, is carried beside the record and said
so; nothing is ever lost in silence and nothing is made up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

Value = Any
NO_PLACE: Final = "The canonical record has no place for it."


@dataclass(frozen=True, slots=True)
class Carried:
    """A value that the canonical record has no place for, with its path in the submitted document."""

    path: str
    value: Value

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "value": self.value}


# The section of the specification page, or its numbered rule, that decides what becomes of such a value.
RULE_OF_KIND: Final = {"split": "4.4", "joined": "4.4", "narrowed": "3.3", "broadened": "3.3", "carried": "1.2", "ambiguous": "4.4"}
GONE: Final = frozenset(("dropped",))


@dataclass(frozen=True, slots=True)
class Loss:
    """What translation did to one value. Kinds: reshaped, split, narrowed, inherited, carried, ambiguous; of a writer also dropped.

    ``by`` is the rule or section of the specification page that decided, where its kind does not say it.
    """

    kind: str
    from_path: str
    to_path: str | None
    value: str
    message: str
    by: str = ""

    @property
    def rule(self) -> str:
        return self.by or RULE_OF_KIND.get(self.kind, "2.2")

    @property
    def is_reversible(self) -> bool:
        """Whether the value can be had again: it stands in the record, or beside it."""
        return self.kind not in GONE

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "from_path": self.from_path, "to_path": self.to_path, "value": self.value, "rule": self.rule,
            "reversible": self.is_reversible, "message": self.message,
        }  # fmt: skip


class NotHere(Exception):
    """This value cannot stand in this field; it is carried."""

    def __init__(self, message: str, *, kind: str = "carried", rule: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.rule = rule


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
        self._objects: dict[str, dict[str, Any] | None] = {"": dict(document)}

    def apply(self, rows: tuple[Row, ...]) -> None:
        for row in rows:
            value = self.value(row.source)
            if value is not None:
                self.put(row.target, row.source, value, row.convert)

    def value(self, source: str) -> Value:
        """The value at a dotted path; None where it is absent or null. Marks it as used."""
        parent, name = _split(source)
        place = self._object_at(parent)
        if place is None or name not in place:
            return None
        self._used.add(source)
        while parent and parent not in self._opened:
            self._opened.add(parent)
            parent, _ = _split(parent)
        return place[name]

    def _object_at(self, path: str) -> dict[str, Any] | None:
        """The object at a dotted path, looked up once for all fields in it."""
        if path not in self._objects:
            parent, name = _split(path)
            place = self._object_at(parent)
            found = place.get(name) if place is not None else None
            self._objects[path] = found if isinstance(found, dict) else None
        return self._objects[path]

    def put(self, target: str, source: str, value: Value, convert: Convert) -> None:
        """Convert and place a value, unless the place is taken or the value does not fit; then it is carried."""
        try:
            converted = convert(self, source, value)
        except NotHere as problem:
            self.carry(source, value, str(problem), kind=problem.kind, rule=problem.rule)
            return
        if converted is None:
            return
        *parents, name = _steps(target)
        place = self.canonical
        for step in parents:
            place = place.setdefault(step, {})
        if name in place:
            self.carry(source, value, "The place is filled by another value already.")
            return
        place[name] = converted
        self.paths[pointer(target)] = pointer(source)
        if isinstance(converted, list) and not isinstance(value, list):
            self.paths[f"{pointer(target)}/"] = pointer(source)

    def carry(self, source: str, value: Value, message: str, *, kind: str = "carried", rule: str = "") -> None:
        self.carried.append(Carried(pointer(source), value))
        self.losses.append(Loss(kind, pointer(source), None, excerpt(value), message, rule))

    def note(self, kind: str, source: str, value: Value, message: str, *, rule: str = "") -> None:
        self.losses.append(Loss(kind, pointer(source), None, excerpt(value), message, rule))

    def carry_the_rest(self) -> None:
        """Whatever no row asked for is carried, as deep down as rows go."""
        self._carry_unused(self.document, "", "")

    def _carry_unused(self, part: Mapping[str, Any], path: str, place: str) -> None:
        for name, value in part.items():
            here = f"{path}.{name}" if path else name
            is_known = "." not in name
            if value is None or (is_known and here in self._used):
                continue
            where = f"{place}/{_step(name)}"
            if is_known and here in self._opened and isinstance(value, Mapping):
                self._carry_unused(value, here, where)
            else:
                self.carried.append(Carried(where, value))
                self.losses.append(Loss("carried", where, None, excerpt(value), NO_PLACE))


@lru_cache(maxsize=8192)
def _steps(dotted: str) -> tuple[str, ...]:
    return tuple(dotted.split("."))


@lru_cache(maxsize=8192)
def _split(dotted: str) -> tuple[str, str]:
    """``a.b.c`` -> ``a.b`` and ``c``."""
    parent, _, name = dotted.rpartition(".")
    return parent, name


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
