"""Two custodians that must never see each other's things: each with a team, an applicant, a source, keys, and words of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from starlette.testclient import TestClient

from frontend.addresses import SearchAddress
from gateway.access.attaching import Attaching
from gateway.access.commands import Command
from gateway.access.drafts import draft
from gateway.access.evidence_files import add_evidence
from gateway.access.part_forms import publish
from gateway.access.routes import set_route
from gateway.accounts.roles import ROLES
from gateway.accounts.setup import grant
from gateway.app import create_app
from gateway.enquiries.asking import ask
from gateway.enquiries.form import Question
from gateway.searches.keeping import save
from gateway.store import accounts, custodians, enquiries
from gateway.store.sealing import token_digest
from gateway.web.auth import CUSTODIAN_SCOPES, OPERATOR_SCOPES, PART_SCOPES, create_key
from gateway.wiring import Services
from tests.accounts.people import HERE, browser, hidden, member
from tests.gateway.asking import Asking, send, written
from tests.gateway.asking import applicant as lead
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents
from tests.security.walking import Route

PROTOCOL = "project.protocol"
TEAM = tuple(name for name, role in ROLES.items() if not role.of_gateway)
OFFICE = tuple(name for name, role in ROLES.items() if role.of_gateway)


@dataclass(frozen=True, slots=True)
class Tenant:
    """``ids``: what its routes' parameters are filled with. ``marker`` stands in every text that is its alone."""

    slug: str
    marker: str
    ids: Mapping[str, str]
    team: Mapping[str, TestClient]
    applicant: TestClient
    applicant_address: str
    keys: Mapping[str, str]
    """Scope -> a key that carries this scope alone."""

    def path(self, route: Route, **other: str) -> str:
        """The route's address with this tenant's ids, save those given."""
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: self._value(route, found[1], other), route.path)

    def _value(self, route: Route, name: str, other: Mapping[str, str]) -> str:
        if name == "slug" and route.path.startswith(("/sources/", "/api/v1/sources/")):
            name = "source"
        if name == "token" and route.path.startswith("/questions/"):
            name = "question_token"
        if name == "reference" and route.path.startswith("/requests/") and "reference" not in other and not route.path.endswith("/sent"):
            name = "draft"
        if name == "file" and route.path.startswith("/requests/") and "file" not in other:
            name = "draft_file"
        return other.get(name) or self.ids.get(name) or "1"


@dataclass(frozen=True, slots=True)
class World:
    app: FastAPI
    services: Services
    outside: TestClient
    """Nobody: no cookie, no key, and it follows no redirect."""
    alpha: Tenant
    beta: Tenant
    office: Mapping[str, TestClient]
    """People with a role in the whole gateway."""
    operator_keys: Mapping[str, str]

    def readers(self, route: Route) -> dict[str, TestClient]:
        """Everybody; of what is open to all, one of each kind of person."""
        people = self.everybody()
        return {who: people[who] for who in ("visitor", "applicant", "handler", "admin")} if route.is_public else people

    def everybody(self) -> dict[str, TestClient]:
        """Who -> their browser: the stranger, alpha's applicant and team, the gateway's office."""
        return {"visitor": browser(self.services, self.app), "applicant": self.alpha.applicant, **self.alpha.team, **self.office}


@contextmanager
def world(folder: Path, database_url: str | None) -> Iterator[World]:
    services = make_services(folder / "data", database_url, worker=False, send_unscanned_files=True)
    try:
        app = create_app(services=services)
        outside = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False, headers=HERE)
        alpha, beta = (_tenant(app, services, outside, folder, number, slug) for number, slug in enumerate(("alpha", "beta"), start=1))
        office = {role: _person(app, services, f"{role}@gateway.example", role, None) for role in OFFICE}
        keys = {scope: create_key(services.store, name=scope, scopes=[scope], now=services.clock()).key for scope in OPERATOR_SCOPES}
        yield World(app, services, outside, alpha, beta, office, keys)
    finally:
        services.close()


