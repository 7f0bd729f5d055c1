"""A passkey in real Chromium, with its virtual authenticator: set up, signed in with, shown again; and the pages without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from gateway.accounts import sessions
from gateway.app import create_app
from gateway.store import accounts
from gateway.wiring import Services
from tests.accounts.people import member
from tests.browser.conftest import running, server_socket
from tests.browser.rules import OVERFLOW, RULES
from tests.journeys.gateways import make_services

pytestmark = pytest.mark.browser
ADA = "ada@university.example"


@dataclass
class Site:
    address: str
    services: Services


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with server_socket() as (socket, port):
        services = make_services(tmp_path / "data", worker=False, port=port)
        with running(uvicorn.Server(uvicorn.Config(create_app(services=services), log_level="warning")), socket):
            yield Site(f"http://localhost:{port}", services)
        services.close()


def signed_in(chromium: Browser, site: Site, **options: bool) -> tuple[BrowserContext, Page]:
    token = member(site.services, ADA, name="Ada Marker").cookies["session"]
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, **options)  # type: ignore[arg-type]
    context.add_cookies([{"name": "session", "value": token, "url": site.address}])
    return context, context.new_page()


def authenticator(page: Page) -> tuple[CDPSession, str]:
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return devices, devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def is_good(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(OVERFLOW) <= 1
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_passkey_is_set_up_signs_in_and_steps_up(chromium: Browser, site: Site) -> None:
    context, page = signed_in(chromium, site)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    devices, device = authenticator(page)
    page.goto(f"{site.address}/account/security")
    page.get_by_label("Name of the passkey").fill("Test device")
    page.get_by_role("button", name="Set up a passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    [credential] = devices.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert credential["rpId"] == "localhost"
    assert credential["isResidentCredential"]
    page.goto(f"{site.address}/account/security")
    expect(page.get_by_role("cell", name="Test device").first).to_be_visible()
    is_good(page)

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{site.address}/")
    page.goto(f"{site.address}/sign-in?next=/account/security")
    is_good(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{site.address}/account/security")

    token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "session")
    me = sessions.who(site.services.store, token, now=site.services.clock())
    assert me is not None
    with site.services.store.transaction() as tx:
        found = accounts.session_of(tx.session, me.session_digest)
        assert found is not None
        found[0].second_factor_at = site.services.clock() - timedelta(minutes=31)
    page.goto(f"{site.address}/account/close")
    expect(page.get_by_role("heading", name="Please confirm that it is you")).to_be_visible()
    is_good(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{site.address}/account/close")
    assert faults == []
    context.close()


def test_a_device_that_does_not_verify_its_owner_says_so_on_the_page(chromium: Browser, site: Site) -> None:
    context, page = signed_in(chromium, site)
    devices, device = authenticator(page)
    page.goto(f"{site.address}/account/security")
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Set up a passkey").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    assert page.url.endswith("/account/security")
    context.close()


def test_without_javascript_the_pages_offer_the_other_ways(chromium: Browser, site: Site) -> None:
    context, page = signed_in(chromium, site, java_script_enabled=False)
    page.goto(f"{site.address}/account/security")
    expect(page.get_by_text("Setting one up needs JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Set up a passkey")).to_be_hidden()
    expect(page.get_by_role("button", name="Set up an authenticator app")).to_be_visible()
    context.close()
