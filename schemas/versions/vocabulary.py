"""Words to write a version's JSON Schema with: short functions that return draft 2020-12 schemas."""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]

NULL: Final[Schema] = {"type": "null"}
ANYTHING: Final[Schema] = {}
INTEGER: Final[Schema] = {"type": "integer"}
BOOLEAN: Final[Schema] = {"type": "boolean"}
STRING: Final[Schema] = {"type": "string"}
DATE: Final[Schema] = {"type": "string", "format": "date"}
DATE_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
SEMANTIC_VERSION: Final[Schema] = {"type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$"}
COUNTRY: Final[Schema] = {"type": "string", "pattern": "^[A-Z]{2}(-[A-Z]{2,3})?$"}
UUID: Final[Schema] = {
    "type": "string", "minLength": 36, "maxLength": 36, "pattern": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
}  # fmt: skip


def text(least: int, most: int | None = None) -> Schema:
    return {"type": "string", "minLength": least} | ({"maxLength": most} if most else {})


def one_of(*branches: Schema) -> Schema:
    """Any of the branches; unions inside are made flat, so that a flaw is found in the branch it belongs to."""
    flat: list[Schema] = []
    for branch in branches:
        for inner in branch["anyOf"] if set(branch) == {"anyOf"} else [branch]:
            if inner not in flat:
                flat.append(inner)
    return flat[0] if len(flat) == 1 else {"anyOf": flat}


def nullable(schema: Schema) -> Schema:
    return one_of(schema, NULL)


def listing(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def distinct(items: Schema) -> Schema:
    """A list of one or more members, no two of them equal."""
    return {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}


def positional(first: Schema) -> Schema:
    """A list of which only the first member is looked at (P9). The schema says what the others are meant to be."""
    return {"type": "array", "prefixItems": [first], "items": {"anyOf": [first, ANYTHING]}}


def choice(values: tuple[str, ...]) -> Schema:
    return {"type": "string", "enum": list(values)}


URI: Final[Schema] = nullable({"type": "string", "format": "uri", "minLength": 1})
EMAIL: Final[Schema] = nullable({"type": "string", "format": "email"})
DOI: Final[Schema] = nullable({"type": "string", "pattern": "^10.[0-9]{4,9}/[-._;()/:a-zA-Z0-9]+$"})
COMMA_TEXT: Final[Schema] = nullable({"type": "string", "pattern": "[^,]"})


class Required:
    """Marks a property that must be there."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema


def record(**properties: Schema | Required) -> Schema:
    """An object. Properties are optional unless marked; unknown ones are refused."""
    return {**open_record(**properties), "additionalProperties": False}


def loose_record(**properties: Schema | Required) -> Schema:
    """As :func:`record`, and a value that is no object passes: the older published files name no type here."""
    return {name: value for name, value in record(**properties).items() if name != "type"}


def open_record(**properties: Schema | Required) -> Schema:
    """As :func:`record`, and unknown properties may stand beside the known ones."""
    schema: Schema = {
        "type": "object",
        "properties": {
            name: value.schema if isinstance(value, Required) else value for name, value in properties.items()
        },
    }
    required = [name for name, value in properties.items() if isinstance(value, Required)]
    if required:
        schema["required"] = required
    return schema
