"""Sample views of the ways to data, made from the pathways themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from frontend.addresses import SearchAddress
from frontend.place_map import place_tiles
from frontend.views.dataset import DatasetHead
from frontend.views.forms import FieldError
from frontend.views.layout import Layout, Link, PageView
from frontend.views.nations import NationsAddress, NationsView, NationView
from frontend.views.pathways import (
    ComparedRow,
    ComparePathwaysView,
    ConditionOfUse,
    DatasetAccessView,
    EditionRow,
    EditPathwayView,
    PathwayOffice,
    PathwayRemoval,
    PathwayRow,
    PathwaysView,
    PathwayView,
)
from frontend.views.requests import ActionField
from frontend.views.statistics import CustodianFigures, Figure, StatisticsView, TimeFigures
from gateway.access.pathways.listing import PATHWAYS
from gateway.pages.nations import nation_cards
from gateway.pages.pathway_forms import last_fields, step_fields, top_fields, typed
from gateway.pages.pathways import ROWS, card_of
from search.engine import Facet, FacetValue

CARDS = tuple(card_of(one, date(2026, 12, 1)) for one in PATHWAYS.values())


REMOVAL = PathwayRemoval(do="remove", confirm=ActionField(name="confirm", label="Type its name to confirm", kind="text", hint="uk.genes"))
EDITED = EditPathwayView(
    layout=Layout(version="0.1.0", path="/admin/pathways/uk.cprd", is_indexable=False, person_name="Ada Marker", csrf="t"), csrf="t", action="/admin/pathways/uk.cprd",
    name="CPRD", version=2, values={f"way-{name}": text for name, text in typed(PATHWAYS["uk.cprd"]).items()}, first=top_fields(is_new=False),
    steps=step_fields(5), last=last_fields(), history=(
        EditionRow(version=2, at="2026-12-01T09:00:00+00:00", by="Ada Marker", changed=("Title", "Steps"), source="https://www.cprd.com/data-access"),
        EditionRow(version=1, at=None, by=None, changed=(), source="https://www.cprd.com/data-access"),
    ),
)


def figures(layout: Layout) -> StatisticsView:
    told = TimeFigures(name="decision", words="From sending to the first decision", parts=12, median=18, ninetieth=41, elapsed_median=30, elapsed_ninetieth=70)
    few = TimeFigures(name="access", words="From approval to access", parts=None, median=None, ninetieth=None, elapsed_median=None, elapsed_ninetieth=None)
    return StatisticsView(
        layout=layout, since="2025-12-01", until="2026-12-01", times=(replace(told, name="acknowledgement", words="From sending to confirmed receipt"), told, few),
        counts=(Figure(words="Sent", value=1200), Figure(words="Closed without a decision", value=9), Figure(words="No answer came", value=None, is_part=True)),
        questions=(Figure(words="Asked", value=40), Figure(words="General questions", value=31, is_part=True), Figure(words="Became a request", value=None)),
        custodians=(CustodianFigures(custodian=Link("Vale", "/custodians/vale"), questions=12, submitted=20, decided=12, approved=None, times=(told, told, few)),),
    )


NATIONS = (
    Facet("nation", (FacetValue("England", 438), FacetValue("Scotland", 120), FacetValue("United Kingdom", 57), FacetValue("Wales", 44), FacetValue("Not reported", 12)), 5),
    Facet("region", (FacetValue("London", 1260), FacetValue("South West", 18), FacetValue("North East", 61), FacetValue("Not reported", 140)), 4),
)
TILES = place_tiles(SearchAddress(), NATIONS, 93)
assert TILES is not None


def nations(layout: Layout) -> dict[str, PageView]:
    counts = {"England": 438, "Scotland": 120, "United Kingdom": 57, "Wales": 44}
    shown = NationsView(layout=layout, address=NationsAddress(), tiles=TILES, nations=nation_cards(CARDS, SearchAddress(), counts))
    scotland = NationView(
        layout=layout, name="Scotland", search_href="/search?nation=Scotland", open_href="/search?open=yes&nation=Scotland", datasets=120, open_datasets=31, custodians=9,
        ways=tuple(card for card in CARDS if card.nation == "Scotland"), other_ways=(Link("Usual way", "/pathways/generic"),), others=(Link("Wales", "/nations/wales"),),
    )
    people = tuple(replace(tile, value=tile.value * 12_345 or None) for tile in TILES.places if tile.value is not None)
    return {
        "/nations": shown,
        "/nations/people": replace(shown, address=NationsAddress(measure="people", only_open=True, problems=("We do not know it.",)), tiles=replace(TILES, places=people)),
        "/nations/unreachable": replace(shown, tiles=None, is_unreachable=True, nations=nation_cards(CARDS, SearchAddress(), None)),
        "/nations/empty": replace(shown, tiles=None, nations=nation_cards((), SearchAddress(), {})),
        "/nations/scotland": scotland,
        "/nations/united-kingdom": replace(scotland, name="United Kingdom", ways=tuple(card for card in CARDS if card.nation == "United Kingdom"), other_ways=()),
        "/nations/wales": replace(scotland, name="Wales", datasets=0, ways=()),
        "/nations/england": replace(scotland, name="England", datasets=None, open_datasets=None, custodians=None),
    }


def pages(layout: Layout, head: DatasetHead, bare: DatasetHead) -> dict[str, PageView]:
    rows = tuple(ComparedRow(label=label, values=tuple(tuple(line(card)) for card in CARDS)) for label, line in ROWS.items())
    full = DatasetAccessView(
        layout=layout, head=head, card=CARDS[0], route="e-mail", rights=("https://rights.example.org/apply",), lead_time="1-2 months", cost="£500",
        jurisdiction="GB-ENG", environment="TRE", controller="Vale", contact="access@vale.example", decisions=12, median_days=18,
        conditions=(
            ConditionOfUse(stated="No linkage", words="No linkage", judged="Judged from: whether data are linked."),
            ConditionOfUse(stated="Something of our own", words=None, judged="The custodian reads it."),
        ),
    )
    return {
        "/statistics": figures(layout),
        "/statistics/none": StatisticsView(layout=layout, since="2025-12-01", until="2026-12-01", counts=(), questions=(), times=(), custodians=()),
        **nations(layout),
        "/pathways": PathwaysView(layout=layout, cards=CARDS),
        "/pathways/one": PathwayView(layout=layout, card=CARDS[0], custodians=(Link("Vale", "/custodians/vale"),)),
        "/pathways/unchecked": PathwayView(layout=layout, card=replace(CARDS[-1], is_unchecked=True)),
        "/admin/pathways": PathwayOffice(layout=layout, published="CPRD", rows=(
            PathwayRow(id="uk.cprd", title="CPRD", nation="United Kingdom", version=2, last_checked="2026-11-28", is_unchecked=False),
            PathwayRow(id="wales.sail", title="SAIL Databank", nation="Wales", version=1, last_checked="2026-01-28", is_unchecked=True),
        )),
        "/admin/pathways/one": EDITED,
        "/admin/pathways/preview": replace(EDITED, preview=CARDS[1], differs=("Title", "Steps")),
        "/admin/pathways/overtaken": replace(EDITED, preview=CARDS[1], differs=("Title",), overtaken="Somebody published another version meanwhile."),
        "/admin/pathways/wrong": replace(EDITED, errors=(FieldError("way-title", "Write something."), FieldError("way-steps.0.title", "Give the step a name."))),
        "/admin/pathways/removable": replace(EDITED, removal=REMOVAL),
        "/admin/pathways/unconfirmed": replace(EDITED, removal=REMOVAL, errors=(FieldError("way-confirm", "Type the name of this way to confirm: uk.genes"),)),
        "/admin/pathways/restorable": replace(EDITED, removal=replace(REMOVAL, do="restore")),
        "/admin/pathways/used": replace(EDITED, removal=replace(REMOVAL, used=("Vale has chosen it.", "A request is under way on it: AR-1."))),
        "/admin/pathways/removed": PathwayOffice(layout=layout, rows=(), removed="Genes"),
        "/admin/pathways/new": replace(EDITED, name="", version=0, values={}, first=top_fields(is_new=True), steps=step_fields(0), history=()),
        "/pathways/compare": ComparePathwaysView(layout=layout, cards=CARDS, all_cards=CARDS, rows=rows),
        "/datasets/7kq2m-primary-care-events/access": full,
        "/datasets/z9z9z-untold/access": DatasetAccessView(layout=layout, head=bare, card=CARDS[-1], route="the gateway's staff"),
    }
