"""A record's identifier within its source: kept exactly, but for blanks around it and the Unicode form."""

from __future__ import annotations

import unicodedata

from harvesters.safe_text import is_safe

LONGEST = 1_000
LONGEST_BYTES = 2_500
"""In UTF-8. An index entry of PostgreSQL holds little more."""


class UnusableIdError(ValueError):
    """The identifier is too long, or holds characters that can be neither stored nor shown."""


def local_id(value: object) -> str | None:
    """The identifier in Unicode form C without outer blanks; ``None`` for what is no identifier.

    Whole numbers count, truth values do not. Raises :class:`UnusableIdError`.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = unicodedata.normalize("NFC", str(value)).strip()
    if not is_safe(text):
        raise UnusableIdError("The identifier holds control characters or others that cannot be shown.")
    if not is_usable(text):
        raise UnusableIdError(f"The identifier has {len(text)} characters; at most {LONGEST} are accepted.")
    return text or None


def is_usable(text: str) -> bool:
    """Whether it is safe and short enough to be looked up by."""
    return len(text) <= LONGEST and is_safe(text) and len(text.encode()) <= LONGEST_BYTES
