"""Many datasets in one call: the file is kept, a run is queued, and a receipt says what to ask for.

The run is a run of the custodian's push source like any other: claimed under a lease, committed in batches, cancelled,
judged at its end. In ``replace`` mode the file is a whole listing, so that what it leaves out may go missing (S1 to S4).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from gateway.errors import BadRequest, TooMany
from gateway.models import Custodian, Receipt
from gateway.push.upsert import Pushes
from gateway.store import pushes
from harvesters.push import SUFFIXES

Mode = Literal["upsert", "replace"]
QUEUED_AT_MOST: Final = 4
PASS_OF: Final[dict[str, str]] = {"upsert": "incremental", "replace": "full"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A file as it came: its media type, the specification it declares, and who sent it."""

    path: Path
    media_type: str
    declared: str | None
    key_id: int


def receive(services: Pushes, custodian: Custodian, sent: Sent, *, mode: Mode) -> Receipt:
    """Raises :class:`BadRequest` for an empty file or a media type that holds no datasets, :class:`TooMany` where four wait."""
    suffix_of(sent.media_type)
    length = sent.path.stat().st_size
    if not length:
        raise BadRequest("The body is empty.", hint="Send one dataset a line (application/x-ndjson), or an array (application/json).")
    sha256, now = services.files.put_file(sent.path), services.clock()
    with services.store.transaction() as tx:
        source = pushes.source(tx.session, custodian, now=now)
        if pushes.count_waiting(tx.session, sent.key_id) >= QUEUED_AT_MOST:
            raise TooMany(
                f"{QUEUED_AT_MOST} bulk pushes of this key wait already.", hint="Wait until one is done; its receipt says when.",
                retry_after_seconds=10,
            )
        run = pushes.queue_run(tx.session, source, wanted=PASS_OF[mode], now=now)
        receipt = Receipt(
            public_id=secrets.token_urlsafe(16), run_id=run.id, custodian_id=custodian.id, key_id=sent.key_id, sha256=sha256,
            length_bytes=length, media_type=sent.media_type, declared=sent.declared, mode=mode, created_at=now,
        )
        pushes.add_receipt(tx.session, receipt)
    return receipt


def suffix_of(media_type: str) -> str:
    """Raises :class:`BadRequest`."""
    if media_type not in SUFFIXES:
        raise BadRequest(f"{media_type} is not read here.", hint=f"Say in Content-Type what you send: {', '.join(SUFFIXES)}.")
    return SUFFIXES[media_type]
