"""The request form through the front door: basket, draft, one topic a page, check, sending, and what each custodian receives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.access.examples import EXAMPLES
from gateway.access.part_forms import publish
from gateway.access.routes import set_route
from gateway.accounts.setup import grant
from gateway.store import custodians, requests
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.gateway.asking import MAILBOX
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

LEAD = "ada@university.example"
ALPHA = {
    "optional": {"data.size": {"need": "offer", "why": "It helps us to estimate the fee."}},
    "guidance": {"data.minimisation": "Name the years one by one."},
    "annex": [
        {"name": "embryology", "type": "long", "words": 50, "label": "Which clinics are involved", "need": "require", "why": "The law asks for it.", "reason": "No question of the bank is about clinics."},
    ],
}
BETA = {"optional": {"people.lead.orcid": {"need": "require", "why": ""}}}


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False)
    try:
        for number, slug in enumerate(("alpha", "beta", "gamma")):
            with built.store.transaction() as tx:
                custodians.add(tx.session, name=f"Custodian {slug.title()}", slug=slug, now=built.clock())
            write_documents(tmp_path / slug, [document(number)])
            harvest(built, add_files(built, tmp_path / slug, name=f"Feed {slug}", custodian=slug))
        publish(built.store, "alpha", ALPHA, actor="operator", now=built.clock())
        publish(built.store, "beta", BETA, actor="operator", now=built.clock())
        set_route(built.store, built.sealer, custodian="gamma", channel="portal", target="https://apply.gamma.example/new")
        set_route(built.store, built.sealer, custodian="beta", channel="mailbox", target=MAILBOX)
        yield built
    finally:
        built.close()


@pytest.fixture
def lead(services: Services) -> TestClient:
    return member(services, LEAD, name="Ada Marker", has_app=True)


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
        data |= fields(answer, key)
    return client.post(f"{path}/{topic}", data=data, follow_redirects=follow)


def shown(page: str) -> list[str]:
    return re.findall(r'name="shown" value="([^"]+)"', page)


def topics(client: TestClient, path: str) -> list[str]:
    return list(dict.fromkeys(re.findall(rf'href="{path}/([\w-]+)"', client.get(path).text)))


def answer_all(client: TestClient, path: str, **own: Any) -> None:
    """Walk through every topic as a person does, with Continue, until the check page comes."""
    held = {**EXAMPLES, "people.lead.email": LEAD, **own}
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
    data = {"csrf": hidden(page, "csrf"), "parts": re.findall(r'name="parts" value="(\w+)"', page), **changes}
    return client.post(f"{path}/check", data=data)


def snapshot(services: Services, slug: str) -> dict[str, Any]:
    with services.store.reading() as session:
        return requests.parts_of_custodian(session, slug)[0].snapshot.document


def test_a_request_is_written_topic_by_topic_and_each_custodian_receives_what_it_asked(services: Services, lead: TestClient) -> None:
    path = begin(lead, services)
    assert "Basket (" not in lead.get("/basket").text
    page = lead.get(path).text
    for words in ("Custodian Alpha", "Custodian Beta", "Custodian Gamma", "Questions of" if False else "Only Custodian Alpha asks this"):
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
    handler = member(services, "handler@alpha.example", name="Grace")
    grant(services.store, address="handler@alpha.example", role="handler", custodian="alpha", granted_by="operator", now=services.clock())
    found = re.search(r'href="(/w/alpha/requests/\w+)"', handler.get("/w/alpha/requests").text)
    assert found is not None
    page = handler.get(found[1]).text
    for words in ("Which clinics are involved", "marker-embryology", "Why less would not do", "Work inside a trusted research environment", "Example University"):
        assert words in page
    assert "Custodian Beta" not in page
    assert browser(services).get(path).url.path == "/sign-in"
