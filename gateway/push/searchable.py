"""Wait until search finds what was written: for ``wait=index``."""

from __future__ import annotations

import time

from gateway.catalogue.published import Catalogue
from gateway.errors import Unavailable
from gateway.store import Store, pushes

LONGEST_SECONDS = 10.0
PAUSE_SECONDS = 0.1


def wait_until_indexed(store: Store, catalogue: Catalogue, record_id: int) -> bool:
    """False where the index did not have it after ten seconds; it will, a little later."""
    give_up = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            catalogue.index_pending()
        except Unavailable:
            return False
        with store.reading() as session:
            if pushes.is_indexed(session, record_id):
                return True
        if time.monotonic() >= give_up:
            return False
        time.sleep(PAUSE_SECONDS)
