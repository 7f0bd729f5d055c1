"""``/feeds``: every public feed that there is, by its address."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.addresses import SearchAddress
from frontend.column_addresses import ColumnAddress
from frontend.views.feeds import CustodianFeed, Feed, FeedsView
from frontend.views.layout import Twin
from gateway.api.asking import Serving
from gateway.pages.feeds import ENTRIES
from gateway.pages.showing import layout, show
from gateway.store import custodians

router = APIRouter()
FEEDS: Final = (
    Feed("New and changed datasets", SearchAddress().href(".atom"), "Every dataset that is added, and every one whose description changes, with what changed."),
    Feed("Datasets with described columns", ColumnAddress().href(".atom"), "The same, of those datasets alone that come with a list of their columns."),
    Feed("Uses of data", "/uses.atom", "Who was given access to which data, and what for: the data use register."),
)
"""Of the whole catalogue."""


@router.get("/feeds")
def feeds(request: Request, services: Serving) -> Response:
    with services.store.reading() as session:
        cards = custodians.directory(session)
    view = FeedsView(
        layout=layout(request, services, twins=(Twin(feed.name, feed.href, "application/atom+xml") for feed in FEEDS)), feeds=FEEDS, most=ENTRIES,
        custodians=tuple(CustodianFeed(card.custodian.name, card.datasets) for card in cards if card.datasets),
    )
    return show(request, view)
