"""Every published version that has a schema of our own, by its name: ``VERSIONS["HDRUK 4.0.0"]``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import jsonschema_rs
import orjson

from schemas.versions.federation import federation_list
from schemas.versions.gwdm import gwdm_1_0, gwdm_1_1, gwdm_1_2, gwdm_2_0, gwdm_2_1
from schemas.versions.hdruk_1 import hdruk_1_1_7
from schemas.versions.hdruk_2_0 import hdruk_2_0_0, hdruk_2_0_1, hdruk_2_0_2, hdruk_2_1_0
from schemas.versions.hdruk_2_1 import hdruk_2_1_2, hdruk_2_1_3, hdruk_2_2_0, hdruk_2_2_1
from schemas.versions.modern import cruk_1_0_0, hdruk_3_0_0, hdruk_4_0_0
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


_MAKERS: Final[tuple[tuple[str, str, Callable[[], Schema]], ...]] = (
    ("HDRUK", "4.0.0", hdruk_4_0_0), ("HDRUK", "3.0.0", hdruk_3_0_0), ("HDRUK", "2.2.1", hdruk_2_2_1),
    ("HDRUK", "2.2.0", hdruk_2_2_0), ("HDRUK", "2.1.3", hdruk_2_1_3), ("HDRUK", "2.1.2", hdruk_2_1_2),
    ("HDRUK", "2.1.0", hdruk_2_1_0), ("HDRUK", "2.0.2", hdruk_2_0_2), ("HDRUK", "2.0.1", hdruk_2_0_1),
    ("HDRUK", "2.0.0", hdruk_2_0_0), ("HDRUK", "1.1.7", hdruk_1_1_7), ("GWDM", "2.1", gwdm_2_1), ("GWDM", "2.0", gwdm_2_0),
    ("GWDM", "1.2", gwdm_1_2), ("GWDM", "1.1", gwdm_1_1), ("GWDM", "1.0", gwdm_1_0), ("CRUK", "1.0.0", cruk_1_0_0),
    ("GMI", "list", federation_list),
)  # fmt: skip
VERSIONS: Final[dict[str, Version]] = {version.name: version for version in (Version(*maker) for maker in _MAKERS)}
NEWEST: Final = VERSIONS["HDRUK 4.0.0"]
