"""Taking out of a document what cannot be stored or shown: NUL and other control characters, halves of surrogate pairs,
characters that are none, and marks that turn the direction of the text around them.

Why this exists: a database refuses some of them outright, so one such record would take a whole batch with it, and a
direction mark in a title rearranges the page it is shown on. The submitted bytes are kept as they came.
"""

from __future__ import annotations

import re
from typing import Any, Final

_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
_SIGNS: Final = (
    re.compile(rb"\\u(?:00[01]|007[fF]|[dD][89a-fA-F]|[fF][dD][dDeE]|[fF]{3}[eEfF]|202[a-eA-E]|206[6-9])"),
    re.compile(rb"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])"), re.compile(rb"\xef(?:\xb7[\x90-\xaf]|\xbf[\xbe\xbf])"),
)  # fmt: skip
"""Apart, since each begins with bytes of its own, which are found many times as fast as one of several."""
_NO_CONTROLS: Final = bytes({*range(256)} - {*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F})


def may_hold_unsafe_text(body: bytes) -> bool:
    """A quick look at JSON as it came: False means that :func:`without_unsafe_text` would find nothing."""
    return bool(body.translate(None, _NO_CONTROLS)) or any(sign.search(body) for sign in _SIGNS)


def is_safe(text: str) -> bool:
    return _UNSAFE.search(text) is None


def without_unsafe_text(value: Any) -> tuple[Any, list[str]]:
    """The JSON value with unsafe characters left out, and JSON Pointers to the values that had any, in order."""
    places: list[str] = []
    return _cleaned(value, "", places), places


def _cleaned(value: Any, pointer: str, places: list[str]) -> Any:
    if isinstance(value, str):
        return _without(value, pointer, places)
    if isinstance(value, list):
        return [_cleaned(item, f"{pointer}/{number}", places) for number, item in enumerate(value)]
    if isinstance(value, dict):
        named = ((_without(name, pointer, places), item) for name, item in value.items())
        return {name: _cleaned(item, f"{pointer}/{_escaped(name)}", places) for name, item in named}
    return value


def _without(text: str, pointer: str, places: list[str]) -> str:
    if is_safe(text):
        return text
    places.append(pointer)
    return _UNSAFE.sub("", text)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
