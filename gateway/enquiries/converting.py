"""A question becomes a draft request: its datasets, and its answers under the keys of the question bank. Nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy.orm import Session

from gateway.access import drafts
from gateway.access.bank.whole import BANK
from gateway.access.prefill import Prefill
from gateway.accounts.people import Person
from gateway.enquiries.form import QUESTIONS, Kind
from gateway.errors import Conflict, NotFound
from gateway.models import Enquiry
from gateway.store import Store, accounts, enquiries
from gateway.store import drafts as begun
from gateway.store.sealing import Sealer, token_digest

SOURCES: Final = "data.linkage_sources"


def convert(store: Store, sealer: Sealer, person: Person, follow_token: str, prefill: Prefill, *, now: datetime) -> str:
    """The reference of the draft; the same however often, and from however many windows, the question is made one. Open threads end as
    converted, and say so to their desks' pages.

    Raises :class:`NotFound` for another's question, :class:`Conflict` for one without datasets or whose draft is gone,
    :class:`Unprocessable` where a dataset can no longer be asked for.
    """
    filled = prefill(person)
    with store.transaction() as tx:
        enquiry = enquiries.enquiry_for_update(tx.session, enquiries.by_follow_token(tx.session, token_digest(follow_token)).id)
        if not is_own(enquiry, person):
            raise NotFound("There is no question of yours at this address.")
        if enquiry.request_reference is not None and _is_on(tx.session, enquiry.request_reference, person):
            return enquiry.request_reference
        threads = enquiries.threads_of(tx.session, enquiry.id)
        if not enquiry.dataset_refs or enquiry.request_reference is not None or any(row.thread.state == "converted" for row in threads):
            raise Conflict("This question cannot become a request.", hint="It names no dataset, or became one already. Start from the basket.")
        reference = drafts.begin_in(tx.session, sealer, person, enquiry.dataset_refs, filled, known=answers(enquiry), now=now)
        for row in threads:
            thread = enquiries.thread_for_update(tx.session, row.thread.public_id)
            if thread.state != "closed":
                thread.state, thread.since = "converted", now
        enquiry.request_reference, enquiry.updated_at = reference, now
        return reference


def _is_on(session: Session, reference: str, person: Person) -> bool:
    """Whether the person is on it, and it was not deleted."""
    try:
        begun.shared(session, reference, subject=person.subject)
    except NotFound:
        return False
    return True


def is_own(enquiry: Enquiry, person: Person) -> bool:
    return accounts.address_key(enquiry.address) == accounts.address_key(person.address)


def answers(enquiry: Enquiry) -> Mapping[str, Any]:
    """By key of the bank; what shares a key stands there one below the other, each with its label. Who names other data to link wants to link."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in QUESTIONS[cast("Kind", enquiry.kind)]:
        if text := enquiry.answers.get(one.name):
            found.setdefault(one.bank_key, []).append((one.label, text))
    assert set(found) <= set(BANK)
    told: dict[str, Any] = {
        key: texts[0][1] if len(texts) == 1 and key != "project.background" else "\n".join(f"{label}: {text}" for label, text in texts)
        for key, texts in found.items()
    }
    if SOURCES in told:
        told |= {SOURCES: [line for text in told[SOURCES].splitlines() if (line := text.strip())], "data.linkage": "yes"}
    return told
