"""A gateway with three custodians: a committee that works here, a mailbox, and a system of its own. People come to it with a keyboard."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser

from gateway.access.routes import set_route
from gateway.accounts.factors import new_secret
from gateway.accounts.passwords import hash_password
from gateway.accounts.registration import add_account
from gateway.accounts.setup import grant
from gateway.app import create_app
from gateway.store import custodians
from gateway.wiring import Services
from tests.accounts.people import PASSWORD, code_of
from tests.browser.conftest import running, server_socket
from tests.browser.keyboard import Keyboard
from tests.browser.letters import letters, newest
from tests.browser.rules import OVERFLOW
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

ROUTES = {
    "northshire": ("committee", "workspace"), "westhaven": ("mailbox", "access@westhaven.example"),
    "southmoor": ("portal", "https://apply.southmoor.example/new"),
}
NAMES = {"northshire": "Northshire Health Data Committee", "westhaven": "Westhaven Hospital Trust", "southmoor": "Southmoor Data Service"}
DATASETS = {"northshire": "Sleep and breathing in Northshire", "westhaven": "Admissions to Westhaven for sleep", "southmoor": "Sleep survey of Southmoor"}
DESK = {"handler": ("Hanna Desk", "handler@northshire.example"), "decider": ("Dev Chair", "decider@northshire.example")}


@dataclass(frozen=True)
class ThreeCustodians:
    """``address`` has no slash at the end; ``secrets`` are what the authenticator apps of its people hold, by e-mail address."""

    address: str
    services: Services
    data: Path
    secrets: dict[str, str]

    def in_letter(self, to: str, pattern: str) -> str:
        """The newest find in what was sent there; the worker sends within a second or two."""
        for _ in range(300):
            found = newest(self.data, to, pattern)
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"no letter to {to} says {pattern}: {letters(self.data, to)}")

    def code(self, address: str) -> str:
        return code_of(self.secrets[address], self.services.clock())


@contextmanager
def three_custodians(folder: Path, database_url: str | None) -> Iterator[ThreeCustodians]:
    with server_socket() as (socket, port):
        services = make_services(folder / "data", database_url, port=port)
        for number, slug in enumerate(ROUTES):
            _custodian(services, folder / slug, slug, number)
        secrets = _people(services)
        for slug, (channel, target) in ROUTES.items():
            set_route(services.store, services.sealer, custodian=slug, channel=channel, target=target)
        with running(uvicorn.Server(uvicorn.Config(create_app(services=services), log_level="warning")), socket):
            yield ThreeCustodians(f"http://127.0.0.1:{port}", services, folder / "data", secrets)


@contextmanager
def at_a_keyboard(chromium: Browser, width: int, pictures: Path | None, who: str) -> Iterator[Keyboard]:
    """Somebody with a browser of their own, in which no script runs; nothing but our own origin is asked for anything."""
    context = chromium.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    breaches: list[str] = []
    page.on("console", lambda message: breaches.append(message.text) if "Content Security Policy" in message.text else None)
    taken: list[str] = []

    def picture(name: str) -> None:
        overflow = page.evaluate(OVERFLOW)
        assert overflow <= 1, f"{name} is {overflow} pixels wider than the screen"
        if pictures is not None:
            taken.append(name)
            page.screenshot(path=pictures / f"{width}-{who}-{len(taken):02}-{name}.png", full_page=True)

    try:
        yield Keyboard(page, picture)
    finally:
        context.close()
    assert breaches == []


def _custodian(services: Services, folder: Path, slug: str, number: int) -> None:
    with services.store.transaction() as tx:
        custodians.add(tx.session, name=NAMES[slug], slug=slug, now=services.clock())
    write_documents(folder, [document(number, title=DATASETS[slug])])
    harvest(services, add_files(services, folder, name=NAMES[slug], custodian=slug))


def _people(services: Services) -> dict[str, str]:
    secrets = {address: add_person(services, name, address) for name, address in DESK.values()}
    for role, (_, address) in DESK.items():
        grant(services.store, address=address, role=role, custodian="northshire", granted_by="operator", now=services.clock())
    return secrets


def add_person(services: Services, name: str, address: str) -> str:
    """Somebody with a password and an authenticator app; the secret of the app."""
    secret = new_secret()
    with services.store.transaction() as tx:
        row = add_account(tx.session, address=address, name=name, organisation="Example", password_hash=hash_password(PASSWORD), now=services.clock())
        row.totp_secret = services.sealer.seal(secret)
    return secret
