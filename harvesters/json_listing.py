"""Reading a listing that should be JSON, and saying plainly what it is when it is not."""

from __future__ import annotations

import codecs
import json
from typing import Any, NoReturn

from harvesters.source import PageUnreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_json(body: bytes, *, charset: str | None = None, url: str | None = None) -> Any:
    """The JSON value. A byte order mark and comment lines on top are dropped; nothing else is repaired.

    Raises :class:`PageUnreadable` with ``empty-answer``, ``html-instead-of-data``, ``encoding``, ``too-deep`` or
    ``bad-json``.
    """
    text = _without_comment_lines(_decoded(body, charset, url))
    if not text.strip():
        raise PageUnreadable("empty-answer", "The answer has no content.", url=url)
    if text.lstrip()[:1] == "<":
        raise PageUnreadable("html-instead-of-data", "A web page or XML came back where JSON was expected.", url=url)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise PageUnreadable("too-deep", "The answer is nested too deeply.", url=url) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise PageUnreadable("bad-json", f"The answer is not valid JSON ({error.msg}, {where}).", url=url) from None
    except ValueError as error:
        raise PageUnreadable("bad-json", f"The answer is not valid JSON ({error}).", url=url) from None


def _decoded(body: bytes, charset: str | None, url: str | None) -> str:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _decode(body[len(mark):], encoding, url)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode(body, charset or "cp1252", url)


def _decode(body: bytes, encoding: str, url: str | None) -> str:
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise PageUnreadable("encoding", f"The answer cannot be read as {encoding[:40]}.", url=url) from None


def _without_comment_lines(text: str) -> str:
    while text.lstrip().startswith("//"):
        text = text.lstrip().partition("\n")[2]
    return text


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
