"""What a document lacks against a schema: each flaw found at its leaf, and said in plain words with what to do.

Why this exists: published records wrap most fields in unions with null, and a validator's own message then names the
whole section. Here null is set aside, the branch of the value's own type is followed to the leaf, and only where no branch
has that type does one finding name every allowed form. Parts that are sound are passed over by the compiled validator.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, Final

from schemas.enumerations import also_for, match
from schemas.findings import Finding
from schemas.reader import excerpt, submitted_path
from schemas.versions import Version, compiled
from schemas.versions.vocabulary import Schema
from schemas.words import field_name

TYPE_WORDS: Final = {
    "string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "array": "a list",
    "object": "an object", "null": "null",
}  # fmt: skip
EXAMPLES: Final = {
    "date": "a date such as 2024-03-31", "date-time": "a date and time such as 2024-03-31T00:00:00Z",
    "email": "an e-mail address such as data@example.org", "uri": "a whole address such as https://example.org/data",
    "revision-address": "an address such as https://example.org/v1",
}  # fmt: skip
PATTERN_EXAMPLES: Final = {
    "[0-9]+\\.[0-9]+\\.[0-9]+": "a version such as 1.0.0", "[A-Z]{2}": "a country code such as GB or GB-ENG",
    "[0-9]-[0-9]": "a range of ages such as 18-65 or 0-150", "10.": "a DOI such as 10.1234/abc, without an address before it", "[0-9A-Fa-f]{8}": "a UUID", "[^,]": "at least one value",
}  # fmt: skip


LOOKED_AT: Final = 100
Flaw = tuple[list[str], str, str, str, Any]


def explain(document: Any, version: Version, paths: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Every flaw of a document. ``paths`` leads the paths of a translation back to those of the submitted document."""
    for path, rule, message, hint, value in _flaws(document, version.schema, []):
        pointer = "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in path)
        where = submitted_path(pointer, paths) if paths is not None else pointer
        yield Finding(rule, "error", where, field_name(pointer), message, hint, None if value is None else excerpt(value))


def is_valid(value: Any, schema: Schema) -> bool:
    """The verdict of the compiled schema. Halves of characters, which it does not take, count as any other character."""
    checker = _CHECKERS.get(id(schema))
    if checker is None:
        checker = _CHECKERS[id(schema)] = (schema, compiled(schema))
    try:
        return bool(checker[1].is_valid(value))
    except UnicodeEncodeError:
        return bool(checker[1].is_valid(_without_surrogates(value)))


# By the schema's identity; the schema is held beside its validator, so that no other object takes its place.
_CHECKERS: dict[int, tuple[Schema, Any]] = {}


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_without_surrogates(name): _without_surrogates(inner) for name, inner in value.items()}
    return [_without_surrogates(inner) for inner in value] if isinstance(value, list) else value


def _flaws(value: Any, schema: Schema, path: list[str]) -> Iterator[Flaw]:
    if is_valid(value, schema):
        return
    if "anyOf" in schema:
        yield from _union_flaws(value, schema["anyOf"], path)
        return
    kind = schema.get("type")
    if kind is not None and not _is_type(value, kind):
        yield _wrong_type(value, [schema], path)
    elif isinstance(value, dict):
        yield from _object_flaws(value, schema, path)
    elif isinstance(value, list):
        yield from _list_flaws(value, schema, path)
    elif isinstance(value, str):
        yield from _text_flaws(value, schema, path)
    else:
        yield path, "SCH-MINIMUM", f"{value} is too small.", f"Give {schema.get('minimum')} or more.", value


def _union_flaws(value: Any, branches: list[Any], path: list[str]) -> Iterator[Flaw]:
    fitting = [branch for branch in branches if "type" not in branch or _is_type(value, branch["type"])]
    if not fitting:
        yield _wrong_type(value, branches, path)
    elif len(fitting) > 1 and isinstance(value, str):
        yield path, "SCH-FORMAT", f"{excerpt(value)!r} has none of the forms this field takes.", f"Give {_forms(fitting)}.", value
    else:
        yield from min((list(_flaws(value, branch, path)) for branch in fitting), key=len) if len(fitting) > 1 else _flaws(value, fitting[0], path)


def _object_flaws(value: dict[str, Any], schema: Schema, path: list[str]) -> Iterator[Flaw]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            field = field_name(f"/{'/'.join([*path, name])}")
            yield [*path, name], "SCH-REQUIRED", f"{field} is missing.", f"Add it: {_forms([properties[name]])}.", None
    for name, member in value.items():
        if name in properties:
            yield from _flaws(member, properties[name], [*path, name])
        elif schema.get("additionalProperties") is False:
            near = _near(name, tuple(properties))
            hint = f"Did you mean {near!r}?" if near else "Remove it, or move it where the version has a place for it."
            yield [*path, name], "SCH-UNKNOWN-KEY", f"This version has no field {name!r} here.", hint, name


