"""A16: every GET, run as every role, leaves the database as it was, apart from rows of the audit that say who read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.access.routes import set_route
from gateway.accounts.roles import ROLES
from gateway.accounts.setup import grant
from gateway.models import AuditRow, RequestPart, Run
from gateway.store import custodians
from gateway.web.auth import CUSTODIAN_SCOPES, OPERATOR_SCOPES, PART_SCOPES, create_key
from gateway.wiring import Services
from tests.accounts.people import browser, member
from tests.audit.walking import database_digest, filled, templates
from tests.gateway.asking import FORM, Post
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents
from tests.journeys.test_workspace import sent

MAY_BE_NOTED = {
    "part.read", "part.exported", "workspace.read", "triage.read", "audit.read", "export.account", "permission.refused", "limit.hit", "key.refused",
}
ENDLESS = ("/events",)
"""Streams that end with a run; nothing runs here."""


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url)
    try:
        with built.store.transaction() as tx:
            custodians.add(tx.session, name="Custodian Alpha", slug="alpha", now=built.clock())
        write_documents(tmp_path / "alpha", [document(0), document(1)])
        harvest(built, add_files(built, tmp_path / "alpha", name="Feed alpha", custodian="alpha"))
        built.housekeeping.keep_house(now=built.clock())
        yield built
    finally:
        built.close()


@pytest.fixture
def values(services: Services) -> dict[str, str]:
    """For the parts of addresses, of things that are there."""
    member(services, "handler@alpha.example", name="Handler")
    grant(services.store, address="handler@alpha.example", role="handler", custodian="alpha", granted_by="operator", now=services.clock())
    set_route(services.store, services.sealer, custodian="alpha", channel="committee", target="workspace")
    follow = sent(services)
    ref = next(published.row.record.ref for published in services.catalogue.listing())
    with services.store.reading() as session:
        part = session.scalars(select(RequestPart.public_id)).one()
        run = session.scalars(select(Run.id)).first()
    return {
        "custodian": "alpha", "slug": "alpha", "sources/slug": "feed-alpha", "part": part, "ref": ref, "datasets/ref": ref, "token": follow.rsplit("/", 1)[1],
        "run": str(run), "run_id": str(run), "number": "1", "version": "1", "kind": "json", "stream": "organisation/alpha", "topic": "searching",
        "reference": "AR-NOTHING", "field": "custodian", "name": "app.css",
    }


def people(services: Services) -> Iterator[tuple[str, TestClient]]:
    """Somebody of every role, the applicant, a visitor, and programs with every scope."""
    yield "visitor", browser(services)
    yield "applicant", member(services, FORM.email, name=FORM.name)
    for role, facts in ROLES.items():
        address = f"{role.replace('_', '-')}@example.org"
        client = member(services, address, name=role.title(), has_app=True)
        place = None if facts.of_gateway else "alpha"
        grant(services.store, address=address, role=role, custodian=place, granted_by="operator", now=services.clock())
        client.get("/account")  # a change of roles gives the session a new id, once, before anybody looks
        yield role, client
    for name, custodian, scopes in (("operator's key", None, OPERATOR_SCOPES), ("custodian's key", "alpha", (*CUSTODIAN_SCOPES, *PART_SCOPES))):
        key = create_key(services.store, name=name, custodian=custodian, scopes=scopes, now=services.clock()).key
        client = browser(services)
        client.headers["Authorization"] = f"Bearer {key}"
        yield name, client


def test_A16_looking_changes_nothing_whoever_looks(services: Services, values: dict[str, str]) -> None:
    everybody = list(people(services))
    app = everybody[0][1].app
    assert isinstance(app, FastAPI)
    paths = [filled(template, values) for template in templates(app) if not template.endswith(ENDLESS)]
    assert len(paths) > 80
    statuses: dict[str, set[int]] = {path: set() for path in paths}
    for who, client in everybody:
        before = database_digest(services.store)
        with services.store.reading() as session:
            noted = {(row.stream, row.sequence) for row in session.scalars(select(AuditRow))}
        for path in paths:
            statuses[path].add(client.get(path, follow_redirects=False).status_code)
        after = database_digest(services.store)
        assert {table for table in before if before[table] != after[table]} == set(), f"{who}: {changed_by(services, client, paths)}"
        with services.store.reading() as session:
            added = {row.action for row in session.scalars(select(AuditRow)) if (row.stream, row.sequence) not in noted}
        assert added <= MAY_BE_NOTED, who
    assert not {path: found for path, found in statuses.items() if any(status >= 500 for status in found)}
    assert sum(200 in found for found in statuses.values()) > len(paths) // 2, "most addresses were those of something"


def changed_by(services: Services, client: TestClient, paths: list[str]) -> list[str]:
    """Which address it was, looked for only once something changed."""
    found = []
    for path in paths:
        before = database_digest(services.store)
        client.get(path, follow_redirects=False)
        if database_digest(services.store) != before:
            found.append(path)
    return found


def test_the_digest_sees_a_change(services: Services) -> None:
    before = database_digest(services.store)
    with services.store.transaction() as tx:
        custodians.by_slug(tx.session, "alpha").description = "Changed"
    after = database_digest(services.store)
    assert {table for table in before if before[table] != after[table]} == {"custodians"}
