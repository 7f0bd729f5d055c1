"""How long it takes to get data, from what custodians write: ``1-2 WEEKS``, ``less than 3 months``, ``Immediate``."""

from __future__ import annotations

import re
from typing import Final

_DAYS: Final = {"day": 1.0, "week": 7.0, "month": 30.4, "year": 365.0}
_SPAN: Final = re.compile(r"(less|under|within|up to|more|over)?(?: than)? ?(\d{1,4})(?: ?(?:-|–|to) ?(\d{1,4}))? ?(?:working )?(day|week|month|year)s?")
_AT_ONCE: Final = re.compile(r"(immediate|instant)(ly)?\.?")


def lead_days(text: str | None) -> int | None:
    """The longest time that is stated, in days, for putting lead times in order; None where no time is. Only what begins the text counts."""
    said = " ".join((text or "").casefold().split())
    if _AT_ONCE.fullmatch(said):
        return 0
    found = _SPAN.match(said)
    if not found:
        return None
    days = round(int(found[3] or found[2]) * _DAYS[found[4]])
    return days - (found[1] in ("less", "under")) + (found[1] in ("more", "over"))
