"""The profile: entered once, believed as far as somebody checked it, seen by the person and the custodians they ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from gateway.accounts import sessions
from gateway.accounts.people import Person
from gateway.accounts.profile import items
from gateway.accounts.profile.prefill import prefill
from gateway.wiring import Services
from tests.accounts.people import hidden, member
from tests.journeys.gateways import make_services

ADA = "ada@university.example"
TRAINING = {"title": "Safe Researcher Training", "provider": "Example Institute", "awarded": "2026-01-31", "certificate": "SRT-7"}
WORK = {"organisation": "Example University", "role": "Senior lecturer", "relationship": "Employed", "ror": "01cwqze88", "to": "2030-12-31"}


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False)
    try:
        yield built
    finally:
        built.close()


def person_of(services: Services, client: TestClient) -> Person:
    found = sessions.who(services.store, client.cookies["session"], now=services.clock())
    assert found is not None
    return found


def entered(client: TestClient, group: str, **fields: str) -> Any:
    csrf = hidden(client.get(f"/account/profile/{group}/new").text, "csrf")
    return client.post(f"/account/profile/{group}/new", data={"csrf": csrf, **fields})


def test_items_are_entered_changed_and_removed(services: Services) -> None:
    ada = member(services, ADA, name="Ada Marker")
    empty = ada.get("/account/profile").text
    assert empty.count("Nothing yet.") == 5
    refused = entered(ada, "training", title="", awarded="31/01/2026", evidence="http://x")
    assert refused.status_code == 422
    for field in ("title", "provider", "awarded", "evidence"):
        assert f'href="#{field}"' in refused.text, field
    assert entered(ada, "training", **TRAINING, evidence="https://certificates.example/7").url.path == "/account/profile"
    page = ada.get("/account/profile").text
    assert "Safe Researcher Training, Example Institute" in page
    assert "Can be checked" in page
    path = re.search(r"/account/profile/items/\d+", page)
    assert path is not None
    form = ada.get(path[0]).text
    assert 'value="SRT-7"' in form
    ada.post(path[0], data={"csrf": hidden(form, "csrf"), **TRAINING, "certificate": "SRT-8"})
    changed = ada.get("/account/profile").text
    assert "SRT-8" in changed
    assert "Stated" in changed
    ada.post(f"{path[0]}/remove", data={"csrf": hidden(changed, "csrf")})
    assert "Safe Researcher" not in ada.get("/account/profile").text


@pytest.mark.parametrize(("field", "typed", "kept"), [
    ("orcid", "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"), ("orcid", "0000-0002-1825-0098", None), ("orcid", "12", None),
    ("country", "x" * 201, None), ("country", "United\nKingdom", None), ("country", "  Scotland ", "Scotland"),
])
def test_what_is_typed_is_checked_and_kept_in_one_spelling(field: str, typed: str, kept: str | None) -> None:
    kind = items.group("person")
    if kept is None:
        with pytest.raises(items.Unprocessable) as raised:
            items.read(kind, {"country": "Scotland", field: typed})
        assert list(raised.value.fields) == [field]
    else:
        assert items.read(kind, {"country": "Scotland", field: typed})[field] == kept


def test_a_profile_is_its_owners_alone(services: Services) -> None:
    ada, eve = member(services, ADA, name="Ada Marker"), member(services, "eve@university.example", name="Eve")
    entered(ada, "training", **TRAINING)
    path = re.search(r"/account/profile/items/\d+", ada.get("/account/profile").text)
    assert path is not None
    csrf = hidden(eve.get("/account/profile/training/new").text, "csrf")
    assert eve.get(path[0]).status_code == 404
    assert eve.post(path[0], data={"csrf": csrf, **TRAINING}).status_code == 404
    assert eve.post(f"{path[0]}/remove", data={"csrf": csrf}).status_code == 404
    assert ada.post(f"{path[0]}/remove", data={"csrf": csrf}).status_code == 403, "the form of another sign-in"
    assert entered(eve, "training", **TRAINING).url.path == "/account/profile"
    assert ada.get("/account/profile/nonsense/new").status_code == 404


def test_what_is_single_stays_single_and_the_preview_shows_all(services: Services) -> None:
    ada = member(services, ADA, name="Ada Marker")
    form = hidden(ada.get("/account/profile/person/new").text, "csrf")
    entered(ada, "person", country="Scotland", orcid="0000-0002-1825-0097")
    assert ada.post("/account/profile/person/new", data={"csrf": form, "country": "Wales"}).status_code == 409
    preview = ada.get("/account/profile/preview").text
    for words in ("Ada Marker", ADA, "Scotland", "0000-0002-1825-0097"):
        assert words in preview
    assert "/remove" not in preview


def test_what_has_ended_counts_as_stated_and_is_not_filled_in(services: Services) -> None:
    ada = member(services, ADA, name="Ada Marker")
    person, now = person_of(services, ada), services.clock()
    entered(ada, "training", **TRAINING, expires=(now + timedelta(days=30)).date().isoformat())
    (today,) = items.of_person(services.store, person, today=now.date())
    (later,) = items.of_person(services.store, person, today=(now + timedelta(days=31)).date())
    assert (today.has_ended, later.has_ended) == (False, True)
    assert "people.lead.training" in prefill(services.store, person, now=now)
    assert "people.lead.training" not in prefill(services.store, person, now=now + timedelta(days=31))


def test_a22_the_profile_fills_in_the_question_bank(services: Services) -> None:
    ada = member(services, ADA, name="Ada Marker")
    entered(ada, "person", country="Scotland", orcid="0000-0002-1825-0097")
    entered(ada, "affiliation", **WORK)
    entered(ada, "organisation", name="Example University", sector="Academic Institute")
    entered(ada, "training", **TRAINING)
    entered(ada, "accreditation", body="UK Statistics Authority", kind="Accredited researcher", number="AR-1", expires="2031-01-01")
    known = prefill(services.store, person_of(services, ada), now=services.clock())
    assert known == {
        "people.lead.name": "Ada Marker", "people.lead.email": ADA, "people.lead.job_title": "Senior lecturer",
        "people.lead.organisation": {"name": "Example University", "id": "https://ror.org/01cwqze88"},
        "people.lead.sector": "Academic Institute", "people.lead.contract": [{"kind": "Employed", "end": "2030-12-31"}],
        "people.lead.country": "Scotland", "people.lead.orcid": "0000-0002-1825-0097",
        "people.lead.training": [{"provider": "Safe Researcher Training, Example Institute", "date": "2026-01-31"}],
        "people.lead.accreditation": [{"body": "UK Statistics Authority, Accredited researcher", "number": "AR-1", "expiry": "2031-01-01"}],
    }


def test_the_export_holds_the_profile_and_closing_deletes_it(services: Services) -> None:
    ada = member(services, ADA, name="Ada Marker")
    entered(ada, "training", **TRAINING)
    exported = ada.get("/account/export.json").json()["profile"]
    assert [(one["group"], one["level"], one["facts"]) for one in exported["items"]] == [("training", "stated", TRAINING)]
    ada.post("/account/close", data={"csrf": hidden(ada.get("/account/close").text, "csrf"), "sure": "yes"})
    with services.store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM profile_items")).scalar_one() == 0
