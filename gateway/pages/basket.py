"""The basket: what it holds by custodian, and putting in and taking out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from frontend.record_facts import can_i_use, column_count, years
from frontend.views.basket import BasketGroup, BasketItem, BasketView
from frontend.words import ROUTES
from gateway.api.asking import Serving
from gateway.catalogue import basket
from gateway.catalogue.chosen_columns import Choice
from gateway.catalogue.published import Published
from gateway.errors import Gone, NotFound
from gateway.pages import choices
from gateway.pages.showing import held, layout, local_path, see_other, show
from gateway.store import requests
from gateway.store.database import utc_now
from gateway.web.answers import BASKET_COOKIE
from gateway.wiring import Services

router = APIRouter()
Ref = Annotated[str, Form(max_length=16)]
Next = Annotated[str, Form(max_length=2000)]


@router.get("/basket")
def show_basket(request: Request, services: Serving) -> Response:
    refs = held(request, services)
    view = BasketView(layout=layout(request, services, is_indexable=False), groups=groups(services, refs, choices.chosen(request, services)))
    return show(request, view)


@router.post("/basket/add")
def add(request: Request, services: Serving, ref: Ref, next: Next = "/basket") -> Response:  # noqa: A002  the form's field
    services.catalogue.get(ref)
    return _kept(services, basket.add(held(request, services), ref), next)


@router.post("/basket/remove")
def remove(request: Request, services: Serving, ref: Ref, next: Next = "/basket") -> Response:  # noqa: A002  the form's field
    choices.forget(request, services, [ref])
    return _kept(services, basket.remove(held(request, services), ref), next)


@router.post("/basket/columns/remove")
def remove_columns(request: Request, services: Serving, ref: Ref) -> Response:
    """The dataset stays; its columns are to be chosen anew, or told in the request."""
    choices.forget(request, services, [ref])
    return see_other("/basket")


def keep(services: Services, response: Response, refs: Sequence[str]) -> None:
    """Set the cookie to hold these refs; without any it goes."""
    is_secure = services.settings.is_https
    if not refs:
        response.delete_cookie(BASKET_COOKIE, secure=is_secure, httponly=True, samesite="lax")
        return
    response.set_cookie(
        BASKET_COOKIE, services.basket.write(refs), max_age=int(basket.KEPT_FOR.total_seconds()), secure=is_secure, httponly=True, samesite="lax"
    )


def groups(services: Services, refs: Sequence[str], columns: Mapping[str, Choice]) -> tuple[BasketGroup, ...]:
    """The datasets by who decides on them, in the order in which they were added; what is gone says so. ``columns`` are those chosen by ref."""
    found = {published.row.record.ref: published for published in services.catalogue.get_many(refs)}
    by_custodian: dict[str | None, list[Published]] = {}
    for published in found.values():
        custodian = published.row.custodian
        by_custodian.setdefault(custodian.slug if custodian else None, []).append(published)
    routes = _routes(services, found.values())
    shown = [_group(members, routes, columns) for members in by_custodian.values()]
    gone = tuple(_gone(services, ref) for ref in refs if ref not in found)
    return (*shown, BasketGroup(custodian_name="No longer here", custodian_slug=None, items=gone)) if gone else tuple(shown)


def _routes(services: Services, found: Iterable[Published]) -> dict[int, str]:
    ids = {one.row.custodian.id for one in found if one.row.custodian}
    with services.store.reading() as session:
        return {number: route.channel for number, route in requests.usable_routes(session, ids, now=utc_now()).items()}


def _group(members: list[Published], routes: dict[int, str], columns: Mapping[str, Choice]) -> BasketGroup:
    custodian = members[0].row.custodian
    times = [can_i_use(one.dataset).lead_time for one in members]
    return BasketGroup(
        custodian_name=custodian.name if custodian else "Custodian not known", custodian_slug=custodian.slug if custodian else None,
        items=tuple(_item(one, columns.get(one.row.record.ref, ())) for one in members), route=ROUTES[routes.get(custodian.id if custodian else 0, "triage")],
        lead_time=", ".join(dict.fromkeys(time for time in times if time)) or None,
    )


def _item(published: Published, columns: Choice) -> BasketItem:
    record = published.row.record
    first, last, goes_on = years(published.dataset)
    return BasketItem(
        ref=record.ref, slug=record.slug or "", title=record.title or record.local_id, year_from=first, year_to=last,
        is_continuing=goes_on, chosen=choices.counted(columns), has_columns=bool(column_count(published.dataset)),
    )


def _gone(services: Services, ref: str) -> BasketItem:
    try:
        services.catalogue.get(ref)
    except Gone as error:
        return BasketItem(ref=ref, slug="", title=error.extra.record.title or ref, problem="It has been withdrawn.")
    except NotFound:
        pass
    return BasketItem(ref=ref, slug="", title=ref, problem="It is not in the catalogue any more.")


def _kept(services: Services, refs: Sequence[str], wanted: str) -> Response:
    response = see_other(local_path(wanted, otherwise="/basket"))
    keep(services, response, refs)
    return response
