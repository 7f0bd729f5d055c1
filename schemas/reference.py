"""The reference of a version, made from its own schema: each field, whether it is required, what it takes, what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from schemas.meanings import MEANINGS
from schemas.versions import Version
from schemas.words import field_name

FORMATS: Final = {
    "date": "a date (2026-11-22)", "date-time": "a date and time with offset (2026-11-22T04:10:00Z)", "uri": "a web address",
    "email": "an e-mail address", "revision-address": "a web address", "idn-email": "an e-mail address",
}
TYPES: Final = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "object": "a group of fields",
    "array": "a list",
}

PLURALS: Final = {
    "a group of fields": "groups of fields", "one of the values": "values from the list", "a web address": "web addresses",
    "an e-mail address": "e-mail addresses", "a whole number": "whole numbers", "a number": "numbers",
}


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """``path`` is dotted, ``[]`` marks lists (``summary.keywords[]``). ``takes`` says in words what is accepted."""

    path: str
    name: str
    is_required: bool
    may_be_null: bool
    takes: str
    values: tuple[str, ...] = ()
    meaning: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class FieldChange:
    """``before`` is None for a field that is new, ``after`` for one that is gone."""

    path: str
    before: FieldEntry | None
    after: FieldEntry | None

    @property
    def gained(self) -> tuple[str, ...]:
        return _without(self.after, self.before)

    @property
    def lost(self) -> tuple[str, ...]:
        return _without(self.before, self.after)


def fields(version: Version) -> tuple[FieldEntry, ...]:
    """Every field of the version in the order of its schema."""
    return tuple(_walk(version.schema, "", 0, version.schema))


def changes(older: Version, newer: Version) -> tuple[FieldChange, ...]:
    """Fields that came, went, or take something else, in the order of the newer version, then of the older."""
    before, after = ({entry.path: replace(entry, depth=0) for entry in fields(version)} for version in (older, newer))
    paths = [*after, *(path for path in before if path not in after)]
    return tuple(FieldChange(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path))


def _walk(schema: Mapping[str, Any], path: str, depth: int, root: Mapping[str, Any]) -> Iterator[FieldEntry]:
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        inner = f"{path}.{name}" if path else name
        yield from _field(part, inner, name in required, depth, root)


def _field(part: Mapping[str, Any], path: str, is_required: bool, depth: int, root: Mapping[str, Any]) -> Iterator[FieldEntry]:
    branches = list(_branches(part, root))
    listed = [item for branch in branches if branch.get("type") == "array" for item in _branches(branch.get("items", {}), root)]
    shown = f"{path}[]" if listed else path
    values = tuple(dict.fromkeys(str(value) for branch in (*branches, *listed) for value in branch.get("enum", ()) if value is not None))
    yield FieldEntry(
        shown, field_name("/" + path.replace("[]", "").replace(".", "/")), is_required,
        any(branch.get("type") == "null" or None in branch.get("enum", ()) for branch in branches), _takes(branches, listed), values,
        _meaning(path), depth,
    )
    met: set[str] = set()
    for group in (*branches, *listed):
        for entry in _walk(group, shown, depth + 1, root):
            if entry.path not in met:
                met.add(entry.path)
                yield entry


def _branches(part: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The alternatives of a value, references followed and unions made flat."""
    if "$ref" in part:
        target: Any = root
        for step in part["$ref"].lstrip("#/").split("/"):
            target = target[step]
        yield from _branches(target, root)
        return
    unions = [branch for name in ("anyOf", "oneOf", "allOf") for branch in part.get(name, ())]
    if unions:
        for branch in unions:
            yield from _branches(branch, root)
        return
    yield part


def _takes(branches: list[Mapping[str, Any]], listed: list[Mapping[str, Any]]) -> str:
    words = [_kind(branch) for branch in branches if branch.get("type") not in ("null", "array")]
    if listed:
        members = dict.fromkeys(_kind(item) for item in listed if item.get("type") != "null")
        words.append(f"a list of {' or '.join(map(_plural, members))}" if any(members) else "a list")
    elif any(branch.get("type") == "array" for branch in branches):
        words.append("a list")
    return " or ".join(dict.fromkeys(word for word in words if word)) or "anything"


def _kind(part: Mapping[str, Any]) -> str:
    if "enum" in part:
        return "one of the values"
    if "const" in part:
        return f"exactly “{part['const']}”"
    if part.get("format") in FORMATS:
        return FORMATS[part["format"]]
    kind = part.get("type")
    if kind == "string":
        return _text(part)
    return TYPES.get(kind, "") if isinstance(kind, str) else "anything" if not part else ""


def _plural(words: str) -> str:
    return PLURALS.get(words) or (f"texts{words[4:]}" if words.startswith("text") else words)


def _text(part: Mapping[str, Any]) -> str:
    least, most = part.get("minLength"), part.get("maxLength")
    if least and most:
        length = f" of {least:,} to {most:,} characters" if least != most else f" of {least:,} characters"
    else:
        length = f" of {most:,} characters at most" if most else ""
    return f"text{length}"


def _meaning(path: str) -> str:
    plain = path.replace("[]", "")
    leaf = plain.rsplit(".", 1)[-1]
    return MEANINGS.get(plain) or MEANINGS.get(leaf, "")


def _without(one: FieldEntry | None, other: FieldEntry | None) -> tuple[str, ...]:
    gone = set(other.values) if other else set()
    return tuple(value for value in one.values if value not in gone) if one and other else ()
