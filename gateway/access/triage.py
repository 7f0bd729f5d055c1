"""What waits for a person of the gateway: parts without a route, and parts whose delivery was given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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


def triage(store: Store) -> list[TriagePart]:
    """Oldest first."""
    with store.reading() as session:
        return [_part(row) for row in requests.parts_in_triage(session)]


def _part(row: PartRow) -> TriagePart:
    return TriagePart(
        reference=row.request.reference, part=row.part.public_id, custodian=row.custodian.name if row.custodian else None,
        custodian_slug=row.custodian.slug if row.custodian else None, datasets=tuple(row.part.dataset_refs),
        waiting_since=row.part.created_at, why=NO_ROUTE if row.part.channel == "triage" else BY_HAND,
        last_error=row.delivery.last_error if row.delivery else None,
    )
