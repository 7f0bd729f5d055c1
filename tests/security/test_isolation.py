"""S2 and A13 to A15: nothing of one custodian, or of one applicant, can be reached, changed or read by another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from gateway.accounts import sessions
from gateway.accounts.setup import withdraw
from gateway.store import Store
from tests.audit.walking import database_digest
from tests.security.walking import UNSAFE, Route, routes
from tests.security.world import Tenant, World, bearer, form_token

NESTED = ("custodian", "part", "reference", "receipt_id", "webhook_id", "slug", "local_id", "file", "thread", "search")
"""Parameters that name something of one tenant; those of the public catalogue are not among them."""
MISSING: Mapping[str, str] = {
    "part": "f" * 24, "reference": "AR-00000000-0", "receipt_id": "f" * 32, "webhook_id": "9" * 9, "local_id": "no-such-id", "custodian": "nobody",
    "slug": "nobody", "file": "f" * 24, "thread": "f" * 24, "search": "f" * 24, "token": "f" * 43,
}
OFFICES: Mapping[str, tuple[str, ...]] = {
    "triage": ("/triage/",), "privacy_officer": ("/admin/requests/", "/w/{custodian}/audit"), "auditor": ("/w/{custodian}/audit",),
    "admin": ("/admin/", "/triage/", *(f"/w/{{custodian}}/{page}" for page in ("members", "records", "settings", "sources", "webhooks"))),
}
"""Whose work is with the things of every tenant, and where: role of the gateway -> beginnings of addresses."""


OF_THE_OFFICE = frozenset({("admin", "/admin/people"), ("privacy_officer", "/audit"), ("auditor", "/audit")})
"""Where people of the whole gateway see people of every tenant, by their role."""
CODE_OF_THE_ERROR = re.compile(r"<code>[0-9a-f]{8}</code>|\"reference\":\"[0-9a-f]{8}\"")


def private(world: World) -> list[Route]:
    """Routes of sessions and of custodians' keys whose address names something of one tenant."""
    found = [
        route for route in routes(world.app)
        if not route.is_public and "whoever" not in route.lets_in and "operator" not in route.lets_in
        and not route.path.startswith("/sources/") and any(f"{{{name}" in route.path for name in NESTED)
    ]
    assert len(found) > 15
    return found


