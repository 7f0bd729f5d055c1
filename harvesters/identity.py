"""A record's identifier within its source: kept exactly, but for blanks around it and the Unicode form."""

from __future__ import annotations

import unicodedata

LONGEST = 1_000


class UnusableIdError(ValueError):
    """The identifier is longer than :data:`LONGEST` characters."""


def local_id(value: object) -> str | None:
    """The identifier in Unicode form C without outer blanks; ``None`` for what is no identifier.

    Whole numbers count, truth values do not. Raises :class:`UnusableIdError`.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = unicodedata.normalize("NFC", str(value)).strip()
    if len(text) > LONGEST:
        raise UnusableIdError(f"The identifier has {len(text)} characters; at most {LONGEST} are accepted.")
    return text or None
