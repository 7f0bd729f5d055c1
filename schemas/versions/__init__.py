"""Every published version that has a schema of our own, by its name: ``VERSIONS["HDRUK 4.0.0"]``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import jsonschema_rs
import orjson

from schemas.versions.modern import hdruk_3_0_0, hdruk_4_0_0
from schemas.versions.vocabulary import Schema


def compiled(schema: Schema) -> Any:
    """A validator that asserts formats and whose patterns cannot backtrack."""
    return jsonschema_rs.Draft202012Validator(
        schema, validate_formats=True, pattern_options=jsonschema_rs.RegexOptions()
    )


class Version:
    """One published version. ``schema`` is our JSON Schema for it, ``sha256`` the hash of its canonical bytes."""

    def __init__(self, model: str, number: str, make: Callable[[], Schema]) -> None:
        self.model = model
        self.number = number
        self._make = make

    @property
    def name(self) -> str:
        return f"{self.model} {self.number}"

    @cached_property
    def schema(self) -> Schema:
        return self._make()

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(orjson.dumps(self.schema, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @cached_property
    def validator(self) -> Any:
        """Compiled once; formats are asserted, and patterns are matched in linear time."""
        return compiled(self.schema)


VERSIONS: Final[dict[str, Version]] = {
    version.name: version for version in (Version("HDRUK", "4.0.0", hdruk_4_0_0), Version("HDRUK", "3.0.0", hdruk_3_0_0))
}
NEWEST: Final = VERSIONS["HDRUK 4.0.0"]
