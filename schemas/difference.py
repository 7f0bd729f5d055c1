"""What changed between two states of a record, field by field.

Lists of objects are matched by their natural key (name, title, url ...), so that another order is no change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NATURAL_KEYS = ("name", "pid", "url", "title", "bin", "diseaseCode", "version", "observedNode")


@dataclass(frozen=True, slots=True)
class Change:
    """``path`` is a JSON Pointer into the canonical record; ``before`` or ``after`` is None where nothing was stated."""

    path: str
    before: Any
    after: Any


def differences(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """Every leaf that differs between two JSON values, in the order of the older, then of the newer."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from differences(before.get(name), after.get(name), f"{path}/{_escaped(name)}")
    elif _is_keyed(before) and _is_keyed(after):
        yield from differences(_by_key(before), _by_key(after), path)
    elif _is_stated(before) and after is None:
        yield from differences(before, {}, path)
    elif before is None and _is_stated(after):
        yield from differences({}, after, path)
    elif not _is_same(before, after):
        yield Change(path, before, after)


def changed_paths(before: Any, after: Any, *, limit: int = 200) -> list[str]:
    """The paths of :func:`differences`, at most ``limit`` of them."""
    paths: list[str] = []
    for change in differences(before, after):
        if len(paths) == limit:
            break
        paths.append(change.path)
    return paths


def _is_keyed(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) and _key(item) for item in value)


def _key(item: Mapping[str, Any]) -> str:
    return " · ".join(str(item[name]) for name in NATURAL_KEYS if item.get(name) is not None)


def _by_key(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    keyed: dict[str, Any] = {}
    for item in items:
        key, number = _key(item), 2
        while key in keyed:
            key, number = f"{_key(item)} ({number})", number + 1
        keyed[key] = item
    return keyed


def _is_stated(value: Any) -> bool:
    """An object that holds something, and so has leaves to tell of."""
    return isinstance(value, Mapping) and bool(value)


def _is_same(before: Any, after: Any) -> bool:
    """Equal; the order of a list does not count, and 1 is not true."""
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and sorted(map(repr, before)) == sorted(map(repr, after))
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
