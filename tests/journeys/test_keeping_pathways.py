"""The ways to data as administrators keep them: by page, with preview, history and refusals that say why."""

from __future__ import annotations

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.access.pathways.documents import checked, kept, written
from gateway.access.pathways.keeping import publish
from gateway.access.pathways.listing import PATHWAYS, shipped
from gateway.accounts.setup import grant
from gateway.errors import Conflict
from gateway.models import AuditRow, PathwayVersion
from gateway.pages.pathway_forms import read, typed
from gateway.store import requests
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.journeys.test_pathways import administrator, asked, choose
from tests.journeys.test_workspace import HANDLER, part_path, press, services, team
from tests.security.world import form_token

__all__ = ["administrator", "services", "team"]


@pytest.fixture
def office(services: Services) -> TestClient:
    """A gateway administrator."""
    client = member(services, "admin@gateway.example", name="Office", has_app=True)
    grant(services.store, address="admin@gateway.example", role="admin", custodian=None, granted_by="operator", now=services.clock())
    return client


def fields_of(page: str) -> dict[str, str]:
    """What a browser would post from the form of a way."""
    form = page[page.index('<form method="post" action="/admin/pathways') :]
    found = {name: html.unescape(value) for name, value in re.findall(r'<input class="govuk-input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form)}
    found |= {name: html.unescape(text).strip() for name, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', form)}
    found |= dict.fromkeys(re.findall(r'type="checkbox" id="[^"]+" name="([^"]+)" value="yes" checked', form), "yes")
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        found |= dict.fromkeys([name], *re.findall(r'<option value="([^"]*)" selected', options))
    return {**found, "csrf": hidden(form, "csrf"), "version": hidden(form, "version")}


def test_an_administrator_changes_a_way_by_its_page_with_preview_and_history(services: Services, office: TestClient, administrator: TestClient) -> None:
    choose(administrator, pathway="uk.cprd")
    page = office.get("/admin/pathways/uk.cprd").text
    held = fields_of(page)
    assert (held["title"], held["steps.0.zone"], held["version"], held.get("timers.protocol")) == ("CPRD", "researcher", "1", "yes")
    changed = {**held, "steps.5.title": "A step of our own", "steps.5.zone": "ethics", "steps.5.position": "1", "last_checked": "2026-11-29", "evidence.DPIA": "yes"}
    shown = office.post("/admin/pathways/uk.cprd", data={**changed, "do": "preview"}).text
    assert "As applicants will see it" in shown
    assert "Different from what holds now: Checked, Steps and Approvals of others" in shown
    assert "A step of our own" not in browser(services).get("/pathways/uk.cprd").text, "a preview changes nothing"
    again = fields_of(shown)
    assert again["steps.0.title"] == held["steps.0.title"], "the sixth asked for the first place, which is taken: it comes right after"
    assert again["steps.1.title"] == "A step of our own"
    done = office.post("/admin/pathways/uk.cprd", data={**again, "do": "publish"})
    assert "Published: CPRD." in done.text
    public = browser(services).get("/pathways/uk.cprd").text
    assert "A step of our own" in public
    assert "29 November 2026" in public
    history = office.get("/admin/pathways/uk.cprd").text
    assert re.search(r"Version 2</strong>.*by Office.*Changed: Checked, Steps and Approvals of others.*Version 1</strong> As it came with the gateway", history, re.DOTALL)
    assert "CPRD" in administrator.get("/w/alpha/settings").text.split("Saved so far")[1]
    with services.store.reading() as session:
        rows = [(row.object, row.role) for row in session.scalars(select(AuditRow).where(AuditRow.action == "pathway.published"))]
    assert rows == [("pathway/uk.cprd", "admin")]


def test_what_an_administrator_publishes_holds_for_later_requests_alone(
    services: Services, office: TestClient, team: dict[str, TestClient], administrator: TestClient
) -> None:
    choose(administrator, pathway="generic")
    asked(services)
    handler = team[HANDLER]
    path = part_path(handler)
    held = fields_of(office.get("/admin/pathways/generic").text)
    office.post("/admin/pathways/generic", data={**held, "evidence.DPIA": "yes", "guards.accredited": "yes", "do": "publish"})
    press(handler, path, "acknowledge")
    assert 'name="awaited.DPIA"' not in handler.get(path).text, "the request was there before"
    with services.store.transaction() as tx:
        requests.locked_by_public_id(tx.session, path.rsplit("/", 1)[1]).created_at = services.clock()
    assert 'name="awaited.DPIA"' in handler.get(path).text
    assert "evidence is missing: DPIA" in press(handler, path, "accept_for_review", expect=422)


def test_a_way_that_cannot_be_is_refused_with_every_reason_and_what_was_typed(services: Services, office: TestClient) -> None:
    held = fields_of(office.get("/admin/pathways/uk.cprd").text)
    wrong = {
        **held, "title": " ", "source": "javascript:alert(1)", "last_checked": "2999-01-01", "steps.0.link": "http://plain.example/", "steps.1.zone": "nobody",
        "steps.2.typical_days": "soon", "do": "publish",
    }
    answer = office.post("/admin/pathways/uk.cprd", data=wrong)
    assert answer.status_code == 422
    for sentence in ("Write something", "begins with https://", "cannot lie ahead", "Choose whose step it is", "Enter a whole number of working days"):
        assert sentence in answer.text, sentence
    assert fields_of(answer.text)["steps.2.typical_days"] == "soon"
    empty = {name: text for name, text in held.items() if not name.startswith("steps.")}
    assert "at least one step" in office.post("/admin/pathways/uk.cprd", data={**empty, "do": "publish"}).text
    assert "Nothing is different" in office.post("/admin/pathways/uk.cprd", data={**held, "do": "publish"}).text
    with services.store.reading() as session:
        assert session.query(PathwayVersion).count() == 0


def test_who_was_slower_sees_what_holds_beside_their_own(services: Services, office: TestClient) -> None:
    held = fields_of(office.get("/admin/pathways/wales.sail").text)
    assert office.post("/admin/pathways/wales.sail", data={**held, "title": "The first", "do": "publish"}).status_code == 200
    slower = office.post("/admin/pathways/wales.sail", data={**held, "title": "The second", "do": "publish"})
    assert slower.status_code == 409
    assert "What holds now" in slower.text
    assert "The first" in slower.text
    mine = fields_of(slower.text)
    assert (mine["title"], mine["version"]) == ("The second", "2")
    assert "Published: The second." in office.post("/admin/pathways/wales.sail", data={**mine, "do": "publish"}).text


def test_a_new_way_can_be_chosen_by_custodians_and_others_find_no_office(services: Services, office: TestClient, administrator: TestClient) -> None:
    held = fields_of(office.get("/admin/pathways/uk.cprd").text)
    for name, expect in (("compare", 422), ("Not A Name", 422), ("uk.cprd", 422), ("uk.genes", 200)):
        answer = office.post("/admin/pathways/new", data={**held, "id": name, "title": "Genes", "version": "0", "do": "publish"})
        assert answer.status_code == expect, name
    choose(administrator, pathway="uk.genes")
    assert "Custodian Alpha" in browser(services).get("/pathways/uk.genes").text
    assert "Genes" in browser(services).get("/pathways/compare").text
    for path in ("/admin/pathways", "/admin/pathways/new", "/admin/pathways/uk.cprd"):
        assert administrator.get(path).status_code == 404
    assert administrator.post("/admin/pathways/uk.cprd", data={"csrf": form_token(administrator), "do": "publish"}).status_code == 404
    assert office.get("/admin/pathways/none").status_code == 404


def test_of_two_who_publish_at_once_one_is_told_of_the_other(services: Services) -> None:
    one = shipped("uk.cprd")
    gate = Barrier(2)

    def publishing(title: str) -> str:
        gate.wait()
        try:
            publish(services.store, replace(one, title=title), seen_version=1, actor="x", now=services.clock())
        except Conflict:
            return "told"
        return "published"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(publishing, ("A", "B"))) == ["published", "told"]
    with services.store.reading() as session:
        assert session.query(PathwayVersion).count() == 1


@pytest.mark.parametrize("name", list(PATHWAYS))
def test_a_way_survives_the_database(name: str) -> None:
    one = PATHWAYS[name]
    assert kept(json.loads(json.dumps(written(one)))) == one
    assert read(name, typed(one)).pathway == replace(one, version=0)
    assert checked(one, today=one.last_checked) == one
