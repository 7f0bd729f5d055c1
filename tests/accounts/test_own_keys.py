"""S10: keys of people. What a key may do is the lesser of its scopes and its owner's roles of the moment; on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text
from starlette.testclient import TestClient

from gateway import api
from gateway.accounts.key_rights import SCOPE_NEEDS
from gateway.accounts.setup import grant, withdraw
from gateway.app import create_app
from gateway.errors import NotSignedIn
from gateway.store import accounts, custodians
from gateway.web.auth import OPERATOR_SCOPES, check_key, check_part, create_key
from gateway.web.middleware import KEY
from gateway.wiring import Services
from tests.accounts.people import hidden, member
from tests.journeys.gateways import make_services
from tests.routes import calls, routes_of

ADA, BOB = "ada@alpha.example", "bob@alpha.example"
PUBLISHED_PATTERN = re.compile(r"gwk_([0-9a-f]{8})_([A-Za-z0-9_-]{43})([0-9A-Za-z]{6})")
"""As docs/api.md gives it to leak scanners: the last six characters are a check sum."""


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False)
    with built.store.transaction() as tx:
        for slug in ("alpha", "beta"):
            custodians.add(tx.session, name=f"Custodian {slug.title()}", slug=slug, now=built.clock())
    try:
        yield built
    finally:
        built.close()


def holding(services: Services, address: str, *roles: str) -> TestClient:
    client = member(services, address, name=address.split("@", maxsplit=1)[0].title(), has_app=True)
    for role in roles:
        grant(services.store, address=address, role=role, custodian="alpha", granted_by="operator", now=services.clock())
    return client


def post(client: TestClient, path: str, **fields: Any) -> Any:
    csrf = hidden(client.get("/account").text, "csrf")
    return client.post(path, data={"csrf": csrf, **fields})


def made(client: TestClient, *scopes: str, name: str = "Nightly push", **fields: str) -> str:
    answer = post(client, "/w/alpha/keys", name=name, scope=list(scopes), **{"days": "30", **fields})
    found = re.search(r"gwk_\w{8}_[\w-]+", answer.text)
    assert found is not None, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return found[0]


def scopes_of(services: Services, key: str) -> tuple[str, ...]:
    return check_key(services.store, key, now=services.clock()).scopes


def test_S10_a_key_is_shown_once_and_no_table_holds_its_secret(services: Services) -> None:
    ada = holding(services, ADA, "team_admin")
    key = made(ada, "datasets:write", "runs:read")
    secret = key.split("_", 2)[2]
    assert secret not in ada.get("/w/alpha/keys").text
    assert "Nightly push" in ada.get("/w/alpha/keys").text
    with services.store.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                assert secret not in str(row), table
    files = [path for path in services.settings.data_dir.rglob("*") if path.is_file()]
    assert [path for path in files if secret.encode() in path.read_bytes()] == []


def test_S10_the_pattern_for_leak_scanners_matches_every_key(services: Services) -> None:
    for number in range(50):
        key = create_key(services.store, name=f"n{number}", custodian="alpha", now=services.clock()).key
        found = PUBLISHED_PATTERN.fullmatch(key)
        assert found is not None
        assert KEY.fullmatch(key)
        assert check_part(f"{found[1]}_{found[2]}") == found[3]


def test_S10_the_owner_loses_a_role_and_the_key_its_right(services: Services) -> None:
    holding(services, ADA, "team_admin")
    bob = holding(services, BOB, "metadata_editor", "handler", "decider")
    key = made(bob, "datasets:write", "parts:read", "parts:act")
    assert set(scopes_of(services, key)) == {"datasets:write", "parts:read", "parts:act"}
    withdraw(services.store, address=BOB, role="decider", custodian="alpha", now=services.clock())
    assert set(scopes_of(services, key)) == {"datasets:write", "parts:read"}, "no decisions without the role to decide"
    withdraw(services.store, address=BOB, role="metadata_editor", custodian="alpha", now=services.clock())
    assert scopes_of(services, key) == ("parts:read",)
    assert "Without effect" in bob.get("/w/alpha/keys").text
    grant(services.store, address=BOB, role="metadata_editor", custodian="alpha", granted_by="operator", now=services.clock())
    assert "datasets:write" in scopes_of(services, key)
    with services.store.transaction() as tx:
        row = accounts.by_address(tx.session, BOB)
        assert row is not None
        row.state = "suspended"
    with pytest.raises(NotSignedIn):
        scopes_of(services, key)


def test_S10_a_role_that_waits_for_its_second_factor_gives_a_key_nothing(services: Services) -> None:
    ada = holding(services, ADA, "team_admin")
    key = made(ada, "datasets:read")
    with services.store.transaction() as tx:
        row = accounts.by_address(tx.session, ADA)
        assert row is not None
        row.totp_secret = None
    assert scopes_of(services, key) == ()


def test_S10_nobody_makes_a_key_beyond_their_own_roles_or_elsewhere(services: Services) -> None:
    bob = holding(services, BOB, "reviewer")
    assert 'value="datasets:write"' not in bob.get("/w/alpha/keys").text
    for fields in ({"scope": "datasets:write"}, {"scope": "harvest"}, {"scope": "parts:act"}, {"scope": []}, {"scope": "parts:read", "days": "366"},
                   {"scope": "parts:read", "days": "0"}, {"scope": "parts:read", "days": "soon"}, {"scope": "parts:read", "name": " "},
                   {"scope": "parts:read", "networks": "here"}):
        answer = post(bob, "/w/alpha/keys", **{"name": "n", "days": "30", **fields})
        assert answer.status_code == 422, fields
        assert "gwk_" not in answer.text
    assert post(bob, "/w/beta/keys", name="n", scope="parts:read", days="30").status_code == bob.get("/w/beta/keys").status_code == 404


def test_S10_rotation_overlaps_for_a_week_and_revocation_is_at_once(services: Services) -> None:
    ada, bob = holding(services, ADA, "team_admin"), holding(services, BOB, "metadata_editor")
    key = made(bob, "datasets:read", networks="192.0.2.0/24, 198.51.100.0/24")
    prefix, now = key.split("_")[1], services.clock()
    assert post(ada, f"/w/alpha/keys/{prefix}/rotate").status_code == 403, "the successor's secret is its owner's alone"
    answer = post(bob, f"/w/alpha/keys/{prefix}/rotate")
    successor = re.search(r"gwk_\w{8}_[\w-]+", answer.text)
    assert successor is not None
    for later, works in ((timedelta(days=6), [True, True]), (timedelta(days=8), [False, True]), (timedelta(days=366), [False, False])):
        assert [is_good(services, one, now + later) for one in (key, successor[0])] == works
    with pytest.raises(NotSignedIn):
        check_key(services.store, successor[0], address="203.0.113.1", now=now)
    assert post(ada, f"/w/alpha/keys/{successor[0].split('_')[1]}/revoke").status_code == 200, "who manages the team ends any"
    assert not is_good(services, successor[0], now)
    other = holding(services, "carol@alpha.example", "observer")
    assert post(other, f"/w/alpha/keys/{prefix}/revoke").status_code == 404


def is_good(services: Services, key: str, now: Any) -> bool:
    try:
        check_key(services.store, key, address="192.0.2.7", now=now)
    except NotSignedIn:
        return False
    return True


@pytest.mark.parametrize("address", ["/search?q={key}", "/api/v1/datasets?key={key}", "/datasets/{key}", "/search?q=%67{rest}"])
def test_S10_a_key_in_an_address_is_refused_and_revoked(services: Services, address: str) -> None:
    ada = holding(services, ADA, "team_admin")
    key = made(ada, "datasets:read")
    answer = ada.get(address.format(key=key, rest=key[1:]))
    assert answer.status_code == 400
    assert key not in answer.text
    assert not is_good(services, key, services.clock())


def test_S10_the_last_use_is_kept_by_the_day_and_idle_keys_are_pointed_out(services: Services) -> None:
    ada = holding(services, ADA, "team_admin")
    key = made(ada, "datasets:read")
    assert "Never" in ada.get("/w/alpha/keys").text
    scopes_of(services, key)
    with services.store.engine.connect() as connection:
        [used] = connection.execute(text("SELECT last_used_at FROM api_keys")).scalars()
    assert "00:00:00" in str(used)
    with services.store.transaction() as tx:
        tx.session.execute(text("UPDATE api_keys SET last_used_at = :then"), {"then": services.clock() - timedelta(days=91)})
    assert "Not used for 90 days" in ada.get("/w/alpha/keys").text


def test_S10_every_route_lets_in_its_own_scope_alone(services: Services) -> None:
    client = TestClient(create_app(services=services), base_url="http://127.0.0.1", raise_server_exceptions=False)
    routes = [
        (route.method, route.path, call.scope) for route in routes_of(api.router) for call in calls(route.dependant) if hasattr(call, "scope")
    ]
    assert len(routes) > 25
    assert {scope for _, _, scope in routes} == {*SCOPE_NEEDS, *OPERATOR_SCOPES}
    for method, path, scope in routes:
        of_operator = scope in OPERATOR_SCOPES
        family = OPERATOR_SCOPES if of_operator else tuple(SCOPE_NEEDS)
        right, wrong = (
            create_key(services.store, name=scope, scopes=scopes, custodian=None if of_operator else "alpha", now=services.clock()).key
            for scopes in ([scope], [one for one in family if one != scope])
        )
        where = re.sub(r"\{\w+(:\w+)?\}", "1", path.replace("{slug}", "alpha"))
        assert ask(client, method, where, wrong) == 403, (method, path)
        assert ask(client, method, where, right) not in (401, 403), (method, path)
        assert ask(client, method, where, None) == 401, (method, path)


def ask(client: TestClient, method: str, path: str, key: str | None) -> int:
    _, identifier, secret = key.split("_", 2) if key else ("", "", "")
    both = {"Authorization": f"Bearer {key}", "x-application-id": identifier, "x-client-id": secret} if key else {}
    return client.request(method, path, headers=both, json={} if method != "GET" else None).status_code
