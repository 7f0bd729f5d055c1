"""A request through the front door: three custodians, three ways, and what each side sees."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.access.deliver import deliver_due
from gateway.access.routes import set_route
from gateway.store import custodians
from gateway.store.database import utc_now
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.gateway.asking import FORM, MAILBOX, Post, Receiver, receiver, text_of, written
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
HERE = {"Origin": "http://127.0.0.1"}


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver(500, 500, 204) as running:
        yield running


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post, hook: Receiver) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url, allow_networks=["127.0.0.0/8"])
    try:
        for number, slug in enumerate(("alpha", "beta", "gamma")):
            with built.store.transaction() as tx:
                custodians.add(tx.session, name=f"Custodian {slug.title()}", slug=slug, now=utc_now())
            write_documents(tmp_path / slug, [document(number)])
            harvest(built, add_files(built, tmp_path / slug, name=f"Feed {slug}", custodian=slug))
        set_route(built.store, built.sealer, custodian="alpha", channel="mailbox", target=MAILBOX)
        set_route(built.store, built.sealer, custodian="beta", channel="webhook", target=hook.url, secret=SECRET)
        yield built
    finally:
        built.close()


@pytest.fixture
def client(services: Services) -> TestClient:
    """Signed in as the one who asks, with a second factor shown just now."""
    return member(services, FORM.email, name=FORM.name, has_app=True)


def refs(services: Services) -> list[str]:
    return [published.row.record.ref for published in services.catalogue.listing()]


def fill_basket(client: TestClient, services: Services) -> None:
    for ref in refs(services):
        assert client.post("/basket/add", data={"ref": ref}, headers=HERE).status_code == 200


def send(client: TestClient, services: Services) -> str:
    """The path of the applicant's page."""
    reference = written(services.store, services.sealer, dataset_refs=refs(services), now=services.clock())
    page = client.get(f"/requests/{reference}/check").text
    parts = re.findall(r'name="parts" value="(\w+)"', page)
    read, promised = (re.findall(rf'name="{name}" value="([^"]+)"', page) for name in ("advice", "promise"))
    data = {"csrf": hidden(page, "csrf"), "parts": parts, "advice": read, "promise": promised}
    answer = client.post(f"/requests/{reference}/check", data=data, headers=HERE)
    assert answer.url.path == f"/requests/{reference}/sent", answer.text
    return f"/account/requests/{reference}"


def deliver(services: Services, *, after_minutes: int = 0) -> None:
    deliver_due(services.store, services.channels, now=utc_now() + timedelta(minutes=after_minutes))


def test_three_custodians_get_three_parts_and_the_applicant_sees_each(
    client: TestClient, services: Services, post: Post, hook: Receiver
) -> None:
    fill_basket(client, services)
    basket = client.get("/basket").text
    assert basket.count("<section aria-labelledby=\"group-") == 3
    page = send(client, services)
    deliver(services)
    first = client.get(page).text
    assert "Custodian Alpha" in first
    assert "Custodian Beta" in first
    assert "Custodian Gamma" in first
    assert "it will be tried again" in first
    assert "No confirmed address is known for this custodian yet" in first
    mails = post.to(MAILBOX)
    assert len(mails) == 1
    assert "marker-summary" not in text_of(mails[0])
    assert "Ada Marker" not in text_of(mails[0])
    deliver(services, after_minutes=60)
    deliver(services, after_minutes=600)
    later = client.get(page).text
    assert later.count("The request was delivered") == 2
    assert later.count("A delivery did not succeed and will be tried again") == 2
    assert len(hook.received) == 3
    assert len({message.headers["webhook-id"] for message in hook.received}) == 1


def test_the_receiver_can_prove_who_sent_it(client: TestClient, services: Services, hook: Receiver) -> None:
    send(client, services)
    deliver(services)
    message = hook.received[0]
    signed = f"{message.headers['webhook-id']}.{message.headers['webhook-timestamp']}.".encode() + message.body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert expected in message.headers["webhook-signature"].split(" ")


