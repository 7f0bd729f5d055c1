"""``/nations``: what is held of each nation and region, and by which ways one gets at it. And as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.addresses import SearchAddress, nation_path
from frontend.pictures.tile_map import ENGLAND_ALONE, REGIONS, UNITED_KINGDOM
from frontend.place_map import NOT_REPORTED, PlaceTiles, narrowed_to
from frontend.views.layout import Link, Twin
from frontend.views.nations import NationCard, NationsAddress, NationsView, NationView
from frontend.views.pathways import PathwayCard
from gateway.api.asking import Serving
from gateway.catalogue import place_counts
from gateway.catalogue.published import Catalogue
from gateway.errors import NotFound, Unavailable
from gateway.pages.limited import SEARCHING
from gateway.pages.pathways import all_cards
from gateway.pages.showing import layout, moved, show
from gateway.pages.tables import csv_lines, csv_name
from gateway.web.answers import answer
from search.places import NATIONS

router = APIRouter(dependencies=SEARCHING)
BY_PATH: Final = {nation_path(nation): nation for nation in NATIONS}
"""England first: its ways are those of its regions."""
KINDS: Final = {UNITED_KINGDOM: "whole", ENGLAND_ALONE: "nation without region", NOT_REPORTED: "not reported", **dict.fromkeys(REGIONS, "region")}


@router.get("/nations")
def listing(request: Request, services: Serving) -> Response:
    address = NationsAddress.read(request.query_params.multi_items())
    if request.url.query != address.href().partition("?")[2] and not address.problems:
        return moved(address.href())
    tiles, counts = _held(services.catalogue, address)
    view = NationsView(
        layout=layout(request, services, canonical=address.href(), twins=(Twin("CSV", address.href(".csv"), "text/csv"),), is_indexable=not address.parameters()),
        address=address, tiles=tiles, is_unreachable=counts is None, nations=nation_cards(all_cards(services), _searched(address), counts),
    )
    return show(request, view)


@router.get("/nations.csv")
def as_csv(request: Request, services: Serving) -> Response:
    """The rows of the page's table. An empty field is not known."""
    address = NationsAddress.read(request.query_params.multi_items())
    searched = _searched(address)
    tiles = place_counts.tiles_of(services.catalogue, searched, place_counts.counted_by_place(services.catalogue, searched), address.measure)
    lines = [(tile.name, KINDS.get(tile.place, "nation"), tile.value) for tile in (tiles.rows if tiles else ())]
    headers = {"Content-Disposition": f'attachment; filename="{csv_name(services, "nations")}"'}
    return answer(request, csv_lines([("place", "kind", address.measure), *lines]).encode(), "text/csv; charset=utf-8", headers=headers)


@router.get("/nations/{nation}")
def one(request: Request, services: Serving, nation: str) -> Response:
    name = BY_PATH.get(f"/nations/{nation}")
    if name is None:
        raise NotFound("There is no such nation here.", hint="The page of nations lists all of them.")
    cards, address = all_cards(services), narrowed_to(SearchAddress(), name)
    counts = _counts(services.catalogue, address)
    view = NationView(
        layout=layout(request, services), name=name, search_href=address.href(), open_href=address.adding("open", "yes").href(),
        datasets=counts[0], open_datasets=counts[1], custodians=counts[2], ways=tuple(_ways(cards, name)),
        other_ways=_links(_ways(cards, UNITED_KINGDOM)) if name != UNITED_KINGDOM else (),
        others=tuple(Link(other, path) for path, other in BY_PATH.items() if other != name),
    )
    return show(request, view)


def _searched(address: NationsAddress) -> SearchAddress:
    return SearchAddress().only("open", "yes") if address.only_open else SearchAddress()


def _held(catalogue: Catalogue, address: NationsAddress) -> tuple[PlaceTiles | None, Mapping[str, int] | None]:
    """The page stands without the index: nothing is counted then, and it says so."""
    searched = _searched(address)
    try:
        page = place_counts.counted_by_place(catalogue, searched)
        nations = {value.value: value.count for facet in page.facets if facet.name == "nation" for value in facet.values}
        return place_counts.tiles_of(catalogue, searched, page, address.measure), nations
    except Unavailable:
        return None, None


def _counts(catalogue: Catalogue, address: SearchAddress) -> tuple[int | None, int | None, int | None]:
    """Datasets, those that can be requested now, custodians."""
    try:
        requestable = address.adding("open", "yes")
        return place_counts.datasets(catalogue, address), place_counts.datasets(catalogue, requestable), place_counts.custodians(catalogue, address)
    except Unavailable:
        return None, None, None


def nation_cards(cards: Sequence[PathwayCard], searched: SearchAddress, counts: Mapping[str, int] | None) -> tuple[NationCard, ...]:
    return tuple(
        NationCard(
            name=name, href=path, datasets=None if counts is None else counts.get(name, 0), search_href=narrowed_to(searched, name).href(),
            ways=_links(_ways(cards, name)),
        )
        for path, name in BY_PATH.items()
    )


def _ways(cards: Iterable[PathwayCard], nation: str) -> Iterable[PathwayCard]:
    return (card for card in cards if card.nation.strip().casefold() == nation.casefold())


def _links(cards: Iterable[PathwayCard]) -> tuple[Link, ...]:
    return tuple(Link(card.title, card.href) for card in cards)
