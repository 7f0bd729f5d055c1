"""Every page that needs a sign-in or a private link: its accessibility, its bytes, its headers, and that nothing keeps it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import brotli
import html5lib
import httpx2
import pytest
import uvicorn
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from frontend.render import SECURITY_HEADERS
from gateway.access.deliver import deliver_due
from gateway.access.route_checks import ask_mailbox
from gateway.access.routes import set_route
from gateway.accounts import links
from gateway.mailing.choices import unsubscribe_path
from gateway.mailing.topics import TOPICS
from gateway.store import accounts, custodians, enquiries
from tests.accounts.people import browser, member
from tests.browser.conftest import running, server_socket
from tests.browser.letters import newest
from tests.browser.rules import LARGE, MIDDLE, SMALL, assert_accessible, assert_fits
from tests.gateway.asking import Asking, submit
from tests.gateway.test_register_reading import GOOD, written
from tests.journeys.gateways import add_files, document, harvest, write_documents
from tests.journeys.test_register_files import entered, entries
from tests.security.world import World, form_token, world

pytestmark = pytest.mark.browser
ASKER, NEW_ADDRESS, NEWCOMER, DESK = "asker@university.example", "new@university.example", "newcomer@university.example", "desk@beta.example"
QUESTION = {"kind": "general", "question": "Do you hold data about sleep?", "name": "Ada Asker", "email": ASKER}
JOINING = {"do": "invite", "email": "auditor@gateway.example", "role": "analyst"}
LINK = r"http://[^/\s]+"
PAGES: dict[str, tuple[str | None, str, int]] = {
    "/account": ("applicant", "/account", SMALL),
    "/account (of a team)": ("team_admin", "/account", SMALL),
    "/account/again": ("team_admin", "/account/again?next=/account", SMALL),
    "/account/close": ("applicant", "/account/close", SMALL),
    "/account/notifications": ("applicant", "/account/notifications", SMALL),
    "/account/profile": ("applicant", "/account/profile", SMALL),
    "/account/profile/items/{item_id}": ("applicant", "/account/profile/items/{item_id}", SMALL),
    "/account/profile/preview": ("applicant", "/account/profile/preview", SMALL),
    "/account/profile/visas": ("applicant", "/account/profile/visas", SMALL),
    "/account/profile/{group}/new": ("applicant", "/account/profile/training/new", SMALL),
    "/account/requests/{reference}": ("applicant", "/account/requests/{reference}", MIDDLE),
    "/account/requests/{reference}/people": ("applicant", "/account/requests/{reference}/people", SMALL),
    "/account/searches": ("applicant", "/account/searches", SMALL),
    "/account/searches/new": ("applicant", "/account/searches/new?of=/search%3Fq%3Dsleep", SMALL),
    "/account/searches/{search}": ("applicant", "/account/searches/{search}", SMALL),
    "/account/security": ("applicant", "/account/security", SMALL),
    "/account/security (one thing first)": ("newcomer", "/account/security?next=/account", SMALL),
    "/account/security/app": ("newcomer", "/account/security/app?next=/account", SMALL),
    "/admin": ("admin", "/admin", SMALL),
    "/admin/pathways": ("admin", "/admin/pathways", SMALL),
    "/admin/pathways/{name}": ("admin", "/admin/pathways/uk.cprd", MIDDLE),
    "/admin/people": ("admin", "/admin/people", SMALL),
    "/admin/sources/new": ("admin", "/admin/sources/new", SMALL),
    "/admin/sources/new/{kind}": ("admin", "/admin/sources/new/federation", SMALL),
    "/admin/requests": ("admin", "/admin/requests", SMALL),
    "/audit": ("auditor", "/audit", MIDDLE),
    "/audit/{stream:path}": ("auditor", "/audit/organisation/alpha", MIDDLE),
    "/invitations/{token}": ("newcomer", "{invitation}", SMALL),
    "/join/{token}": ("auditor", "{join}", SMALL),
    "/requests/new": ("applicant", "/requests/new", SMALL),
    "/requests/{reference}/attach/{question}": ("applicant", "/requests/{draft}/attach/{question}", SMALL),
    "/requests/{reference}/check": ("applicant", "/requests/{draft}/check", MIDDLE),
    "/requests/{reference}/datasets": ("applicant", "/requests/{draft}/datasets", SMALL),
    "/requests/{reference}/delete": ("applicant", "/requests/{draft}/delete", SMALL),
    "/requests/{reference}/sent": ("applicant", "/requests/{reference}/sent", SMALL),
    "/requests/{reference}/{topic}": ("applicant", "/requests/{draft}/team", SMALL),
    "/requests/{token} (a draft)": ("applicant", "/requests/{draft}", SMALL),
    "/triage": ("triage", "/triage", SMALL),
    "/triage/questions/{thread}": ("triage", "/triage/questions/{thread}", SMALL),
    "/w/{custodian}": ("team_admin", "/w/alpha", SMALL),
    "/w/{custodian} (of a handler)": ("handler", "/w/alpha", SMALL),
    "/w/{custodian}/audit": ("team_admin", "/w/alpha/audit", MIDDLE),
    "/w/{custodian}/form": ("team_admin", "/w/alpha/form", LARGE),
    "/w/{custodian}/keys": ("team_admin", "/w/alpha/keys", SMALL),
    "/sources/{slug}/settings": ("admin", "/sources/{source}/settings", SMALL),
    "/sources/{slug}/contacts": ("admin", "/sources/{source}/contacts", SMALL),
    "/w/{custodian}/members": ("team_admin", "/w/alpha/members", SMALL),
    "/w/{custodian}/questions": ("handler", "/w/alpha/questions", SMALL),
    "/w/{custodian}/questions/{thread}": ("handler", "/w/alpha/questions/{own_thread}", SMALL),
    "/w/{custodian}/records": ("team_admin", "/w/alpha/records", SMALL),
    "/w/{custodian}/records/{ref}/notes": ("team_admin", "/w/alpha/records/{ref}/notes", SMALL),
    "/w/{custodian}/register": ("handler", "/w/alpha/register", SMALL),
    "/w/{custodian}/register/{entry}": ("handler", "{entry}", SMALL),
    "/w/{custodian}/requests": ("handler", "/w/alpha/requests", SMALL),
    "/w/{custodian}/requests/{part}": ("handler", "/w/alpha/requests/{part}", MIDDLE),
    "/w/{custodian}/requests/{part}/applicant": ("handler", "/w/alpha/requests/{part}/applicant", SMALL),
    "/w/{custodian}/requests/{part}/applicant/items/{item_id}": ("handler", "/w/alpha/requests/{part}/applicant/items/{item_id}", SMALL),
    "/w/{custodian}/requests/{part}/applicant/sanction": ("decider", "/w/alpha/requests/{part}/applicant/sanction", SMALL),
    "/w/{custodian}/settings": ("team_admin", "/w/alpha/settings", SMALL),
    "/w/{custodian}/sources": ("team_admin", "/w/alpha/sources", SMALL),
    "/w/{custodian}/sources/new": ("team_admin", "/w/alpha/sources/new", SMALL),
    "/w/{custodian}/sources/new/{kind}": ("team_admin", "/w/alpha/sources/new/federation", SMALL),
    "/w/{custodian}/webhooks": ("team_admin", "/w/alpha/webhooks", SMALL),
    "/acknowledge/{token}": (None, "{acknowledge}", SMALL),
    "/lost/{token}": (None, "{lost}", SMALL),
    "/lost/stop/{token}": (None, "{stop}", SMALL),
    "/questions/confirm/{token}": (None, "{asked}", SMALL),
    "/questions/desk/{token}": (None, "{desk}", SMALL),
    "/questions/{token}": (None, "{enquiry}", SMALL),
    "/register/{token}": (None, "{register}", SMALL),
    "/requests/{token}": (None, "/requests/{token}", MIDDLE),
    "/reset/{token}": (None, "{reset}", SMALL),
    "/routes/confirm/{token}": (None, "{mailbox}", SMALL),
    "/sign-in/link/{token}": (None, "{sign-in}", SMALL),
    "/unsubscribe/{token}": (None, "{unsubscribe}", SMALL),
}
"""Route -> who looks at it (None: whoever holds the link), where it is in this world, and the bytes that it may weigh."""


@dataclass(frozen=True)
class Town:
    """``cookies``: who -> the session; ``places``: what the braces of the addresses stand for."""

    address: str
    cookies: dict[str, str]
    places: dict[str, str]

    def path(self, path: str) -> str:
        return re.sub(r"\{[\w-]+\}", lambda found: self.places[found[0]], path)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with world(folder, None) as made, server_socket() as (socket, port):
        people = {"applicant": made.alpha.applicant, "newcomer": _newcomer(made), **made.alpha.team, **made.office}
        places = _places(made, folder)
        cookies = {who: client.cookies["session"] for who, client in people.items()}
        with running(uvicorn.Server(uvicorn.Config(made.app, lifespan="off", log_level="warning")), socket):
            yield Town(f"http://127.0.0.1:{port}", cookies, places)


def _newcomer(made: World) -> TestClient:
    """Somebody without a second factor."""
    return member(made.services, NEWCOMER, name="Nell New", app=made.app)


def _places(made: World, folder: Path) -> dict[str, str]:
    """Letters, threads and entries in plenty. Gamma is a custodian without people here: first without a route, then with a mailbox."""
    alpha, anybody, administrator, data = made.alpha, browser(made.services, made.app), made.alpha.team["team_admin"], folder / "data"
    gamma = _gamma(made, folder / "gamma")
    _ask(made, anybody, data, gamma)
    _ask(made, anybody, data, alpha.ids["ref"])
    set_route(made.services.store, made.services.sealer, custodian="gamma", channel="mailbox", target=DESK)
    _ask(made, anybody, data, gamma)
    asking = Asking(name="Ada Asker", email=ASKER)
    submit(made.services.store, made.services.sealer, form=asking, dataset_refs=[gamma], now=made.services.clock())
    anybody.post("/questions", data={**QUESTION, "d": [gamma]})
    anybody.post("/register", data={"email": "another@university.example"})
    anybody.post("/lost", data={"email": alpha.applicant_address, "reach": NEW_ADDRESS})
    ask_mailbox(made.services.store, made.services.sealer, custodian="alpha", target="mailbox@alpha.example", now=made.services.clock())
    invitation = {"csrf": form_token(administrator), "email": NEWCOMER, "role": "reviewer"}
    administrator.post("/w/alpha/members/invitations", data=invitation)
    alpha.applicant.post(f"/account/requests/{alpha.ids['draft']}/people", data={"csrf": form_token(alpha.applicant), **JOINING})
    alpha.applicant.post("/account/profile/person/new", data={"csrf": form_token(alpha.applicant), "country": "United Kingdom"})
    item = re.search(r"/account/profile/items/(\d+)", alpha.applicant.get("/account/profile").text)
    assert item is not None
    entered(alpha.team["handler"], written(GOOD))
    deliver_due(made.services.store, made.services.channels, now=made.services.clock())
    found = {
        "acknowledge": newest(data, DESK, LINK + r"(/acknowledge/\S+)"), "lost": newest(data, NEW_ADDRESS, LINK + r"(/lost/\S+)"),
        "stop": newest(data, alpha.applicant_address, LINK + r"(/lost/stop/\S+)"), "asked": newest(data, ASKER, LINK + r"(/questions/confirm/\S+)"),
        "desk": newest(data, DESK, LINK + r"(/questions/desk/\S+)"), "enquiry": newest(data, ASKER, LINK + r"(/questions/(?!confirm)\S+)"),
        "register": newest(data, "another@university.example", LINK + r"(/register/\S+)"),
        "mailbox": newest(data, "mailbox@alpha.example", LINK + r"(/routes/confirm/\S+)"), "invitation": newest(data, NEWCOMER, LINK + r"(/invitations/\S+)"),
        "join": newest(data, JOINING["email"], LINK + r"(/join/\S+)"), "item_id": item[1], "entry": entries(alpha.team["handler"])[0], **alpha.ids, **_threads(made), **_links(made),
    }
    assert [name for name, value in found.items() if not value] == []
    return {f"{{{name}}}": str(value) for name, value in found.items()}


def _gamma(made: World, folder: Path) -> str:
    with made.services.store.transaction() as tx:
        custodians.add(tx.session, name="Custodian Gamma", slug="gamma", now=made.services.clock())
    write_documents(folder, [document(9)])
    harvest(made.services, add_files(made.services, folder, name="Feed gamma", custodian="gamma"))
    return next(one.row.record.ref for one in made.services.catalogue.listing() if one.row.custodian and one.row.custodian.slug == "gamma")


def _ask(made: World, client: TestClient, data: Path, ref: str) -> None:
    """A question about that dataset, confirmed and sent."""
    client.post("/questions", data={**QUESTION, "d": [ref]})
    deliver_due(made.services.store, made.services.channels, now=made.services.clock())
    confirm = newest(data, ASKER, LINK + r"(/questions/confirm/\S+)")
    assert confirm is not None
    client.post(confirm)
    deliver_due(made.services.store, made.services.channels, now=made.services.clock())


def _threads(made: World) -> dict[str, str]:
    with made.services.store.reading() as session:
        waiting, own = enquiries.threads_in_triage(session)[0], enquiries.threads_of_custodian(session, "alpha")[0]
        return {"thread": waiting.thread.public_id, "own_thread": own.thread.public_id}


def _links(made: World) -> dict[str, str]:
    with made.services.store.transaction() as tx:
        account = accounts.by_address(tx.session, made.alpha.applicant_address)
        assert account is not None
        stop = unsubscribe_path(made.services.sealer, account.subject, next(iter(TOPICS)))
        given = {purpose: links.give_out(tx.session, purpose, account_id=account.id, now=made.services.clock()) for purpose in ("reset", "sign-in")}
    return {"unsubscribe": stop, **given}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_and_fits_narrow_and_enlarged(chromium: Browser, town: Town, name: str) -> None:
    who, path, _ = PAGES[name]
    noise: list[str] = []
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    try:
        if who:
            context.add_cookies([{"name": "session", "value": town.cookies[who], "url": town.address}])
        page = context.new_page()
        page.on("console", lambda message: noise.append(message.text) if message.type == "error" else None)
        page.on("request", lambda asked: None if asked.url.startswith((town.address, "data:")) else noise.append(asked.url))
        answer = page.goto(town.address + town.path(path))
        assert answer is not None
        assert (answer.status, page.url) == (200, town.address + town.path(path))
        assert_accessible(page)
        assert_fits(page)
    finally:
        context.close()
    assert noise == []


@pytest.mark.parametrize("name", PAGES)
def test_page_is_valid_html_within_its_budget_with_every_header_and_kept_by_nobody(town: Town, name: str) -> None:
    who, path, budget = PAGES[name]
    answer = httpx2.get(town.address + town.path(path), cookies={"session": town.cookies[who]} if who else None)
    assert answer.status_code == 200
    html5lib.HTMLParser(strict=True).parse(answer.text)
    assert len(brotli.compress(answer.content)) <= budget
    assert {header: answer.headers[header] for header in SECURITY_HEADERS} == SECURITY_HEADERS
    assert answer.headers["cache-control"] == "no-store"
