"""Texts that a spreadsheet program would take for a formula: kept as they are here, guarded by an apostrophe in CSV that we write.

Only CSV needs it: in a workbook a text says that it is one.
"""

from __future__ import annotations

import re
from typing import Final

STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
NUMBER: Final = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?(e[+-]?[0-9]+)?%?", re.ASCII | re.IGNORECASE)


def guarded(text: str) -> str:
    """A number, also a negative one, is no formula. What is guarded already is guarded once more, so that it comes back."""
    is_formula = text.startswith(STARTS) and not NUMBER.fullmatch(text)
    return f"'{text}" if is_formula or (text.startswith("'") and text[1:].startswith((*STARTS, "'"))) else text


def unguarded(text: str) -> str:
    """The text that :func:`guarded` wrote."""
    return text[1:] if text.startswith("'") and text[1:].startswith((*STARTS, "'")) else text
