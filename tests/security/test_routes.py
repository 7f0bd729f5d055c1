"""S1: every route says who may use it, the list is the approved one, and each route keeps to what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts

from gateway.app import create_app
from gateway.web.policy import A_CONFIDANT, A_HOLDER, A_MEMBER, Undeclared, policies
from gateway.wiring import Services
from tests.audit.walking import database_digest
from tests.journeys.gateways import make_services
from tests.security.walking import routes
from tests.security.world import World, bearer

APPROVED = Path(__file__).with_name("routes.txt")


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path, worker=False)


def test_S1_the_routes_are_the_approved_ones(services: Services) -> None:
    running = [str(one) for one in policies(create_app(services=services))]
    approved = APPROVED.read_text().splitlines()
    added, gone = sorted(set(running) - set(approved)), sorted(set(approved) - set(running))
    assert (added, gone) == ([], []), "Read the difference as a reviewer would, then write it with: gateway routes > tests/security/routes.txt"
    assert running == approved


def test_S1_a_route_without_a_policy_stops_the_start(services: Services) -> None:
    app = create_app(services=services)
    forgotten = APIRouter()
    forgotten.add_api_route("/forgotten", lambda: None, methods=["GET"])
    app.include_router(forgotten)
    with pytest.raises(Undeclared, match="GET /forgotten"):
        policies(app)


def test_S1_nothing_opens_without_signing_in_or_a_key(two_tenants: World) -> None:
    before = database_digest(two_tenants.services.store)
    opened = []
    closed = [route for route in routes(two_tenants.app) if not route.is_public and route.lets_in not in (A_HOLDER, A_CONFIDANT)]
    for route in closed:
        answer = two_tenants.outside.request(route.method, two_tenants.alpha.path(route))
        to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
        if not (to_sign_in or answer.status_code in (401, 404)):
            opened.append(f"{route}: {answer.status_code}")
    assert len(closed) > 60
    assert opened == []
    assert database_digest(two_tenants.services.store) == before


def test_S1_a_key_opens_what_its_scope_names_and_nothing_else(two_tenants: World) -> None:
    keys = {**two_tenants.alpha.keys, **two_tenants.operator_keys}
    wrong = []
    for route in routes(two_tenants.app):
        if not route.is_of_program or "two headers" in route.lets_in:
            continue
        for scope, key in keys.items():
            if route.lets_in.endswith(f": {scope}"):
                continue
            status = two_tenants.outside.request(route.method, two_tenants.alpha.path(route), headers=bearer(key)).status_code
            if status not in (403, 429):
                wrong.append(f"{route} with {scope}: {status}")
    assert wrong == []


def test_S1_other_methods_are_refused_everywhere(two_tenants: World) -> None:
    known = routes(two_tenants.app)
    before = database_digest(two_tenants.services.store)
    for path in sorted({route.path for route in known}):
        allowed = {route.method for route in known if route.path == path}
        filled = two_tenants.alpha.path(next(route for route in known if route.path == path))
        for method in {"TRACE", "OPTIONS", "PUT", "PATCH", "DELETE"} - allowed:
            status = two_tenants.outside.request(method, filled).status_code
            assert status in (405, 404, 401), f"{method} {filled}: {status}"
    assert database_digest(two_tenants.services.store) == before


def test_S1_pages_of_a_team_are_for_its_members(services: Services) -> None:
    team = [one for one in policies(create_app(services=services)) if one.path.startswith("/w/")]
    assert len(team) > 30
    assert [str(one) for one in team if A_MEMBER not in one.lets_in] == []


def test_S1_no_route_takes_the_address_of_a_later_one(services: Services) -> None:
    seen: list[tuple[str, str, re.Pattern[str]]] = []
    hidden = []
    for route in iter_route_contexts(create_app(services=services).routes):
        path = route.path or ""
        pattern = re.compile(re.sub(r"\\{\w+(:path)?\\}", lambda found: ".+" if found[1] else "[^/]+", re.escape(path)))
        for method in route.methods or ():
            hidden += [f"{method} {path} behind {other}" for other, of, taken in seen if of == method and other != path and taken.fullmatch(path)]
            seen.append((path, method, pattern))
    assert len(seen) > 300
    assert hidden == []
