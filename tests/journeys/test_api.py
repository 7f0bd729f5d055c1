"""The API over a real catalogue: answers against the described shapes, errors, paging, entity tags, keys."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate
from starlette.testclient import TestClient

from gateway.api.shapes.datasets import DatasetAnswer, DatasetPage, VersionAnswer, VersionPage
from gateway.api.shapes.quality import CustodianQuality, QualityAnswer
from gateway.api.shapes.schemas import SchemaPage
from gateway.api.shapes.search import SearchPage, SuggestionList
from gateway.api.shapes.sources import (
    CustodianPage,
    CustodianShape,
    EventPage,
    OutcomePage,
    RunAnswer,
    RunPage,
    RunShape,
    SourcePage,
    SourceShape,
)
from gateway.app import create_app
from gateway.store.database import utc_now
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Services:
    built = make_services(tmp_path / "data", database_url, worker=False)
    write_documents(tmp_path / "feed", [document(number) for number in range(30)])
    write_documents(tmp_path / "feed", [document(99, title=None)])
    harvest(built, add_files(built, tmp_path / "feed", name="Feed"))
    return built


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as started:
        yield started


def key(services: Services, *scopes: str) -> dict[str, str]:
    new = create_key(services.store, name="test", scopes=scopes, now=utc_now())
    return {"Authorization": f"Bearer {new.key}"}


def follow(client: TestClient, address: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        address = answer.json()["next"]
        assert len(items) < 1000
    return items


def first_ref(client: TestClient) -> str:
    return str(client.get("/api/v1/datasets?limit=1").json()["items"][0]["ref"])


READS = {
    "/api/v1/search?q=sleep": SearchPage,
    "/api/v1/suggest?q=stu": SuggestionList,
    "/api/v1/datasets": DatasetPage,
    "/api/v1/datasets/{ref}": DatasetAnswer,
    "/api/v1/datasets/{ref}/quality": QualityAnswer,
    "/api/v1/custodians/example-trust/quality": CustodianQuality,
    "/api/v1/schemas": SchemaPage,
    "/api/v1/datasets/{ref}/versions": VersionPage,
    "/api/v1/datasets/{ref}/versions/1": VersionAnswer,
    "/api/v1/custodians": CustodianPage,
    "/api/v1/custodians/example-trust": CustodianShape,
    "/api/v1/sources": SourcePage,
    "/api/v1/sources/feed": SourceShape,
    "/api/v1/runs": RunPage,
    "/api/v1/runs/1": RunAnswer,
    "/api/v1/runs/1/outcomes": OutcomePage,
    "/api/v1/runs/1/events": EventPage,
}


@pytest.mark.parametrize("path", READS)
def test_every_read_answers_in_its_described_shape_and_knows_its_entity_tag(client: TestClient, path: str) -> None:
    address = path.replace("{ref}", first_ref(client))
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    READS[path].model_validate_json(answer.content)
    again = client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_lists_page_by_cursor_without_loss_or_doubles(client: TestClient) -> None:
    for path in ("/api/v1/datasets?limit=7", "/api/v1/search?q=sleep&limit=7"):
        refs = [item["ref"] for item in follow(client, path)]
        assert len(refs) == len(set(refs)) == 30
    assert len(follow(client, "/api/v1/runs/1/outcomes?limit=11")) == 31


def test_search_counts_highlights_and_facets(client: TestClient) -> None:
    page = client.get("/api/v1/search?q=sleep&custodian=Example+Trust").json()
    assert page["total"] == 30
    assert any(fragment["marked"] for fragment in page["items"][0]["highlights"]["title"])
    assert {"name", "values", "total"} <= set(page["facets"][0])


def test_a_dataset_is_found_by_its_custodians_identifier(client: TestClient) -> None:
    found = client.get("/api/v1/datasets", params={"identifier": document(7)["identifier"]}).json()["items"]
    assert [item["title"] for item in found] == ["Study of sleep number 7"]


def test_the_score_worked_out_for_the_page_is_the_one_kept_at_the_harvest(client: TestClient) -> None:
    ref = first_ref(client)
    found = client.get(f"/api/v1/datasets/{ref}/quality").json()
    assert 0 < found["total"] < 100
    assert found["total"] == client.get(f"/api/v1/datasets/{ref}").json()["quality"] == found["history"][-1]["total"]
    assert found["fixes"]
    assert all(fix["gain"] > 0 for fix in found["fixes"])
    assert found["median"] == found["total"], "all records here are alike"
    custodian = client.get("/api/v1/custodians/example-trust/quality").json()
    assert custodian["history"][-1] == {"day": custodian["history"][-1]["day"], "datasets": 30, "mean": found["total"]}
    page = client.get(f"/datasets/{ref}/quality").text
    assert f"<strong>{found['total']} of 100</strong>" in page


def test_results_can_be_ordered_by_how_well_they_are_described(client: TestClient) -> None:
    found = client.get("/api/v1/search?sort=quality&limit=30").json()["items"]
    scores = [item["quality"] for item in found]
    assert scores == sorted(scores, reverse=True)
    assert all(scores)


def test_a_schema_comes_with_the_hash_that_results_name(client: TestClient) -> None:
    listed = {item["name"]: item for item in client.get("/api/v1/schemas").json()["items"]}
    newest = listed["HDRUK 4.0.0"]
    answer = client.get(newest["url"].split("8000", 1)[-1])
    assert answer.headers["content-type"] == "application/schema+json"
    assert hashlib.sha256(answer.content).hexdigest() == newest["sha256"]
    assert client.post("/api/v1/validate", json=document(1)).json()["schema_sha256"] == newest["sha256"]
    assert client.get("/api/v1/schemas/HDRUK/9.9.9").status_code == 404


def test_the_submitted_original_comes_back_byte_for_byte(client: TestClient, tmp_path: Path) -> None:
    item = client.get("/api/v1/datasets", params={"identifier": document(7)["identifier"]}).json()["items"][0]
    sent = (tmp_path / "feed" / f"{document(7)['identifier']}.json").read_bytes()
    assert client.get(f"/api/v1/datasets/{item['ref']}/original").content == sent
    assert client.get(f"/api/v1/datasets/{item['ref']}/versions/1/original").content == sent


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/datasets/nothing", 404),
        ("/api/v1/nothing", 404),
        ("/api/v1/runs/999", 404),
        ("/api/v1/runs/x", 422),
        ("/api/v1/datasets?cursor=nonsense", 400),
        ("/api/v1/datasets?limit=1000", 422),
        ("/api/v1/custodians/nobody", 404),
    ],
)
def test_errors_are_problem_details(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    assert problem["reference"]


def test_writing_needs_a_key_with_the_scope(client: TestClient, services: Services) -> None:
    assert client.post("/api/v1/sources/feed/runs").status_code == 401
    assert client.post("/api/v1/sources/feed/runs", headers={"Authorization": "Bearer gw_x_y"}).status_code == 401
    assert client.post("/api/v1/sources/feed/runs", headers=key(services, "sources")).status_code == 403
    answer = client.post("/api/v1/sources/feed/runs", headers=key(services, "harvest"))
    assert answer.status_code == 202
    RunShape.model_validate_json(answer.content)
    assert answer.headers["location"] == f"/api/v1/runs/{answer.json()['id']}"


def test_a_source_can_be_added_and_its_secret_is_never_shown(client: TestClient, services: Services) -> None:
    wanted = {
        "name": "New feed", "kind": "federation", "secret": "hush-hush", "schedule": "manual",
        "configuration": {
            "base_url": "https://metadata.example.org", "list_path": "/list", "detail_path": "/d/{id}", "auth": "BEARER",
        },
    }
    answer = client.post("/api/v1/sources", json=wanted, headers=key(services, "sources"))
    assert answer.status_code == 201, answer.text
    assert answer.json()["has_secret"] is True
    assert "hush-hush" not in client.get("/api/v1/sources").text
    twice = client.post("/api/v1/sources", json=wanted, headers=key(services, "sources"))
    assert twice.status_code == 409
    wrong = client.post(
        "/api/v1/sources", json={**wanted, "name": "Other", "configuration": {}}, headers=key(services, "sources")
    )
    assert wrong.status_code == 422
    assert {error["field"] for error in wrong.json()["errors"]} >= {"base_url"}


def test_validation_stores_nothing_and_returns_every_finding(client: TestClient) -> None:
    broken = document(1, title="x", abstract=None, populationSize="many", surprise=1)
    del broken["issued"]
    answer = client.post("/api/v1/validate", json=broken).json()
    paths = {finding["path"] for finding in answer["findings"] if finding["severity"] == "error"}
    assert {"/summary/title", "/summary/populationSize", "/summary/surprise", "/issued"} <= paths, paths
    assert answer["conforms"] is False
    assert answer["publishable"] is True
    assert client.get("/api/v1/datasets?limit=100").json()["items"].__len__() == 30
    assert client.post("/api/v1/validate", content=b"{nonsense").status_code == 400


def test_the_description_is_openapi_3_1_and_every_operation_has_a_summary(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    validate(described)
    assert described["openapi"].startswith("3.1")
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    assert all(operation.get("summary") and operation.get("tags") for operation in operations)


def test_health_and_readiness(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "alive"
    assert client.get("/readyz").json() == {"status": "ready", "database": "ok", "index": "ok"}


def test_another_sites_form_cannot_write(client: TestClient) -> None:
    answer = client.post("/basket", data={"ref": "x"}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def test_an_unknown_host_is_refused(client: TestClient) -> None:
    assert client.get("/healthz", headers={"Host": "elsewhere.example"}).status_code == 400


def test_the_templates_are_there_to_be_filled_in(client: TestClient) -> None:
    workbook = client.get("/api/v1/templates/datasets.xlsx")
    assert workbook.headers["content-disposition"] == 'attachment; filename="datasets.xlsx"'
    assert workbook.content.startswith(b"PK")
    table = client.get("/api/v1/templates/datasets.csv")
    assert table.text.startswith("identifier,version,issued,modified,summary.title,")
    assert client.get("/api/v1/templates/other.xlsx").status_code == 422
