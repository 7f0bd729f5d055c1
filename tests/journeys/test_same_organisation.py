"""Rule 3.3.6: where the custodian asks for it, whoever works for the organisation of the lead is kept out of the request, and told why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from gateway.access.commands import Command, perform
from gateway.access.deliver import deliver_due
from gateway.access.keeping_out import COLLEAGUE
from gateway.access.policy import Policy, kept
from gateway.accounts.setup import grant
from gateway.accounts.tables import ProfileItem
from gateway.errors import Conflict
from gateway.store import accounts, clocks, custodians, profiles
from gateway.wiring import Services
from tests.accounts.people import member
from tests.gateway.asking import FORM, Post, submit
from tests.journeys.test_workspace import DECIDER, HANDLER, part_path, press, services, team

__all__ = ["services", "team"]
BESIDE = "beside@alpha.example"
"""A second handler, who holds a post at the university as well."""


@pytest.fixture
def beside(services: Services, team: dict[str, TestClient]) -> TestClient:
    client = member(services, BESIDE, name="Bea Beside", has_app=True)
    for role in ("handler", "decider"):
        grant(services.store, address=BESIDE, role=role, custodian="alpha", granted_by="operator", now=services.clock())
    return client


def works_at(services: Services, organisation: str, **more: str) -> None:
    with services.store.transaction() as tx:
        account = accounts.by_address(tx.session, BESIDE)
        assert account is not None
        facts = {"organisation": organisation, "role": "Honorary fellow", **more}
        profiles.add(tx.session, ProfileItem(account_id=account.id, group="affiliation", facts=facts, created_at=services.clock(), updated_at=services.clock()))


def choose(services: Services, *, is_on: bool) -> None:
    with services.store.transaction() as tx:
        chosen = kept(Policy(organisation_conflicts=is_on))
        clocks.add_policy(tx.session, custodians.by_slug(tx.session, "alpha").id, chosen, by="operator", now=services.clock() - timedelta(hours=1))


def asked(services: Services) -> None:
    refs = [one.row.record.ref for one in services.catalogue.listing() if one.row.custodian and one.row.custodian.slug == "alpha"]
    submit(services.store, services.sealer, dataset_refs=refs, now=services.clock())
    deliver_due(services.store, services.channels, now=services.clock())


@pytest.mark.parametrize("place", [{"organisation": f"the  {FORM.organisation.upper()}"}, {"organisation": "Elsewhere", "to": "2020-01-01"}, {"organisation": "Elsewhere"}])
def test_whoever_works_with_the_lead_neither_reads_nor_acts_nor_is_given_work(
    services: Services, post: Post, team: dict[str, TestClient], beside: TestClient, place: dict[str, str]
) -> None:
    is_out = "to" not in place and place["organisation"] != "Elsewhere"
    works_at(services, **place)
    if "to" in place:
        works_at(services, FORM.organisation, to=place["to"])
    choose(services, is_on=True)
    asked(services)
    handler = team[HANDLER]
    path = part_path(handler)
    assert ("Bea Beside" in handler.get(path).text) is not is_out, "nobody can give the request to them"
    assert (COLLEAGUE in beside.get(path).text) is is_out
    assert (FORM.lay_summary in beside.get(path).text) is not is_out
    assert (COLLEAGUE in beside.get("/w/alpha/requests").text) is is_out
    with services.store.reading() as session:
        account = accounts.by_address(session, BESIDE)
        assert account is not None
    command = Command(name="acknowledge", role="handler", actor=account.subject, payload={"delivery": "d"})
    part = path.rsplit("/", 1)[1]
    if is_out:
        with pytest.raises(Conflict, match="work for the applicant"):
            perform(services.store, services.sealer, part, command, now=services.clock())
        press(handler, path, "acknowledge")
        press(handler, path, "accept_for_review")
        deliver_due(services.store, services.channels, now=services.clock())
        assert any("waits for a decision" in str(letter) for letter in post.to(DECIDER))
        assert not any("waits for a decision" in str(letter) for letter in post.to(BESIDE))
    else:
        assert perform(services.store, services.sealer, part, command, now=services.clock()).state == "screening"


def test_without_that_choice_a_colleague_of_the_lead_works_on_it(services: Services, team: dict[str, TestClient], beside: TestClient) -> None:
    works_at(services, FORM.organisation)
    choose(services, is_on=False)
    asked(services)
    path = part_path(beside)
    assert FORM.lay_summary in beside.get(path).text
    press(beside, path, "acknowledge")
