"""What each kind of source must do in a whole gateway: dry runs that tell what runs do (A10), connection tests that write nothing
(C9), and listings of nothing that remove nothing (S1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.models import Record
from gateway.sources.trying import check_connection
from gateway.wiring import Services
from tests.contracts.feeds import FEEDS, Feed, serving_feed
from tests.contracts.test_sources_hostile import HAZARDS
from tests.journeys.gateways import add_feed, harvest, make_services, writing_statements
from tests.journeys.test_dry_run import assert_it_does_what_was_told

KINDS = [(kind, "sqlite") for kind in FEEDS]
SEVERAL = [kind for kind, feed in FEEDS.items() if feed.most_records > 1]
SERVED = [kind for kind, feed in FEEDS.items() if feed.least_requests]
NOTHING = ("204", "empty body", "login page")


@contextmanager
def harvested(kind: str, tmp_path: Path, database_url: str | None, count: int) -> Iterator[tuple[Services, Feed, str]]:
    folder = tmp_path / "feed"
    folder.mkdir()
    with serving_feed(kind, folder, count) as feed:
        services = make_services(tmp_path / "data", database_url)
        try:
            yield services, feed, add_feed(services, feed)
        finally:
            services.close()


def states(services: Services) -> set[str]:
    with services.store.reading() as session:
        return set(session.scalars(select(Record.state)))


@pytest.mark.parametrize("kind", SEVERAL)
def test_a10_the_diff_is_what_the_run_then_does_for_each_kind(kind: str, tmp_path: Path, database_url: str | None) -> None:
    with harvested(kind, tmp_path, database_url, 12) as (services, feed, slug):
        assert assert_it_does_what_was_told(services, slug).counters == {"created": 12}
        assert set(assert_it_does_what_was_told(services, slug).counters) <= {"unchanged", "repeated"}
        renamed, spoilt, gone = feed.ids[1], feed.ids[2], feed.ids[3]
        feed.retitle(renamed, "Another title")
        feed.retitle(spoilt, "A title that nobody will see")
        feed.spoil(spoilt)
        feed.remove(gone)
        run = assert_it_does_what_was_told(services, slug)
        assert run.counters["updated"] == 1
        assert run.counters.get("quarantined", 0) + run.counters.get("rejected", 0) == 1
        for local_id in feed.ids[4:]:
            feed.remove(local_id)
        assert_it_does_what_was_told(services, slug)
        assert states(services) <= {"live", "missing"}


@pytest.mark.parametrize(("kind", "database_url"), KINDS, indirect=["database_url"])
def test_c9_a_connection_test_reads_some_records_and_writes_nothing(kind: str, tmp_path: Path, database_url: str | None) -> None:
    with harvested(kind, tmp_path, database_url, 6) as (services, feed, slug):
        with writing_statements(services) as written:
            found = check_connection(services.store, services.sealer, slug, user_agent="test", clock=services.clock, at_most=4)
        read = min(4, feed.most_records)
        assert (found.failure, found.counters, len(found.records)) == (None, {"created": read}, read)
        assert {statement.split()[1] for statement in written} <= {"hosts"}, "its turn, and nothing that stays"
        assert feed.asked() <= feed.set_up_requests + 2 + 4 * max(feed.detail_requests, 1)
        assert states(services) == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("hazard", NOTHING)
@pytest.mark.parametrize("kind", SERVED)
def test_s1_an_answer_of_nothing_or_a_page_removes_nothing(kind: str, hazard: str, tmp_path: Path, database_url: str | None) -> None:
    with harvested(kind, tmp_path, database_url, 3) as (services, feed, slug):
        assert harvest(services, slug).counters == {"created": 3}
        feed.hazard, _ = HAZARDS[hazard]
        for _ in range(3):
            run = harvest(services, slug, wanted="full")
            assert run.state in ("held", "failed", "partial")
            assert run.reason
            assert not {"missing", "removed"} & run.counters.keys()
        feed.hazard = None
        assert harvest(services, slug, wanted="full").state == "succeeded"
        assert states(services) == {"live"}
