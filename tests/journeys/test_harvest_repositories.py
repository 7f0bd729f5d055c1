"""Whole harvests of repositories, portals and spreadsheets: what they announce, what goes, what comes back, and what is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from gateway.models import Record
from gateway.sources.registering import NewSource, Policy, add_source
from gateway.store import sources
from gateway.wiring import Services
from tests.harvesters.archives import HOSTILE_ARCHIVES, HOSTILE_WORKBOOKS
from tests.harvesters.ckan_server import Portal, package, serving_portal
from tests.harvesters.holding import dataset
from tests.harvesters.oai_pmh_server import Kept, Repository, dublin_core, serving_repository
from tests.journeys.gateways import add_files, harvest, make_services, titles

BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    yield built
    built.close()


def add(services: Services, kind: str, base_url: str) -> str:
    policy = Policy(allow_http=True, allowed_networks=["127.0.0.0/8"], allowed_ports=[urlsplit(base_url).port or 80], attempts=1, min_interval_seconds=0)
    configuration: dict[str, Any] = {"base_url": base_url}
    wanted = NewSource(name="Repository", kind=kind, configuration=configuration, schedule="manual", policy=policy)
    return add_source(services.store, services.sealer, wanted, now=services.clock()).slug


def states(services: Services, slug: str) -> dict[str, str]:
    with services.store.reading() as session:
        source = sources.by_slug(session, slug)
        return {record.local_id: record.state for record in session.scalars(select(Record).where(Record.source_id == source.id))}


def oai(number: int) -> str:
    return f"oai:example.org:{number}"


@BOTH
def test_oai_a_deletion_is_followed_at_once_and_what_comes_back_is_shown_again(services: Services) -> None:
    repository = Repository(12)
    with serving_repository(repository) as custodian:
        slug = add(services, "oai-pmh", f"{custodian.server.url}/oai")
        assert harvest(services, slug).counters == {"created": 12}
        assert titles(services, '"Study 3"') == ["Study 3"]
        repository.records[oai(3)] = Kept({"oai_dc": dublin_core("Study 3")}, "2024-06-02T10:00:00Z", is_deleted=True)
        repository.response_date = "2024-06-03T12:00:00Z"
        run = harvest(services, slug)
        assert (run.state, run.counters["removed"]) == ("succeeded", 1)
        assert states(services, slug)[oai(3)] == "removed"
        assert titles(services, '"Study 3"') == []
        assert harvest(services, slug).counters.get("restored") is None
        assert states(services, slug)[oai(3)] == "removed"
        repository.records[oai(3)] = Kept({"oai_dc": dublin_core("Study 3")}, "2024-06-04T10:00:00Z")
        repository.response_date = "2024-06-05T12:00:00Z"
        harvest(services, slug)
        assert states(services, slug)[oai(3)] == "live"
        assert titles(services, '"Study 3"') == ["Study 3"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a24_xml_as_it_was_kept_is_read_again_without_a_request(services: Services) -> None:
    with serving_repository(Repository(3)) as custodian:
        slug = add(services, "oai-pmh", f"{custodian.server.url}/oai")
        harvest(services, slug)
        custodian.asked()
        run = services.harvesting.run(services.harvesting.queue_run(slug, trigger="replay", wanted="audit"))
        assert (run.state, custodian.asked()) == ("succeeded", [])
        assert "rejected" not in run.counters


@BOTH
def test_s3_oai_many_announced_deletions_wait_for_a_person(services: Services) -> None:
    repository = Repository(12)
    with serving_repository(repository) as custodian:
        slug = add(services, "oai-pmh", f"{custodian.server.url}/oai")
        harvest(services, slug)
        for number in range(11):
            repository.records[oai(number)] = Kept({"oai_dc": dublin_core("x")}, "2024-06-02T10:00:00Z", is_deleted=True)
        run = harvest(services, slug)
    assert run.state == "held"
    assert set(states(services, slug).values()) == {"live"}


@BOTH
def test_s1_ckan_a_portal_that_shows_nothing_or_half_removes_nothing(services: Services) -> None:
    portal = Portal(*(package(number) for number in range(12)))
    with serving_portal(portal) as custodian:
        slug = add(services, "ckan", custodian.server.url)
        assert harvest(services, slug).counters == {"created": 12}
        everything, portal.packages = portal.packages, []
        assert harvest(services, slug, wanted="full").state in ("held", "partial")
        portal.packages, portal.count = everything[:6], 12
        run = harvest(services, slug, wanted="full")
        assert (run.state, run.reason) == ("partial", "count-mismatch")
        portal.packages, portal.count = everything, None
        assert harvest(services, slug, wanted="full").state == "succeeded"
    assert set(states(services, slug).values()) == {"live"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a13_every_hostile_file_in_one_folder_is_told_by_name_and_the_good_ones_are_published(services: Services, tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    for number, (make, _) in enumerate(HOSTILE_ARCHIVES.values()):
        (folder / f"{number}.zip").write_bytes(make())
    for number, (make, _) in enumerate(HOSTILE_WORKBOOKS.values()):
        (folder / f"{number}.xlsx").write_bytes(make())
    for name in ("0", "zz"):
        (folder / f"{name}.json").write_text(json.dumps(dataset(name)))
    run = harvest(services, add_files(services, folder))
    assert (run.state, run.counters["created"]) == ("partial", 2)
    assert run.counters["rejected"] == len(HOSTILE_ARCHIVES) + len(HOSTILE_WORKBOOKS)
