"""A series of datasets is a group (DCAT: identity): told on the pages of its members and by the API, and kept by our own linked data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from gateway.app import create_app
from gateway.sources.registering import NewSource, Policy, add_source
from gateway.store.undo import undo
from gateway.wiring import Services
from tests.harvesters.dcat_server import Catalogue, turtle
from tests.harvesters.web_server import Answer, Asked, serving
from tests.journeys.gateways import harvest, make_services

SERIES = "https://data.example.org/series/breathing"
SAID = f'<{SERIES}> a dcat:DatasetSeries ; dct:title "Breathing, each year"@en ; dct:description "One dataset a year."@en .\n'


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    yield built
    built.close()


@pytest.fixture
def catalogue() -> Catalogue:
    """Two datasets name the series, a third is named by it, a fourth has nothing to do with it."""
    made = Catalogue(4)
    addresses = list(made.datasets)
    for address in addresses[:2]:
        made.datasets[address].extra = f"dcat:inSeries <{SERIES}> ;"
    made.more = f"{SAID}<{SERIES}> dcat:seriesMember <{addresses[2]}> .\n<#catalogue> dcat:dataset <{SERIES}> .\n"
    return made


def add(services: Services, url: str, name: str = "Catalogue") -> str:
    policy = Policy(allow_http=True, allowed_networks=["127.0.0.0/8"], allowed_ports=[urlsplit(url).port or 80], attempts=1, min_interval_seconds=0)
    wanted = NewSource(name=name, kind="dcat", configuration={"url": url}, schedule="manual", policy=policy)
    return add_source(services.store, services.sealer, wanted, now=services.clock()).slug


@contextmanager
def harvested(services: Services, catalogue: Catalogue) -> Iterator[tuple[str, TestClient]]:
    with serving(catalogue.answer) as server:
        slug = add(services, f"{server.url}/catalogue.ttl")
        assert harvest(services, slug).counters == {"created": 4}
        yield slug, TestClient(create_app(services.settings, services=services), base_url="http://127.0.0.1:8000")


def datasets(client: TestClient, **asked: str) -> dict[str, dict[str, Any]]:
    listed = client.get("/api/v1/datasets", params=asked).json()["items"]
    return {one["title"]: client.get(f"/api/v1/datasets/{one['ref']}").json() for one in listed}


def members(client: TestClient) -> list[str]:
    return sorted(datasets(client, series=SERIES))


def related(page: str) -> str:
    section = re.search(r'<h2[^>]*id="related".*?</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", section[0]).split()) if section else ""


def test_a_series_is_no_dataset_and_its_members_know_it_and_each_other(services: Services, catalogue: Catalogue) -> None:
    with harvested(services, catalogue) as (_, client):
        found = datasets(client)
        assert sorted(found) == [f"Breathing study {number}" for number in range(4)]
        told = {"url": SERIES, "title": "Breathing, each year", "description": "One dataset a year.", "datasets": 3}
        assert [found[f"Breathing study {number}"]["series"] for number in range(4)] == [[told]] * 3 + [[]]
        assert members(client) == [f"Breathing study {number}" for number in range(3)]
        linkage = found["Breathing study 0"]["record"]["enrichmentAndLinkage"]
        assert linkage["isPartOf"] == [{"title": "Breathing, each year", "url": SERIES}]
        assert not [loss for loss in found["Breathing study 0"]["losses"] if "inSeries" in loss["from_path"]]
        page = client.get(urlsplit(found["Breathing study 0"]["url"]).path).text
        assert related(page) == (
            "Related datasets Also in the series Breathing, each year Breathing study 1 Breathing study 2 Part of the series Breathing, each year "
            "Datasets that can be linked with this one"
        )
        assert f'href="{SERIES}"' in page
        assert "Breathing, each year" not in client.get(urlsplit(found["Breathing study 3"]["url"]).path).text


def test_leaving_a_series_and_undoing_it_move_the_group(services: Services, catalogue: Catalogue) -> None:
    with harvested(services, catalogue) as (slug, client):
        first = catalogue.datasets[next(iter(catalogue.datasets))]
        first.extra, first.modified = "", "2024-04-01"
        run = harvest(services, slug)
        assert run.counters["updated"] == 1
        assert members(client) == ["Breathing study 1", "Breathing study 2"]
        with services.store.transaction() as tx:
            undo(tx.session, run, by="an operator", now=services.clock())
        assert members(client) == [f"Breathing study {number}" for number in range(3)]


@pytest.mark.parametrize("extension", ["ttl", "rdf", "jsonld", "nt"])
def test_a_gateway_that_harvests_our_linked_data_has_the_same_series(services: Services, catalogue: Catalogue, tmp_path: Path, extension: str) -> None:
    with harvested(services, catalogue) as (_, client):
        published = client.get(f"/catalogue.{extension}")
        first = datasets(client)
    media_type = published.headers["content-type"]

    def answer(_: Asked) -> Answer:
        return turtle(published.content) if extension == "ttl" else Answer(published.content, headers={"Content-Type": media_type})

    other = make_services(tmp_path / "other", None)
    try:
        with serving(answer) as server:
            assert harvest(other, add(other, f"{server.url}/catalogue.{extension}")).counters == {"created": 4}
        again = datasets(TestClient(create_app(other.settings, services=other), base_url="http://127.0.0.1:8000"))
    finally:
        other.close()
    for title, dataset in first.items():
        assert again[title]["series"] == dataset["series"]
        assert again[title]["record"].get("enrichmentAndLinkage") == dataset["record"].get("enrichmentAndLinkage")
