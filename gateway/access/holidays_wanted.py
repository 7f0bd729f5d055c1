"""Once a day: are the published bank holidays known for at least another twelve months? If not, the administrators are asked, once."""

from __future__ import annotations

from datetime import date, datetime

from gateway.access import notices
from gateway.access.working_days import LONDON, PUBLISHED_THROUGH
from gateway.store import Store, accounts, outbox
from gateway.store.sealing import Sealer


def ask_for_holidays(store: Store, sealer: Sealer, *, now: datetime, published_through: int = PUBLISHED_THROUGH) -> int:
    """How many were asked now."""
    if now.astimezone(LONDON).date() < date(published_through, 1, 1):
        return 0
    asked = 0
    with store.transaction() as tx:
        for account in accounts.holding(tx.session, "admin"):
            key = f"holidays.{published_through}.{account.subject}"
            if account.address:
                letter = notices.holidays_wanted(sealer, key=key, year=published_through + 1, to_address=account.address, now=now)
                asked += outbox.add_once(tx.session, letter)
    return asked
