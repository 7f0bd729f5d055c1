"""Attached files as their part is delivered: scanned once more, by what the scanner knows by now."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from gateway.access.scanned_files import settle
from gateway.channels.channel import DeliveryDeferred, DeliveryUnfit, OutgoingFile
from gateway.models import Upload
from gateway.store import Store, uploads
from gateway.store.outbox import ClaimedDelivery
from gateway.store.sealing import Sealer
from gateway.uploads.keeping import Uploads
from gateway.uploads.names import download_name
from gateway.uploads.scanning import IN_A_JOB


class FilesWait(DeliveryDeferred):
    """Nothing is wrong with the custodian's route: the gateway's own scanner gives no answer."""


class FilesKeptBack(DeliveryUnfit):
    """A harmful file, or one that nobody could scan in time; the route is not to blame."""


def outgoing_files(store: Store, sealer: Sealer, kept: Uploads, claim: ClaimedDelivery, *, now: datetime) -> dict[str, tuple[OutgoingFile, ...]]:
    """By key of the question. Raises :class:`FilesWait` while the scanner is silent, :class:`FilesKeptBack` for a harmful file."""
    wanted = claim.document.get("files", ())
    if not wanted:
        return {}
    with store.reading() as session:
        rows = uploads.by_ids(session, [one["id"] for one in wanted])
    ends_at = time.monotonic() + IN_A_JOB
    for row in rows.values():
        _require_sound(store, sealer, kept, row, seconds=ends_at - time.monotonic(), now=now)
    found: dict[str, tuple[OutgoingFile, ...]] = {}
    for one in wanted:
        if one["id"] in rows:
            found[one["question"]] = (*found.get(one["question"], ()), _outgoing(kept, claim.reference, one, rows[one["id"]]))
    return found


def _require_sound(store: Store, sealer: Sealer, kept: Uploads, row: Upload, *, seconds: float, now: datetime) -> None:
    state = row.state
    if kept.scanner is not None and state != "refused":
        state = kept.judged(kept.vault.get(row.storage_name, row.sealed_key), seconds=seconds)
        if state != "unavailable":
            with store.transaction() as tx:
                settle(tx.session, sealer, row.public_id, state, now=now)
    if state == "refused":
        raise FilesKeptBack("The virus scanner found something harmful in a file of the request, which was not sent.")
    if not kept.rules.allow(state):
        raise FilesWait("A file of the request waits for the gateway's virus scanner.")


def _outgoing(kept: Uploads, reference: str, one: Mapping[str, Any], row: Upload) -> OutgoingFile:
    return OutgoingFile(download_name(reference, row.public_id, row.name), one["media_type"], partial(kept.vault.get, row.storage_name, row.sealed_key))
