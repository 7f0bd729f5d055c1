"""A5: whatever a server does for a while, nothing is removed by it, and once it is calm catalogue and index are those of a calm harvest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.models import Record, Run, Source, Version
from gateway.wiring import Services
from search.engine import Query
from tests.contracts.feeds import FEEDS, Feed, FilesFeed, serving_feed
from tests.journeys.chaos import LIMITS, Chaos, SpoiltFolder
from tests.journeys.gateways import add_feed, harvest, make_services

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
COUNT = 8
RAGES, MOST_RAGES, WAYS = 6, 30, 8
"""Runs while the server rages, over more days than the grace of a missing record lasts, and in how many ways it is to go wrong."""
SERVED = [kind for kind, feed in FEEDS.items() if feed.least_requests]


ON_BOTH = [*((kind, "sqlite") for kind in SERVED), ("oai-pmh", "postgresql"), ("federation", "postgresql")]
Catalogue = dict[str, tuple[str, dict[str, Any]]]


@contextmanager
def gateway(data: Path, feed: Feed, database_url: str | None = None) -> Iterator[tuple[Services, str]]:
    services = make_services(data, database_url)
    services.harvesting.clock = lambda: NOW
    try:
        slug = add_feed(services, feed)
        with services.store.transaction() as tx:
            source = tx.session.scalars(select(Source)).one()
            source.policy = {**source.policy, **LIMITS}
        yield services, slug
    finally:
        services.close()


def catalogue(services: Services) -> Catalogue:
    with services.store.reading() as session:
        rows = session.execute(select(Record.local_id, Record.state, Version.canonical).join(Version, Version.id == Record.current_version_id))
        return {local_id: (state, canonical) for local_id, state, canonical in rows}


def calm_catalogue(tmp_path: Path, feed: Feed) -> Catalogue:
    with gateway(tmp_path / "calm", feed) as (services, slug):
        assert harvest(services, slug).counters == {"created": COUNT}
        found = catalogue(services)
        assert indexed(services) == titles_of(found)
        return found


def indexed(services: Services) -> list[str]:
    """What a search for everything finds."""
    found = services.catalogue.search(Query(limit=3 * COUNT))
    assert found.total == len(found.hits)
    return sorted(str(hit.stored["title"]) for hit in found.hits)


def titles_of(found: Catalogue) -> list[str]:
    return sorted(str(canonical["summary"]["title"]) for _, canonical in found.values())


def assert_nothing_was_lost(services: Services, expected: Catalogue) -> None:
    """What was met so far is shown as it is, or missing at most; a run that could not be read to its end never removes."""
    for local_id, (state, canonical) in catalogue(services).items():
        assert state in ("live", "missing")
        assert canonical == expected[local_id][1]
    assert indexed(services) == titles_of(catalogue(services)), "the index shows what the catalogue shows, in the worst of times too"
    with services.store.reading() as session:
        assert not any(run.counters.get("removed") for run in session.scalars(select(Run)))


def assert_calm_again(services: Services, slug: str, expected: Catalogue) -> None:
    for day in (100, 101):
        services.harvesting.clock = lambda day=day: NOW + timedelta(days=day)
        run = harvest(services, slug, wanted="audit")
    assert (run.state, run.reason) == ("succeeded", None)
    assert catalogue(services) == expected
    assert indexed(services) == titles_of(expected)
    assert services.catalogue.repair() == 0


@pytest.mark.parametrize(("kind", "database_url"), ON_BOTH, indirect=["database_url"])
def test_a5_after_a_server_rages_the_catalogue_is_that_of_a_calm_harvest(kind: str, tmp_path: Path, database_url: str | None) -> None:
    with serving_feed(kind, tmp_path, COUNT, in_pages=True) as feed:
        expected = calm_catalogue(tmp_path, feed)
        chaos = Chaos(feed, count=COUNT, seed=5)
        feed.respond = chaos.answer  # type: ignore[method-assign]
        with gateway(tmp_path / "data", feed, database_url) as (services, slug):
            chaos.raging = True
            for number in range(MOST_RAGES):
                if number >= RAGES and len(chaos.done) >= WAYS:
                    break
                services.harvesting.clock = lambda number=number: NOW + timedelta(days=2 * number)
                run = harvest(services, slug, wanted="full" if number % 2 else "incremental")
                assert run.state in ("succeeded", "partial", "held", "failed", "waiting"), run.error
                assert_nothing_was_lost(services, expected)
            assert len(chaos.done) >= WAYS, chaos.done
            chaos.raging = False
            assert_calm_again(services, slug, expected)


def test_a5_after_files_were_spoilt_for_a_while_the_catalogue_is_that_of_a_calm_harvest(tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    with serving_feed("files", folder, COUNT) as feed:
        assert isinstance(feed, FilesFeed)
        expected, spoilt = calm_catalogue(tmp_path, feed), SpoiltFolder(feed, seed=5)
        with gateway(tmp_path / "data", feed) as (services, slug):
            for number in range(RAGES):
                services.harvesting.clock = lambda number=number: NOW + timedelta(days=2 * number)
                spoilt.rage()
                harvest(services, slug)
                assert_nothing_was_lost(services, expected)
            spoilt.calm()
            assert_calm_again(services, slug, expected)
