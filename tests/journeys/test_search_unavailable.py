"""A search server that is killed: pages and API say so with 503, and the rest of the catalogue goes on."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from gateway.app import create_app
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents
from tests.search.factories import SERVERS, elastic_engine, forget
from tests.search_servers import search_server

ASKING = ("/search?q=sleep", "/columns?q=sleep", "/search/values/custodian", "/search.csv?q=sleep", "/search.atom?q=sleep", "/suggest?q=sleep")
PROGRAMS = ("/api/v1/search?q=sleep", "/api/v1/columns?q=sleep", "/api/v1/suggest?q=sleep")


def test_a_killed_search_server_is_told_to_people_and_programs_and_the_datasets_stay(tmp_path: Path) -> None:
    servers = {kind: search_server(kind) for kind in SERVERS}
    for kind, server in servers.items():
        services = make_services(tmp_path / kind, worker=False)
        services.catalogue.engine = engine = elastic_engine(kind, tmp_path / kind)
        services.catalogue.rebuild(force=True)
        write_documents(tmp_path / kind / "feed", [document(1)])
        harvest(services, add_files(services, tmp_path / kind / "feed", name="Feed"))
        with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
            ref = client.get("/api/v1/search?q=sleep").json()["items"][0]["ref"]
            server.kill()
            _is_told(client, ref)
            server.start()
            server.wait()
            assert client.get("/api/v1/search?q=sleep").json()["total"] == 1
        forget(engine)


def _is_told(client: TestClient, ref: str) -> None:
    for path in ASKING:
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert int(answer.headers["retry-after"]) > 0
        assert "The search index cannot be reached just now" in answer.text
    for path in PROGRAMS:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["hint"] == "Nothing is lost. Try again in a moment."
    for path, said in (("/", "Find health data"), ("/nations", "cannot be counted just now"), ("/nations/wales", "SAIL Databank")):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert said in answer.text
        assert "app-tiles" not in answer.text
    assert client.get("/nations.csv").status_code == 503
    page = client.get(f"/datasets/{ref}")
    assert page.status_code == 200
    assert "Similar datasets cannot be shown just now" in page.text
