"""Retry failed only (C3): what failed in a run is fetched again, each record by its identifier, and nothing else is touched."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from gateway.api.shapes.sources import RunShape
from gateway.app import create_app
from gateway.cli.main import app as cli
from gateway.errors import Conflict
from gateway.models import Run
from gateway.store import records, runs, sources
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.contracts.feeds import FairDataPointFeed, SchemaOrgFeed, serving_feed
from tests.harvesters.web_server import Answer
from tests.journeys.endpoints import Endpoint
from tests.journeys.gateways import add_federation, add_feed, add_files, document, harvest, write_documents
from tests.journeys.test_harvest_federation import endpoint, services

__all__ = ["endpoint", "services"]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def failed_run(services: Services, endpoint: Endpoint) -> tuple[str, Run]:
    """Of five records one could not be read and one was refused."""
    endpoint.hold(*(document(number) for number in range(5)))
    endpoint.detail_answers = {document(1)["identifier"]: (200, b"{ broken")}
    endpoint.details[document(2)["identifier"]] = document(2, title="")
    slug = add_federation(services, endpoint.base_url)
    run = harvest(services, slug)
    assert (run.state, run.counters) == ("partial", {"created": 3, "rejected": 1, "quarantined": 1})
    endpoint.requests.clear()
    return slug, run


def mend(endpoint: Endpoint) -> None:
    endpoint.detail_answers = {}
    endpoint.details[document(2)["identifier"]] = document(2)


def test_c3_only_what_failed_is_fetched_again_and_nothing_counts_as_missing(services: Services, endpoint: Endpoint) -> None:
    slug, run = failed_run(services, endpoint)
    mend(endpoint)
    with services.store.reading() as session:
        before = sources.by_slug(session, slug).last_success_at
    again = services.harvesting.run(services.harvesting.queue_retry(run.id))
    assert endpoint.requests == [f"/detail/{document(number)['identifier']}" for number in (1, 2)]
    assert (again.state, again.trigger, again.retries_run_id, again.counters) == ("succeeded", "retry", run.id, {"created": 2})
    with services.store.reading() as session:
        assert records.count_visible(session) == 5
        assert sources.by_slug(session, slug).last_success_at == before, "it is no reading of the source"
    following = harvest(services, slug)
    assert (following.state, following.counters) == ("succeeded", {"unchanged": 5})


def test_c3_what_fails_again_is_reported_again_and_can_be_retried(services: Services, endpoint: Endpoint) -> None:
    slug, run = failed_run(services, endpoint)
    endpoint.details.pop(document(2)["identifier"])
    again = services.harvesting.run(services.harvesting.queue_retry(run.id))
    assert (again.state, again.counters) == ("partial", {"rejected": 2})
    with services.store.reading() as session:
        reasons = sorted(row.reason or "" for row in runs.outcomes(session, again.id))
        assert records.count_visible(session) == 3
    assert reasons == ["bad-json", "detail-missing"]
    mend(endpoint)
    assert services.harvesting.run(services.harvesting.queue_retry(again.id)).counters == {"created": 2}
    assert harvest(services, slug).counters == {"unchanged": 5}


@on_sqlite
def test_c3_a_retry_that_waits_is_given_back_and_no_run_is_taken_for_it(services: Services, endpoint: Endpoint) -> None:
    slug, run = failed_run(services, endpoint)
    number = services.harvesting.queue_retry(run.id)
    assert services.harvesting.queue_retry(run.id) == number
    assert services.harvesting.queue_run(slug) != number
    with pytest.raises(Conflict, match="not over yet"):
        services.harvesting.queue_retry(number)


@on_sqlite
def test_c3_page_and_api_offer_a_retry_where_something_failed(services: Services, endpoint: Endpoint) -> None:
    slug, run = failed_run(services, endpoint)
    mend(endpoint)
    headers = {"Authorization": f"Bearer {create_key(services.store, name='Alex', scopes=('harvest',), now=datetime.now(UTC)).key}"}
    client = TestClient(create_app(services=services), base_url="http://127.0.0.1")
    page = client.get(f"/sources/{slug}/runs/{run.id}").text
    assert "Retry failed only" in page
    assert f"gateway harvest retry {run.id}" in page
    assert client.post(f"/api/v1/runs/{run.id}/retry").status_code == 401
    answer = client.post(f"/api/v1/runs/{run.id}/retry", headers=headers)
    assert answer.status_code == 202
    queued = RunShape.model_validate_json(answer.content)
    assert (queued.trigger, queued.retries, answer.headers["location"]) == ("retry", run.id, f"/api/v1/runs/{queued.id}")
    services.harvesting.run(queued.id)
    assert f'href="/sources/{slug}/runs/{run.id}"' in client.get(f"/sources/{slug}/runs/{queued.id}").text
    whole = harvest(services, slug)
    assert "Retry failed only" not in client.get(f"/sources/{slug}/runs/{whole.id}").text
    assert client.post(f"/api/v1/runs/{whole.id}/retry", headers=headers).status_code == 409


def test_c3_pages_of_a_site_are_asked_again_also_one_of_which_nothing_was_known(services: Services, tmp_path: Path) -> None:
    with serving_feed("schema-org", tmp_path, 4) as feed:
        assert isinstance(feed, SchemaOrgFeed)
        feed.spoil(feed.ids[1])
        feed.site.overrides["/d/2"] = Answer(status=503)
        slug = add_feed(services, feed)
        run = harvest(services, slug)
        assert (run.state, run.counters) == ("partial", {"created": 2, "rejected": 1, "quarantined": 1})
        feed.retitle(feed.ids[1], "Mended")
        feed.site.overrides = {}
        feed.server.asked.clear()
        again = services.harvesting.run(services.harvesting.queue_retry(run.id))
        assert (again.state, again.counters, feed.server.paths) == ("succeeded", {"created": 2}, ["/d/1", "/d/2"])
        with services.store.reading() as session:
            assert records.count_visible(session) == 4
        assert harvest(services, slug).counters == {"unchanged": 4}
        feed.remove(feed.ids[3])
        feed.retitle(feed.ids[2], "")
        failing = harvest(services, slug)
        feed.site.overrides["/d/2"] = Answer(status=404)
        gone = services.harvesting.run(services.harvesting.queue_retry(failing.id))
        with services.store.reading() as session:
            assert [(row.local_id, row.outcome, row.reason) for row in runs.outcomes(session, gone.id)] == [(feed.ids[2], "rejected", "detail-missing")]
            assert records.count_visible(session) >= 3, "a retry removes nothing"


def test_c3_datasets_of_a_fair_data_point_are_asked_again_by_their_addresses(services: Services, tmp_path: Path) -> None:
    with serving_feed("fair-data-point", tmp_path, 4) as feed:
        assert isinstance(feed, FairDataPointFeed)
        feed.spoil(feed.ids[1])
        feed.point.overrides["/fdp/dataset/d2"] = Answer(status=503)
        slug = add_feed(services, feed)
        run = harvest(services, slug)
        assert (run.state, run.counters) == ("partial", {"created": 2, "rejected": 1, "quarantined": 1})
        feed.retitle(feed.ids[1], "Mended")
        feed.point.overrides = {"/fdp/dataset/d2": Answer(status=404)}
        feed.server.asked.clear()
        again = services.harvesting.run(services.harvesting.queue_retry(run.id))
        assert feed.server.paths == ["/fdp", "/fdp/dataset/d1", "/fdp/distribution/d1", "/fdp/dataset/d2"]
        assert again.counters == {"created": 1, "rejected": 1}
        with services.store.reading() as session:
            [missing] = [row for row in runs.outcomes(session, again.id) if row.outcome == "rejected"]
            assert (missing.local_id, missing.reason, records.count_visible(session)) == (feed.ids[2], "detail-missing", 3)
        feed.point.overrides = {}
        assert harvest(services, slug).counters == {"created": 1, "unchanged": 3}


@on_sqlite
def test_c3_a_failure_that_names_no_record_is_said_to_wait_for_the_next_run(services: Services, tmp_path: Path) -> None:
    with serving_feed("schema-org", tmp_path, 2) as feed:
        assert isinstance(feed, SchemaOrgFeed)
        feed.spoil(feed.ids[1])
        feed.site.pages["/d/0"].head = '<script type="application/ld+json">{"name": ,}</script>'
        slug = add_feed(services, feed)
        run = harvest(services, slug)
        assert run.counters == {"created": 1, "rejected": 1, "quarantined": 1}
        page = TestClient(create_app(services=services), base_url="http://127.0.0.1").get(f"/sources/{slug}/runs/{run.id}").text
    assert "1 failure names no record that could be asked for: the next run of the source reads what is behind it." in page


@on_sqlite
def test_c3_a_source_whose_records_come_with_its_listing_says_why_there_is_none(services: Services, tmp_path: Path) -> None:
    write_documents(tmp_path / "folder", [document(0), document(1, title="")])
    slug = add_files(services, tmp_path / "folder")
    run = harvest(services, slug)
    assert run.counters == {"created": 1, "quarantined": 1}
    with pytest.raises(Conflict, match="cannot be asked for one record"):
        services.harvesting.queue_retry(run.id)
    page = TestClient(create_app(services=services), base_url="http://127.0.0.1").get(f"/sources/{slug}/runs/{run.id}").text
    assert "cannot be asked for one record" in page
    assert "gateway harvest retry" not in page


@on_sqlite
def test_c3_the_command_line_retries(services: Services, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    _, run = failed_run(services, endpoint)
    mend(endpoint)
    for name, value in (("GATEWAY_DATA_DIR", str(services.settings.data_dir)), ("GATEWAY_ALLOW_NETWORKS", '["127.0.0.0/8"]')):
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(cli, ["harvest", "retry", str(run.id)])
    assert done.exit_code == 0, done.output
    assert "2 created" in done.output
