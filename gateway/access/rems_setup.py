"""Setting up a custodian's REMS as its route: which of its catalogue items are which datasets, and which fields take which answers."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.access.bank.whole import BANK
from gateway.access.routes import check_web_address
from gateway.channels.channel import DeliveryError
from gateway.channels.rems import PART, SNAPSHOT, Caller, Rems
from gateway.errors import Unprocessable
from gateway.models import Route
from gateway.store import Store, custodians, requests, routes
from gateway.store.sealing import Sealer


@dataclass(frozen=True, slots=True, kw_only=True)
class RemsSet:
    """``items`` maps persistent ids of datasets to catalogue items, ``unknown`` are items that are no dataset of the custodian here."""

    items: Mapping[str, int]
    unknown: tuple[str, ...]
    notify_secret: str


def look_at(caller: Caller, *, target: str, api_key: str, reader: str) -> list[dict[str, Any]]:
    """The catalogue items that can be applied for. Raises :class:`Unprocessable` with what REMS said."""
    check_web_address(target)
    try:
        found = Rems(caller, target, api_key, reader).get("/api/catalogue-items")
    except DeliveryError as error:
        raise Unprocessable(error.message, hint="Check the address, the key and the user's id.") from None
    return [one for one in found if one.get("enabled", True) and not one.get("archived", False)]


def set_rems(
    store: Store, sealer: Sealer, caller: Caller, *, custodian: str, target: str, api_key: str, reader: str, applicant: str, fields: Mapping[str, str], now: datetime
) -> RemsSet:
    """Send the custodian's requests to its REMS from now on. ``fields`` maps ``form/field`` to keys of the question bank.

    A catalogue item is a dataset's where its ``resid`` is the dataset's persistent id. Raises :class:`NotFound`, :class:`Unprocessable`.
    """
    _check_fields(fields)
    found = look_at(caller, target=target, api_key=api_key, reader=reader)
    by_id = {str(one["resid"]): {"id": int(one["id"]), "workflow": int(one["wfid"])} for one in found}
    notify = secrets.token_urlsafe(32)
    with store.transaction() as tx:
        custodian_id = custodians.by_slug(tx.session, custodian).id
        known = requests.pids_of_custodian(tx.session, custodian_id)
        items = {pid: one for pid, one in by_id.items() if pid in known}
        if not items:
            raise Unprocessable("No item of this REMS is a dataset of the custodian here.", hint="An item's resid must be the dataset's persistent id.")
        held = routes.of_scope(tx.session, custodian_id, "custodian", None)
        for other in held:
            other.health = "replaced"
        route = next((one for one in held if one.channel == "rems"), None)
        if route is None:
            route = Route(custodian_id=custodian_id, channel="rems", target=target, scope="custodian", created_at=now)
            tx.session.add(route)
        route.target, route.health, route.verified_at = target.rstrip("/"), requests.USABLE, now
        route.secret = sealer.seal(json.dumps({"api_key": api_key, "notify_secret": notify}))
        route.settings = {"reader": reader, "applicant": applicant, "items": items, "fields": dict(fields)}
        tx.session.flush()
        requests.touch_datasets_of(tx.session, custodian_id, now=now)
    return RemsSet(items={pid: one["id"] for pid, one in items.items()}, unknown=tuple(sorted(set(by_id) - set(items))), notify_secret=notify)


def _check_fields(fields: Mapping[str, str]) -> None:
    known = {*BANK, PART, SNAPSHOT, "gateway.reference"}
    bad = [f"{place}={key}" for place, key in fields.items() if key not in known or not place.partition("/")[0].isdecimal() or not place.partition("/")[2]]
    if bad:
        raise Unprocessable(f"Not understood: {', '.join(bad)}.", hint="Write FORM/FIELD=KEY, as 5/fld1=project.title.")
    if PART not in fields.values():
        raise Unprocessable(
            "One field must take the part's id, or a second try could not find the first.", hint=f"Map a text field: FORM/FIELD={PART}"
        )
