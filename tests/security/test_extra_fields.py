"""A15 and S2: fields that a form or a body does not have change nothing, wherever they are sent with everything else in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import inspect, select, text
from starlette.testclient import TestClient

from gateway.accounts.tables import Membership
from gateway.api.command_payloads import PAYLOADS
from gateway.models import Request, RequestPart
from gateway.store import Store
from tests.audit.walking import database_digest
from tests.security.reading_pages import Form, Page
from tests.security.walking import UNSAFE, routes
from tests.security.world import World, bearer

NAMES = (
    "lead", "lead_subject", "state", "status", "version_", "custodian", "custodian_id", "role", "roles", "is_admin", "account_id", "subject", "actor", "owner", "granted_by",
    "decided_by", "waived_by", "second_officer", "person", "is_accepted", "evidence", "delivery", "expected_version", "public_id", "amends", "channel", "opened_at",
)
MARKED: Mapping[str, str] = {name: f"zzextra-{name}" for name in NAMES}
TAKING: Mapping[str, str] = {
    **MARKED, "lead": "1", "state": "approved", "status": "active", "custodian": "beta", "custodian_id": "2", "role": "admin", "roles": "admin", "is_admin": "yes",
    "account_id": "1", "is_accepted": "yes",
}
LEFT_ALONE = ("/sign-out", "/account/close", "/account/security", "/sessions", "/account/password", "/demonstration", "/account/email")
"""Forms that would end the sign-in with which the others are sent."""
DOCUMENTS = ("datasets", "/translate", "/csp-report", "/oai", "/validate", "/check")
"""What takes documents of any shape, which are judged by their schema."""


def text_of_database(store: Store) -> str:
    found = []
    with store.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            found += [repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{table}"'))]
    return "\n".join(found)


def standing(world: World) -> tuple[Any, ...]:
    """What nobody may take by a field: states of parts, who leads, who holds which role."""
    with world.services.store.reading() as session:
        parts = sorted((row.public_id, row.custodian_id, row.state in ("approved", "active")) for row in session.scalars(select(RequestPart)))
        leads = sorted((row.reference, row.lead_subject) for row in session.scalars(select(Request)))
        admins = sorted(row.account_id for row in session.scalars(select(Membership)) if row.role == "admin")
    return parts, leads, admins


def forms_of(world: World) -> Iterator[tuple[str, TestClient, Form]]:
    """Every form that anybody of alpha, of its applicants or of the office is shown, once for each kind of person."""
    seen: set[tuple[str, str, str]] = set()
    for route in routes(world.app):
        if route.method != "GET" or route.is_of_program:
            continue
        for who, client in world.readers(route).items():
            path = world.alpha.path(route)
            answer = client.get(path)
            if "text/html" not in answer.headers.get("content-type", ""):
                continue
            for form in Page(answer.text).forms:
                key = (who, form.action, form.fields.get("command", ""))
                if key not in seen and not any(one in form.action for one in LEFT_ALONE):
                    seen.add(key)
                    yield who, client, form


def test_A15_what_a_command_does_have_is_kept_as_it_was_sent(two_tenants: World) -> None:
    alpha = two_tenants.alpha
    path, headers = f"/api/v1/parts/{alpha.ids['part']}", bearer(alpha.keys["parts:act"])
    done = two_tenants.outside.post(f"{path}/commands", json={"command": "acknowledge", "payload": {"delivery": "msg_1", "reference": "ALPHA-7"}}, headers=headers)
    assert done.status_code == 200, done.text
    assert done.json()["state"] == "screening"
    assert "reopen" not in done.json()["allowed"]
    bare = two_tenants.outside.post(f"{path}/commands", json={"command": "return", "payload": {"comment": "Why?"}}, headers=headers)
    assert bare.status_code == 409
    assert "general question" in bare.text
    asked = two_tenants.outside.post(f"{path}/commands", json={"command": "return", "payload": {"comment": "Why?", "is_general": True}}, headers=headers)
    assert asked.json()["state"] == "returned"
    late = two_tenants.outside.post(f"{path}/commands", json={"command": "accept_for_review"}, headers=headers)
    assert late.status_code == 409
    assert "Possible now: " in late.text


@pytest.mark.parametrize("extra", [MARKED, TAKING], ids=["marked", "taking"])
def test_A15_S2_no_form_takes_a_field_that_it_does_not_have(two_tenants: World, extra: Mapping[str, str]) -> None:
    before, statuses = standing(two_tenants), []
    for who, client, form in list(forms_of(two_tenants)):
        added = {name: value for name, value in extra.items() if name not in form.fields}
        answer = client.post(form.action, data={**form.fields, **added}, follow_redirects=False)
        statuses.append(answer.status_code)
        assert answer.status_code < 500, f"{who}: {form.action}: {answer.status_code}"
    assert len(statuses) > 60
    assert statuses.count(403) < len(statuses) / 2, "the forms carry their tokens"
    stored = text_of_database(two_tenants.services.store)
    assert [name for name, value in MARKED.items() if value in stored] == []
    assert standing(two_tenants) == before


def test_A15_S2_no_program_adds_a_field(two_tenants: World) -> None:
    alpha, store = two_tenants.alpha, two_tenants.services.store
    before, sent = standing(two_tenants), 0
    for route in routes(two_tenants.app):
        if route.method not in UNSAFE or not route.path.startswith("/api/") or any(one in route.path for one in DOCUMENTS):
            continue
        scope = route.lets_in.rpartition(": ")[2]
        key = alpha.keys.get(scope) or two_tenants.operator_keys.get(scope)
        headers = bearer(key) if key else {}
        for body in (dict(MARKED), dict(TAKING), {"url": "https://hook.example/x", "reason": "Because.", "text": "Words.", **MARKED}):
            answer = two_tenants.outside.request(route.method, alpha.path(route), json=body, headers=headers)
            sent += 1
            assert answer.status_code < 500, f"{route}: {answer.status_code}"
    assert sent > 20
    stored = text_of_database(store)
    assert [name for name, value in MARKED.items() if value in stored] == []
    assert standing(two_tenants) == before


@pytest.mark.parametrize("command", sorted(PAYLOADS))
def test_A15_a_command_with_a_field_that_it_does_not_have_is_refused_and_the_field_named(two_tenants: World, command: str) -> None:
    alpha = two_tenants.alpha
    path, headers = f"/api/v1/parts/{alpha.ids['part']}/commands", bearer(alpha.keys["parts:act"])
    before = database_digest(two_tenants.services.store)
    names = ("state", "lead", "version", "type", "to")
    answer = two_tenants.outside.post(path, json={"command": command, "payload": dict.fromkeys(names, "approved")}, headers=headers)
    assert answer.status_code == 422, answer.text
    assert [name for name in names if f"payload.{name}" not in answer.text] == []
    assert "no such field" in answer.text
    answer = two_tenants.outside.post(path, json={"command": command, "role": "decider"}, headers=headers)
    assert answer.status_code == 422
    assert "role" in answer.text
    assert database_digest(two_tenants.services.store) == before


def test_A15_conditions_have_three_fields_and_no_more(two_tenants: World) -> None:
    alpha = two_tenants.alpha
    path, headers = f"/api/v1/parts/{alpha.ids['part']}/commands", bearer(alpha.keys["parts:act"])
    for conditions in ([{"text": "Ethics", "state": "met"}], ["Ethics"], [{"text": 3}], "Ethics"):
        answer = two_tenants.outside.post(path, json={"command": "approve_conditionally", "payload": {"conditions": conditions}}, headers=headers)
        assert answer.status_code == 422, answer.text
        assert "payload.conditions" in answer.text
