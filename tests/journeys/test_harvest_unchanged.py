"""A4: a source of any kind in which nothing changed costs the fewest requests and no write but that the run took place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contracts.feeds import FEEDS, serving_feed
from tests.journeys.gateways import add_feed, harvest, index_files, make_services, writing_statements

CASES = [*((kind, "sqlite") for kind in FEEDS), ("federation", "postgresql"), ("dcat", "postgresql")]


@pytest.mark.parametrize(("kind", "database_url"), CASES, indirect=["database_url"])
def test_a4_an_unchanged_source_of_any_kind_writes_nothing_but_that_it_took_place(
    kind: str, tmp_path: Path, database_url: str | None
) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    with serving_feed(kind, folder, 5) as feed:
        services = make_services(tmp_path / "data", database_url)
        try:
            slug = add_feed(services, feed)
            assert harvest(services, slug).counters == {"created": 5}
            harvest(services, slug)
            before = index_files(tmp_path / "data")
            feed.asked()
            with writing_statements(services) as written:
                run = harvest(services, slug)
            assert (run.state, feed.asked()) == ("succeeded", feed.least_requests)
            assert run.counters.keys() <= {"unchanged"}
            assert {statement.split()[1] for statement in written} <= {"runs", "sources"}
            assert len(written) <= feed.most_statements
            assert index_files(tmp_path / "data") == before
        finally:
            services.close()
