"""The official schemas as the oracle: compiled as published, and in a normal form that can be compared word by word."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

import jsonschema_rs

from schemas.versions.modern import REVISION_PATTERN
from tests.corpus import corpus

FILES: Final = {
    "HDRUK 4.0.0": "hdruk/4.0.0/schema.json",
    "HDRUK 3.0.0": "hdruk/3.0.0/schema.json",
}
KEYWORDS: Final = {
    "additionalProperties", "allOf", "anyOf", "const", "contains", "enum", "format", "items", "maxLength", "minItems",
    "minLength", "minimum", "oneOf", "pattern", "properties", "required", "type", "uniqueItems",
}  # fmt: skip
# Other spellings of one language; test_patterns_take_the_same_texts compares each pair.
SAME_PATTERN: Final = {
    "([^,]+)": "[^,]",
    "^([0-9]+)\\.([0-9]+)\\.([0-9]+)$": "^[0-9]+\\.[0-9]+\\.[0-9]+$",
    "^10.\\d{4,9}/[-._;()/:a-zA-Z0-9]+$": "^10.[0-9]{4,9}/[-._;()/:a-zA-Z0-9]+$",
    "^[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}$":
        "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
    "^\\s*((https?:\\/\\/)*([a-zA-Z0-9-]+\\.?)+[a-zA-Z]{2,}(:\\d+)?(\\/[^\\s]*)?(\\n)?)+$": REVISION_PATTERN,
}


@cache
def official(name: str) -> dict[str, Any]:
    """The official schema of a version, as published."""
    schema: dict[str, Any] = json.loads(corpus("specification", *FILES[name].split("/")).read_bytes())
    return schema


@cache
def oracle(name: str) -> Any:
    """The official schema as a validator: formats asserted, and patterns in linear time, so that P1 can be compiled too.

    Files that name draft 7 are read so, the others as draft 2020-12 (P10).
    """
    schema = official(name)
    made = jsonschema_rs.Draft7Validator if "draft-07" in schema.get("$schema", "") else jsonschema_rs.Draft202012Validator
    return made(schema, validate_formats=True, pattern_options=jsonschema_rs.RegexOptions())


def failing_fields(validator: Any, document: Any) -> set[str]:
    """The paths at which a validator complains; a union counts at its field."""
    return {"/".join(map(str, error.instance_path)) for error in validator.iter_errors(document)}


def normal_form(schema: Any) -> Any:
    """A schema without annotations, references, names of parts and nesting of unions: equal forms take the same documents."""
    return _normal(schema, schema)


def _normal(schema: Any, root: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _normal(_target(schema["$ref"], root), root)
    rest = {name: value for name, value in schema.items() if name in KEYWORDS}
    if len(rest.get("allOf", ())) == 1 and set(rest) == {"allOf"}:
        return _normal(rest["allOf"][0], root)
    if "const" in rest:
        rest["enum"] = [rest.pop("const")]
    form = {name: _keyword(name, value, root) for name, value in rest.items()}
    if "enum" in form:
        return _choice(form)
    return _union(form["anyOf"]) if set(form) == {"anyOf"} else form


def _target(reference: str, root: Any) -> Any:
    found = root
    for step in reference.removeprefix("#").strip("/").split("/") if reference != "#" else ():
        found = found[step]
    return found


def _keyword(name: str, value: Any, root: Any) -> Any:
    if name == "properties":
        return {key: _normal(inner, root) for key, inner in value.items()}
    if name in ("items", "additionalProperties", "contains"):
        return [_normal(inner, root) for inner in value] if isinstance(value, list) else _normal(value, root)
    if name in ("anyOf", "oneOf", "allOf"):
        return [_normal(inner, root) for inner in value]
    if name == "required":
        return sorted(value)
    return SAME_PATTERN.get(value, value) if name == "pattern" else value


def _choice(form: dict[str, Any]) -> Any:
    """Values of a closed list are texts; null among them is a branch of its own."""
    texts = sorted(value for value in form["enum"] if isinstance(value, str))
    listed = {"type": "string", "enum": texts}
    takes_null = None in form["enum"] and form.get("type", "null") == "null"
    rest = {name: value for name, value in form.items() if name not in ("enum", "type")}
    return {**(_union([listed, {"type": "null"}]) if takes_null else listed), **rest}


def _union(branches: list[Any]) -> Any:
    flat: list[Any] = []
    for branch in branches:
        for inner in branch["anyOf"] if set(branch) == {"anyOf"} else [branch]:
            if inner not in flat:
                flat.append(inner)
    flat.sort(key=lambda branch: json.dumps(branch, sort_keys=True))
    return flat[0] if len(flat) == 1 else {"anyOf": flat}
