"""``/account/searches``: searches that people keep, what is new in them, and how often they are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from frontend import words
from frontend.addresses import dataset_path
from frontend.kept_search import LONGEST, NAME_AT_MOST, newest_first
from frontend.views.forms import FieldError
from frontend.views.saved_searches import (
    NewsLine,
    SavedSearchesView,
    SavedSearchLine,
    SavedSearchView,
    SaveSearchView,
)
from gateway.accounts.people import Person
from gateway.api.asking import Serving
from gateway.errors import Unprocessable
from gateway.pages.limited import by_account
from gateway.pages.saved_feeds import feed_path
from gateway.pages.showing import layout, mistakes, see_other, show
from gateway.pages.sign_in import Text
from gateway.pages.signed_in import FromOwnForm, SignedIn
from gateway.searches import keeping
from gateway.searches.keeping import OFTEN, Kept
from gateway.searches.letters import kind_of, told
from gateway.store.database import utc_now
from gateway.store.saved_searches import News
from gateway.wiring import Services

router = APIRouter(prefix="/account/searches")
DEFAULT: Final = "weekly"
CHOICES: Final = tuple(OFTEN.items())
TOLD: Final = {"off": "You are not told of news", "daily": "Told once a day", "weekly": "Told once a week"}
Address = Annotated[str, Form(max_length=LONGEST)]


@router.get("")
def listing(request: Request, services: Serving, person: SignedIn) -> Response:
    kept = keeping.kept_by(services.store, services.catalogue, person.subject)
    view = SavedSearchesView(
        layout=layout(request, services, is_indexable=False), csrf=person.csrf, searches=tuple(_line(one) for one in kept),
        removed=request.query_params.get("removed", "")[:24], done="The search is back." if "back" in request.query_params else "",
    )
    return show(request, view, store=False)


@router.get("/new")
def save_form(request: Request, services: Serving, person: SignedIn, of: str = "") -> Response:
    return show(request, _save_view(request, services, person, of), store=False)


@router.post("", dependencies=[by_account("search")])
def save(request: Request, services: Serving, person: FromOwnForm, of: Address = "", name: Text = "", often: Text = "") -> Response:
    address, _ = keeping.asked_for(services.catalogue, of)
    try:
        row = keeping.save(
            services.store, services.sealer, services.catalogue, subject=person.subject, address=address, name=name, often=often, now=utc_now()
        )
    except Unprocessable as error:
        view = _save_view(request, services, person, of, values={"name": name, "often": often}, errors=mistakes(error))
        return show(request, view, store=False)
    return see_other(f"/account/searches/{row.public_id}?saved")


@router.post("/undo")
def undo(services: Serving, person: FromOwnForm, search: Text = "") -> Response:
    keeping.restore(services.store, person.subject, search, now=utc_now())
    return see_other("/account/searches?back")


@router.get("/{search}")
def one(request: Request, services: Serving, person: SignedIn, search: str) -> Response:
    return show(request, _view(request, services, person, search), store=False)


@router.post("/{search}")
def change(request: Request, services: Serving, person: FromOwnForm, search: str, name: Text = "", often: Text = "") -> Response:
    try:
        keeping.change(services.store, person.subject, search, name=name, often=often, now=utc_now())
    except Unprocessable as error:
        view = _view(request, services, person, search)
        return show(request, replace(view, values={"name": name, "often": often}, errors=mistakes(error)), store=False)
    return see_other(f"/account/searches/{search}?changed")


@router.post("/{search}/seen")
def see(services: Serving, person: FromOwnForm, search: str) -> Response:
    """On to the results, what changed last at the front."""
    return see_other(newest_first(keeping.see(services.store, person.subject, search)).href())


@router.post("/{search}/feed")
def renew_feed(services: Serving, person: FromOwnForm, search: str) -> Response:
    keeping.renew_feed(services.store, services.sealer, person.subject, search)
    return see_other(f"/account/searches/{search}?renewed")


@router.post("/{search}/remove")
def remove(services: Serving, person: FromOwnForm, search: str) -> Response:
    keeping.remove(services.store, person.subject, search, now=utc_now())
    return see_other(f"/account/searches?removed={search}")


def _save_view(
    request: Request, services: Services, person: Person, of: str, *, values: dict[str, str] | None = None, errors: tuple[FieldError, ...] = ()
) -> SaveSearchView:
    address, asked = keeping.asked_for(services.catalogue, of)
    return SaveSearchView(
        layout=layout(request, services, is_indexable=False), csrf=person.csrf, asked=asked, href=address.href(), choices=CHOICES, errors=errors,
        values=values or {"name": asked[:NAME_AT_MOST], "often": DEFAULT},
    )


def _view(request: Request, services: Services, person: Person, search: str) -> SavedSearchView:
    kept, news = keeping.one_kept(services.store, services.catalogue, person.subject, search)
    return SavedSearchView(
        layout=layout(request, services, is_indexable=False), csrf=person.csrf, search=_line(kept), choices=CHOICES,
        feed=feed_path(services.sealer.open(kept.row.sealed_feed_token)), news=tuple(_news(one) for one in news),
        news_left=kept.counts.new + kept.counts.changed - len(news), looked_at=kept.row.looked_at.isoformat(), done=_done(request),
        values={"name": kept.row.name, "often": kept.row.often},
    )


def _done(request: Request) -> str:
    sentences = {
        "saved": "The search was saved. What it finds from now on is news.", "changed": "Your changes were saved.",
        "renewed": "The feed has a new address. The old one does not work any more.",
    }
    return next((sentence for name, sentence in sentences.items() if name in request.query_params), "")


def _line(kept: Kept) -> SavedSearchLine:
    row = kept.row
    return SavedSearchLine(
        name=row.name, asked=kept.asked, href=kept.address.href(), path=f"/account/searches/{row.public_id}", news=told(kept.counts),
        since=row.seen_at.isoformat(), found=words.counted(kept.found, "dataset"), often=TOLD[row.often], vanished=tuple(row.vanished),
    )


def _news(one: News) -> NewsLine:
    return NewsLine(one.title, dataset_path(one.ref, one.slug), f"{kind_of(one)}, {words.day(one.at.isoformat())}")
