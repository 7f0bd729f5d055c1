"""Every published version that has a schema of our own, by its name: ``VERSIONS["HDRUK 4.0.0"]``."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import jsonschema_rs
import orjson

from schemas.versions.modern import hdruk_3_0_0, hdruk_4_0_0
from schemas.versions.vocabulary import Schema

# The language of the published revision address of 3.0.0, as a linear scan: split at each scheme, then match unit by unit.
_UNIT = re.compile(r"[a-zA-Z0-9-](?:\.?[a-zA-Z0-9-])*", re.ASCII)


def is_revision_address(value: object) -> bool:
    """Whether a text is what 3.0.0 takes for the address of a revision; anything that is no text passes."""
    if not isinstance(value, str):
        return True
    first = value.lstrip().split("\n", 1)[0].strip()
    host = re.sub(r"^(?:https?://)+", "", first).split("/", 1)[0].rsplit(":", 1)[0].rstrip(".")
    parts = host.split(".")
    if " " in first or not all(parts):
        return False
    return _UNIT.fullmatch(host) is not None and len(host) >= 3 and host[-2:].isascii() and host[-2:].isalpha()


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
        """Compiled once; formats are asserted."""
        return jsonschema_rs.Draft202012Validator(
            self.schema, validate_formats=True, formats={"revision-address": is_revision_address}
        )


VERSIONS: Final[dict[str, Version]] = {
    version.name: version for version in (Version("HDRUK", "4.0.0", hdruk_4_0_0), Version("HDRUK", "3.0.0", hdruk_3_0_0))
}
NEWEST: Final = VERSIONS["HDRUK 4.0.0"]
