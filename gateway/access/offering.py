"""Whether a dataset can be asked for, and what stands in the way: open data, a custodian that takes no requests, data that do not exist yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from gateway.access.ladder import Resolution, resolve, resolve_each
from gateway.store.requests import Asked

Status = Literal["open", "unrouted", "preparation", "open_data", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """``reason`` is a sentence; ``href`` leads to open data; ``checked_at`` is when the custodian last confirmed it."""

    status: Status
    reason: str | None = None
    href: str | None = None
    checked_at: datetime | None = None

    @property
    def takes_requests(self) -> bool:
        return self.status in ("open", "unrouted")


def offers(session: Session, datasets: Sequence[Asked], *, now: datetime) -> dict[str, Offer]:
    """For each dataset by itself, by its ref: what its own page, its card in the search and the filter say."""
    found = resolve_each(session, datasets, now=now)
    return {asked.record.ref: _offer(asked, found[asked.record.ref]) for asked in datasets}


def refused(session: Session, datasets: Sequence[Asked], *, now: datetime) -> list[str]:
    """A sentence for each dataset that cannot be asked for."""
    found = resolve(session, datasets, now=now)
    offers = [(asked, _offer(asked, found[asked.record.ref])) for asked in datasets]
    return [f"{asked.record.title or asked.record.ref} takes no requests: {one.reason} You can ask a question." for asked, one in offers if not one.takes_requests]


def _offer(asked: Asked, found: Resolution) -> Offer:
    stated = (asked.version.canonical.get("documentation") or {}).get("inPipeline")
    if isinstance(stated, str) and stated.strip().casefold() == "not available":
        return Offer(status="preparation", reason="The custodian says that the data are not available yet.")
    route = found.route
    if route is not None and route.channel == "open":
        return Offer(status="open_data", reason="Anybody may use the data under their licence; no request is needed.", href=route.target, checked_at=route.verified_at)
    if route is not None and route.channel == "not_open":
        return Offer(status="closed", reason=route.target, checked_at=route.verified_at)
    return Offer(status="open" if route is not None else "unrouted")
