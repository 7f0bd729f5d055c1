"""Bytes -> JSON value, within limits, and the hash by which two documents are the same."""

from __future__ import annotations

import codecs
import hashlib
import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import orjson

from schemas.not_json import place, syntax

SIZE_LIMIT_BYTES: Final = 20 * 1024 * 1024
DEPTH_LIMIT: Final = 64
INTEGER_LIMIT: Final = 2**63
LONGEST_NUMBER: Final = 400  # characters; Python reads no whole number of more than 4,300 digits
OPENING: Final = b"[{"
NEITHER_BRACKET_NOR_QUOTE: Final = bytes(set(range(256)) - set(b'[]{}"'))
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
RULES: Final = {"too-large": "DOC-02", "too-deep": "DOC-02", "unknown-version": "DOC-03", "no-dataset": "DOC-03"}


class Unreadable(Exception):
    """A document that cannot become a record. ``reason`` is a code, ``message`` a sentence, ``hint`` what to do.

    ``rule`` is the id of the finding that says so: DOC-01 for what is no JSON, DOC-02 for what breaks its limits, DOC-03 for what
    is no record.
    """

    def __init__(self, reason: str, message: str, hint: str, *, rule: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.hint = hint
        self.rule = rule or RULES.get(reason, "DOC-01")


@dataclass(frozen=True, slots=True)
class Parsed:
    """``value`` is the JSON value; ``repeated_keys`` names object keys that stood twice (the last one holds)."""

    value: Any
    repeated_keys: tuple[str, ...] = ()


def parse(body: bytes, charset: str | None = None) -> Any:
    """The JSON value of a document. Raises :class:`Unreadable` (bad-json, encoding, too-large, too-deep)."""
    return parse_noting_repeats(body, charset).value


def parse_noting_repeats(body: bytes, charset: str | None = None) -> Parsed:
    """As :func:`parse`, and says which keys an object repeats."""
    if len(body) > SIZE_LIMIT_BYTES:
        raise Unreadable("too-large", f"The document has {len(body) // 2**20} MB.", f"At most {SIZE_LIMIT_BYTES // 2**20} MB are read.")
    text = _decoded(body, charset)
    if not text.strip():
        raise Unreadable("bad-json", "The document is empty.", "Send one JSON object.")
    _check_depth(text)
    repeated: list[str] = []
    too_great: list[str] = []
    value = _loaded(text, repeated, too_great)
    if too_great:
        raise _too_great(text)
    return Parsed(value, tuple(dict.fromkeys(repeated)))


def content_hash(document: Any) -> str:
    """SHA-256 in hex of the JSON with sorted keys and no blanks, so that layout is no change."""
    try:
        text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except (TypeError, orjson.JSONEncodeError):
        # Lone surrogates and integers beyond 64 bits: slower, and escaped, but never lost.
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    return hashlib.sha256(text).hexdigest()


def is_too_deep(value: Any) -> bool:
    """Whether a JSON value is nested deeper than the limit."""
    level = [value]
    for _ in range(DEPTH_LIMIT + 1):
        inner = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        if not inner:
            return False
        level = [member for members in inner for member in members]
    return True


def _decoded(body: bytes, charset: str | None) -> str:
    for mark, name in MARKS:
        if body.startswith(mark):
            return _strict(body[len(mark) :], name)
    if charset and charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        try:
            codecs.lookup(charset)
        except LookupError:
            return _strict(body, "utf-8")
        return _strict(body, charset)
    if len(body) >= 4 and 0 in body[:4] and not (body[0] == 0 and body[1] == 0 and body[2] == 0 and body[3] == 0):
        return _strict(body, _wide(body[:4]))
    return _strict(body, "utf-8")


def _wide(start: bytes) -> str:
    """UTF-16 or -32 without a mark shows in where the zero bytes of its first ASCII characters stand (RFC 4627)."""
    return {"0001": "utf-32-be", "1000": "utf-32-le", "0101": "utf-16-be", "1010": "utf-16-le"}.get(
        "".join("1" if byte else "0" for byte in start), "utf-8"
    )


def _strict(body: bytes, name: str) -> str:
    try:
        return body.decode(name)
    except (UnicodeDecodeError, LookupError) as error:
        at = getattr(error, "start", 0)
        raise Unreadable("encoding", f"The bytes are not valid {name.upper()}, first at byte {at}.", "Save the document as UTF-8.") from None


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= DEPTH_LIMIT:
        return
    depth = 0
    for bracket in _brackets(text):
        depth += 1 if bracket in OPENING else -1
        if depth > DEPTH_LIMIT:
            raise Unreadable("too-deep", f"The document is nested more than {DEPTH_LIMIT} levels deep.", "Flatten it.")


def _brackets(text: str) -> bytes:
    """Those outside of texts: without escapes, every second piece between quotation marks is a text."""
    plain = text.encode("utf-8", "surrogatepass").replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, NEITHER_BRACKET_NOR_QUOTE)
    return b"".join(plain.split(b'"')[::2])


def _loaded(text: str, repeated: list[str], too_great: list[str]) -> Any:
    """Notes keys that an object repeats, and numbers that are too great to be kept."""

    def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) != len(pairs):
            counts = Counter(name for name, _ in pairs)
            repeated.extend(name for name, count in counts.items() if count > 1)
        return value

    def whole(digits: str) -> int:
        number = int(digits)
        if not -INTEGER_LIMIT <= number < INTEGER_LIMIT:
            too_great.append(digits)
        return number

    def decimal(digits: str) -> float:
        number = float(digits)
        if math.isinf(number):
            too_great.append(digits)
        return number

    def no_constant(name: str) -> Any:
        where = place(text, lambda token: token == name)
        raise Unreadable("bad-json", f"{name} is not a JSON value ({where}).", "Write null, or leave the field out, where a value is not known.", rule="DOC-02")

    try:
        return json.loads(text, object_pairs_hook=object_of, parse_constant=no_constant, parse_int=whole, parse_float=decimal)
    except json.JSONDecodeError as error:
        raise Unreadable("bad-json", *syntax(error)) from None
    except (ValueError, RecursionError):
        raise _too_great(text) from None


def _too_great(text: str) -> Unreadable:
    where = place(text, _is_too_great)
    message = f"A number is too great to be kept ({where})." if where else "A number is too great to be kept."
    return Unreadable("bad-json", message, "No field takes such a number. Write it as a text if it is a code.", rule="DOC-02")


def _is_too_great(token: str) -> bool:
    """Of a fraction, whether it is infinite; of a whole number, whether it has more than 64 bits."""
    if len(token) > LONGEST_NUMBER:
        return True
    try:
        return not -INTEGER_LIMIT <= int(token) < INTEGER_LIMIT
    except ValueError:
        return _is_infinite(token)


def _is_infinite(token: str) -> bool:
    try:
        return math.isinf(float(token))
    except ValueError:
        return False
