"""The official schemas as the oracle: compiled as published, and in a normal form that can be compared word by word."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, Final

import jsonschema_rs

from schemas.versions.modern import REVISION_PATTERN
from tests.corpus import corpus

FILES: Final = {
    **{f"HDRUK {number}": f"hdruk/{number}/schema.json" for number in
       ("4.0.0", "3.0.0", "2.2.1", "2.2.0", "2.1.3", "2.1.2", "2.1.0", "2.0.2")},
    **{f"HDRUK {number}": f"legacy/{number}/dataset.schema.json" for number in ("2.0.1", "2.0.0", "1.1.7")},
    **{f"GWDM {number}": f"gwdm/{number}/schema.json" for number in ("2.1", "2.0", "1.2", "1.1", "1.0")},
    "CRUK 1.0.0": "cruk/1.0.0/schema.json",
    "GMI list": "federation/gmi.schema.json",
}  # fmt: skip
KEYWORDS: Final = {
    "additionalProperties", "allOf", "anyOf", "const", "contains", "enum", "format", "items", "maxLength", "minItems",
    "minLength", "minimum", "oneOf", "pattern", "prefixItems", "properties", "required", "type", "uniqueItems",
}  # fmt: skip
_AGE: Final = "(150|1[0-4][0-9]|[0-9]|[1-8][0-9]|9[0-9])"
# Other spellings of one language; test_patterns_take_the_same_texts compares each pair.
SAME_PATTERN: Final = {
    "([^,]+)": "[^,]",
    "^([0-9]+)\\.([0-9]+)\\.([0-9]+)$": "^[0-9]+\\.[0-9]+\\.[0-9]+$",
    "^\\d+\\.\\d+\\.\\d+$": "^[0-9]+\\.[0-9]+\\.[0-9]+$",
    f"{_AGE}-{_AGE}": "[0-9]-[0-9]",
    f"Not Known|{_AGE}-{_AGE}": "Not Known|[0-9]-[0-9]",
    "\\d{1,3}-\\d{1,3}": "[0-9]-[0-9]",
    "^[C\\d]{3}\\.\\d{4}\\/\\d{1,4}$": "^[C0-9]{3}\\.[0-9]{4}/[0-9]{1,4}$",
    "(\\d+_){0,5}\\d+": "[0-9]",
    "[A-Za-z0-9_-]*": "",
    "[0-9a-zA-Z._\\-]+(,[0-9a-zA-Z.\\-_]+)*": "[0-9a-zA-Z._-]",
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
    return _compiled(official(name))


@cache
def field_oracle(name: str) -> Any:
    """As :func:`oracle`, and a union of one branch (GMI) is that branch, so that its flaws count at their own fields."""
    return _compiled(_without_lone_branches(official(name)))


def _without_lone_branches(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_lone_branches(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if set(schema) == {"anyOf"} and len(schema["anyOf"]) == 1:
        return _without_lone_branches(schema["anyOf"][0])
    return {name: _without_lone_branches(inner) for name, inner in schema.items()}


def _compiled(schema: dict[str, Any]) -> Any:
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
    form = {name: value for name, value in form.items() if not _says_nothing(name, value)}
    if "prefixItems" in form:
        form["items"] = form.pop("prefixItems")
    if "enum" in form:
        return _choice(form)
    return _union(form)


def _says_nothing(name: str, value: Any) -> bool:
    return (name, value) in (
        ("items", {}), ("additionalProperties", True), ("minItems", 0), ("minLength", 0), ("pattern", ""), ("required", []),
    )  # fmt: skip


def _target(reference: str, root: Any) -> Any:
    found = root
    for step in reference.removeprefix("#").strip("/").split("/") if reference != "#" else ():
        found = found[step]
    return found


def _keyword(name: str, value: Any, root: Any) -> Any:
    if name == "properties":
        return {key: _normal(inner, root) for key, inner in value.items()}
    if name in ("items", "prefixItems", "additionalProperties", "contains"):
        return [_normal(inner, root) for inner in value] if isinstance(value, list) else _normal(value, root)
    if name in ("anyOf", "oneOf", "allOf"):
        return [_normal(inner, root) for inner in value]
    if name == "required":
        return sorted(value)
    return SAME_PATTERN.get(value, value) if name == "pattern" else value


def _choice(form: dict[str, Any]) -> Any:
    """Values of a closed list are texts; null among them is a branch of its own, and a pattern only thins out the list."""
    pattern = re.compile(form.get("pattern", ""))
    texts = sorted(value for value in form["enum"] if isinstance(value, str) and pattern.search(value))
    listed = {"type": "string", "enum": texts}
    takes_null = None in form["enum"] and form.get("type", "null") == "null"
    return _union({"anyOf": [listed, {"type": "null"}]}) if takes_null else listed


def _union(form: dict[str, Any]) -> Any:
    """Branches made flat and sorted. Those that the type beside them forbids, or that another branch takes whole, drop out."""
    name = next((name for name in ("anyOf", "oneOf") if name in form), None)
    if name is None:
        return form
    beside = {key: value for key, value in form.items() if key != name}
    flat: list[Any] = []
    for branch in form[name]:
        for inner in branch["anyOf"] if set(branch) == {"anyOf"} else [branch]:
            if inner not in flat and inner.get("type", "") in ("", beside.get("type", inner.get("type"))):
                flat.append(inner)
    if any(beside.items() >= branch.items() for branch in flat):  # an empty branch takes everything
        return beside
    flat = [branch for branch in flat if not any(branch.items() > other.items() for other in flat)]
    flat.sort(key=lambda branch: json.dumps(branch, sort_keys=True))
    return beside | (flat[0] if len(flat) == 1 else {"anyOf": flat})
