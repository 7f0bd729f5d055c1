"""The request form through the front door: basket, draft, one topic a page, check, sending, and what each custodian receives."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.access.examples import EXAMPLES
from gateway.access.part_forms import publish
from gateway.access.routes import set_route
from gateway.accounts.setup import grant
from gateway.models import KeptText
from gateway.store import accounts, custodians, drafts, requests
from gateway.store.drafts import forms_of, rows_of
from gateway.store.sealing import token_digest
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.gateway.asking import MAILBOX
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

ALPHA = {
    "optional": {"data.size": {"need": "offer", "why": "It helps us to estimate the fee."}},
    "guidance": {"data.minimisation": "Name the years one by one."},
    "annex": [
        {"name": "embryology", "type": "long", "words": 50, "label": "Which clinics are involved", "need": "require", "why": "The law asks for it.", "reason": "No question of the bank is about clinics."},
    ],
}
BETA = {"optional": {"people.lead.orcid": {"need": "require", "why": ""}}}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """One catalogue for all tests of this file: each has a lead of its own. What depends on the database is tested in tests/gateway."""
    folder = tmp_path_factory.mktemp("form")
    built = make_services(folder / "data", None, worker=False)
    try:
        for number, slug in enumerate(("alpha", "beta", "gamma")):
            with built.store.transaction() as tx:
                custodians.add(tx.session, name=f"Custodian {slug.title()}", slug=slug, now=built.clock())
            write_documents(folder / slug, [document(number)])
            harvest(built, add_files(built, folder / slug, name=f"Feed {slug}", custodian=slug))
        set_route(built.store, built.sealer, custodian="gamma", channel="portal", target="https://apply.gamma.example/new")
        set_route(built.store, built.sealer, custodian="beta", channel="mailbox", target=MAILBOX)
        yield built
    finally:
        built.close()


@pytest.fixture(autouse=True)
def forms(services: Services) -> None:
    """As they are at the start of each test, whatever the one before published."""
    for slug, form in (("alpha", ALPHA), ("beta", BETA)):
        publish(services.store, slug, form, actor="operator", now=services.clock())


@pytest.fixture
def lead(services: Services) -> TestClient:
    address = f"{secrets.token_hex(6)}@university.example"
    client = member(services, address, name="Ada Marker", has_app=True)
    client.headers["X-Own-Address"] = address
    return client


def address_of(client: TestClient) -> str:
    return client.headers["X-Own-Address"]


def handler_of(services: Services, custodian: str) -> TestClient:
    address = f"{secrets.token_hex(6)}@{custodian}.example"
    client = member(services, address, name="Grace")
    grant(services.store, address=address, role="handler", custodian=custodian, granted_by="operator", now=services.clock())
    return client


def refs(services: Services) -> list[str]:
    return [published.row.record.ref for published in services.catalogue.listing()]


def begin(client: TestClient, services: Services, chosen: list[str] | None = None) -> str:
    """The path of a new draft, begun from the basket."""
    for ref in chosen or refs(services):
        client.post("/basket/add", data={"ref": ref})
    page = client.get("/requests/new").text
    answer = client.post("/requests", data={"csrf": hidden(page, "csrf"), "datasets": chosen or refs(services)})
    assert re.fullmatch(r"/requests/AR-\w{9}", answer.url.path), answer.text
    return answer.url.path


def fields(question: Any, key: str) -> dict[str, Any]:
    """An answer as the fields of its page."""
    if isinstance(question, dict):
        return {f"{key}:{name}": cell for name, cell in question.items()}
    if isinstance(question, list) and (not question or isinstance(question[0], dict)):
        return {f"{key}:none": "yes"} if not question else {f"{key}:{number}:{name}": cell for number, row in enumerate(question) for name, cell in row.items()}
    return {key: "\n".join(question) if isinstance(question, list) and key not in ("project.purpose",) else question}


def save(client: TestClient, path: str, topic: str, then: str = "continue", follow: bool = True, **answers: Any) -> Any:
    page = client.get(f"{path}/{topic}")
    assert page.status_code == 200, page.text
    data: dict[str, Any] = {"csrf": hidden(page.text, "csrf"), "version": hidden(page.text, "version"), "shown": shown(page.text), "then": then}
    for key, answer in answers.items():
        data |= {key: answer} if key == "shown" else fields(answer, key)
    return client.post(f"{path}/{topic}", data=data, follow_redirects=follow)


def shown(page: str) -> list[str]:
    return re.findall(r'name="shown" value="([^"]+)"', page)


def topics(client: TestClient, path: str) -> list[str]:
    return list(dict.fromkeys(re.findall(rf'href="{path}/([\w-]+)"', client.get(path).text)))


def answer_all(client: TestClient, path: str, **own: Any) -> None:
    """Walk through every topic as a person does, with Continue, until the check page comes."""
    held = {**EXAMPLES, "people.lead.email": address_of(client), **own}
    for topic in [one for one in topics(client, path) if one not in ("check", "datasets", "delete")]:
        for _ in range(4):
            page = client.get(f"{path}/{topic}").text
            given = {key: answer_for(page, key, held) for key in shown(page)}
            answer = save(client, path, topic, **{key: one for key, one in given.items() if one is not None})
            assert answer.status_code == 200, re.sub(r"<[^>]+>|\s+", " ", answer.text)
            if "opened=1" not in str(answer.url):
                break


def answer_for(page: str, key: str, held: dict[str, Any]) -> Any:
    if key == "data.fields":
        found = re.findall(r'<option value="(\w+)"', page)
        return [{"dataset": ref, "table": "visits", "columns": f"marker-{ref}", "reason": "to count"} for ref in dict.fromkeys(found)]
    return held.get(key)


def send(client: TestClient, path: str, **changes: Any) -> Any:
    page = client.get(f"{path}/check").text
    read, promised = (re.findall(rf'name="{name}" value="([^"]+)"', page) for name in ("advice", "promise"))
    data = {"csrf": hidden(page, "csrf"), "parts": re.findall(r'name="parts" value="(\w+)"', page), "advice": read, "promise": promised, **changes}
    return client.post(f"{path}/check", data=data)


def snapshot(services: Services, slug: str) -> dict[str, Any]:
    with services.store.reading() as session:
        return requests.parts_of_custodian(session, slug)[0].snapshot.document


def test_a_request_is_written_topic_by_topic_and_each_custodian_receives_what_it_asked(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    assert "Basket (" not in lead.get("/basket").text
    page = lead.get(path).text
    for words in ("Custodian Alpha", "Custodian Beta", "Custodian Gamma", "Only Custodian Alpha asks this"):
        assert words in page
    assert "Custodian Alpha asks because: It helps us to estimate the fee." in lead.get(f"{path}/data").text
    assert "Custodian Alpha adds: Name the years one by one." in lead.get(f"{path}/data").text
    refused = send(lead, path)
    assert refused.status_code == 422
    assert 'href="#q-project.title"' in refused.text
    answer_all(lead, path, **{"annex.alpha.embryology": "marker-embryology"})
    done = send(lead, path)
    assert done.status_code == 200, re.sub(r"<[^>]+>|\s+", " ", done.text)
    assert "Request sent" in done.text

    alpha, beta, gamma = (snapshot(services, slug) for slug in ("alpha", "beta", "gamma"))
    assert alpha["answers"]["annex.alpha.embryology"] == "marker-embryology"
    assert alpha["answers"]["data.size"] == 100000
    assert beta["answers"]["people.lead.orcid"] == EXAMPLES["people.lead.orcid"]
    for other, foreign in ((beta, ("embryology", "data.size", "alpha")), (gamma, ("embryology", "data.size", "orcid", "alpha", "beta")), (alpha, ("orcid", "beta"))):
        assert not [word for word in foreign if word in repr(other)], "nothing of the others"
    for document_ in (alpha, beta, gamma):
        own = [one["ref"] for one in document_["datasets"]]
        assert [row["dataset"] for row in document_["answers"]["data.fields"]] == own
        assert len(document_["answers"]) > 50


def test_the_workspace_shows_every_answer_under_its_words(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    answer_all(lead, path, **{"annex.alpha.embryology": "marker-embryology"})
    send(lead, path)
    handler = handler_of(services, "alpha")
    page = handler.get(f"/w/alpha/requests/{part_ids(services, path)['alpha']}").text
    for words in ("Which clinics are involved", "marker-embryology", "Why less would not do", "Work inside a trusted research environment", "Example University"):
        assert words in page
    assert "Custodian Beta" not in page
    assert browser(services).get(path).url.path == "/sign-in"


def words_of(answer: Any) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", answer.text)


def test_A15_extra_fields_in_any_body_change_nothing(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    before = draft_of(services, path)
    page = lead.get(f"{path}/project").text
    forged = {"lead": "x", "state": "approved", "version_": "9", "custodian": "beta", "role": "decider", "people.lead.name": "Eve", "annex.beta.x": "y", "answers": "{}"}
    data = {"csrf": hidden(page, "csrf"), "version": hidden(page, "version"), "shown": ["people.lead.name", "annex.beta.x", "nonsense", "lead"], "then": "later", **forged}
    assert lead.post(f"{path}/project", data=data).status_code == 200
    assert draft_of(services, path) == before, "only questions of the page are read"
    for place in ("check", "datasets", "delete", "form", "example"):
        answer = lead.post(f"{path}/{place}", data={"csrf": "forged", **forged})
        assert answer.status_code in (403, 404), place
    page = lead.get(f"{path}/check").text
    answer = lead.post(f"{path}/check", data={"csrf": hidden(page, "csrf"), "parts": ["0" * 24], "state": "approved"})
    assert answer.status_code == 422
    assert "There is nothing to send" in answer.text
    assert draft_of(services, path) == before


def draft_of(services: Services, path: str) -> tuple[Any, ...]:
    """Everything that is stored of it."""
    with services.store.reading() as session:
        request = requests.by_reference(session, path.rsplit("/", 1)[1])
        assert request is not None
        rows = rows_of(session, request.id)
        return (request.answers, request.answers_version, request.lead, request.lead_subject, [(row.part.state, row.part.version, row.part.dataset_refs) for row in rows])


def test_somebody_elses_draft_does_not_exist(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    other = member(services, f"{secrets.token_hex(6)}@university.example", name="Eve", has_app=True)
    page = other.get("/account").text
    for place in ("", "/project", "/check", "/datasets", "/delete", "/sent"):
        assert other.get(path + place).status_code == 404, place
    for place in ("/project", "/check", "/datasets", "/delete", "/form"):
        assert other.post(path + place, data={"csrf": hidden(page, "csrf"), "sure": "yes"}).status_code == 404, place
    assert path not in page


def test_A22_what_the_account_knows_is_filled_in_and_changing_it_leaves_the_account_alone(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    page = lead.get(f"{path}/you").text
    assert 'value="Ada Marker"' in page
    assert "From your account" in page
    save(lead, path, "you", **{"people.lead.name": "Dr Ada Marker", "people.lead.organisation": {"name": "Another University"}})
    assert "Dr Ada Marker" in lead.get(f"{path}/you").text
    account = lead.get("/account").text
    assert 'value="Ada Marker"' in account
    assert "Another University" not in account


def test_an_answer_that_is_none_is_said_and_the_rest_is_kept(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    answer = save(lead, path, "project", **{"project.title": "t" * 151, "project.start": "1/4/2027", "project.kind": "renewal"})
    assert answer.status_code == 422
    assert "Use 150 characters or fewer. You have 151." in answer.text
    assert 'href="#q-project.title"' in answer.text
    assert "t" * 151 in answer.text, "what was typed is still there"
    held = draft_of(services, path)[0]
    assert (held["project.start"], held["project.kind"]) == ("2027-04-01", "renewal")
    assert "project.title" not in held


def test_A24_an_identifier_is_pointed_out_before_it_is_saved_and_may_stay_for_a_reason(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    answer = save(lead, path, "project", **{"project.aims": "We follow patient 943 476 5919."})
    assert answer.status_code == 422
    assert "It seems to hold an NHS number." in answer.text
    assert "project.aims" not in draft_of(services, path)[0]
    answer = save(lead, path, "project", **{"project.aims": "We follow patient 943 476 5919.", "project.aims:keep": "The number of the NHS's own examples."})
    assert answer.status_code == 200
    assert draft_of(services, path)[0]["project.aims"] == "We follow patient 943 476 5919."
    with services.store.reading() as session:
        request = requests.by_reference(session, path.rsplit("/", 1)[1])
        assert request is not None
        assert request.answers_notes["project.aims"]["kept"] == "The number of the NHS's own examples."


def test_two_windows_that_change_one_answer_see_both_texts(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    page = lead.get(f"{path}/project").text
    stale = {"csrf": hidden(page, "csrf"), "version": hidden(page, "version"), "shown": shown(page), "project.title": "Mine", "project.aims": "Only here"}
    save(lead, path, "project", **{"project.title": "Theirs"})
    answer = lead.post(f"{path}/project", data=stale)
    assert answer.status_code == 409
    assert 'value="Mine"' in answer.text
    assert "Theirs" in answer.text
    assert draft_of(services, path)[0]["project.title"] == "Theirs"
    chosen = {**stale, "version": hidden(answer.text, "version")}
    assert lead.post(f"{path}/project", data=chosen).status_code == 200
    assert draft_of(services, path)[0]["project.title"] == "Mine"
    other = {"csrf": stale["csrf"], "version": stale["version"], "shown": ["people.lead.job_title"], "people.lead.job_title": "Lecturer"}
    assert lead.post(f"{path}/you", data=other).status_code == 200, "another answer is nobody's conflict"


def test_a_background_save_keeps_what_is_good_and_says_so(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    page = lead.get(f"{path}/project").text
    data = {"csrf": hidden(page, "csrf"), "version": hidden(page, "version"), "shown": shown(page), "background": "1", "project.title": "Half a ti", "project.start": "soon", "project.aims": "Two words"}
    answer = lead.post(f"{path}/project", data=data)
    assert answer.status_code == 200
    assert answer.json()["unsaved"] == ["project.start"]
    assert answer.json()["words"]["project.aims"] == 2
    assert draft_of(services, path)[0]["project.title"] == "Half a ti"
    again = lead.post(f"{path}/project", data={**data, "version": str(answer.json()["version"])})
    assert again.json()["version"] == answer.json()["version"], "saving what is there is no change"
    assert lead.post(f"{path}/project", data={**data, "project.title": "Other", "version": "1"}).status_code == 409


def test_an_expired_sign_in_returns_to_the_text(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    page = lead.get(f"{path}/project").text
    data = {"csrf": hidden(page, "csrf"), "version": hidden(page, "version"), "shown": shown(page), "project.title": "Marker typed late"}
    with services.store.transaction() as tx:
        found = accounts.session_of(tx.session, token_digest(lead.cookies["session"]))
        assert found is not None
        found[0].seen_at -= timedelta(hours=1)
    answer = lead.post(f"{path}/project", data=data)
    assert answer.url.path == "/sign-in"
    way_back = answer.url.params["next"]
    assert way_back.startswith(f"{path}/project?kept=")
    with services.store.reading() as session:
        assert "Marker typed late" not in repr(list(session.scalars(select(KeptText.sealed_text))))
    again = member(services, address_of(lead), name="Ada Marker", has_app=True)
    page = again.get(way_back).text
    assert 'value="Marker typed late"' in page
    assert "is not saved yet" in page
    assert "project.title" not in draft_of(services, path)[0]
    stranger = member(services, f"{secrets.token_hex(6)}@university.example", name="Eve")
    own = begin(stranger, services)
    assert "Marker typed late" not in stranger.get(way_back.replace(path, own)).text
    assert browser(services).post(f"{path}/project", data=data).url.params["next"] == f"{path}/project", "nothing is kept of strangers"


def test_A19_one_part_is_sent_while_another_still_lacks_answers(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    answer_all(lead, path, **{"annex.alpha.embryology": None, "people.lead.orcid": None})
    parts = part_ids(services, path)
    refused = send(lead, path)
    assert refused.status_code == 422
    assert 'href="#q-annex.alpha.embryology"' in refused.text
    assert send(lead, path, parts=[parts["gamma"]]).status_code == 200
    assert sorted(row[0] for row in draft_of(services, path)[4]) == ["draft", "draft", "redirected"]
    page = lead.get(path).text
    assert "Where the parts stand that you sent" in page
    assert "Go on with the others" in lead.get(path.replace("/requests/", "/account/requests/")).text
    save(lead, path, "you", **{"shown": ["people.lead.orcid"], "people.lead.orcid": EXAMPLES["people.lead.orcid"]})
    assert send(lead, path, parts=[parts["beta"]]).status_code == 200
    assert "orcid" not in repr(snapshot(services, "gamma")["answers"])
    assert lead.post(f"{path}/delete", data={"csrf": hidden(page, "csrf"), "sure": "yes"}).status_code == 200
    assert sorted(row[0] for row in draft_of(services, path)[4]) == ["redirected", "submitted"], "what was sent stays"


def part_ids(services: Services, path: str) -> dict[str, str]:
    with services.store.reading() as session:
        request = requests.by_reference(session, path.rsplit("/", 1)[1])
        assert request is not None
        return {row.custodian.slug: row.part.public_id for row in rows_of(session, request.id) if row.custodian}


def test_a_part_that_came_back_is_answered_again_where_that_is_asked(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    answer_all(lead, path, **{"annex.alpha.embryology": "marker-embryology"})
    send(lead, path)
    handler = handler_of(services, "alpha")
    part = part_ids(services, path)["alpha"]
    workspace, status = f"/w/alpha/requests/{part}", path.replace("/requests/", "/account/requests/")
    for command, more in (("acknowledge", {}), ("return", {"comment": "Which ones?", "questions.annex.alpha.embryology": "yes", "questions.project.aims": "yes"})):
        page = handler.get(workspace).text
        assert handler.post(workspace, data={"csrf": hidden(page, "csrf"), "version": hidden(page, "version"), "command": command, **more}).status_code == 200
    page = lead.get(status).text
    assert f'href="{path}/only-alpha#q-annex.alpha.embryology"' in page
    assert "To be answered again" in lead.get(f"{path}/only-alpha").text
    assert 'name="shown" value="people.lead.orcid"' not in lead.get(f"{path}/you").text, "only what the part that came back asks"
    save(lead, path, "only-alpha", **{"annex.alpha.embryology": "marker-second-answer"})
    page = lead.get(status).text
    sent = lead.post(f"{status}/parts/{part}", data={"csrf": hidden(page, "csrf"), "command": "resubmit", "reply": "These."})
    assert sent.status_code == 200
    page = handler.get(workspace).text
    for words in ("marker-second-answer", "Changed since it was sent before", "marker-embryology", "These."):
        assert words in page
    with services.store.reading() as session:
        row = requests.parts_of_custodian(session, "beta")[0]
        assert row.request.reference == path.rsplit("/", 1)[1]
        assert [event.event for event in requests.history(session, row.part.id) if event.event.startswith("snapshot")] == [], "an annex is nobody else's"


def test_a_draft_is_deleted_with_all_that_was_written(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    save(lead, path, "project", **{"project.title": "Marker to forget"})
    page = lead.get(f"{path}/delete").text
    unsure = lead.post(f"{path}/delete", data={"csrf": hidden(page, "csrf")})
    assert unsure.status_code == 422
    assert lead.post(f"{path}/delete", data={"csrf": hidden(page, "csrf"), "sure": "yes"}).url.path == "/account"
    assert lead.get(path).status_code == 404
    with services.store.reading() as session:
        request = requests.by_reference(session, path.rsplit("/", 1)[1])
        assert request is not None
        assert (request.answers, request.lead_subject, request.lead["email"]) == ({}, None, "")


def test_the_datasets_of_a_draft_can_be_changed(services: Services, lead: TestClient) -> None:
    first, second, third = refs(services)
    path = begin(lead, services, [first])
    lead.post("/basket/add", data={"ref": second})
    page = lead.get(f"{path}/datasets").text
    assert second in page
    change = {"csrf": hidden(page, "csrf")}
    assert lead.post(f"{path}/datasets", data={**change, "datasets": []}).status_code == 422
    assert lead.post(f"{path}/datasets", data={**change, "datasets": [first, "nosuchref"]}).status_code == 422
    assert lead.post(f"{path}/datasets", data={**change, "datasets": [first, second, third]}).status_code == 200
    assert len(draft_of(services, path)[4]) == 3
    assert lead.post(f"{path}/datasets", data={**change, "datasets": [third]}).status_code == 200
    assert [row[2] for row in draft_of(services, path)[4]] == [[third]]


def test_a_newer_form_is_offered_and_taken_up_only_on_the_leads_word(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    assert "newer form" not in lead.get(path).text
    publish(services.store, "alpha", {**ALPHA, "optional": {}}, actor="operator", now=services.clock())
    page = lead.get(path).text
    assert "It has published a newer form since you began." in page
    assert "How many people you expect" in lead.get(f"{path}/data").text
    lead.post(f"{path}/form", data={"csrf": hidden(page, "csrf"), "part": part_ids(services, path)["alpha"]})
    assert "How many people you expect" not in lead.get(f"{path}/data").text


def test_a_team_administrator_chooses_what_is_asked_and_a_broken_form_is_refused(services: Services) -> None:
    chooser = member(services, "team@alpha.example", name="Grace", has_app=True)
    assert chooser.get("/w/alpha/form").status_code == 404
    grant(services.store, address="team@alpha.example", role="team_admin", custodian="alpha", granted_by="operator", now=services.clock())
    assert 'href="/w/alpha/form"' in chooser.get("/w/alpha").text
    page = chooser.get("/w/alpha/form").text
    assert chooser.get("/w/beta/form").status_code == 404
    data = {
        "csrf": hidden(page, "csrf"), "version": hidden(page, "version"), "variant": "questions", "need:project.ip": "require", "why:project.ip": "Marker policy.",
        "annex:0:label": "Which clinics", "annex:0:name": "clinics", "annex:0:type": "choice", "annex:0:need": "offer", "annex:0:choices": "One", "annex:0:reason": "None.",
    }
    broken = chooser.post("/w/alpha/form", data=data)
    assert broken.status_code == 422
    assert "Give two or more different answers" in broken.text
    assert "Marker policy." in broken.text
    done = chooser.post("/w/alpha/form", data={**data, "annex:0:choices": "One\nTwo"})
    assert "is published" in words_of(done)
    assert chooser.post("/w/alpha/form", data=data).status_code == 422, "somebody published meanwhile"
    form = chooser.get("/api/v1/custodians/alpha/form").json()
    assert (list(form["optional"]), form["annex"][0]["key"]) == (["project.ip"], "annex.alpha.clinics")
    assert len(chooser.get("/api/v1/questions").json()["questions"]) == 124
    with services.store.reading() as session:
        alpha = custodians.by_slug(session, "alpha").id
        versions = [one.version for one in forms_of(session, alpha)]
    assert versions == list(range(form["version"], 0, -1)), "published versions stay"


def test_closing_an_account_takes_its_drafts_along(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    page = lead.get("/account/close").text
    lead.post("/account/close", data={"csrf": hidden(page, "csrf"), "sure": "yes"})
    with services.store.reading() as session:
        request = requests.by_reference(session, path.rsplit("/", 1)[1])
        assert request is not None
        assert (request.answers, request.lead["name"]) == ({}, "")


def test_a_deleted_draft_comes_back_for_its_writer_and_for_ten_minutes(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    save(lead, path, "project", then="later", **{"project.title": "marker-undone"})
    answer = lead.post(f"{path}/delete", data={"csrf": hidden(lead.get(f"{path}/delete").text, "csrf"), "sure": "yes"})
    token = hidden(answer.text, "deleted")
    assert lead.get(path).status_code == 404
    other = member(services, f"{secrets.token_hex(6)}@university.example", name="Eve", has_app=True)
    assert other.post("/requests/undo", data={"csrf": hidden(other.get("/account").text, "csrf"), "deleted": token}).status_code == 404
    with services.store.transaction() as tx:
        row = tx.session.scalars(select(KeptText).where(KeptText.digest == token_digest(token))).one()
        assert "marker-undone" not in row.sealed_text
        assert drafts.take_text(tx.session, row.digest, subject=row.subject, after=row.created_at) is None, "ten minutes and not a moment longer"
    back = lead.post("/requests/undo", data={"csrf": hidden(lead.get("/account").text, "csrf"), "deleted": token})
    assert back.url.path != path
    assert "marker-undone" in back.text
    assert lead.get(f"{back.url.path}/check").status_code == 200
    assert lead.post("/requests/undo", data={"csrf": hidden(lead.get("/account").text, "csrf"), "deleted": token}).status_code == 404, "once"
