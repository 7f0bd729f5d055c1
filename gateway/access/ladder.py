"""Where a dataset's requests go: the first usable of seven rungs, with the reason why each earlier one was passed by.

A rung is usable while its route was confirmed within twelve months and is neither replaced nor suspended. What a record says about access
is no rung: links and addresses of records are suggestions for the triage officer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy.orm import Session

from gateway.models import Alternative, Custodian, Route
from gateway.store import custodians, routes
from gateway.store.requests import USABLE, VERIFIED_FOR, Asked

Rung = Literal["dataset", "collection", "alternative", "network", "custodian", "contact", "triage"]
RUNGS: Final[Mapping[Rung, str]] = {
    "dataset": "an override for this dataset", "collection": "an override for its collection", "alternative": "another custodian that stands in",
    "network": "the network’s concierge", "custodian": "the custodian’s own route", "contact": "the contact mailbox, which confirmed itself",
    "triage": "the gateway’s staff",
}
"""In the order in which they are tried."""
NONE: Final = "there is none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """``custodian`` decides: that of the route, or of the dataset where there is none. ``passed`` says why earlier rungs were not used."""

    rung: Rung
    route: Route | None
    custodian: Custodian | None
    passed: Mapping[str, str]

    def facts(self) -> dict[str, Any]:
        """What is kept of it with the request."""
        return {"rung": self.rung, "passed": dict(self.passed)}


@dataclass(frozen=True, slots=True)
class _Known:
    """What the ladder looks at, read once for a whole basket."""

    routes: Mapping[tuple[str, int | str], Sequence[Route]]
    """By scope, and the name or custodian that they are for; the newest first."""
    alternatives: Sequence[Alternative]
    custodians: Mapping[int, Custodian]
    networks: Counter[str]

    def best(self, rung: Rung, custodian_id: int | None, names: Sequence[str], now: datetime) -> Route | str:
        """The usable route of a rung, or why there is none."""
        keys: Sequence[int | str | None] = tuple(dict.fromkeys(names)) or (custodian_id,)
        held = [route for key in keys if key is not None for route in self.routes.get((rung, key), ()) if route.health != "replaced"]
        held.sort(key=lambda route: -route.id)
        usable = next((route for route in held if not why_not(route, now)), None)
        return usable or (why_not(held[0], now) if held else NONE)


def why_not(route: Route, now: datetime) -> str:
    """Why a route cannot be used; empty where it can."""
    if route.health != USABLE:
        return "it is suspended: the other side refused for good"
    if route.verified_at is None:
        return "it was never confirmed"
    return "it was confirmed more than twelve months ago" if route.verified_at <= now - VERIFIED_FOR else ""


def resolve(session: Session, datasets: Sequence[Asked], *, now: datetime) -> dict[str, Resolution]:
    """By the datasets' refs. The whole basket counts: a network's concierge takes over where two of its custodians are asked."""
    known = _known(session, datasets)
    return {asked.record.ref: _resolve(known, asked, now) for asked in datasets}


def resolve_each(session: Session, datasets: Sequence[Asked], *, now: datetime) -> dict[str, Resolution]:
    """As :func:`resolve` does, but each dataset as if it were asked for alone."""
    known = replace(_known(session, datasets), networks=Counter())
    return {asked.record.ref: _resolve(known, asked, now) for asked in datasets}


def grouped(session: Session, datasets: Sequence[Asked], *, now: datetime) -> list[tuple[Resolution, list[Asked]]]:
    """One group for each route (and, without one, for each custodian), in the order chosen. A REMS decides each of its workflows apart."""
    found = resolve(session, datasets, now=now)
    groups: dict[tuple[int | None, int | None, int | None], tuple[Resolution, list[Asked]]] = {}
    for asked in datasets:
        one = found[asked.record.ref]
        key = (one.custodian.id if one.custodian else None, one.route.id if one.route else None, workflow(one.route, asked))
        groups.setdefault(key, (one, []))[1].append(asked)
    return list(groups.values())


def workflow(route: Route | None, asked: Asked) -> int | None:
    """Of the dataset's item in a REMS; None for every other route, and for a dataset that has no item."""
    items = ((route.settings or {}).get("items") or {}) if route is not None and route.channel == "rems" else {}
    return items[asked.record.pid]["workflow"] if asked.record.pid in items else None


def _known(session: Session, datasets: Sequence[Asked]) -> _Known:
    ids = {asked.custodian.id for asked in datasets if asked.custodian}
    alternatives = routes.alternatives(session, ids)
    names = [name for asked in datasets for name in (asked.record.ref, *_collections(asked), *_network(asked))]
    held = routes.relevant(session, ids | {one.alternative_id for one in alternatives}, tuple(dict.fromkeys(names)))
    members = Counter({(name, asked.custodian.id) for asked in datasets if asked.custodian for name in _network(asked)})
    networks = Counter(name for name, _ in members)
    by_place: dict[tuple[str, int | str], list[Route]] = {}
    for route in held:
        by_place.setdefault((route.scope, route.scope_ref or route.custodian_id), []).append(route)
    return _Known(by_place, alternatives, custodians.by_ids(session, ids | {one.custodian_id for one in held}), networks)


def _resolve(known: _Known, asked: Asked, now: datetime) -> Resolution:
    passed: dict[str, str] = {}
    own = asked.custodian.id if asked.custodian else None
    for rung in RUNGS:
        found = _try(known, asked, rung, own, now)
        if isinstance(found, Route) and found.channel == "rems" and workflow(found, asked) is None:
            found = "the dataset has no item in its REMS"
        if isinstance(found, Route):
            return Resolution(rung=rung, route=found, custodian=known.custodians[found.custodian_id], passed=passed)
        if rung != "triage":
            passed[rung] = found
    return Resolution(rung="triage", route=None, custodian=asked.custodian, passed=passed)


def _try(known: _Known, asked: Asked, rung: Rung, own: int | None, now: datetime) -> Route | str:
    if rung == "triage" or (own is None and rung in ("alternative", "custodian", "contact")):
        return "the custodian is not known"
    if rung == "dataset":
        return known.best("dataset", None, [asked.record.ref], now)
    if rung == "collection":
        return known.best("collection", None, _collections(asked), now) if _collections(asked) else NONE
    if rung == "network":
        names = [name for name in _network(asked) if known.networks[name] > 1]
        return known.best("network", None, names, now) if names else "no other custodian of its network is asked"
    return _alternative(known, own, now) if rung == "alternative" else known.best(rung, own, (), now)


def _alternative(known: _Known, own: int | None, now: datetime) -> Route | str:
    found: Route | str = NONE
    for one in known.alternatives:
        if one.custodian_id == own:
            is_agreed = one.confirmed_by_custodian_at is not None and one.confirmed_by_alternative_at is not None
            found = known.best("custodian", one.alternative_id, (), now) if is_agreed else "not both organisations have confirmed it"
            if isinstance(found, Route):
                return found
    return found


def _collections(asked: Asked) -> list[str]:
    """What the record says it is part of, by identifier and title."""
    held = (asked.version.canonical.get("enrichmentAndLinkage") or {}).get("isPartOf") or []
    return [str(name) for one in held if isinstance(one, dict) for name in (one.get("pid"), one.get("title")) if name]


def _network(asked: Asked) -> list[str]:
    custodian = (asked.version.canonical.get("summary") or {}).get("dataCustodian") or {}
    return [str(custodian["memberOf"])] if custodian.get("memberOf") else []
