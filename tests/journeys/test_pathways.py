"""The ways to data, from the front door: chosen by a team, shown on pages, and kept by the machine."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
from starlette.testclient import TestClient

from gateway.access import drafts
from gateway.access import submit as sending
from gateway.access.advising import PROMISE, REREAD, before_sending
from gateway.access.commands import Command, perform
from gateway.access.deliver import deliver_due
from gateway.access.examples import fill_in
from gateway.access.pathways.listing import PATHWAYS, shipped
from gateway.access.status import own_requests
from gateway.access.telling import EVIDENCE
from gateway.accounts.setup import grant
from gateway.errors import Unprocessable
from gateway.models import Version
from gateway.store import requests
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.gateway.asking import FORM, applicant, send, submit, written
from tests.journeys.test_workspace import (
    DECIDER,
    HANDLER,
    LATER,
    REVIEWER,
    SOON,
    hidden_person,
    part_path,
    press,
    services,
    team,
)

__all__ = ["services", "team"]
ADMIN = "team@alpha.example"
SATISFIED = {"necessity_shown": "yes", "security_adequate": "yes", "no_other_way": "yes"}
DAYS = {"acknowledge_days": "5", "screening_days": "10", "answer_days": "60", "conditions_days": "90", "activation_days": "180", "hold_days": "20", "report_days": "60", "reopen_days": "30"}
REC = {"type": "REC", "reference": "20/EM/0148", "issuer": "London Central"}


@pytest.fixture
def administrator(services: Services, team: dict[str, TestClient]) -> TestClient:
    client = member(services, ADMIN, name="Team", has_app=True)
    grant(services.store, address=ADMIN, role="team_admin", custodian="alpha", granted_by="operator", now=services.clock())
    return client


def choose(client: TestClient, *, expect: int = 200, **values: str) -> str:
    page = client.get("/w/alpha/settings").text
    answer = client.post("/w/alpha/settings", data={"csrf": hidden(page, "csrf"), **DAYS, "reviews": "yes", "votes": "yes", "conditions": "yes", **values})
    assert answer.status_code == expect, re.sub(r"<[^>]+>", " ", answer.text)[-1500:]
    return answer.text


def asked(services: Services, answers: dict[str, object] | None = None) -> str:
    """One request to alpha; ``answers`` beyond those of the form, put into its snapshot."""
    refs = [one.row.record.ref for one in services.catalogue.listing() if one.row.custodian and one.row.custodian.slug == "alpha"]
    done = submit(services.store, services.sealer, dataset_refs=refs, now=services.clock())
    if answers:
        with services.store.transaction() as tx:
            snapshot = requests.snapshots_of(tx.session, 1)[-1]
            snapshot.document = {**snapshot.document, "answers": {**snapshot.document["answers"], **answers}}
    deliver_due(services.store, services.channels, now=services.clock())
    return f"/requests/{done.follow_token}"


def own_part(page: str) -> str:
    found = re.search(r'action="(/requests/[^"]+/parts/[0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def test_A7_hfea_pauses_for_the_ethics_opinion_and_approves_by_its_four_tests(services: Services, team: dict[str, TestClient], administrator: TestClient) -> None:
    assert "Saved." in choose(administrator, pathway="uk.hfea.register")
    follow, applicant = asked(services), browser(services)
    handler, decider = team[HANDLER], team[DECIDER]
    path = part_path(handler)
    press(handler, path, "acknowledge")
    assert "Not there yet" in applicant.get(follow).text
    assert "evidence is missing: REC" in press(handler, path, "accept_for_review", expect=422)
    press(handler, path, "accept_for_review", **{"awaited.REC": "yes"})
    assert "Still to come" in applicant.get(follow).text
    refusal = press(decider, path, "reject", expect=422, code="other", reason="No.")
    assert "the ethics opinion is pending" in refusal
    press(handler, path, "hold", reason="REC")
    own = own_part(applicant.get(follow).text)
    wrong = applicant.post(own, data={"command": "add_evidence", **REC, "reference": "twenty"})
    assert "20/EM/0148" in wrong.text
    applicant.post(own, data={"command": "add_evidence", **REC})
    assert "Waits for confirmation" in applicant.get(follow).text
    press(handler, path, "verify_evidence", evidence="REC 20/EM/0148", opinion="favourable")
    page = handler.get(path).text
    assert "Under review" in page, "the pause ended by itself"
    assert "The pause ended" in page
    approval = {"access_until": LATER, "access_mode": "TRE"}
    assert "the security of the premises" in press(decider, path, "approve", expect=422, **approval, **{**SATISFIED, "security_adequate": ""})
    press(decider, path, "approve", **approval, **SATISFIED)
    assert "Confirmed" in applicant.get(follow).text


def test_A7_scotland_takes_no_section_251(services: Services, team: dict[str, TestClient], administrator: TestClient) -> None:
    choose(administrator, pathway="scotland.edris")
    follow, applicant = asked(services, {"data.confidentiality": "Section 251 NHS Act 2006", "data.confidentiality_ref": ["f" * 24]}), browser(services)
    handler, decider = team[HANDLER], team[DECIDER]
    path = part_path(handler)
    press(handler, path, "acknowledge")
    own = own_part(applicant.get(follow).text)
    refused = applicant.post(own, data={"command": "add_evidence", "type": "CAG_s251", "reference": "24/CAG/0001"})
    assert "does not apply in Scotland" in refused.text
    press(handler, path, "accept_for_review", **{"awaited.PBPP": "yes"})
    press(handler, path, "add_evidence", type="PBPP", reference="2627-0001")
    press(handler, path, "verify_evidence", evidence="PBPP 2627-0001")
    assert "does not apply in Scotland" in press(decider, path, "approve", expect=422, access_until=LATER, access_mode="TRE")


def test_ons_opens_access_only_to_accredited_researchers(services: Services, team: dict[str, TestClient], administrator: TestClient) -> None:
    choose(administrator, pathway="uk.ons.srs")
    people = {"people.lead.needs_access": "yes", "people.lead.accreditation": [{"number": "1"}], "people.team": [{"name": "Grace", "role": "analyst", "organisation": {"name": "Vale"}, "needs_access": "yes"}]}
    follow, applicant = asked(services, people), browser(services)
    handler, decider = team[HANDLER], team[DECIDER]
    path = part_path(handler)
    press(handler, path, "acknowledge")
    press(handler, path, "add_evidence", type="UKSA_RAP", reference="2026/100")
    press(handler, path, "verify_evidence", evidence="UKSA_RAP 2026/100")
    press(handler, path, "accept_for_review")
    press(decider, path, "approve", access_until=LATER, access_mode="TRE")
    press(handler, path, "issue_agreement", agreement="A 1")
    press(handler, path, "sign_agreement")
    applicant.post(own_part(applicant.get(follow).text), data={"command": "sign_agreement"})
    opened = {"access_mode": "TRE", "access_starts": SOON, "access_ends": LATER}
    assert "no accreditation is named for: Grace" in press(handler, path, "activate", expect=422, accreditation_checked="yes", **opened)
    with services.store.transaction() as tx:
        snapshot = requests.snapshots_of(tx.session, 1)[-1]
        team_now = [{"name": "Grace", "needs_access": "yes", "accreditation": ["2"]}]
        snapshot.document = {**snapshot.document, "answers": {**snapshot.document["answers"], "people.team": team_now}}
    assert "confirm that everybody" in press(handler, path, "activate", expect=422, **opened)
    press(handler, path, "activate", accreditation_checked="yes", **opened)


def test_what_stands_out_calls_for_evidence_and_a_review_and_both_sides_read_it(
    services: Services, team: dict[str, TestClient], administrator: TestClient
) -> None:
    choose(administrator, **{"flag_reviews.commercial": "yes", "flag_evidence.non_uk:DPIA": "yes"})
    refs = [one.row.record.ref for one in services.catalogue.listing() if one.row.custodian and one.row.custodian.slug == "alpha"]
    person = applicant(services.store, now=services.clock())
    reference = written(services.store, services.sealer, dataset_refs=refs, now=services.clock())
    (before,) = before_sending(services.store, reference, subject=person.subject, now=services.clock())
    flagged = {"project.commercial": "yes", "settings.countries": ["United Kingdom", "France"]}
    drafts.save(services.store, services.sealer, person, reference, flagged, seen_version=99, now=services.clock())
    fill_in(services.store, services.sealer, person, reference, now=services.clock())
    (told,) = before_sending(services.store, reference, subject=person.subject, now=services.clock())
    sentences = [one.sentence for one in told.raised]
    assert [one.flag for one in told.raised] == ["non_uk", "commercial"]
    assert before.raised == ()
    check = member(services, FORM.email, name=FORM.name, has_app=True).get(f"/requests/{reference}/check").text
    assert all(sentence in check for sentence in sentences)
    with pytest.raises(Unprocessable, match="conditions of use"):
        sending.submit(services.store, services.sealer, person, reference, now=services.clock(), advice=(before.digest,), promises=told.promises)
    send(services.store, services.sealer, person, reference, now=services.clock())
    handler, decider = team[HANDLER], team[DECIDER]
    path = part_path(handler)
    assert all(sentence in handler.get(path).text for sentence in sentences)
    with services.store.reading() as session:
        assert requests.snapshots_of(session, 1)[-1].document["flags"] == ["non_uk", "commercial"]
    press(handler, path, "acknowledge")
    assert "evidence is missing: DPIA" in press(handler, path, "accept_for_review", expect=422)
    press(handler, path, "add_evidence", type="DPIA", reference="D-1")
    press(handler, path, "verify_evidence", evidence="DPIA D-1")
    press(handler, path, "accept_for_review")
    meant = {"access_until": LATER, "access_mode": "TRE"}
    assert "a review comes first" in press(decider, path, "approve", expect=422, **meant)
    press(handler, path, "request_review", person=hidden_person(handler, path, "Reviewer"))
    press(team[REVIEWER], path, "give_review", review="Sound.")
    press(decider, path, "approve", **meant)


def test_choices_of_a_team_hold_for_later_requests_and_within_limits(services: Services, team: dict[str, TestClient], administrator: TestClient) -> None:
    asked(services)
    handler = team[HANDLER]
    path = part_path(handler)
    assert handler.get("/w/alpha/settings").status_code == 404
    assert "Choose a number from 30 to 180" in choose(administrator, expect=422, answer_days="7")
    assert "Enter a number" in choose(administrator, expect=422, answer_days="soon")
    choose(administrator, votes="", reviews="", **{"evidence.DPIA": "yes"})
    press(handler, path, "acknowledge")
    press(handler, path, "accept_for_review")
    assert "Ask for a review" in handler.get(path).text, "the request was there before the choice"
    page = administrator.get("/w/alpha/settings").text
    assert re.search(r'name="evidence.DPIA" value="yes" checked', page)
    with services.store.transaction() as tx:
        part = requests.locked_by_public_id(tx.session, path.rsplit("/", 1)[1])
        part.created_at = services.clock()
    page = handler.get(path).text
    assert "Ask for a review" not in page
    assert "Data protection impact assessment" in page


def test_pages_show_each_way_compare_them_and_say_when_nobody_checked(services: Services, team: dict[str, TestClient], administrator: TestClient) -> None:
    choose(administrator, pathway="wales.sail")
    visitor = browser(services)
    for one in PATHWAYS.values():
        page = visitor.get(f"/pathways/{one.id}").text
        for step in one.steps:
            assert step.title in page.replace("&#39;", "'")
        assert one.source in page
    assert "Custodian Alpha" in visitor.get("/pathways/wales.sail").text
    assert visitor.get("/pathways/none").status_code == 404
    both = visitor.get("/pathways/compare?way=wales.sail&way=scotland.edris").text
    assert "Public Benefit and Privacy Panel" in both
    assert both.count('scope="col"') == 2
    fewer = visitor.get("/pathways/compare?way=wales.sail&way=scotland.edris&differences=1").text
    assert 0 < fewer.count('scope="row"') < both.count('scope="row"')
    assert "SAIL Databank" in visitor.get("/custodians/alpha").text
    (ref,) = [one.row.record.ref for one in services.catalogue.listing() if one.row.custodian and one.row.custodian.slug == "alpha"]
    page = visitor.get(f"/datasets/{ref}/access").text
    assert "Safe researcher training" in page
    assert visitor.get(f"/datasets/{ref}/terms.json").json()["ref"] == ref


def test_a_way_that_nobody_checked_for_six_months_says_so() -> None:
    one = shipped("uk.cprd")
    assert not one.is_unchecked(date(2027, 5, 27))
    assert one.is_unchecked(date(2027, 5, 28))
    assert len(PATHWAYS) == 8
    assert shipped("gone").id == "generic"
    for found in PATHWAYS.values():
        assert found.source.startswith("https://")
        assert set(found.evidence) | set(found.evidence_by_answers) <= set(EVIDENCE)


def test_A28_the_statistics_are_published_as_page_and_table_and_hide_what_is_small(services: Services, team: dict[str, TestClient], administrator: TestClient) -> None:
    visitor = browser(services)
    assert "too few to show" in visitor.get("/statistics").text
    refs = {one.row.custodian.slug: one.row.record.ref for one in services.catalogue.listing() if one.row.custodian}
    follow = ""
    for _ in range(6):
        done = submit(services.store, services.sealer, dataset_refs=[refs["alpha"]], now=services.clock())
        follow = f"/requests/{done.follow_token}"
    submit(services.store, services.sealer, dataset_refs=[refs["beta"]], now=services.clock())
    deliver_due(services.store, services.channels, now=services.clock())
    page = visitor.get("/statistics").text
    assert "Custodian Alpha" in page
    lines = {line[0]: line for line in csv.reader(io.StringIO(visitor.get("/statistics.csv").text))}
    place = lines["custodian"].index("submitted")
    assert [lines[name][place] for name in ("Custodian Beta", "All", "Custodian Alpha")] == ["", "7", ""] or [
        lines[name][place] for name in ("Custodian Beta", "All", "Custodian Alpha")
    ] == ["", "", "6"], "one is small, so that the other or the total is hidden too"
    handler = team[HANDLER]
    for part in re.findall(r'href="(/w/alpha/requests/[0-9a-f]+)"', handler.get("/w/alpha/requests").text):
        press(handler, part, "acknowledge")
    status = visitor.get(follow).text
    assert "The check should be done by" in status
    assert "How long it took" in visitor.get("/custodians/alpha").text


def test_A23_advice_is_read_before_sending_and_blocks_only_by_a_hard_rule(services: Services, team: dict[str, TestClient], administrator: TestClient) -> None:
    with services.store.transaction() as tx:
        for one in services.catalogue.listing():
            usage = {"dataUseLimitation": ["No linkage"], "dataUseRequirements": ["Publication required"]}
            version = tx.session.get_one(Version, one.row.version.id)
            version.canonical = {**version.canonical, "accessibility": {**version.canonical.get("accessibility", {}), "usage": usage}}
    refs = [one.row.record.ref for one in services.catalogue.listing() if one.row.custodian and one.row.custodian.slug == "alpha"]
    person = applicant(services.store, now=services.clock())
    reference = written(services.store, services.sealer, dataset_refs=refs, now=services.clock())
    drafts.save(services.store, services.sealer, person, reference, {"data.linkage": "yes", "data.linkage_sources": ["Our own records"]}, seen_version=99, now=services.clock())
    fill_in(services.store, services.sealer, person, reference, now=services.clock())
    (told,) = before_sending(services.store, reference, subject=person.subject, now=services.clock())
    assert [(row.rule, row.verdict) for row in told.rows] == [("no-linkage", "conflict"), ("publication", "undertaking")]
    for given, missing in (((), ()), REREAD), (((told.digest,), ()), PROMISE), ((("0" * 64,), told.promises), REREAD):
        with pytest.raises(Unprocessable) as caught:
            sending.submit(services.store, services.sealer, person, reference, now=services.clock(), advice=given[0], promises=given[1])
        assert missing in str(caught.value.fields)
    choose(administrator, **{"hard.no-linkage": "yes"})
    hard_one = written(services.store, services.sealer, dataset_refs=refs, now=services.clock())
    drafts.save(services.store, services.sealer, person, hard_one, {"data.linkage": "yes", "data.linkage_sources": ["Our own records"]}, seen_version=99, now=services.clock())
    fill_in(services.store, services.sealer, person, hard_one, now=services.clock())
    with pytest.raises(Unprocessable) as caught:
        send(services.store, services.sealer, person, hard_one, now=services.clock())
    assert "takes no request that conflicts with" in str(caught.value.fields)
    done = send(services.store, services.sealer, person, reference, now=services.clock())
    deliver_due(services.store, services.channels, now=services.clock())
    theirs = team[HANDLER].get(part_path(team[HANDLER])).text
    own = browser(services).get(f"/requests/{done.follow_token}").text
    for row in told.rows:
        assert row.because in theirs
        assert row.because in own, "both sides read the same words"
    assert "Promised: Publication required." in theirs


@pytest.mark.parametrize("kind", ["amendment", "extension", "renewal"])
def test_A34_access_goes_on_until_what_follows_it_is_open_and_ends_then(services: Services, team: dict[str, TestClient], kind: str) -> None:
    handler, decider = team[HANDLER], team[DECIDER]
    follow = asked(services)
    path = part_path(handler)
    opened_by_both(services, handler, decider, path)
    assert "Ask for a change" not in browser(services).get(follow).text, "it needs the account"
    person = applicant(services.store, now=services.clock())
    (first,) = own_requests(services.store, person)
    reference = drafts.begin_amendment(services.store, services.sealer, person, path.rsplit("/", 1)[1], kind, now=services.clock())
    held = drafts.draft(services.store, person, reference)
    assert (held.answers["project.kind"], held.answers["project.previous"]) == (kind, first.reference)
    assert held.answers["project.title"] == first.title
    assert "declare.accurate" not in held.answers, "declarations are made anew"
    drafts.save(services.store, services.sealer, person, reference, {"project.lay_summary": "We will study marker-renewed."}, seen_version=99, now=services.clock())
    fill_in(services.store, services.sealer, person, reference, now=services.clock())
    send(services.store, services.sealer, person, reference, now=services.clock())
    deliver_due(services.store, services.channels, now=services.clock())
    newer = next(one for one in re.findall(r'href="(/w/alpha/requests/[0-9a-f]+)"', handler.get("/w/alpha/requests").text) if one != path)
    page = handler.get(newer).text
    assert "marker-renewed" in page
    assert "Changed since it was sent before" in page
    assert "marker-summary" in page, "beside what was decided on then"
    with services.store.reading() as session:
        old, new = (requests.part_by_public_id(session, one.rsplit("/", 1)[1]) for one in (path, newer))
        assert old is not None
        assert new is not None
        assert (old.part.state, new.request.kind, new.request.amends) == ("active", kind, old.request.id)
    opened_by_both(services, handler, decider, newer, until_open="Data available")
    assert "A newer approval took its place." in handler.get(path).text
    with services.store.reading() as session:
        ended = requests.part_by_public_id(session, path.rsplit("/", 1)[1])
        assert ended is not None
        last = requests.history(session, ended.part.id)[-1]
    assert (ended.part.state, last.event, last.payload["reason"], last.role) == ("ended", "access.ended", "superseded", "system")
    assert {use["status"] for use in browser(services).get("/uses.json").json()["uses"]} == {"active", "ended"}
    press(handler, path, "record_report", report="https://reports.example.org/1")
    assert "The report at the end was recorded" in browser(services).get(follow).text


def opened_by_both(services: Services, handler: TestClient, decider: TestClient, path: str, *, until_open: str = "", signatory: str = "Example Signatory") -> None:
    """From arrival to open access; the old one stays open meanwhile."""
    press(handler, path, "acknowledge")
    press(handler, path, "accept_for_review")
    press(decider, path, "approve", access_until=LATER, access_mode="TRE")
    press(handler, path, "issue_agreement", agreement="A 1")
    press(handler, path, "sign_agreement")
    signed = Command(name="sign_agreement", role="lead", actor="lead", payload={"side": "applicant", "signatory": signatory})
    perform(services.store, services.sealer, path.rsplit("/", 1)[1], signed, now=services.clock())
    if until_open:
        assert browser(services).get("/uses.json").json()["uses"][0]["status"] == "active"
    press(handler, path, "activate", access_mode="TRE", access_starts=SOON, access_ends=LATER)
