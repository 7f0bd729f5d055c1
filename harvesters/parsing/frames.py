"""Messages between the catalogue and a parsing process: JSON behind its length. Nothing in them can be executed."""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

LENGTH_BYTES: Final = 4
LONGEST: Final = 256 * 1024 * 1024


def packed(value: Any) -> bytes:
    try:
        body = orjson.dumps(value)
    except (TypeError, orjson.JSONEncodeError):
        # Lone surrogates and long integers; json writes them as escapes.
        body = json.dumps(value).encode("ascii")
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def unpacked(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body)
