"""The search page and its twins for programs and spreadsheets."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.addresses import SearchAddress, column_path, dataset_path, with_query
from frontend.custodian_text import excerpt
from frontend.views.layout import Twin
from frontend.views.search import AlsoDescribed, MatchedIn, NearestColumn, ResultCard, SearchView, Widening
from gateway.api.asking import Serving
from gateway.api.search import search as search_api
from gateway.catalogue.place_counts import england_alone
from gateway.catalogue.searching import query_of
from gateway.errors import Unavailable
from gateway.pages.limited import SEARCHING
from gateway.pages.showing import held, layout, moved, show
from gateway.pages.tables import table_of
from gateway.store.custodians import slugify
from gateway.wiring import Services
from search.engine import Fragment, Hit, Query

router = APIRouter(dependencies=SEARCHING)
ELSEWHERE: Final = {"datause": "/uses", "custodian": "/custodians"}
"""``type`` -> where other things than datasets are searched."""
WIDENINGS: Final = 12
NEAREST_COLUMNS: Final = 5
SNIPPET_FIELDS: Final = ("abstract", "description", "column_descriptions", "table_descriptions")
SNIPPET_CHARACTERS: Final = 240
CSV_COLUMNS: Final = (
    "title", "custodian_name", "pid", "population", "year_start", "year_end", "is_continuing", "places", "lead_time", "model",
    "vocab", "table_count", "column_count", "findings_errors", "spec_version", "updated", "abstract",
)


@router.get("/search")
def search(request: Request, services: Serving) -> Response:
    address = SearchAddress.read(request.query_params.multi_items())
    if elsewhere := ELSEWHERE.get(request.query_params.get("type", "")):
        return moved(with_query(elsewhere, [("q", address.q)] if address.q else []))
    if request.url.query != address.query() and not address.problems:
        return moved(address.href())
    found = services.catalogue.search(query_of(services.catalogue, address, facet_values=1000 if address.expanded else 50))
    basket = held(request, services)
    view = SearchView(
        layout=layout(
            request, services, canonical=address.href(), search_words=address.q, twins=_twins(address),
            is_indexable=not address.parameters(),
        ),
        address=address, total=found.total, facets=found.facets, problems=address.problems,
        cards=tuple(card(hit, is_in_basket=hit.id in basket) for hit in found.hits), corrected_to=found.corrected_to, did_you_mean=found.did_you_mean,
        also_searched=found.also_searched, read_as=found.read_as, linkable_title=_title(services, address.linkable),
        widenings=_widenings(services, address) if not found.total else (), england_alone=england_alone(services.catalogue, address, found),
    )
    return show(request, view if found.total or not address.q else _with_nearest_columns(services, view))


@router.get("/search.json")
def as_json(request: Request, services: Serving) -> Response:
    """The API's answer, at the page's address."""
    address = SearchAddress.read(request.query_params.multi_items())
    return search_api(request, services, q=address.q, limit=address.per, cursor=request.query_params.get("cursor"))


@router.get("/search.csv")
def as_csv(request: Request, services: Serving) -> Response:
    """Every row of the result, in page order, not the page alone."""
    address = SearchAddress.read(request.query_params.multi_items())
    return table_of(
        request, services, services.catalogue.search, query_of(services.catalogue, address), name="search", header=("ref", *CSV_COLUMNS, "url"),
        row=lambda hit: [hit.id, *(hit.stored.get(name) for name in CSV_COLUMNS), services.settings.resolved_public_url + card(hit).href],
    )


def card(hit: Hit, *, is_in_basket: bool = False) -> ResultCard:
    stored = hit.stored
    return ResultCard(
        ref=hit.id, slug=slugify(stored.get("title") or "", limit=80), title=stored.get("title") or hit.id,
        title_marked=hit.highlights.get("title", ()), custodian_name=stored.get("custodian_name"),
        custodian_slug=stored.get("custodian_slug"), request_status=stored.get("request_status", "unrouted"),
        request_status_reason=stored.get("request_reason"),
        snippet=_snippet(hit), matched_in=_matched_in(hit), people=stored.get("population"), year_from=stored.get("year_start"),
        year_to=stored.get("year_end"), is_continuing=bool(stored.get("is_continuing")), places=tuple(stored.get("places", ())),
        lead_time=stored.get("lead_time"), models=tuple(stored.get("model", ())), columns=stored.get("column_count"),
        described=_percent(stored.get("quality")), updated=stored.get("updated"), is_in_basket=is_in_basket,
        also_described=tuple(
            AlsoDescribed(one["title"], dataset_path(one["ref"], one.get("slug")), one.get("custodian_name")) for one in stored.get("also_described", ())
        ),
    )


def _percent(quality: float | None) -> int | None:
    return None if quality is None else round(quality)


def _snippet(hit: Hit) -> tuple[Fragment, ...]:
    for name in SNIPPET_FIELDS:
        if any(fragment.marked for fragment in hit.highlights.get(name, ())):
            return hit.highlights[name]
    cut = excerpt(hit.stored.get("abstract"), SNIPPET_CHARACTERS)
    return (Fragment(cut, marked=False),) if cut else ()


def _matched_in(hit: Hit) -> tuple[MatchedIn, ...]:
    tables = {"columns": hit.column_tables}
    return tuple(
        MatchedIn(name, pieces, hit.matched_columns if name == "columns" else None, hit.by_synonym.get(name), tables.get(name, ()))
        for name, pieces in hit.matched_in.items()
    )


def _widenings(services: Services, address: SearchAddress) -> tuple[Widening, ...]:
    """What leaving out each filter would give, largest gain first."""
    view = SearchView(address=address, total=0)
    found = []
    for chip in view.chips[:WIDENINGS]:
        without = SearchAddress.read(_pairs(chip.href))
        total = services.catalogue.search(replace(query_of(services.catalogue, without), facets=(), limit=0, highlight=False)).total
        found.append(Widening(chip.words, chip.href, total))
    return tuple(sorted(found, key=lambda widening: -widening.count))


def _with_nearest_columns(services: Services, view: SearchView) -> SearchView:
    """With columns that hold the words; without where the columns cannot be searched."""
    try:
        found = services.catalogue.search_variables(Query(text=view.address.q, exact=view.address.exact, limit=NEAREST_COLUMNS))
    except Unavailable:
        return view
    known = services.catalogue.titles([hit.stored["dataset"] for hit in found.hits])
    nearest = tuple(_nearest(hit, *known.get(hit.stored["dataset"], (hit.stored.get("dataset_title", ""), None))) for hit in found.hits)
    return replace(view, nearest_columns=nearest, columns_total=found.total)


def _nearest(hit: Hit, title: str, slug: str | None) -> NearestColumn:
    name = hit.stored.get("name", "")
    href = column_path(hit.stored["dataset"], slug, hit.stored.get("table") or "", name)
    return NearestColumn(name=name, name_marked=hit.highlights.get("name", ()), href=href, dataset_title=title)


def _pairs(href: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(href).query)


def _title(services: Services, ref: str) -> str:
    return services.catalogue.titles([ref]).get(ref, (ref, None))[0] if ref else ""


def _twins(address: SearchAddress) -> tuple[Twin, ...]:
    return (
        Twin("CSV", address.on_page(1).href(".csv"), "text/csv"),
        Twin("JSON", address.on_page(1).href(".json"), "application/json"),
        Twin("Atom", address.on_page(1).href(".atom"), "application/atom+xml"),
    )
