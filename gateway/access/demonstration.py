"""A request of the demonstration that is ready to be sent: three custodians, invented answers, each clearly an example."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from gateway.access import drafts
from gateway.access.examples import fill_in
from gateway.access.prefill import Prefill
from gateway.accounts.people import Person
from gateway.store import Store, requests
from gateway.store.sealing import Sealer

CUSTODIANS: Final = ("hfea", "breathe", "cprd")
"""One that works in its workspace, one with a mailbox, one with a portal: they ask differently."""


def begin_example(store: Store, sealer: Sealer, person: Person, prefill: Prefill, *, custodians: Sequence[str] = CUSTODIANS, now: datetime) -> str | None:
    """The reference of a new draft with one dataset of each custodian; None where the person has asked before, or there are none yet."""
    with store.reading() as session:
        refs = [ref for slug in custodians if (ref := requests.some_dataset(session, slug))]
        has_asked = bool(requests.led_by(session, subject=person.subject, address=person.address))
    if not refs or has_asked or drafts.begun(store, person):
        return None
    reference = drafts.begin(store, sealer, person, refs, prefill, now=now)
    fill_in(store, sealer, person, reference, now=now)
    return reference
