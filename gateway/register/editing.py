"""What a custodian does to its entries: publish a draft, hold one back for a time, name what came of it, take a draft away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy.orm import Session

from gateway.access.outputs import web_addresses
from gateway.errors import Conflict, Unprocessable
from gateway.models import DataUse
from gateway.store import Store, custodians, requests, uses
from gateway.store.uses import OUTPUTS

LONGEST_EMBARGO: Final = timedelta(days=366)
"""Twelve months, from the opening or from today."""
LONGEST_REASON: Final = 500


def publish(store: Store, *, custodian: str, public_id: str, dataset_refs: Sequence[str], now: datetime) -> None:
    """A draft becomes public, with the datasets a person chose. Raises :class:`Conflict`, :class:`NotFound`."""
    with store.transaction() as tx:
        use = _own(tx.session, custodian, public_id)
        if use.part_id is not None or use.opened_at is not None:
            raise Conflict("This entry is no draft of an import.", hint="Entries of requests are published when access is opened.")
        known = requests.visible_datasets(tx.session, list(dataset_refs)[:100])
        use.dataset_refs = [ref for ref in dict.fromkeys(dataset_refs) if ref in known]
        use.status, use.opened_at, use.updated_at = (use.imported or {}).get("status", "active"), now, now
        use.history = [*use.history, {"at": use.approved_at.isoformat(), "what": "Approved"}, {"at": now.isoformat(), "what": "Entered from the custodian’s own register"}]


def discard(store: Store, *, custodian: str, public_id: str) -> None:
    """Raises :class:`Conflict` for what is no draft of an import, :class:`NotFound`."""
    with store.transaction() as tx:
        use = _own(tx.session, custodian, public_id)
        if use.part_id is not None or use.opened_at is not None:
            raise Conflict("Only drafts of an import can be taken away.", hint="What was public stays, with its history.")
        tx.session.delete(use)


def hold_back(store: Store, *, custodian: str, public_id: str, until: str, reason: str, now: datetime) -> None:
    """Keep the entry from the public until a day, at most twelve months on; an empty day ends the embargo.

    Raises :class:`Unprocessable` naming the fields, :class:`Conflict` for an entry that the public has seen, :class:`NotFound`.
    """
    with store.transaction() as tx:
        use = _own(tx.session, custodian, public_id)
        if not until:
            use.embargo_until = use.embargo_reason = None
        else:
            is_seen = use.opened_at is not None and (use.embargo_until is None or use.embargo_until <= now)
            if is_seen:
                raise Conflict("The public has seen this entry already.", hint="An embargo is granted before access opens or a draft is published.")
            use.embargo_until, use.embargo_reason = _embargo(until, reason, begins=use.opened_at or now), reason.strip()
        use.updated_at = now


def name_outputs(store: Store, *, custodian: str, public_id: str, written: str, now: datetime) -> None:
    """The web addresses of what came of an imported use, one on each line. Those of a part are changed in its history
    (gateway/access/outputs.py). Raises :class:`Unprocessable`, :class:`NotFound`."""
    wanted = web_addresses(written)
    with store.transaction() as tx:
        use = _own(tx.session, custodian, public_id)
        use.outputs = wanted
        use.values = {**use.values, OUTPUTS: ", ".join(wanted)}
        use.updated_at = now


def _own(session: Session, custodian: str, public_id: str) -> DataUse:
    return uses.of_custodian_for_update(session, custodians.by_slug(session, custodian).id, public_id)


def _embargo(until: str, reason: str, *, begins: datetime) -> datetime:
    faults = {}
    end = begins
    try:
        end = datetime.combine(date.fromisoformat(until), time(), UTC)
    except ValueError:
        faults["embargo_until"] = "Write the date as 2026-11-30."
    if not faults and not begins < end <= begins + LONGEST_EMBARGO:
        faults["embargo_until"] = "Choose a day within the next twelve months."
    if not reason.strip() or len(reason) > LONGEST_REASON:
        faults["embargo_reason"] = f"Give the reason, which the public reads, in at most {LONGEST_REASON} characters."
    if faults:
        raise Unprocessable("The embargo was not set.", fields=faults)
    return end
