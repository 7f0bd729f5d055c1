"""Ways to data that administrators added can be removed, while nobody needs them; those that come with the gateway go back to their text."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.access.commands import Command, perform
from gateway.access.pathways.keeping import pathway_at, pathways_now
from gateway.access.pathways.listing import PATHWAYS
from gateway.models import AuditRow, PathwayVersion
from gateway.store import requests
from gateway.wiring import Services
from tests.accounts.people import browser, hidden
from tests.gateway.asking import Post
from tests.journeys.test_keeping_pathways import fields_of, office
from tests.journeys.test_pathways import administrator, asked, choose
from tests.journeys.test_workspace import HANDLER, part_path, services, team

__all__ = ["administrator", "office", "services", "team"]
GENES = "/admin/pathways/uk.genes"


@pytest.fixture
def genes(office: TestClient) -> str:
    """The address of a way that was added."""
    held = fields_of(office.get("/admin/pathways/uk.cprd").text)
    assert office.post("/admin/pathways/new", data={**held, "id": "uk.genes", "title": "Genes", "version": "0", "do": "publish"}).status_code == 200
    return GENES


def take_back(office: TestClient, path: str, do: str, typed: str, *, expect: int = 200, **more: str) -> str:
    page = office.get(path).text
    fields = {"csrf": hidden(page, "csrf"), "version": hidden(page, "version"), "do": do, "confirm": typed, **more}
    answer = office.post(path, data=fields)
    assert answer.status_code == expect, re.sub(r"<[^>]+>|\s+", " ", answer.text)[:2500]
    return answer.text


def test_a_way_that_nobody_uses_is_removed_once_its_name_is_typed(services: Services, office: TestClient, genes: str) -> None:
    before = services.clock()
    for typed in ("", "Genes", "uk.gene"):
        assert "Type the name of this way to confirm: uk.genes" in take_back(office, genes, "remove", typed, expect=422)
    assert browser(services).get("/pathways/uk.genes").status_code == 200
    assert "Removed: Genes." in take_back(office, genes, "remove", " uk.genes ")
    public = browser(services)
    assert public.get("/pathways/uk.genes").status_code == 404
    assert "Genes" not in public.get("/pathways").text + public.get("/pathways/compare").text
    assert office.get(genes).status_code == 404
    with services.store.reading() as session:
        rows = [(row.action, row.object, row.role) for row in session.scalars(select(AuditRow).where(AuditRow.action.like("pathway.%")).order_by(AuditRow.sequence))]
        assert rows == [("pathway.published", "pathway/uk.genes", "admin"), ("pathway.removed", "pathway/uk.genes", "admin")]
        assert pathway_at(session, "uk.genes", before).title == "Genes", "what was begun on it keeps its text"
        assert pathway_at(session, "uk.genes", services.clock()).id == "generic"


def test_a_way_of_the_same_name_can_be_added_again_with_its_history(services: Services, office: TestClient, genes: str) -> None:
    take_back(office, genes, "remove", "uk.genes")
    held = fields_of(office.get("/admin/pathways/uk.cprd").text)
    assert office.post("/admin/pathways/new", data={**held, "id": "uk.genes", "title": "Genes again", "version": "0", "do": "publish"}).status_code == 200
    page = office.get(genes).text
    assert re.search(r"Version 3</strong>.*Version 2</strong>.*Removed\..*Version 1</strong>", page, re.DOTALL)
    with services.store.reading() as session:
        assert pathways_now(session)["uk.genes"].title == "Genes again"


def test_it_stays_while_a_custodian_or_a_request_under_way_needs_it(
    services: Services, office: TestClient, administrator: TestClient, team: dict[str, TestClient], post: Post, genes: str
) -> None:
    choose(administrator, pathway="uk.genes")
    assert "Custodian Alpha has chosen it" in office.get(genes).text
    assert 'value="remove"' not in office.get(genes).text
    told = take_back(office, genes, "remove", "uk.genes", expect=422)
    assert "It was not removed, because it is in use. Custodian Alpha has chosen it: another way must be chosen in the settings there first." in told
    asked(services)
    choose(administrator, pathway="generic")
    part = part_path(team[HANDLER]).rsplit("/", 1)[1]
    with services.store.reading() as session:
        row = requests.part_by_public_id(session, part)
        assert row is not None
        reference = row.request.reference
    told = take_back(office, genes, "remove", "uk.genes", expect=422)
    assert f"A request is under way on it: {reference}." in told
    assert "has chosen it" not in told
    perform(services.store, services.sealer, part, Command(name="withdraw", role="lead", actor="lead", payload={}), now=services.clock())
    take_back(office, genes, "remove", "uk.genes")
    assert "uk.genes" in administrator.get("/w/alpha/settings").text.split("Saved so far")[1], "who chose it when stays"
    assert 'href="/pathways/uk.genes"' not in administrator.get("/w/alpha/settings").text
    with services.store.reading() as session:
        assert pathway_at(session, "uk.genes", row.part.created_at).title == "Genes"


def test_who_looked_at_an_older_version_removes_nothing(services: Services, office: TestClient, genes: str) -> None:
    held = fields_of(office.get(genes).text)
    assert office.post(genes, data={**held, "title": "Genes of all", "do": "publish"}).status_code == 200
    assert "Somebody published another version meanwhile." in take_back(office, genes, "remove", "uk.genes", expect=422, version="1")
    assert browser(services).get("/pathways/uk.genes").status_code == 200


def test_a_way_that_came_with_the_gateway_goes_back_to_its_text_and_is_never_removed(services: Services, office: TestClient) -> None:
    path = "/admin/pathways/uk.cprd"
    assert 'value="restore"' not in office.get(path).text, "it is as it came"
    assert "comes with the gateway, and stays" in take_back(office, path, "remove", "uk.cprd", expect=422)
    assert "Nothing is different" in take_back(office, path, "restore", "uk.cprd", expect=422)
    held = fields_of(office.get(path).text)
    assert office.post(path, data={**held, "title": "Our CPRD", "do": "publish"}).status_code == 200
    assert "Type the name" in take_back(office, path, "restore", "Our CPRD", expect=422)
    assert "Published: CPRD." in take_back(office, path, "restore", "uk.cprd")
    with services.store.reading() as session:
        found = pathways_now(session)["uk.cprd"]
        assert (found.title, found.version) == ("CPRD", 3)
        assert found.steps == PATHWAYS["uk.cprd"].steps
        assert session.query(PathwayVersion).filter(PathwayVersion.is_removed).count() == 0
    assert 'value="restore"' not in office.get(path).text


def test_others_remove_nothing(services: Services, office: TestClient, administrator: TestClient, genes: str) -> None:
    token = hidden(administrator.get("/account").text, "csrf")
    for do in ("remove", "restore"):
        assert administrator.post(genes, data={"csrf": token, "version": "1", "do": do, "confirm": "uk.genes"}).status_code == 404
    assert office.post(genes, data={"version": "1", "do": "remove", "confirm": "uk.genes"}).status_code == 403
    assert browser(services).get("/pathways/uk.genes").status_code == 200