def test_triage_is_seen_by_those_with_the_key(client: TestClient, services: Services) -> None:
    send(client, services)
    assert client.get("/api/v1/triage").status_code == 401
    key = create_key(services.store, name="desk", scopes=("requests",), now=utc_now())
    waiting = client.get("/api/v1/triage", headers={"Authorization": f"Bearer {key.key}"}).json()["items"]
    assert [part["custodian"] for part in waiting] == ["Custodian Gamma"]


def test_the_custodian_confirms_only_by_the_button(client: TestClient, services: Services, post: Post) -> None:
    page = send(client, services)
    deliver(services)
    link = re.search(r"/acknowledge/[\w-]+", text_of(post.to(MAILBOX)[0]))
    assert link is not None
    for _ in range(2):
        opened = client.get(link[0])
        assert "Send a code to the mailbox" in opened.text
        assert "marker-summary" not in opened.text, "the link alone shows nothing"
    assert client.post(link[0], headers=HERE).status_code == 403
    open_with_code(client, services, post, link[0])
    for _ in range(2):
        opened = client.get(link[0])
        assert "Confirm that we have received it" in opened.text
        assert opened.headers["cache-control"] == "no-store"
        assert opened.headers["referrer-policy"] == "same-origin"
    assert "confirmed that it has the request" not in client.get(page).text
    assert "Receipt is confirmed" in client.post(link[0], headers=HERE).text
    assert "The custodian confirmed that it has the request" in client.get(page).text
    assert "Receipt was confirmed" in client.get(link[0]).text


def open_with_code(client: TestClient, services: Services, post: Post, link: str) -> None:
    """As the person who reads the custodian's mailbox."""
    client.post(f"{link}/code", headers=HERE)
    deliver(services)
    code = re.search(r"is (\d{8})\.", text_of(post.to(MAILBOX)[-1]))
    assert code is not None
    assert "Confirm that we have received it" in client.post(f"{link}/open", data={"code": code[1]}, headers=HERE).text


def test_what_cannot_be_asked_for_is_said(client: TestClient, services: Services) -> None:
    fill_basket(client, services)
    csrf = hidden(client.get("/requests/new").text, "csrf")
    for chosen, sentence in (([], "Choose at least one dataset."), (["nosuchref"], "can no longer be asked for")):
        answer = client.post("/requests", data={"csrf": csrf, "datasets": chosen}, headers=HERE)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert 'role="alert"' in answer.text


def test_beginning_empties_the_basket_of_what_is_asked_for(client: TestClient, services: Services) -> None:
    fill_basket(client, services)
    kept = refs(services)[0]
    csrf = hidden(client.get("/requests/new").text, "csrf")
    client.post("/requests", data={"csrf": csrf, "datasets": refs(services)[1:]}, headers=HERE)
    basket = client.get("/basket").text
    assert kept in basket
    assert refs(services)[1] not in basket


def test_asking_needs_an_account_and_the_basket_does_not(services: Services) -> None:
    somebody = browser(services)
    fill_basket(somebody, services)
    assert somebody.get("/requests/new").url.path == "/sign-in"
    assert somebody.post("/requests", data={"datasets": refs(services)}, headers=HERE).url.path == "/sign-in"


def test_private_addresses_do_not_exist_for_guessers(client: TestClient) -> None:
    for path in ("/requests/guess", "/requests/AR-000000000", "/requests/guess/sent", "/acknowledge/guess"):
        assert client.get(path).status_code == 404
    assert client.post("/acknowledge/guess", headers=HERE).status_code == 404


@pytest.mark.parametrize("wanted", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/a\nb"])
def test_forms_lead_only_to_pages_of_this_site(services: Services, client: TestClient, wanted: str) -> None:
    answer = client.post("/basket/add", data={"ref": refs(services)[0], "next": wanted}, headers=HERE, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/basket"


@pytest.mark.parametrize("path", ["/basket/add", "/basket/remove", "/requests", "/acknowledge/x"])
def test_another_sites_form_is_refused(client: TestClient, path: str) -> None:
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(path, data={"ref": "x"}, headers=headers).status_code == 403


def test_the_basket_refuses_what_is_not_in_the_catalogue(client: TestClient) -> None:
    assert client.post("/basket/add", data={"ref": "nothing"}, headers=HERE).status_code == 404
