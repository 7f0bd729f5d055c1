"""What was odd about a listing and did not stop it is told on the run's page."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient

from gateway.app import create_app
from tests.contracts.feeds import DcatFeed, serving_feed
from tests.journeys.gateways import add_feed, harvest, make_services


def test_a_run_tells_what_was_odd_about_the_listing(tmp_path: Path) -> None:
    with serving_feed("dcat", tmp_path, 2) as feed:
        assert isinstance(feed, DcatFeed)
        services = make_services(tmp_path / "data", worker=False)
        slug = add_feed(services, feed)
        feed.catalogue.total = 1
        feed.catalogue.more = "<https://data.example.org/x y> <http://purl.org/dc/terms/title> 'Blank in an address' ."
        run = harvest(services, slug)
        assert (run.state, run.http["warnings"]) == ("succeeded", ["bad-address", "count-mismatch"])
        with TestClient(create_app(services=services), base_url="http://localhost") as browser:
            page = browser.get(f"/sources/{slug}/runs/{run.id}").text
        assert "An address in the RDF holds characters that no address may hold." in page
        assert "read all the same" in page
