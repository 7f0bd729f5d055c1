"""What everybody on a request accepts for themselves, beside the lead, whose declarations say the same."""

from __future__ import annotations

import hashlib
from typing import Final

TERMS: Final = (
    "I will not try to identify anyone in the data.",
    "I use the data for this project alone, and only in the places that the request names.",
    "I keep my account to myself, and report an incident as the request says.",
    "Every output carries the acknowledgement of patient data.",
)
VERSION: Final = hashlib.sha256("\n".join(TERMS).encode()).hexdigest()[:16]
"""Of the exact words: who accepted others accepts anew."""
