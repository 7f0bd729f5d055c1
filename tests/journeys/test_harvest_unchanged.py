"""A4: a source of any kind in which nothing changed costs the fewest requests and no write but that the run took place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contracts.feeds import FEEDS, serving_feed
from tests.journeys.gateways import add_feed, harvest, index_files, make_services, writing_statements

MOST_STATEMENTS = 5


@pytest.mark.parametrize("kind", FEEDS)
def test_a4_the_second_run_of_an_unchanged_source_of_any_kind_writes_nothing_but_that_it_took_place(
    kind: str, tmp_path: Path, database_url: str | None
) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    with serving_feed(kind, folder, 5) as feed:
        services = make_services(tmp_path / "data", database_url)
        try:
            slug = add_feed(services, feed)
            assert harvest(services, slug).counters == {"created": len(feed.ids)}
            before = index_files(tmp_path / "data")
            feed.asked()
            with writing_statements(services) as written:
                run = harvest(services, slug)
            assert (run.state, feed.asked()) == ("succeeded", feed.least_requests)
            assert run.counters.keys() <= {"unchanged"}
            assert {statement.split()[1] for statement in written} <= {"runs", "sources"}
            assert len(written) <= MOST_STATEMENTS, written
            assert index_files(tmp_path / "data") == before
        finally:
            services.close()
