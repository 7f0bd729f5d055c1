"""kill -9 at each point of a run over pages of an HTTP source, in the worker that a gateway has within it (A6).

``GATEWAY_TEST_KILLS`` says how often at each point. Beside it is a gateway that nobody kills: both come to the same end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from gateway.models import IndexEntry, Outcome, Record, Run, Version
from gateway.wiring import Services
from search.engine import Query
from tests.contracts.feeds import OaiPmhFeed, serving_feed
from tests.harvesters.oai_pmh_server import Kept, Repository, dublin_core
from tests.journeys.gateways import add_feed, harvest, make_services
from tests.journeys.test_kill_points import KILLS, PASSES, POINTS, Workers

AT_FIRST, MORE, PAGE = 12, 5, 4


class Places:
    """One repository, a gateway whose workers are killed, and one that is left in peace."""

    def __init__(self, feed: OaiPmhFeed, killed: Services, calm: Services, workers: Workers) -> None:
        self.feed, self.killed, self.calm, self.workers = feed, killed, calm, workers
        self.slug, self.calm_slug = add_feed(killed, feed), add_feed(calm, feed)
        self.repository: Repository = feed.repository

    def attempt(self, run_id: int, point: str | None, passes: int = 0) -> bool:
        self.workers.start(run_id, point, passes, threads=True)
        return bool(self.workers.ended()["killed"])

    def change(self, number: int) -> None:
        """Some records are new, one changes, and one is announced as gone."""
        names, day = list(self.repository.records), f"2024-07-{number:02}T10:00:00Z"
        for position in range(MORE):
            local_id = f"oai:example.org:new-{number}-{position}"
            self.repository.records[local_id] = Kept({"oai_dc": dublin_core(f"New study {number} {position}")}, datestamp=day)
        self.repository.records[names[0]] = Kept({"oai_dc": dublin_core(f"Edition {number}")}, datestamp=day)
        self.repository.records[names[-1]] = Kept({"oai_dc": dublin_core("x")}, datestamp=day, is_deleted=True)
        self.repository.response_date = f"2024-07-{number:02}T12:00:00Z"


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    with ExitStack() as stack:
        feed = stack.enter_context(serving_feed("oai-pmh", tmp_path, AT_FIRST))
        assert isinstance(feed, OaiPmhFeed)
        feed.repository.page_size = PAGE
        killed, calm = make_services(tmp_path / "data"), make_services(tmp_path / "calm")
        stack.callback(killed.close)
        stack.callback(calm.close)
        killed.catalogue.ensure_index()
        killed.catalogue.engine.close()
        workers = Workers({"GATEWAY_DATA_DIR": str(tmp_path / "data")})
        stack.callback(workers.close)
        yield Places(feed, killed, calm, workers)


def catalogue(services: Services) -> dict[str, tuple[str, int, Any]]:
    """Of each record its state, how many versions it has, and what the current one says."""
    with services.store.reading() as session:
        versions = dict(session.execute(select(Version.record_id, func.count()).group_by(Version.record_id)).all())
        rows = session.execute(select(Record, Version.canonical).outerjoin(Version, Version.id == Record.current_version_id))
        return {record.local_id: (record.state, versions.get(record.id, 0), canonical) for record, canonical in rows}


def shown_in_index(services: Services) -> int:
    total = services.catalogue.search(Query(limit=1)).total
    services.catalogue.engine.close()
    return total


def check(places: Places, run_id: int, calm: Run) -> None:
    with places.killed.store.reading() as session:
        run = session.get_one(Run, run_id)
        assert (run.state, run.lease_until) == ("succeeded", None), run.error
        assert run.counters == calm.counters
        reported = session.execute(select(func.count()).select_from(Outcome).where(Outcome.run_id == run_id).group_by(Outcome.local_id)).scalars()
        assert set(reported) == {1}
        assert session.scalar(select(func.count()).select_from(IndexEntry)) == 0
    held = catalogue(places.killed)
    assert held == catalogue(places.calm)
    assert shown_in_index(places.killed) == sum(state == "live" for state, _, _ in held.values())


@pytest.mark.parametrize("point", [*POINTS, "after_the_last_page"])
def test_a6_a_gateway_killed_while_it_reads_pages_comes_to_the_end_of_one_left_in_peace(places: Places, point: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert not places.attempt(places.killed.harvesting.queue_run(places.slug), None)
    harvest(places.calm, places.calm_slug)
    killed = 0
    for number in range(1, KILLS + 1):
        places.change(number)
        calm = harvest(places.calm, places.calm_slug, wanted="audit")
        assert (calm.state, calm.counters["created"], calm.counters["updated"], calm.counters["removed"]) == ("succeeded", MORE, 1, 1)
        run_id = places.killed.harvesting.queue_run(places.slug, wanted="audit")
        passes = PASSES.get(point, (0,))
        killed += places.attempt(run_id, point, passes[number % len(passes)])
        assert not places.attempt(run_id, None)
        check(places, run_id, calm)
    with capsys.disabled():
        print(f"\n{point}: {killed} of {KILLS} gateways killed with their own worker, over pages of OAI-PMH")
    assert killed == KILLS