def _list_flaws(value: list[Any], schema: Schema, path: list[str]) -> Iterator[Flaw]:
    firsts = schema.get("prefixItems", ())
    for number, member in enumerate(value):
        yield from _flaws(member, firsts[number] if number < len(firsts) else schema.get("items", {}), [*path, str(number)])
    if len(value) < schema.get("minItems", 0):
        yield path, "SCH-MIN-ITEMS", f"The list has {len(value) or 'no'} members.", f"Give at least {schema['minItems']}, or leave the field out.", value
    if schema.get("uniqueItems"):
        yield from _repeats(value, path)
    if "contains" in schema and value and not any(is_valid(member, schema["contains"]) for member in value):
        yield path, "SCH-ENUM", "None of these is a value of this field.", _nearest(str(value[0]), schema["contains"].get("enum", [])), value


def _repeats(value: list[Any], path: list[str]) -> Iterator[Flaw]:
    seen: set[str] = set()
    for number, member in enumerate(value):
        key = json.dumps(_whole(member), sort_keys=True)
        if key in seen:
            yield [*path, str(number)], "SCH-UNIQUE", f"{excerpt(member)!r} stands in the list twice.", "Remove one of them.", member
        seen.add(key)


def _whole(value: Any) -> Any:
    """1.0 is the value 1."""
    if isinstance(value, dict):
        return {name: _whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text_flaws(value: str, schema: Schema, path: list[str]) -> Iterator[Flaw]:
    if "enum" in schema and value not in schema["enum"]:
        yield path, "SCH-ENUM", f"{excerpt(value)!r} is not one of the values of this field.", _nearest(value, schema["enum"]), value
    if len(value) < schema.get("minLength", 0):
        yield path, "SCH-MIN-LENGTH", f"The text has {_characters(len(value))}.", f"Give at least {schema['minLength']:,}.", value
    if len(value) > schema.get("maxLength", len(value)):
        yield path, "SCH-MAX-LENGTH", f"The text has {len(value):,} characters.", f"Shorten it to {schema['maxLength']:,}.", value
    for keyword, rule in (("pattern", "SCH-PATTERN"), ("format", "SCH-FORMAT")):
        if keyword in schema and not is_valid(value, _part(keyword, schema[keyword])):
            yield path, rule, f"{excerpt(value)!r} is not of the form due here.", f"Give {_forms([schema])}.", value


@cache
def _part(keyword: str, text: str) -> Schema:
    """A schema of one keyword."""
    return {keyword: text}


def _wrong_type(value: Any, branches: list[Any], path: list[str]) -> Flaw:
    rule = "SCH-NULL" if value is None else "SCH-TYPE"
    said = "Null cannot stand here." if value is None else f"{_type_of(value).capitalize()} stands here, which this field does not take."
    return path, rule, said, f"Give {_forms(branches)}.", value


def _nearest(value: str, allowed: list[Any]) -> str:
    texts = tuple(one for one in allowed if isinstance(one, str))
    same = match(value, texts, also_for(texts))
    near = same or _near(value, texts)
    if near:
        return f"Did you mean {near!r}?"
    listed = ", ".join(repr(one) for one in texts[:8])
    return f"Values: {listed}{' and more' if len(texts) > 8 else ''}."


def _characters(count: int) -> str:
    return f"{count or 'no'} character{'' if count == 1 else 's'}"


def _near(text: str, known: tuple[str, ...]) -> str | None:
    """The known text that looks most like this one; a long one is compared with none, for that takes long."""
    return _nearest_of(text, known) if len(text) <= LOOKED_AT else None


@lru_cache(maxsize=2048)
def _nearest_of(text: str, known: tuple[str, ...]) -> str | None:
    return next(iter(difflib.get_close_matches(text, known, n=1)), None)


def _forms(branches: list[Any]) -> str:
    """What a field takes, in words."""
    words: list[str] = []
    for branch in branches:
        for inner in branch.get("anyOf", [branch]):
            said = _form(inner)
            if said not in words:
                words.append(said)
    return " or ".join(words)


def _form(schema: Schema) -> str:
    if "enum" in schema:
        return "one of the listed values" if len(schema["enum"]) > 1 else repr(schema["enum"][0])
    if schema.get("format") in EXAMPLES:
        return EXAMPLES[schema["format"]]
    for start, example in PATTERN_EXAMPLES.items():
        if start in schema.get("pattern", ""):
            return example
    if schema.get("type") == "string" and "maxLength" in schema:
        return f"a text of {schema.get('minLength', 0)} to {schema['maxLength']:,} characters"
    return TYPE_WORDS.get(schema.get("type", ""), "a value")


def _is_type(value: Any, kind: str) -> bool:
    if kind == "integer":
        return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())
    expected: dict[str, Any] = {"string": str, "boolean": bool, "array": list, "object": dict, "null": type(None)}
    return isinstance(value, expected[kind])


def _type_of(value: Any) -> str:
    for kind, words in TYPE_WORDS.items():
        if kind != "number" and _is_type(value, kind):
            return words
    return "a number"

