"""What one cell of a template says: a text, a number, or several texts."""

from __future__ import annotations

import json
import re
from typing import Any, Final

QUOTED: Final = re.compile(r"""\s*(?:'((?:[^'\\]|\\.|'(?!\s*[,\]]))*)'|"((?:[^"\\]|\\.)*)"|([^,'"\[\]]+))\s*(,|$)""", re.DOTALL)
ESCAPED: Final = re.compile(r"\\(['\"\\])")
NUMBER: Final = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})", re.ASCII)


def whole_number(text: str) -> int | str:
    """The number, also with commas between its thousands; what is none stays a text."""
    plain = text.strip()
    return int(plain.replace(",", "")) if NUMBER.fullmatch(plain) else text


def several(text: str) -> list[str] | str:
    """The texts of a cell that holds a JSON list, ``['a', 'b']``, lines, or texts between ``|``; else the text itself."""
    plain = text.strip()
    if plain.startswith("[") and plain.endswith("]"):
        found = _json_list(plain)
        return found if found is not None else _quoted(plain[1:-1]) or text
    for mark in ("\n", "|"):
        if mark in plain:
            return [part for part in (one.strip() for one in re.split(r"[\r\n]+" if mark == "\n" else r"\|", plain)) if part]
    return text


def _json_list(text: str) -> list[str] | None:
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, list) or not all(isinstance(one, str | int | float) for one in value):
        return None
    return [str(one).strip() for one in value if str(one).strip()]


def _quoted(text: str) -> list[str] | None:
    """``'a', 'it\\'s', "b"`` by a small grammar: nothing is ever evaluated. ``None`` where it does not fit."""
    found: list[str] = []
    place = 0
    while place < len(text):
        match = QUOTED.match(text, place)
        if match is None or match.end() == place:
            return None
        given = next(part for part in (match[1], match[2], match[3]) if part is not None)
        found.append(ESCAPED.sub(r"\1", given).strip())
        place = match.end()
    return [one for one in found if one]
