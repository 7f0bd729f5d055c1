"""Pages that are read: help, statements; and what crawlers are told."""

from __future__ import annotations

from typing import Final

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from frontend.views.reading import HELP_TOPICS, CookieRow, HelpView, KeptRow, TextPageView
from gateway.api.asking import Serving
from gateway.errors import NotFound
from gateway.pages.showing import layout, show
from gateway.privacy.inventory import inventory
from gateway.web.answers import BASKET_COOKIE, CHOICE_COOKIE, SESSION_COOKIES, VISIT_COOKIE

router = APIRouter()
COOKIES: Final = (
    CookieRow(BASKET_COOKIE, "Holds the datasets in your basket, once you put one in", "30 days"),
    CookieRow(CHOICE_COOKIE, "Finds the columns that you ticked for these datasets, once you ticked some", "30 days"),
    CookieRow(VISIT_COOKIE, "Opens one request for the mailbox that it was sent to, once a code was asked for", "70 minutes"),
    CookieRow(" or ".join(SESSION_COOKIES), "Knows that you are signed in, once you are", "30 minutes without use, 12 hours at most"),
)
ROBOTS: Final = "User-agent: *\nDisallow: /search?\nDisallow: /basket\nDisallow: /requests/\nDisallow: /acknowledge/\nDisallow: /account\nDisallow: /sign-in\n"


@router.get("/help")
def help_index(request: Request, services: Serving) -> Response:
    return show(request, HelpView(layout=layout(request, services)))


@router.get("/help/{topic}")
def help_topic(request: Request, services: Serving, topic: str) -> Response:
    if topic not in HELP_TOPICS:
        raise NotFound(f"There is no help on {topic!r}.", hint="The help page lists all topics.")
    return show(request, HelpView(layout=layout(request, services), topic=topic))


def _statement(name: str, path: str) -> None:
    def statement(request: Request, services: Serving) -> Response:
        return show(request, TextPageView(layout=layout(request, services), name=name, cookies=COOKIES, kept=_kept()))

    router.add_api_route(path, statement, name=name)


def _kept() -> tuple[KeptRow, ...]:
    return tuple(
        KeptRow(data=kind.data, purpose=kind.purpose, basis=kind.basis, recipients=kind.recipients, kept_until=kind.kept_until, then=kind.then)
        for kind in inventory().kinds.values()
    )


for _name in ("accessibility", "privacy", "cookies", "terms"):
    _statement(_name, f"/{_name}")
_statement("retention", "/privacy/retention")


@router.get("/privacy/inventory.json")
def inventory_file() -> Response:
    """Every column that can hold personal data, as the code itself knows it."""
    body = orjson.dumps({"kinds": inventory().kinds, "tables": inventory().tables}, option=orjson.OPT_INDENT_2)
    return Response(body, 200, {"Cache-Control": "public, no-cache"}, "application/json")


@router.get("/robots.txt")
def robots() -> Response:
    return PlainTextResponse(ROBOTS, headers={"Cache-Control": "public, max-age=3600"})
