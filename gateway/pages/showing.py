"""From a view to an answer: the frame around each page, its entity tag and its cache headers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from frontend.addresses import with_query
from frontend.render import page
from frontend.views.forms import FieldError
from frontend.views.layout import Layout, Link, Notice, PageView, Twin
from gateway import __version__
from gateway.accounts.people import Person
from gateway.accounts.roles import Action
from gateway.errors import GatewayError
from gateway.pages.signed_in import visitor
from gateway.store import custodians
from gateway.web.answers import BASKET_COOKIE, HTML, answer
from gateway.wiring import Services

PRIVATE_ADDRESS = {"X-Robots-Tag": "noindex"}
"""For pages whose address is a secret."""


def layout(
    request: Request, services: Services, *, canonical: str | None = None, search_words: str = "",
    twins: Iterable[Twin] = (), notices: Iterable[Notice] = (), is_indexable: bool = True,
) -> Layout:
    """The frame. ``canonical`` is a path with its query; by default the path alone, for pages that may be indexed."""
    query = request.url.query
    base, person = services.settings.resolved_public_url, visitor(request, services)
    return Layout(
        service_name=services.settings.service_name, path=request.url.path,
        here=f"{request.url.path}?{query}" if query and request.method == "GET" else request.url.path, base_url=base,
        canonical=f"{base}{canonical or request.url.path}" if canonical or is_indexable else None,
        basket_count=len(held(request, services)), version=__version__, is_demonstration=is_demonstration(services),
        person_name=person.name if person else None, desks=tuple(_desks(person, request.url.path)) if person else (), csrf=person.csrf if person else "",
        is_indexable=is_indexable, search_words=search_words, api_href="/openapi.json", contact=services.settings.contact,
        twins=tuple(twins), notices=tuple(notices),
    )


def _desks(person: Person, path: str) -> Iterator[Link]:
    """Of several workspaces the one where the person is; from elsewhere the account page leads to each."""
    places = {one.custodian for one in person.held if one.custodian}
    here = {path.split("/")[2]} & places if path.startswith("/w/") else set()
    for custodian in here or (places if len(places) == 1 else ()):
        yield Link("Workspace", f"/w/{custodian}")
    if person.may(Action.TRIAGE):
        yield Link("Triage", "/triage")
    if person.may(Action.ADMINISTER):
        yield Link("Administration", "/admin")


def held(request: Request, services: Services) -> tuple[str, ...]:
    """The refs in the basket."""
    return services.basket.read(request.cookies.get(BASKET_COOKIE))


def is_demonstration(services: Services) -> bool:
    with services.store.reading() as session:
        return custodians.are_all_demonstration(session)


def show(request: Request, view: PageView, *, store: bool = True, headers: dict[str, str] | None = None) -> Response:
    """The page as an answer. With ``store=False`` nothing may keep it (forms, private addresses).

    Text that was typed may hold halves of characters, which no encoding has; they are shown as question marks. The ``Link`` header
    names the twins, unless ``headers`` hold one that says more.
    """
    said = {**_alternates(view.layout), **(headers or {})}
    return answer(request, page(view).encode("utf-8", "replace"), HTML, status=view.status, headers=said, store=store)


def _alternates(frame: Layout) -> dict[str, str]:
    links = [f'<{frame.base_url}{twin.href}>; rel="alternate"; type="{twin.media_type}"' for twin in frame.twins]
    return {"Link": ", ".join(links)} if links else {}


def show_private(request: Request, view: PageView) -> Response:
    """A page at an address that only its receiver knows."""
    return show(request, replace_layout(view, is_indexable=False, canonical=None), store=False, headers=PRIVATE_ADDRESS)


def replace_layout(view: PageView, **changes: Any) -> PageView:
    return replace(view, layout=replace(view.layout, **changes))


def mistakes(error: GatewayError) -> tuple[FieldError, ...]:
    """What to mend, by field; the sentence itself where no field is named."""
    named = tuple(FieldError(field, sentence) for field, sentence in error.fields.items())
    return named or (FieldError("", f"{error.message} {error.hint}".strip()),)


def with_next(path: str, wanted: str) -> str:
    """A page of the sign-in that leads on to what was wanted."""
    return with_query(path, [("next", wanted)])


def see_other(path: str) -> RedirectResponse:
    """After a post that did something: the next page says what."""
    return RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})


def moved(path: str) -> RedirectResponse:
    """To the one address of a page."""
    return RedirectResponse(path, 301, headers={"Cache-Control": "public, max-age=300"})


def local_path(wanted: str, *, otherwise: str) -> str:
    """A path of this site to go to next, or ``otherwise`` for anything else a form may hold."""
    is_local = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if is_local and wanted.isascii() and len(wanted) <= 2000 else otherwise
