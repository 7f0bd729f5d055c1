"""Our federation endpoint: another gateway harvests this one by it, and nothing is lost (harvesting design, 3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.app import create_app
from gateway.models import Alias, Record, Version
from gateway.store import removals, runs, sources
from gateway.wiring import Services
from tests.corpus import corpus
from tests.journeys.gateways import add_federation, add_files, document, harvest, make_services, write_documents
from tests.journeys.pushing import add_custodian, key_of, program, put
from tests.journeys.served import listening

LIST = {"list_path": "/api/v1/federation/datasets", "detail_path": "/api/v1/federation/datasets/{id}"}
FEEDS = ("v1/2020-08-04/alspac.jsonl", "v2/2021-04-07/alspac", "v2/2021-04-07/barts-health", "gateway-api-fixtures")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[tuple[Services, str]]:
    with listening(tmp_path / "here") as served:
        yield served


@pytest.fixture
def there(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "there", database_url, worker=False)
    yield built
    built.close()


def held(services: Services) -> dict[str, dict[str, Any]]:
    """Everything of each visible dataset that is a custodian's: by PID."""
    query = select(Record, Version).join(Version, Version.id == Record.current_version_id).where(Record.state.in_(("live", "missing")))
    with services.store.reading() as session:
        rows = session.execute(query).all()
        names: dict[int, set[str]] = {}
        for alias in session.scalars(select(Alias).where(Alias.kind == "identifier")):
            names.setdefault(alias.record_id, set()).add(alias.value)
        return {
            record.pid: {
                "canonical": version.canonical, "carried": version.carried, "shape": version.shape, "title": record.title,
                "content": version.content_hash, "errors": version.findings_errors, "names": names.get(record.id, set()) | {record.local_id},
            }
            for record, version in rows
        }


def page_of(served: TestClient, address: str) -> dict[str, Any]:
    answer = served.get(address)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def test_another_gateway_harvests_real_records_of_every_version_and_loses_nothing(here: tuple[Services, str], there: Services) -> None:
    services, address = here
    for number, feed in enumerate(FEEDS):
        harvest(services, add_files(services, corpus("hdruk", *feed.split("/")), name=f"Feed {number}"))
    own = held(services)
    assert len(own) > 20
    assert len({one["shape"] for one in own.values()}) >= 3
    assert any(one["carried"] for one in own.values())
    source = add_federation(there, address, **LIST)
    run = harvest(there, source)
    assert (run.state, run.counters) == ("succeeded", {"created": len(own)})
    got = held(there)
    assert got.keys() == own.keys()
    for pid, one in own.items():
        assert {name: got[pid][name] for name in one if name != "names"} == {name: value for name, value in one.items() if name != "names"}, pid
        assert one["names"] <= got[pid]["names"], pid
    again = harvest(there, source)
    assert (again.state, again.counters) == ("succeeded", {"unchanged": len(own)})


def test_changes_and_removals_reach_the_other_gateway_at_its_next_run(here: tuple[Services, str], there: Services) -> None:
    services, address = here
    add_custodian(services)
    with program(services, key_of(services)) as client:
        for number in range(12):
            put(client, f"d{number}", document(number))
        source = add_federation(there, address, **LIST)
        assert harvest(there, source).counters == {"created": 12}
        put(client, "d1", document(1, abstract="Anew, with the same version and the same date."))
        assert client.delete("/api/v1/custodians/example-trust/datasets/d2").status_code == 204
    run = harvest(there, source)
    assert run.counters == {"updated": 1, "missing": 1, "unchanged": 10}
    assert held(there)["d1"]["canonical"]["summary"]["abstract"].startswith("Anew")


def test_a_page_at_a_time_the_list_names_everything_once_with_its_total(here: tuple[Services, str], there: Services, tmp_path: Path) -> None:
    services, address = here
    write_documents(tmp_path / "feed", [document(number) for number in range(120)])
    harvest(services, add_files(services, tmp_path / "feed"))
    assert harvest(there, add_federation(there, address, **LIST)).counters == {"created": 120}
    with TestClient(create_app(services=there), base_url="http://127.0.0.1") as client:
        found: list[str] = []
        for offset in range(0, 150, 50):
            page = page_of(client, f"/api/v1/federation/datasets?limit=50&offset={offset}")
            assert page["query"] == {"total": 120, "limit": 50, "offset": offset}
            found += [item["persistentId"] for item in page["items"]]
        assert len(found) == len(set(found)) == 120


def test_lists_and_documents_have_entity_tags_and_one_custodian_can_be_asked_for_alone(here: tuple[Services, str], tmp_path: Path) -> None:
    services, address = here
    other = document(2, dataCustodian={"name": "Other Trust"})
    write_documents(tmp_path / "feed", [document(1), other])
    harvest(services, add_files(services, tmp_path / "feed"))
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        mine = page_of(client, "/api/v1/federation/custodians/other-trust/datasets")
        assert [(item["source"], item["name"], item["@schema"]) for item in mine["items"]] == [("Other Trust", "Study of sleep number 2", "HDRUK 4.0.0")]
        assert mine["items"][0]["self"].startswith(f"{address}/api/v1/federation/datasets/")
        for path in ("/api/v1/federation/datasets", mine["items"][0]["self"].removeprefix(address)):
            tag = client.get(path).headers["etag"]
            assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        assert page_of(client, mine["items"][0]["self"].removeprefix(address)) == other
        assert client.get("/api/v1/federation/custodians/nobody/datasets").status_code == 404


def test_every_document_can_be_had_in_one_version(here: tuple[Services, str], tmp_path: Path) -> None:
    services, _ = here
    write_documents(tmp_path / "feed", [document(1)])
    harvest(services, add_files(services, tmp_path / "feed"))
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        item = page_of(client, "/api/v1/federation/datasets?as=HDRUK 2.1.2")["items"][0]
        assert item["@schema"] == "HDRUK 2.1.2"
        assert page_of(client, item["self"])["summary"]["publisher"]["name"] == "Example Trust"
        assert client.get("/api/v1/federation/datasets?as=HDRUK 9").status_code == 404


def test_a_document_that_leaves_its_custodian_to_the_source_names_it_to_others(here: tuple[Services, str], there: Services) -> None:
    services, address = here
    add_custodian(services)
    with program(services, key_of(services)) as client:
        assert put(client, "d", document(1, dataCustodian={})).status_code == 201
    assert harvest(there, add_federation(there, address, **LIST)).counters == {"created": 1}
    assert held(there)["d"]["canonical"]["summary"]["dataCustodian"]["name"] == "Example Trust"


def test_records_that_share_a_pid_are_listed_apart_and_what_is_gone_is_not_listed(here: tuple[Services, str], tmp_path: Path) -> None:
    services, _ = here
    for name in ("one", "two"):
        write_documents(tmp_path / name, [document(1, title=f"Feed {name}")])
        harvest(services, add_files(services, tmp_path / name, name=name))
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:
        items = page_of(client, "/api/v1/federation/datasets")["items"]
        assert [page_of(client, item["self"])["summary"]["title"] for item in items] == ["Feed one", "Feed two"]
        with services.store.transaction() as tx:
            run = runs.listing(tx.session, source_id=sources.by_slug(tx.session, "one").id)[0]
            removals.remove(tx.session, run, [document(1)["identifier"]], why="Gone.", now=services.clock())
        page = page_of(client, "/api/v1/federation/datasets")
        assert (page["query"]["total"], page["items"]) == (1, items[1:])
        assert client.get(items[0]["self"]).status_code == 410
        assert client.get("/api/v1/federation/datasets/never").status_code == 404
