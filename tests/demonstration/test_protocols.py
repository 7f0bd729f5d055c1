"""Custodians of the demonstration that speak another protocol than the federation, harvested by it as others are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from demonstration.holdings import holdings
from demonstration.server import DemonstrationServers
from demonstration.spoken import PROTOCOLS
from gateway.models import Record
from gateway.sources.demonstration import register
from gateway.store import sources
from gateway.wiring import Services
from tests.journeys.gateways import harvest, make_services

SPEAKING = {holding.facts["slug"]: holding for holding in holdings() if holding.facts.get("protocol")}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    built = make_services(tmp_path_factory.mktemp("demonstration"))
    with DemonstrationServers(base_port=0) as servers:
        register(built.store, built.sealer, servers.custodians, now=built.clock())
        yield built
    built.close()


def test_six_protocols_are_spoken_beside_the_federation() -> None:
    assert {holding.facts["protocol"] for holding in SPEAKING.values()} == set(PROTOCOLS)
    assert len(PROTOCOLS) == 6


@pytest.mark.parametrize("slug", SPEAKING)
def test_a_custodian_is_harvested_by_what_it_speaks_and_nothing_is_missing(services: Services, slug: str) -> None:
    documents = SPEAKING[slug].documents
    run = harvest(services, slug)
    assert (run.state, run.counters) == ("succeeded", {"created": len(documents)})
    with services.store.reading() as session:
        source = sources.by_slug(session, slug)
        kept = {record.title for record in session.scalars(select(Record).where(Record.source_id == source.id))}
    assert source.kind == SPEAKING[slug].facts["protocol"]
    assert kept == {document.content["summary"]["title"] for document in documents}
    assert harvest(services, slug).counters == {"unchanged": len(documents)}


def test_what_a_description_says_arrives(services: Services) -> None:
    harvest(services, "nottingham-hospitals")
    with services.store.reading() as session:
        ref = session.scalars(select(Record.ref).where(Record.title == "Acute hospital episodes in Nottingham")).one()
    record = services.catalogue.get(ref).dataset
    assert record.summary.data_custodian.name == "Nottingham University Hospitals NHS Trust"
    assert record.accessibility.access.access_rights == ["https://nottingham-hospitals.example.org/research-data"]
    assert record.coverage.spatial == ["Nottingham, England"]
    assert record.structural_metadata.tables


def test_registering_again_follows_the_ports(tmp_path: Path) -> None:
    built = make_services(tmp_path)
    for _ in range(2):
        with DemonstrationServers(base_port=0) as servers:
            register(built.store, built.sealer, servers.custodians, now=built.clock())
            with built.store.reading() as session:
                for one in servers.custodians:
                    configuration = sources.by_slug(session, one.slug).configuration
                    assert configuration.get("url", one.start_url) == one.start_url
                    assert configuration.get("base_url", one.start_url or one.base_url) == (one.start_url or one.base_url)
    built.close()
