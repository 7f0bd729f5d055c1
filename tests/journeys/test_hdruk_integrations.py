"""A custodian's program written for the HDR UK Gateway's integration API works here with another host name (harvesting design, section 4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.store.database import utc_now
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.journeys.gateways import document, make_services, titles
from tests.journeys.pushing import add_custodian, program

PATH = "/api/v1/integrations/datasets"


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Services:
    built = make_services(tmp_path / "data", database_url, worker=False)
    add_custodian(built)
    return built


def application(services: Services, custodian: str = "example-trust", *scopes: str) -> dict[str, str]:
    key = create_key(services.store, name="application", custodian=custodian, scopes=scopes or None, now=utc_now()).key
    _, identifier, secret = key.split("_", 2)
    return {"x-application-id": identifier, "x-client-id": secret}


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with program(services, application(services)) as started:
        yield started


def test_a18_a_client_of_hdr_uk_creates_reads_replaces_lists_and_archives(services: Services, client: TestClient) -> None:
    made = client.post(PATH, json={"metadata": document(1), "status": "ACTIVE", "create_origin": "API"}, params={"input_schema": "HDRUK", "input_version": "4.0.0"})
    assert (made.status_code, made.json()["message"], made.json()["version"]) == (201, "created", 1)
    number = made.json()["data"]
    assert isinstance(number, int)
    shown = client.get(f"{PATH}/{number}").json()
    assert (shown["message"], shown["data"]["id"], shown["data"]["status"]) == ("success", number, "ACTIVE")
    assert shown["data"]["latest_metadata"]["metadata"]["metadata"]["summary"]["title"] == "Study of sleep number 1"
    assert client.get(f"{PATH}/{shown['data']['pid']}").json() == shown
    changed = client.put(f"{PATH}/{number}", json={"metadata": document(1, title="Second title")})
    assert (changed.status_code, changed.json()["data"], changed.json()["version"]) == (200, number, 2)
    services.catalogue.index_pending()
    assert titles(services, "title") == ["Second title"]
    assert client.patch(f"{PATH}/{number}", json={"status": "ARCHIVED"}).json()["data"]["status"] == "ARCHIVED"
    assert client.get("/api/v1/datasets/" + shown["data"]["ref"]).status_code == 410
    active = client.patch(f"{PATH}/{number}", json={"status": "ACTIVE"}).json()["data"]
    assert (active["status"], active["title"], active["ref"]) == ("ACTIVE", "Second title", shown["data"]["ref"])
    assert client.delete(f"{PATH}/{number}").json() == {"message": "success"}
    assert client.get(PATH, params={"status": "ARCHIVED"}).json()["total"] == 1


FORMS = {
    "an object": lambda one: one, "JSON in a string": json.dumps, "nested once more": lambda one: {"metadata": one},
    "a string nested once more": lambda one: {"metadata": json.dumps(one)},
}


def test_metadata_may_be_an_object_a_string_or_nested_and_a_known_pid_replaces(client: TestClient) -> None:
    for number, form in enumerate(FORMS.values()):
        answer = client.post(PATH, json={"metadata": form(document(number)), "pid": f"pid-{number}"})
        assert answer.status_code == 201, answer.text
        assert client.get(f"{PATH}/pid-{number}").json()["data"]["title"] == f"Study of sleep number {number}"
    again = client.post(PATH, json={"metadata": document(0, title="Anew"), "pid": "pid-0"})
    assert (again.status_code, again.json()["version"]) == (201, 2)
    twice = [client.post(PATH, json={"metadata": document(9)}).json()["data"] for _ in range(2)]
    assert twice[0] != twice[1]


def test_the_list_is_paged_sorted_and_filtered_as_laravel_writes_it(client: TestClient) -> None:
    for number in range(7):
        client.post(PATH, json={"metadata": document(number), "pid": f"pid-{number}"})
    first = client.get(PATH, params={"per_page": 3, "sort": "created:asc"}).json()
    assert {name: first[name] for name in ("current_page", "from", "to", "last_page", "per_page", "total", "prev_page_url")} == {
        "current_page": 1, "from": 1, "to": 3, "last_page": 3, "per_page": 3, "total": 7, "prev_page_url": None,
    }
    found, following = list(first["data"]), first["next_page_url"]
    while following:
        page = client.get(following.replace("http://127.0.0.1:8000", "")).json()
        found, following = found + page["data"], page["next_page_url"]
    assert [one["datasetid"] for one in found] == [f"pid-{number}" for number in range(7)]
    assert [one["title"][-1] for one in client.get(PATH, params={"sort": "title:desc", "per_page": 2}).json()["data"]] == ["6", "5"]
    assert client.get(PATH, params={"title": "NUMBER 3"}).json()["total"] == 1
    assert client.get(PATH, params={"dataset_id": "pid-4"}).json()["data"][0]["datasetid"] == "pid-4"
    refused = client.get(PATH, params={"sort": "secret:asc"})
    assert (refused.status_code, refused.json()["message"]) == (400, refused.json()["detail"])


def test_a_description_is_given_in_another_version_with_its_losses_in_a_link(client: TestClient) -> None:
    number = client.post(PATH, json={"metadata": document(1)}).json()["data"]
    answer = client.get(f"{PATH}/{number}", params={"schema_model": "HDRUK", "schema_version": "2.1.2"})
    assert answer.json()["data"]["latest_metadata"]["metadata"]["metadata"]["summary"]["publisher"]["name"] == "Example Trust"
    report = client.get(answer.headers["link"].partition(">")[0].removeprefix("<"))
    assert (report.status_code, report.json()["target"]) == (200, "HDRUK 2.1.2")
    assert client.get(f"{PATH}/{number}", params={"schema_model": "HDRUK"}).status_code == 400
    assert client.get(f"{PATH}/{number}", params={"schema_model": "HDRUK", "schema_version": "9"}).status_code == 404


def test_the_check_tells_every_finding_and_stores_nothing(client: TestClient) -> None:
    good = client.post(f"{PATH}/test", json={"metadata": document(1)})
    assert (good.status_code, good.json()["message"], good.json()["payload_received"]) == (200, "success", {"metadata": document(1)})
    bad = client.post(f"{PATH}/test", json={"metadata": document(1, title=None)})
    assert bad.status_code == 400
    assert [one for one in bad.json()["findings"] if one["severity"] == "error"]
    assert client.get(PATH).json()["total"] == 0


def test_errors_have_a_message_and_statuses_say_who_may_do_what(services: Services, client: TestClient) -> None:
    number = client.post(PATH, json={"metadata": document(1)}).json()["data"]

    def status(method: str, headers: dict[str, str], path: str = f"{PATH}/{number}") -> int:
        answer: Any = client.request(method, path, headers=headers, json={"metadata": document(1)})
        assert answer.is_success or answer.json()["message"]
        return int(answer.status_code)

    known = application(services)
    assert status("GET", {"x-application-id": "", "x-client-id": ""}) == 401
    assert status("GET", {**known, "x-client-id": "wrong"}) == 401
    assert status("PUT", application(services, "example-trust", "datasets:read")) == 403
    add_custodian(services, "Other Trust")
    assert status("GET", application(services, "other-trust")) == 404
    assert status("DELETE", application(services, "other-trust")) == 404
    assert status("POST", known, f"{PATH}/test") == 200
    refused = client.post(PATH, json={"metadata": document(2, title=None)})
    assert (refused.status_code, bool(refused.json()["findings"])) == (422, True)
    for body in ({}, {"metadata": None}, [1], {"metadata": document(3), "status": "DRAFT"}):
        assert client.post(PATH, json=body).status_code in (400, 422)
