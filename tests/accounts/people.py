"""A person at the front door: a browser, their mailbox, and their authenticator app."""

from __future__ import annotations

import re
from datetime import datetime

import pyotp
from fastapi import FastAPI
from starlette.testclient import TestClient

from gateway.access.deliver import deliver_due
from gateway.accounts import sessions
from gateway.accounts.factors import new_secret
from gateway.accounts.passwords import hash_password
from gateway.accounts.registration import add_account
from gateway.app import create_app
from gateway.store import accounts
from gateway.wiring import Services
from tests.gateway.asking import Post, text_of

HERE = {"Origin": "http://127.0.0.1"}
PASSWORD = "copper lantern beside ferry"


def browser(services: Services, app: FastAPI | None = None) -> TestClient:
    return TestClient(app or create_app(services=services), base_url="http://127.0.0.1", follow_redirects=True, headers=HERE)


def at_localhost(services: Services) -> TestClient:
    """Where a gateway at 127.0.0.1 has its passkeys."""
    headers = {"Origin": "http://localhost:8000"}
    return TestClient(create_app(services=services), base_url="http://localhost:8000", follow_redirects=True, headers=headers)


def set_password(services: Services, address: str, password: str = PASSWORD) -> None:
    with services.store.transaction() as tx:
        row = accounts.by_address(tx.session, address)
        assert row is not None
        row.password_hash = hash_password(password)


def newest_letter(services: Services, post: Post, *, now: datetime | None = None) -> str:
    deliver_due(services.store, services.channels, now=now or services.clock())
    return text_of(post.received[-1])


def link_in(letter: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/\S+)", letter)
    assert found is not None, letter
    return found[1]


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, f"no field {name} in {page[-2000:]}"
    return found[1]


def register(services: Services, post: Post, address: str, *, name: str = "Ada Marker", password: str = PASSWORD) -> TestClient:
    """Signed in, with a new account."""
    client = browser(services)
    assert "Check your mail" in client.post("/register", data={"email": address}).text
    path = link_in(newest_letter(services, post))
    details = {"name": name, "organisation": "Example University", "password": password, "is_adult": "yes", "agrees": "yes"}
    answer = client.post(path, data=details)
    assert answer.url.path == "/account", answer.text
    return client


def member(services: Services, address: str, *, name: str, has_app: bool = False, app: FastAPI | None = None) -> TestClient:
    """Signed in, without the way through registration that other tests take (it costs two hashes)."""
    client, now = browser(services, app), services.clock()
    with services.store.transaction() as tx:
        row = accounts.by_address(tx.session, address) or add_account(
            tx.session, address=address, name=name, organisation="Example", password_hash=None, now=now
        )
        row.totp_secret = services.sealer.seal(new_secret()) if has_app else None
        token = sessions.begin(tx.session, row, now=now, is_complete=True, second_factor_at=now if has_app else None)
    client.cookies.set("session", token, domain="127.0.0.1")
    return client


def sign_in(services: Services, address: str, password: str = PASSWORD) -> TestClient:
    client = browser(services)
    client.post("/sign-in", data={"email": address, "password": password})
    return client


def add_app(client: TestClient, at: datetime) -> tuple[str, list[str]]:
    """The secret of a new authenticator app, and the recovery codes."""
    page = client.get("/account/security/app").text
    secret = re.search(r'app-secret">(\w+)<', page)
    assert secret is not None
    data = {"csrf": hidden(page, "csrf"), "offer": hidden(page, "offer"), "code": code_of(secret[1], at)}
    answer = client.post("/account/security/app", data=data)
    codes = re.findall(r"<li><code>([A-Z2-7-]+)</code>", answer.text)
    assert len(codes) == 10, answer.text
    return secret[1], codes


def code_of(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)
