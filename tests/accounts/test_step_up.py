"""S8: what is sensitive asks for the second factor again after half an hour; a guard lists every route that does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.accounts.setup import grant
from gateway.accounts.step_up import Sensitive
from gateway.pages import router
from gateway.store import accounts
from gateway.store.sealing import token_digest
from gateway.wiring import Services
from tests.accounts.people import hidden, member
from tests.journeys.gateways import make_services
from tests.routes import calls, routes_of

PROTECTED = {
    ("POST", "/account/security/password"): Sensitive.FACTORS,
    ("GET", "/account/security/app"): Sensitive.FACTORS,
    ("POST", "/account/security/app"): Sensitive.FACTORS,
    ("POST", "/account/security/app/remove"): Sensitive.FACTORS,
    ("POST", "/account/security/codes"): Sensitive.FACTORS,
    ("POST", "/account/security/passkeys/options"): Sensitive.FACTORS,
    ("POST", "/account/security/passkeys"): Sensitive.FACTORS,
    ("POST", "/account/security/passkeys/{number}/remove"): Sensitive.FACTORS,
    ("POST", "/requests/{reference}/check"): Sensitive.SUBMIT,
    ("GET", "/account/identities/with/{slug}"): Sensitive.FACTORS,
    ("POST", "/account/identities/new"): Sensitive.FACTORS,
    ("POST", "/account/identities/{identity_id}/remove"): Sensitive.FACTORS,
    ("GET", "/account/visas.json"): Sensitive.EXPORT,
    ("POST", "/w/{custodian}/requests/{part}/applicant/sanction"): Sensitive.DECIDE,
    ("GET", "/account/export.json"): Sensitive.EXPORT,
    ("GET", "/account/export.zip"): Sensitive.EXPORT,
    ("GET", "/account/close"): Sensitive.CLOSE,
    ("POST", "/account/close"): Sensitive.CLOSE,
    ("POST", "/w/{custodian}/requests/{part}"): Sensitive.DECIDE,
    ("POST", "/w/{custodian}/members/invitations"): Sensitive.ROLES,
    ("POST", "/w/{custodian}/members/invitations/{number}/take-back"): Sensitive.ROLES,
    ("POST", "/w/{custodian}/members/{subject}/give"): Sensitive.ROLES,
    ("POST", "/w/{custodian}/members/{subject}/end"): Sensitive.ROLES,
    ("POST", "/w/{custodian}/members/proposals/{number}/confirm"): Sensitive.ROLES,
    ("POST", "/w/{custodian}/members/proposals/{number}/refuse"): Sensitive.ROLES,
    ("POST", "/w/{custodian}/keys"): Sensitive.KEYS,
    ("POST", "/w/{custodian}/keys/{prefix}/rotate"): Sensitive.KEYS,
    ("POST", "/w/{custodian}/keys/{prefix}/revoke"): Sensitive.KEYS,
    ("POST", "/w/{custodian}/members/recoveries/{number}/confirm"): Sensitive.ROLES,
    ("POST", "/w/{custodian}/members/recoveries/{number}/refuse"): Sensitive.ROLES,
    ("POST", "/admin/people/recoveries/{number}/confirm"): Sensitive.ROLES,
    ("POST", "/admin/people/recoveries/{number}/refuse"): Sensitive.ROLES,
    ("POST", "/w/{custodian}/webhooks/{webhook_id}/messages/{message_id}"): Sensitive.KEYS,
    ("POST", "/admin/requests/lead"): Sensitive.BREAK_GLASS,
    ("POST", "/admin/requests/parts/{part}"): Sensitive.BREAK_GLASS,
    ("POST", "/triage/parts/{part}/outcome"): Sensitive.DECIDE,
    ("POST", "/admin/people/{subject}/suspend"): Sensitive.ROLES,
    ("POST", "/admin/people/{subject}/resume"): Sensitive.ROLES,
    ("POST", "/admin/people/{subject}/end-sessions"): Sensitive.ROLES,
}
"""A route that begins to ask, or ceases to, is a decision: it is made here."""


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    built = make_services(tmp_path / "data", worker=False)
    try:
        yield built
    finally:
        built.close()


def test_S8_the_routes_that_ask_for_a_fresh_factor_are_these() -> None:
    found = {
        (route.method, route.path): call.protects for route in routes_of(router) for call in calls(route.dependant) if hasattr(call, "protects")
    }
    assert found == PROTECTED


def shown(services: Services, client: TestClient, ago: timedelta) -> None:
    """As if the second factor had been shown that long ago."""
    with services.store.transaction() as tx:
        found = accounts.session_of(tx.session, token_digest(client.cookies["session"]))
        assert found is not None
        found[0].second_factor_at = services.clock() - ago


def asks_again(client: TestClient, method: str, path: str, csrf: str) -> bool:
    answer = client.request(method, path, data={"csrf": csrf, "command": "approve"} if method == "POST" else None, follow_redirects=False)
    return answer.status_code == 303 and answer.headers["location"].startswith("/account/again")


@pytest.mark.parametrize(("method", "path"), PROTECTED, ids=lambda part: part)
def test_S8_each_sensitive_action_asks_again_after_31_minutes_and_not_after_29(services: Services, method: str, path: str) -> None:
    client = member(services, "ada@university.example", name="Ada Marker", has_app=True)
    grant(services.store, address="ada@university.example", role="auditor", custodian=None, granted_by="operator", now=services.clock())
    client.get("/account")  # a change of roles gives the session a new id
    csrf = hidden(client.get("/account").text, "csrf")
    where = re.sub(r"\{\w+\}", "1", path)
    shown(services, client, timedelta(minutes=31))
    assert asks_again(client, method, where, csrf)
    shown(services, client, timedelta(minutes=29))
    assert not asks_again(client, method, where, csrf)


def test_people_without_a_second_factor_may_leave_and_take_their_data_along(services: Services) -> None:
    client = member(services, "ada@university.example", name="Ada Marker")
    assert client.get("/account/export.json").json()["name"] == "Ada Marker"
    csrf = hidden(client.get("/account/close").text, "csrf")
    assert client.post("/account/close", data={"csrf": csrf, "sure": "yes"}, follow_redirects=False).headers["location"] == "/sign-in?closed"
    assert "Your account was deleted" in client.get("/sign-in?closed").text
