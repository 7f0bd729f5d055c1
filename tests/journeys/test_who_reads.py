"""What reviewers see of requests to their custodian, and what a program sees with the key of somebody who is kept out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.access.bank.forms import stored_form
from gateway.access.part_forms import publish
from gateway.access.routes import set_route
from gateway.access.seeing import Reader
from gateway.accounts.setup import grant
from gateway.store import accounts, custodians
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.gateway.asking import FORM, submit
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents
from tests.journeys.test_workspace import hidden_person, press

HANDLER, DECIDER = "handler@alpha.example", "decider@alpha.example"
REVIEWERS = ("first@alpha.example", "second@alpha.example")


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False)
    try:
        with built.store.transaction() as tx:
            custodians.add(tx.session, name="Custodian Alpha", slug="alpha", now=built.clock())
        write_documents(tmp_path / "alpha", [document(0)])
        harvest(built, add_files(built, tmp_path / "alpha", name="Feed alpha", custodian="alpha"))
        yield built
    finally:
        built.close()


@pytest.fixture
def team(services: Services) -> dict[str, TestClient]:
    people = {}
    for address, role in ((HANDLER, "handler"), (DECIDER, "decider"), *((address, "reviewer") for address in REVIEWERS)):
        people[address] = member(services, address, name=address.split("@")[0].title(), has_app=role == "decider")
        grant(services.store, address=address, role=role, custodian="alpha", granted_by="operator", now=services.clock())
    set_route(services.store, services.sealer, custodian="alpha", channel="committee", target="workspace")
    return people


def send(services: Services, title: str) -> None:
    refs = [published.row.record.ref for published in services.catalogue.listing()]
    submit(services.store, services.sealer, dataset_refs=refs, form=replace(FORM, title=title), now=services.clock())


def paths(client: TestClient) -> dict[str, str]:
    """Title -> address, of the inbox."""
    page = client.get("/w/alpha/requests").text
    return {title: path for path, title in re.findall(r'href="(/w/alpha/requests/[0-9a-f]+)">([^<]+)<', page)}


def test_reviewers_find_what_they_were_asked_about_and_nothing_else(services: Services, team: dict[str, TestClient]) -> None:
    send(services, "Asked about")
    send(services, "Not asked about")
    handler, reviewer = team[HANDLER], team[REVIEWERS[0]]
    every = paths(handler)
    assert set(every) == set(paths(team[DECIDER])) == {"Asked about", "Not asked about"}
    assert paths(reviewer) == {}
    press(handler, every["Asked about"], "acknowledge")
    press(handler, every["Asked about"], "request_review", person=hidden_person(handler, every["Asked about"], "First"))
    assert set(paths(reviewer)) == {"Asked about"}
    assert "All (1)" in reviewer.get("/w/alpha/requests").text, "the numbers tell of no other"
    for path in (every["Not asked about"], f"{every['Not asked about']}/applicant", f"{every['Not asked about']}/files/{'0' * 24}"):
        assert reviewer.get(path).status_code == 404
    token = hidden(reviewer.get("/account").text, "csrf")
    assert reviewer.post(every["Not asked about"], data={"csrf": token, "version": "9", "command": "remark", "text": "x", "audience": "internal"}).status_code == 404


def test_a_reviewer_hears_others_once_the_own_review_is_given(services: Services, team: dict[str, TestClient]) -> None:
    send(services, "A study")
    handler, (first, second) = team[HANDLER], (team[address] for address in REVIEWERS)
    path = paths(handler)["A study"]
    press(handler, path, "acknowledge")
    for name in ("First", "Second"):
        press(handler, path, "request_review", person=hidden_person(handler, path, name))
    press(handler, path, "accept_for_review")
    press(second, path, "give_review", review="marker-second-review")
    press(second, path, "vote", vote="against", reason="Less would do.")
    press(handler, path, "remark", text="marker-internal", audience="internal")
    press(handler, path, "remark", text="marker-party", audience="party")
    press(first, path, "remark", text="marker-own", audience="internal")
    of_others = ("marker-second-review", "marker-internal", "Against: 1")
    page = first.get(path).text
    assert [words for words in of_others if words in page] == []
    assert "marker-own" in page
    assert "marker-party" in page
    for client in (handler, team[DECIDER]):
        assert [words for words in of_others if words not in client.get(path).text] == []
    press(first, path, "give_review", review="marker-first-review")
    page = first.get(path).text
    assert [words for words in (*of_others, "marker-first-review") if words not in page] == []


def test_a_reviewer_sees_names_and_no_address_and_nothing_private(services: Services, team: dict[str, TestClient]) -> None:
    publish(services.store, "alpha", {"optional": {"project.background": {"need": "require", "private": True}}}, actor="operator", now=services.clock())
    send(services, "A study")
    handler, reviewer = team[HANDLER], team[REVIEWERS[0]]
    path = paths(handler)["A study"]
    press(handler, path, "acknowledge")
    press(handler, path, "request_review", person=hidden_person(handler, path, "First"))
    theirs, ours = (client.get(path).text for client in (handler, reviewer))
    assert ("What is known already" in theirs, "What is known already" in ours) == (True, False)
    addresses = {one for one in re.findall(r"[\w.]+@[\w.]+\.(?:example|org)", theirs) if "alpha.example" not in one}
    assert FORM.email in addresses
    assert len(addresses) > 1, "the signatory's stands in the answers"
    assert [one for one in addresses if one in ours] == []
    assert FORM.name in ours
    assert FORM.email not in reviewer.get(f"{path}/applicant").text
    assert FORM.email in handler.get(f"{path}/applicant").text


def test_private_answers_are_those_that_the_bank_or_the_custodian_marked() -> None:
    own = {"name": "fees", "type": "text", "label": "Fees", "reason": "Ours", "private": True}
    form = stored_form(
        {"optional": {"project.background": {"need": "offer", "private": True}, "project.harms": {"need": "offer"}}, "annex": [own]}, custodian="alpha", name="Alpha", version=1,
    )
    answers = {
        "people.lead.name": "Ada", "people.lead.email": "ada@x.example", "people.invoice": {"name": "Finance", "email": "f@x.example"},
        "people.team": [{"name": "Grace", "email": "grace@x.example"}], "project.background": "b", "project.harms": "h", "annex.alpha.fees": "10",
    }
    seen = Reader(subject="s", roles=("reviewer",), is_reviewer=True, sees_opinions=False).answers(answers, form)
    assert seen == {"people.lead.name": "Ada", "people.team": [{"name": "Grace"}], "project.harms": "h"}
    assert Reader(subject="s", roles=("handler",)).answers(answers, form) == answers


def test_A18_a_key_opens_no_request_that_its_owner_is_on_and_none_for_reviewers(services: Services, team: dict[str, TestClient]) -> None:
    applicant = member(services, FORM.email, name=FORM.name)
    grant(services.store, address=FORM.email, role="handler", custodian="alpha", granted_by="operator", now=services.clock())
    send(services, "A study")
    api = browser(services)

    def asked(address: str, path: str) -> tuple[int, str]:
        with services.store.reading() as session:
            account = accounts.by_address(session, address)
        assert account is not None
        key = create_key(services.store, name="k", custodian="alpha", scopes=["parts:read"], owner=account.subject, now=services.clock()).key
        answer = api.get(path, headers={"Authorization": f"Bearer {key}"})
        return answer.status_code, answer.text

    part = paths(team[HANDLER])["A study"].rsplit("/", 1)[1]
    assert asked(HANDLER, f"/api/v1/parts/{part}")[0] == 200
    status, problem = asked(FORM.email, f"/api/v1/parts/{part}")
    assert (status, "You are on this request yourself" in problem, "marker-summary" in problem) == (403, True, False)
    assert asked(FORM.email, f"/api/v1/parts/{part}/files/{'0' * 24}")[0] == 403
    status, listed = asked(FORM.email, "/api/v1/parts")
    assert (status, "You are on this request yourself" in listed) == (200, True)
    assert asked(REVIEWERS[0], "/api/v1/parts")[0] == 403, "a program would read them all"
    assert applicant.get("/w/alpha/requests").status_code == 200
