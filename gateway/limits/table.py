"""Every limit there is. A row counts by one thing: the account, the mail address, the network address, the key, the source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """``times`` within a moving window. ``by`` is ``account``, ``pair`` (account and network), ``address`` (of mail), ``network``,
    ``key``, ``source``, or ``all`` for everybody together."""

    times: int
    within: timedelta
    by: str


LIMITS: Final[dict[str, tuple[Limit, ...]]] = {
    "sign-in": (
        Limit(10, 5 * MINUTE, "account"), Limit(10, 5 * MINUTE, "pair"), Limit(100, 5 * MINUTE, "network"), Limit(1000, 5 * MINUTE, "all"),
    ),
    "sign-in-warning": (Limit(49, DAY, "account"),),
    "sign-in-warned": (Limit(1, DAY, "account"),),
    "second-factor": (Limit(5, 5 * MINUTE, "account"), Limit(20, HOUR, "account"), Limit(50, DAY, "account")),
    "passkey": (Limit(100, 5 * MINUTE, "network"), Limit(1000, 5 * MINUTE, "all")),
    "provider": (Limit(100, 5 * MINUTE, "network"),),
    "mail": (Limit(3, 6 * HOUR, "address"),),
    "reset": (Limit(5, DAY, "account"),),
    "registration": (Limit(10, HOUR, "network"),),
    "question": (Limit(5, DAY, "address"), Limit(20, HOUR, "network")),
    "submit": (Limit(10, DAY, "account"),),
    "message": (Limit(60, HOUR, "account"),),
    "choose": (Limit(60, MINUTE, "network"), Limit(3000, DAY, "network")),
    "search": (Limit(60, MINUTE, "network"), Limit(240, MINUTE, "account"), Limit(600, MINUTE, "key")),
    "feed": (Limit(60, HOUR, "account"),),
    "read": (Limit(600, MINUTE, "key"),),
    "write": (Limit(120, MINUTE, "key"),),
    "callback": (Limit(120, MINUTE, "key"),),
    "upload": (Limit(60, HOUR, "network"),),
    "attach": (Limit(60, HOUR, "account"), Limit(100, DAY, "account")),
    "export": (Limit(10, HOUR, "account"),),
    "harvest": (Limit(6, HOUR, "source"),),
    "source": (Limit(30, HOUR, "account"),),
}
"""``sign-in`` and ``second-factor`` count what failed: who succeeds gets the place back. A search counts by the narrowest that is known:
the key, the account, or else the network. A hundred files of ten megabytes are one gigabyte a day."""