def swapped(route: Route, own: Tenant, foreign: Tenant) -> Iterator[tuple[str, str]]:
    """Each address in which at least one id is the other tenant's, and the same address with an id that nobody has."""
    names = [name for name in re.findall(r"\{(\w+)", route.path) if name in NESTED]
    for chosen in [[name] for name in names] + ([names] if len(names) > 1 else []):
        yield own.path(route, **{name: foreign.ids[name] for name in chosen}), own.path(route, **{name: MISSING[name] for name in chosen})


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that the gateway sends meanwhile."""
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield sent
    event.remove(store.engine, "before_cursor_execute", note)


def asked(client: TestClient, route: Route, path: str, *, csrf: str = "", key: str | None = None) -> tuple[int, str]:
    """The status and the text, without the address and what was named in it."""
    if key:
        answer = client.request(route.method, path, headers=bearer(key), json={"command": "acknowledge"} if route.method in UNSAFE else None)
    else:
        answer = client.request(route.method, path, data={"csrf": csrf, "version": "1", "command": "approve"} if route.method in UNSAFE else None)
    named = sorted({path, *path.split("/")[1:]}, key=len, reverse=True)
    without = re.sub("|".join(re.escape(one) for one in named if len(one) > 3), "…", answer.text)
    return answer.status_code, CODE_OF_THE_ERROR.sub("", without)


def test_A13_S2_foreign_ids_are_ids_that_nobody_has(two_tenants: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "SEEN_EVERY", timedelta(days=1))  # a note once a minute that somebody is still there would fall on either address
    alpha, beta = two_tenants.alpha, two_tenants.beta
    people = {"applicant": alpha.applicant, **alpha.team, **two_tenants.office}
    before, wrong, asked_for = database_digest(two_tenants.services.store), [], 0
    for route in private(two_tenants):
        if route.is_of_program:
            continue
        for who, client in people.items():
            if route.path.startswith(OFFICES.get(who, ("no address",))):
                continue
            csrf = form_token(client) if route.method in UNSAFE else ""
            for foreign, missing in swapped(route, alpha, beta):
                asked_for += 1
                with counted(two_tenants.services.store) as for_theirs:
                    theirs = asked(client, route, foreign, csrf=csrf)
                with counted(two_tenants.services.store) as for_nobodys:
                    nobodys = asked(client, route, missing, csrf=csrf)
                is_public_name = who in two_tenants.office and "{custodian}" in route.path
                if theirs[0] != 404 or nobodys[0] != 404 or (theirs != nobodys and not is_public_name):
                    wrong.append(f"{who}: {route} at {foreign}: {theirs[0]}, and {nobodys[0]} for an id nobody has")
                if len(for_theirs) != len(for_nobodys) and not is_public_name:
                    wrong.append(f"{who}: {route} at {foreign}: {len(for_theirs)} statements, and {len(for_nobodys)} for an id nobody has")
    assert asked_for > 50
    assert wrong == []
    assert database_digest(two_tenants.services.store) == before


def test_A13_S2_a_link_opens_what_is_its_own_and_nothing_of_another_tenant(two_tenants: World) -> None:
    """Addresses that hold a token and the id of a part, a file or a thread: with one tenant's token and the other's id, and the other way round."""
    alpha, beta = two_tenants.alpha, two_tenants.beta
    before, wrong, asked_for = database_digest(two_tenants.services.store), [], 0
    for route in routes(two_tenants.app):
        nested = [name for name in ("part", "file", "thread") if f"{{{name}}}" in route.path]
        if "link" not in route.lets_in or not nested:
            continue
        for names in (nested, ["token"]):
            own = "question_token" if route.path.startswith("/questions/") else "token"
            foreign = {name: beta.ids[own if name == "token" else name] for name in names}
            theirs = asked(two_tenants.outside, route, alpha.path(route, **foreign))
            nobodys = asked(two_tenants.outside, route, alpha.path(route, **{name: MISSING[name] for name in names}))
            asked_for += 1
            if theirs[0] not in (404, 422) or (names != ["token"] and theirs != nobodys):
                wrong.append(f"{route} with the other's {', '.join(names)}: {theirs[0]}, and {nobodys[0]} for an id nobody has")
    assert asked_for >= 6
    assert wrong == []
    assert database_digest(two_tenants.services.store) == before


def test_A13_S2_foreign_ids_are_ids_that_nobody_has_for_programs_too(two_tenants: World) -> None:
    alpha, beta = two_tenants.alpha, two_tenants.beta
    before, wrong = database_digest(two_tenants.services.store), []
    for route in private(two_tenants):
        scope = route.lets_in.rpartition(": ")[2]
        if not route.is_of_program or "two headers" in route.lets_in:
            continue
        for foreign, missing in swapped(route, alpha, beta):
            if "local_id" in route.path and foreign == alpha.path(route, local_id=beta.ids["local_id"]):
                continue  # a name of one's own choice is free in one's own space
            theirs = asked(two_tenants.outside, route, foreign, key=alpha.keys[scope])
            nobodys = asked(two_tenants.outside, route, missing, key=alpha.keys[scope])
            if theirs[0] not in (404, 422) or theirs != nobodys:
                wrong.append(f"{route} at {foreign}: {theirs[0]}, and {nobodys[0]} for an id nobody has")
    assert wrong == []
    assert database_digest(two_tenants.services.store) == before


def test_A14_S2_no_word_of_one_tenant_reaches_another(two_tenants: World) -> None:
    beta, seen, read = two_tenants.beta, [], 0
    for route in routes(two_tenants.app):
        if route.method != "GET" or "link" in route.lets_in or route.is_of_program:
            continue
        for who, client in two_tenants.readers(route).items():
            answer = client.get(two_tenants.alpha.path(route))
            read += answer.status_code == 200
            if (beta.marker in answer.text or beta.applicant_address in answer.text) and (who, route.path) not in OF_THE_OFFICE:
                seen.append(f"{who}: {route}")
    for scope, key in two_tenants.alpha.keys.items():
        for route in routes(two_tenants.app):
            if route.method == "GET" and route.lets_in.endswith(f": {scope}"):
                answer = two_tenants.outside.get(two_tenants.alpha.path(route), headers=bearer(key))
                read += answer.status_code == 200
                if beta.marker in answer.text:
                    seen.append(f"{scope}: {route}")
    assert read > 200
    assert seen == []
    assert beta.marker in beta.team["handler"].get(f"/w/beta/requests/{beta.ids['part']}").text, "the crawl looks for what is there"


def test_A15_S2_fields_that_nobody_asked_for_change_nothing(two_tenants: World) -> None:
    """A post with more fields than its form has does exactly what it does without them."""
    alpha = two_tenants.alpha
    extra = {"lead": "1", "state": "approved", "custodian": "beta", "role": "admin", "account_id": "1", "actor": "S", "is_admin": "yes"}
    handler, path = alpha.team["handler"], f"/w/alpha/requests/{alpha.ids['part']}"
    before = database_digest(two_tenants.services.store)
    reviewer = alpha.team["reviewer"]
    refused = reviewer.post(path, data={"csrf": form_token(reviewer), "version": "1", "command": "acknowledge", **extra})
    assert refused.status_code == 404, "a role in the body gives none"
    assert database_digest(two_tenants.services.store) == before
    version = re.search(r'name="version" value="(\d+)"', handler.get(path).text)
    assert version is not None
    done = handler.post(path, data={"csrf": form_token(handler), "command": "acknowledge", **extra, "version": version[1]})
    assert done.status_code == 200
    page = handler.get(path).text
    assert "Being checked" in page
    assert "Approved" not in re.sub(r"<option.*?</option>", "", page)
    assert two_tenants.beta.team["handler"].get(f"/w/beta/requests/{alpha.ids['part']}").status_code == 404


def test_S2_a_role_that_is_taken_away_is_gone_with_the_next_call(two_tenants: World) -> None:
    observer = two_tenants.alpha.team["observer"]
    reviewer = two_tenants.alpha.team["reviewer"]
    path = "/w/alpha/requests"
    assert reviewer.get(path).status_code == 200
    withdraw(two_tenants.services.store, address="reviewer@alpha.example", role="reviewer", custodian="alpha", now=two_tenants.services.clock())
    assert reviewer.get(path).status_code == 404
    assert observer.get(path).status_code == 404
