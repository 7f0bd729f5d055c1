"""The private feed of a saved search, at an address that its person can renew."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from frontend.kept_search import read_kept
from gateway.api.asking import Serving
from gateway.errors import NotFound
from gateway.pages.feeds import ATOM, Heading, feed_of, newest_in
from gateway.pages.limited import by_token
from gateway.pages.showing import PRIVATE_ADDRESS
from gateway.store import accounts, saved_searches
from gateway.store.sealing import token_digest
from gateway.web.answers import answer

router = APIRouter()


def feed_path(token: str) -> str:
    return f"/feeds/searches/{token}.atom"


@router.get("/feeds/searches/{token}.atom", dependencies=[by_token("feed")])
def feed(request: Request, services: Serving, token: str) -> Response:
    """As the public feed of the same search, under its name."""
    with services.store.reading() as session:
        row = saved_searches.by_feed_token(session, token_digest(token))
        account = accounts.by_subject(session, row.subject) if row else None
    address = read_kept(row.address) if row else None
    if row is None or address is None or account is None or account.state != "active":
        raise NotFound("There is no feed at this address.", hint="Its owner may have made a new address. Your feeds are with your saved searches.")
    heading = Heading(title=row.name, id=f"/account/searches/{row.public_id}", self_href=feed_path(token), page_href=address.href())
    body = feed_of(services, heading, newest_in(services.catalogue, address))
    return answer(request, body, ATOM, store=False, headers=PRIVATE_ADDRESS)