def _tenant(app: FastAPI, services: Services, outside: TestClient, folder: Path, number: int, slug: str) -> Tenant:
    marker = f"zebra{slug}only"
    with services.store.transaction() as tx:
        custodians.add(tx.session, name=f"Custodian {slug.title()}", slug=slug, now=services.clock())
    write_documents(folder / slug, [document(number)])
    source = add_files(services, folder / slug, name=f"Feed {slug}", custodian=slug)
    run = harvest(services, source)
    team = {role: _person(app, services, f"{role}@{slug}.example", role, slug) for role in TEAM}
    set_route(services.store, services.sealer, custodian=slug, channel="committee", target="workspace")
    address = f"applicant@{slug}.example"
    applicant = member(services, address, name=f"Applicant {marker}", has_app=True, app=app)
    ref = next(one.row.record.ref for one in services.catalogue.listing() if one.row.custodian and one.row.custodian.slug == slug)
    form = Asking(name=f"Applicant {marker}", email=address, title=f"Study {marker}", lay_summary=f"Summary {marker}", public_benefit=f"Benefit {marker}")
    publish(services.store, slug, {"optional": {PROTOCOL: {"need": "offer"}}}, actor="operator", now=services.clock())
    reference, file = _written(services, form, ref, marker)
    sent = send(services.store, services.sealer, lead(services.store, form, now=services.clock()), reference, now=services.clock(), rules=services.uploads.rules)
    unsent, draft_file = _written(services, form, ref, marker)
    keys = {
        scope: create_key(services.store, name=scope, custodian=slug, scopes=[scope], now=services.clock()).key
        for scope in (*CUSTODIAN_SCOPES, *PART_SCOPES)
    }
    question_token, thread = _asked(services, form, ref, marker)
    part = re.search(rf"/w/{slug}/requests/([0-9a-f]+)", team["handler"].get(f"/w/{slug}/requests").text)
    assert part is not None
    _named(services, part[1], marker)
    ids = {
        "custodian": slug, "slug": slug, "source": source, "ref": ref, "name": ref, "number": str(run.id), "run_id": str(run.id),
        "part": part[1], "reference": sent.reference, "token": sent.follow_token or "", "draft": unsent, "file": file, "draft_file": draft_file, "question": PROTOCOL, "topic": "summary", "local_id": f"local-{slug}", "kind": "json",
        "question_token": question_token, "thread": thread, "search": _saved(services, address, marker),
        "webhook_id": _webhook(outside, slug, keys["datasets:write"], marker), "receipt_id": _receipt(outside, slug, keys["datasets:write"]),
    }
    return Tenant(slug, marker, ids, team, applicant, address, keys)


def _written(services: Services, form: Asking, ref: str, marker: str) -> tuple[str, str]:
    """The reference of a draft, and the id of the file that is attached to it."""
    now = services.clock()
    reference = written(services.store, services.sealer, form=form, dataset_refs=[ref], now=now)
    person = lead(services.store, form, now=now)
    attaching = Attaching(store=services.store, sealer=services.sealer, uploads=services.uploads, person=person, reference=reference, now=now)
    attaching.attach(PROTOCOL, name=f"{marker}.txt", body=f"Protocol {marker}".encode())
    return reference, draft(services.store, person, reference).answers[PROTOCOL][0]


def _named(services: Services, part: str, marker: str) -> None:
    """Evidence with a file, so that what is looked for among others' pages stands there too."""
    named = Command(name="add_evidence", role="lead", actor="lead", payload={"type": "REC", "reference": "20/EM/0148", "issuer": f"Committee {marker}"})
    add_evidence(
        services.store, services.sealer, services.uploads, part, named, name=f"Letter {marker}.txt", body=f"Opinion {marker}".encode(), now=services.clock()
    )


def _asked(services: Services, form: Asking, ref: str, marker: str) -> tuple[str, str]:
    """The token of a question's own page, and the id of its thread."""
    question = Question(kind="general", name=form.name, address=form.email, answers={"question": f"Do you hold {marker}?"})
    sent = ask(
        services.store, services.sealer, services.limits, question, dataset_refs=[ref], network="127.0.0.1", is_confirmed=True, now=services.clock()
    )
    token = str(sent.follow_path).rsplit("/", 1)[1]
    with services.store.reading() as session:
        enquiry = enquiries.by_follow_token(session, token_digest(token))
        return token, enquiries.threads_of(session, enquiry.id)[0].thread.public_id


def _saved(services: Services, address: str, marker: str) -> str:
    """The public id of a search that the applicant keeps."""
    with services.store.reading() as session:
        account = accounts.by_address(session, address)
    assert account is not None
    row = save(
        services.store, services.sealer, services.catalogue, subject=account.subject, address=SearchAddress(q=marker), name=f"Search {marker}", often="daily",
        now=services.clock(),
    )
    return row.public_id


def _person(app: FastAPI, services: Services, address: str, role: str, custodian: str | None) -> TestClient:
    client = member(services, address, name=role.replace("_", " ").title(), has_app=True, app=app)
    grant(services.store, address=address, role=role, custodian=custodian, granted_by="operator", now=services.clock())
    client.get("/account")  # a change of roles gives the session a new id, now and not in a test
    return client


def _webhook(client: TestClient, slug: str, key: str, marker: str) -> str:
    made = client.post(
        f"/api/v1/custodians/{slug}/webhooks", json={"url": f"https://{marker}.example/hook"}, headers=bearer(key)
    )
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def _receipt(client: TestClient, slug: str, key: str) -> str:
    line = b'{"id": "one", "document": {}}\n'
    headers = {"Content-Type": "application/x-ndjson", **bearer(key)}
    made = client.post(f"/api/v1/custodians/{slug}/datasets:bulk", content=line, headers=headers)
    assert made.status_code == 202, made.text
    return str(made.json()["id"])


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def form_token(client: TestClient) -> str:
    return hidden(client.get("/account", headers=HERE).text, "csrf")
