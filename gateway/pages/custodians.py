"""The directory of custodians, and the page of each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from frontend.addresses import SearchAddress, custodian_path, dataset_path, source_path
from frontend.record_facts import years
from frontend.views.custodians import CustodianDirectoryView, CustodianRow, CustodianView, HeldDataset
from frontend.views.layout import Link
from frontend.words import ROUTES
from gateway.access.files import Download
from gateway.access.part_forms import template_of
from gateway.access.pathways.keeping import pathway_at
from gateway.access.policy import policy_of
from gateway.access.published_figures import published_figures
from gateway.api.asking import Serving
from gateway.catalogue.published import Published
from gateway.catalogue.quality import median_of_custodian
from gateway.pages.showing import layout, show
from gateway.pages.statistics import count_figures, time_figures
from gateway.store import clocks, custodians, requests
from gateway.store.database import utc_now
from gateway.uploads.names import ending
from gateway.web.answers import attached

router = APIRouter()
SHOWN_DATASETS = 25


@router.get("/custodians")
def directory(
    request: Request, services: Serving, q: Annotated[str, Query(max_length=200)] = "",
    nation: Annotated[str, Query(max_length=100)] = "", category: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    with services.store.reading() as session:
        cards = custodians.directory(session)
        found = custodians.directory(session, text=q) if q else cards
        harvested = custodians.last_harvests(session)
    rows = [
        CustodianRow(
            slug=card.custodian.slug, name=card.custodian.name, category=card.custodian.category,
            nations=tuple(card.custodian.nations), datasets=card.datasets,
            last_harvest=at.isoformat() if (at := harvested.get(card.custodian.id)) else None,
            is_demonstration=card.custodian.is_demonstration,
        )
        for card in found
        if (not nation or nation in card.custodian.nations) and (not category or category == card.custodian.category)
    ]
    view = CustodianDirectoryView(
        layout=layout(request, services), rows=tuple(rows), all_count=len(cards), q=q, nation=nation, category=category,
        nations=tuple(sorted({nation for card in cards for nation in card.custodian.nations})),
        categories=tuple(sorted({card.custodian.category for card in cards if card.custodian.category})),
    )
    return show(request, view)


@router.get("/custodians/{slug}")
def custodian(request: Request, services: Serving, slug: str) -> Response:
    with services.store.reading() as session:
        card = custodians.card(session, slug)
        feeds = custodians.sources_of(session, card.custodian.id)
        way = pathway_at(session, policy_of(clocks.policy_at(session, card.custodian.id, utc_now())).pathway, utc_now())
        route = requests.usable_routes(session, [card.custodian.id], now=utc_now()).get(card.custodian.id)
    one = card.custodian
    found = published_figures(services.store, now=utc_now()).figures.get(one.slug)
    times = found.times["decision"] if found else None
    shown = services.catalogue.listing(custodian_id=one.id, limit=SHOWN_DATASETS)
    view = CustodianView(
        layout=layout(request, services, canonical=custodian_path(slug)), slug=one.slug, name=one.name, category=one.category,
        nations=tuple(one.nations), about=one.description, contact=one.contact, identifier=one.identifier,
        is_demonstration=one.is_demonstration, datasets=tuple(_held(published) for published in shown),
        dataset_count=card.datasets, all_href=SearchAddress().adding("custodian", one.name).href(),
        median_quality=median_of_custodian(services.store, one.id), route=ROUTES[route.channel if route else "triage"],
        decisions=times.parts if times else 0, median_days_to_decision=times.median if times else None,
        ninetieth_days_to_decision=times.ninetieth if times else None,
        counts=count_figures(found) if found else (), times=time_figures(found) if found else (),
        way=Link(way.title, f"/pathways/{way.id}"),
        sources=tuple(Link(feed.name, source_path(feed.slug)) for feed in feeds),
    )
    return show(request, view)


def _held(published: Published) -> HeldDataset:
    record, summary = published.row.record, published.dataset.summary
    first, last, goes_on = years(published.dataset)
    people = summary.population_size
    return HeldDataset(
        title=record.title or record.local_id, href=dataset_path(record.ref, record.slug), abstract=summary.abstract,
        people=people if people is not None and people >= 0 else None, year_from=first, year_to=last, is_continuing=goes_on,
    )


@router.get("/custodians/{slug}/forms/{version}/template")
def own_form(services: Serving, slug: str, version: int) -> Response:
    """The custodian's own document, to be filled in."""
    found = template_of(services.store, slug, version)
    return attached(Download(f"{slug}-form-{version}.{ending(found.name)}", found.name, found.media_type, services.files.get(found.sha256)))
