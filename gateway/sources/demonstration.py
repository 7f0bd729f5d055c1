"""Register the demonstration custodians: who they are, how they are harvested, how requests reach them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from demonstration.server import DemonstrationCustodian
from gateway.access.part_forms import publish
from gateway.access.routes import set_route
from gateway.accounts.demonstration import settle
from gateway.sources.registering import NewSource, Policy, add_source, change_configuration
from gateway.store import Store, custodians, sources
from gateway.store.sealing import Sealer

ENDPOINTS = frozenset({"oai-pmh", "ckan"})
"""Kinds that put paths or questions behind the address they are given."""


def register(store: Store, sealer: Sealer, found: Sequence[DemonstrationCustodian], *, now: datetime) -> int:
    """Add custodians, sources and routes that are not there yet; returns how many custodians were added.

    Addresses follow the ports on which the demonstration listens this time.
    """
    added = 0
    for demonstration in found:
        if _known(store, demonstration):
            _follow_address(store, demonstration)
            continue
        with store.transaction() as tx:
            custodian = custodians.add(
                tx.session, name=demonstration.name, slug=demonstration.slug, now=now, category=demonstration.category,
                nations=list(demonstration.nations), description=demonstration.description, contact=demonstration.contact,
                is_demonstration=True,
            )
        add_source(store, sealer, _source(demonstration), now=now)
        _route(store, sealer, custodian.slug, demonstration, now)
        if demonstration.form is not None:
            publish(store, custodian.slug, demonstration.form, actor="demonstration", now=now)
        added += 1
    return added


def _known(store: Store, demonstration: DemonstrationCustodian) -> bool:
    with store.reading() as session:
        return any(source.slug == demonstration.slug for source in sources.listing(session))


def _follow_address(store: Store, demonstration: DemonstrationCustodian) -> None:
    with store.reading() as session:
        source = sources.by_slug(session, demonstration.slug)
        kind, configuration = source.kind, source.configuration
    wanted = _address(demonstration, kind)
    if any(configuration.get(name) != value for name, value in wanted.items()):
        change_configuration(store, demonstration.slug, wanted, policy=_policy(demonstration))


def _address(demonstration: DemonstrationCustodian, kind: str) -> dict[str, str]:
    """Where a source of that kind begins. One registered before its custodian learnt another protocol stays as it is."""
    if kind == demonstration.protocol and demonstration.start_url:
        return {"base_url" if kind in ENDPOINTS else "url": demonstration.start_url}
    return {"base_url": demonstration.base_url}


def _source(demonstration: DemonstrationCustodian) -> NewSource:
    configuration: dict[str, object] = {**_address(demonstration, demonstration.protocol)}
    if demonstration.protocol == "federation":
        configuration |= {"list_path": demonstration.list_path, "detail_path": demonstration.detail_path, "auth": demonstration.auth}
    if demonstration.header:
        configuration["header_name"] = demonstration.header
    return NewSource(
        name=demonstration.name, slug=demonstration.slug, kind=demonstration.protocol, custodian=demonstration.slug,
        configuration=configuration, secret=demonstration.secret, policy=_policy(demonstration),
    )


def _policy(demonstration: DemonstrationCustodian) -> Policy:
    port = urlsplit(demonstration.base_url).port
    return Policy(
        allow_http=True, allowed_networks=["127.0.0.0/8"], allowed_ports=[port] if port else [], min_interval_seconds=0
    )


def _route(store: Store, sealer: Sealer, slug: str, demonstration: DemonstrationCustodian, now: datetime) -> None:
    route = demonstration.route
    if route["channel"] == "none":
        return
    if route["channel"] == "committee":
        settle(store, sealer, custodian=slug, now=now)
    set_route(
        store, sealer, custodian=slug, channel=route["channel"], target=route["target"],
        secret=demonstration.webhook_secret if route["channel"] == "webhook" else None, verified=True, now=now,
    )
