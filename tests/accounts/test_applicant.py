"""What a custodian sees of an applicant, verifies and holds against them; and what a request takes from the profile (A22)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.access import drafts
from gateway.access.commands import Command, perform
from gateway.accounts import sessions
from gateway.accounts.setup import grant
from gateway.store import accounts, requests
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.accounts.test_identity_providers import at_home
from tests.accounts.test_profile import TRAINING, WORK, entered, person_of
from tests.gateway.asking import FORM, applicant, seeded, submit
from tests.journeys.gateways import make_services


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False)
    try:
        yield built
    finally:
        built.close()


def signed_in(services: Services) -> TestClient:
    """The applicant of the form, in a browser."""
    applicant(services.store)
    client, now = browser(services), services.clock()
    with services.store.transaction() as tx:
        row = accounts.by_address(tx.session, FORM.email)
        assert row is not None
        client.cookies.set("session", sessions.begin(tx.session, row, now=now, is_complete=True, second_factor_at=now))
    return client


def staff(services: Services, role: str, custodian: str) -> TestClient:
    address = f"{role}@{custodian}.example"
    client = at_home(member(services, address, name=f"{role} of {custodian}", has_app=True))
    grant(services.store, address=address, role=role, custodian=custodian, granted_by="operator", now=services.clock())
    return client


def ask_for_review(services: Services, part: str) -> None:
    """Of the reviewer of alpha."""
    with services.store.reading() as session:
        asked, handler = (accounts.by_address(session, f"{role}@alpha.example") for role in ("reviewer", "handler"))
        assert asked is not None
        assert handler is not None
    for name, payload in (("acknowledge", {"delivery": "d"}), ("accept_for_review", {}), ("request_review", {"person": asked.subject})):
        command = Command(name=name, role="handler", actor=handler.subject, payload=payload)
        perform(services.store, services.sealer, part, command, now=services.clock())


def test_a22_a_request_is_filled_in_from_the_profile_and_changes_nothing_in_it(services: Services) -> None:
    refs = seeded(services.store)
    ada = signed_in(services)
    entered(ada, "person", country="Scotland", orcid="0000-0002-1825-0097")
    entered(ada, "affiliation", **WORK)
    entered(ada, "training", **TRAINING)
    before = ada.get("/account/export.json").json()["profile"]
    person, now = person_of(services, ada), services.clock()
    reference = drafts.begin(services.store, services.sealer, person, refs["alpha"], services.prefill, now=now)
    filled = drafts.draft(services.store, person, reference)
    assert filled.answers["people.lead.country"] == "Scotland"
    assert filled.answers["people.lead.orcid"] == "0000-0002-1825-0097"
    assert filled.answers["people.lead.job_title"] == "Senior lecturer"
    assert filled.answers["people.lead.training"] == [{"provider": "Safe Researcher Training, Example Institute", "date": "2026-01-31"}]
    assert "Senior lecturer" in ada.get(f"/requests/{reference}/you").text
    drafts.save(services.store, services.sealer, person, reference, {"people.lead.job_title": "Professor"}, seen_version=99, now=now)
    changed = drafts.draft(services.store, person, reference)
    assert changed.answers["people.lead.job_title"] == "Professor"
    assert ada.get("/account/export.json").json()["profile"] == before


def test_a_custodian_verifies_an_item_beside_a_request_to_it(services: Services) -> None:
    refs = seeded(services.store)
    ada = signed_in(services)
    entered(ada, "training", **TRAINING)
    submit(services.store, services.sealer, dataset_refs=refs["alpha"], now=services.clock())
    with services.store.reading() as session:
        part = requests.parts_of_custodian(session, "alpha")[0].part.public_id
    base = f"/w/alpha/requests/{part}/applicant"
    handler, reviewer, other = staff(services, "handler", "alpha"), staff(services, "reviewer", "alpha"), staff(services, "handler", "beta")
    assert base in handler.get(f"/w/alpha/requests/{part}").text
    page = handler.get(base).text
    assert "Safe Researcher Training" in page
    item = re.search(rf"{base}/items/\d+", page)
    assert item is not None
    for path in (base, item[0]):
        assert other.get(path).status_code == 404
        assert other.get(path.replace("/w/alpha/", "/w/beta/")).status_code == 404
        assert ada.get(path).status_code == 404
    form = handler.get(item[0]).text
    assert reviewer.post(item[0], data={"csrf": hidden(reviewer.get("/account").text, "csrf")}).status_code == 404, "nobody asked for a review yet"
    ask_for_review(services, part)
    assert reviewer.post(item[0], data={"csrf": hidden(reviewer.get("/account").text, "csrf")}).status_code == 403
    assert handler.post(item[0], data={"csrf": hidden(form, "csrf"), "until": "2020-01-01"}).status_code == 422
    assert handler.post(item[0], data={"csrf": hidden(form, "csrf"), "until": "2031-01-01"}).url.path == base
    (held,) = ada.get("/account/export.json").json()["profile"]["items"]
    assert (held["level"], held["verified_by"], held["verified_until"]) == ("verified", "Custodian Alpha", "2031-01-01")
    path = re.search(r"/account/profile/items/\d+", ada.get("/account/profile").text)
    assert path is not None
    warned = ada.get(path[0]).text
    assert "it no longer is" in warned
    ada.post(path[0], data={"csrf": hidden(warned, "csrf"), **TRAINING, "certificate": "SRT-9"})
    (changed,) = ada.get("/account/export.json").json()["profile"]["items"]
    assert (changed["level"], changed["verified_by"]) == ("stated", None)


def test_a_sanction_is_seen_by_the_person_and_its_custodian_alone(services: Services) -> None:
    refs = seeded(services.store)
    ada = signed_in(services)
    submit(services.store, services.sealer, dataset_refs=[*refs["alpha"], *refs["beta"]], now=services.clock())
    with services.store.reading() as session:
        parts = {slug: requests.parts_of_custodian(session, slug)[0].part.public_id for slug in ("alpha", "beta")}
    paths = {slug: f"/w/{slug}/requests/{part}/applicant" for slug, part in parts.items()}
    decider, handler, beta = staff(services, "decider", "alpha"), staff(services, "handler", "alpha"), staff(services, "decider", "beta")
    assert handler.get(f"{paths['alpha']}/sanction").status_code == 403
    form = hidden(decider.get(f"{paths['alpha']}/sanction").text, "csrf")
    assert decider.post(f"{paths['alpha']}/sanction", data={"csrf": form, "begins_on": "soon"}).status_code == 422
    entered_one = decider.post(f"{paths['alpha']}/sanction", data={"csrf": form, "reason": "security", "begins_on": "2026-11-01", "ends_on": "2027-11-01"})
    assert entered_one.url.path == paths["alpha"]
    words = "Data were not kept safe"
    assert words in handler.get(paths["alpha"]).text
    assert words in ada.get("/account/profile").text
    assert words not in ada.get("/account/profile/preview").text
    assert words not in beta.get(paths["beta"]).text
