"""What waits for a person of the gateway: parts without a route, and parts whose delivery was given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.access.ladder import RUNGS
from gateway.access.parts import Event
from gateway.access.status import BY_HAND, NO_ROUTE
from gateway.store import Store, requests
from gateway.store.requests import PartRow


@dataclass(frozen=True, slots=True, kw_only=True)
class TriagePart:
    """``datasets`` are refs, ``custodian`` a name. The applicant's answers are not for triage."""

    reference: str
    part: str
    custodian: str | None
    custodian_slug: str | None
    datasets: tuple[str, ...]
    waiting_since: datetime
    why: str
    last_error: str | None
    passed: tuple[tuple[str, str], ...] = ()
    """Rungs of the ladder in words, and why each was not used when the request was sent."""
    applicant: str = ""
    applicant_address: str = ""


def triage(store: Store) -> list[TriagePart]:
    """Oldest first."""
    with store.reading() as session:
        rows = requests.parts_in_triage(session)
        histories = requests.histories_of(session, [row.part.id for row in rows])
    return [_part(row, histories[row.part.id]) for row in rows]


def _part(row: PartRow, history: list[Event]) -> TriagePart:
    routing: dict[str, Any] = next((event.payload["routing"] for event in history if event.payload.get("routing")), {})
    return TriagePart(
        reference=row.request.reference, part=row.part.public_id, custodian=row.custodian.name if row.custodian else None,
        custodian_slug=row.custodian.slug if row.custodian else None, datasets=tuple(row.part.dataset_refs),
        waiting_since=row.part.created_at, why=NO_ROUTE if row.part.channel == "triage" else BY_HAND,
        last_error=row.delivery.last_error if row.delivery else None, applicant=row.request.lead["name"], applicant_address=row.request.lead["email"],
        passed=tuple((RUNGS[rung], why) for rung, why in routing.get("passed", {}).items()),
    )
