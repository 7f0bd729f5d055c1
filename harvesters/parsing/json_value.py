"""A JSON text as a value, within limits, and nothing repaired but comment lines on top."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from harvesters.parsing.document import Unparsable
from schemas.linked_data.syntax import depth

SIZE_LIMIT_BYTES: Final = 32 * 1024 * 1024
DEPTH_LIMIT: Final = 64
DIGITS: Final = 64
TRAILING: Final = re.compile(r",\s*[]}]")


def json_value(body: bytes, *, what: str = "document") -> Any:
    """Raises :class:`Unparsable`: ``bad-json`` with line and column, ``too-deep``, ``too-large``, ``html-instead-of-data``."""
    if len(body) > SIZE_LIMIT_BYTES:
        raise Unparsable("too-large", f"The {what} is larger than {SIZE_LIMIT_BYTES:,} bytes.")
    body = _without_comment_lines(body)
    if body.lstrip()[:1] == b"<":
        raise Unparsable("html-instead-of-data", "A web page or XML came back where JSON was expected.")
    if depth(body, "jsonld") > DEPTH_LIMIT:
        raise Unparsable("too-deep", f"The {what} is nested more than {DEPTH_LIMIT} levels deep.")
    text = body.decode("utf-8")
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise Unparsable("bad-json", f"The {what} is not valid JSON: {_advice(text, error)}, line {error.lineno}, column {error.colno}.") from None


def _without_comment_lines(body: bytes) -> bytes:
    while body.lstrip().startswith(b"//"):
        body = body.lstrip().partition(b"\n")[2]
    return body


def _advice(text: str, error: json.JSONDecodeError) -> str:
    """In words for the faults that pages show most often."""
    around = text[max(0, error.pos - 40) : error.pos + 2]
    if TRAILING.search(around):
        return "there is a comma before a closing bracket"
    if text[error.pos : error.pos + 1] in (",", "}", "]") and ":" in around[-8:]:
        return "a name is followed by no value"
    return error.msg


def _refuse_constant(name: str) -> NoReturn:
    raise Unparsable("bad-json", f"{name} is not a JSON value.")


def _integer(digits: str) -> int:
    if len(digits) > DIGITS:
        raise Unparsable("bad-json", f"A number has more than {DIGITS} digits.")
    return int(digits)
