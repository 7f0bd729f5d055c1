"""A question that no custodian has is passed on to those that may hold such data: each gets a thread at its own desk, as if it had been asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from frontend.words import listed
from gateway.enquiries.answering import add_message, move, still_open
from gateway.enquiries.asking import open_thread
from gateway.enquiries.form import read_text
from gateway.errors import Conflict, Unprocessable
from gateway.store import Store, custodians, enquiries
from gateway.store.sealing import Sealer

MOST_AT_ONCE: Final = 20


def pass_on(store: Store, sealer: Sealer, public_id: str, *, slugs: Sequence[str], note: str, now: datetime) -> None:
    """The enquirer is told to whom; ``note`` is what the staff add for the enquirer. Custodians that have the question already are left out.

    Raises :class:`Unprocessable` (fields ``custodian``, ``note``), :class:`Conflict` where a custodian has it alone, or all chosen have it,
    :class:`NotFound`.
    """
    chosen = tuple(dict.fromkeys(slugs))
    if not 0 < len(chosen) <= MOST_AT_ONCE:
        problem = f"Choose at most {MOST_AT_ONCE} custodians at once." if chosen else "Choose at least one custodian."
        raise Unprocessable("It was not passed on.", fields={"custodian": problem})
    added = read_text(note, "note") if note.strip() else ""
    with store.transaction() as tx:
        thread = still_open(tx.session, public_id)
        row = enquiries.thread(tx.session, public_id)
        if row.custodian is not None:
            raise Conflict("This question is for a custodian already.", hint="Send it to its confirmed desk, or answer it.")
        enquiry = enquiries.enquiry_for_update(tx.session, row.enquiry.id)
        have_it = {one.thread.custodian_id for one in enquiries.threads_of(tx.session, enquiry.id)}
        asked = [one for slug in chosen if (one := custodians.by_slug(tx.session, slug)).id not in have_it]
        if not asked:
            raise Conflict("They have this question already.", hint="Choose other custodians.")
        for custodian in asked:
            open_thread(tx.session, sealer, enquiry, custodian, refs=list(thread.dataset_refs), now=now)
        thread.acknowledged_at, thread.overdue_at = thread.acknowledged_at or now, None
        move(thread, "passed_on", now)
        told = f"Passed on to {listed([one.name for one in asked])}. Each answers for itself."
        add_message(tx.session, sealer, public_id, author="gateway", via="page", text="\n\n".join(filter(None, (told, added))), now=now)
