"""What needs the second factor to be fresh: shown within the last half hour (people.py). Routes name it (pages/signed_in.py)."""

from __future__ import annotations

from enum import StrEnum


class Sensitive(StrEnum):
    SUBMIT = "send a request"
    DECIDE = "decide on a request, or end its access"
    EXPORT = "export your data"
    KEYS = "make or end keys"
    ROLES = "change roles"
    FACTORS = "change how you sign in"
    CLOSE = "close an account"
    BREAK_GLASS = "open a request in an emergency"
