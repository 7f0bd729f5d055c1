"""A run that is broken off goes on where its last commit was (J4-J8): nothing read twice, nothing counted twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import func, select

from gateway.harvesting import Progress, batches
from gateway.models import Outcome, Record, Run, SourcePage, Version
from gateway.store import runs, sources
from gateway.wiring import Services
from harvesters.fetch import Fetcher
from harvesters.files import FilesConfig
from harvesters.registry import KINDS, Kind
from harvesters.source import Content, Cursor, CursorRefused, Held, Mark, Pass, RawRecord
from tests.contracts.feeds import serving_feed
from tests.harvesters.federation_server import Federation
from tests.harvesters.holding import dataset
from tests.harvesters.web_server import Answer, Asked, WebServer, serving
from tests.journeys.gateways import add_federation, add_feed, add_files, document, make_services

PER_PAGE = 10
RECORDS = 45


class Killed(BaseException):
    """Stands for the end of the worker's process: nobody handles it."""


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url)
    yield built
    built.close()


@pytest.fixture
def federation() -> Federation:
    served = Federation(*(dataset(f"d{number:03}") for number in range(RECORDS)))
    served.page_size = PER_PAGE
    return served


@pytest.fixture
def server(federation: Federation) -> Iterator[WebServer]:
    with serving(federation.answer) as running:
        yield running


@pytest.fixture
def slug(services: Services, server: WebServer) -> str:
    return add_federation(services, server.url, list_path="/api/list", detail_path="/api/one/{id}")


def after(commits: int, act: Callable[[], object]) -> Callable[[Progress], None]:
    left = iter(range(commits - 1, -1, -1))

    def watch(_: Progress) -> None:
        if next(left, -1) == 0:
            act()

    return watch


def kill() -> None:
    raise Killed


def broken_off(services: Services, run_id: int, *, commits: int) -> None:
    """An attempt that ends after so many commits as a killed process does; its lease is over."""
    with pytest.raises(Killed):
        services.harvesting.run(run_id, watch=after(commits, kill))
    with services.store.transaction() as tx:
        assert tx.session.get_one(Run, run_id).state == "running"
        runs.release_of_dead_owner(tx.session, tx.session.get_one(Run, run_id).lease_owner or "", now=services.harvesting.now())


def details(server: WebServer) -> Counter[str]:
    return Counter(path for path in server.paths if path.startswith("/api/one/"))


def counted(services: Services) -> tuple[int, int, int]:
    with services.store.reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in (Record, Version, Outcome))  # type: ignore[return-value]  # one number for each table


@pytest.mark.parametrize("commits", [1, 2, 3, 4])
def test_b6_j8_a_run_taken_up_again_reads_nothing_twice_that_was_committed(
    services: Services, slug: str, server: WebServer, commits: int
) -> None:
    run_id = services.harvesting.queue_run(slug)
    broken_off(services, run_id, commits=commits)
    lists = len([path for path in server.paths if path.startswith("/api/list")])
    assert 0 < counted(services)[0] < RECORDS
    run = services.harvesting.run(run_id)
    assert (run.state, run.attempt, run.counters) == ("succeeded", 2, {"created": RECORDS})
    assert set(details(server).values()) == {1}
    assert counted(services) == (RECORDS, RECORDS, RECORDS)
    assert len([path for path in server.paths if path.startswith("/api/list")]) - lists <= 5
    with services.store.reading() as session:
        ordinals = list(session.scalars(select(SourcePage.ordinal).order_by(SourcePage.ordinal)))
    assert ordinals == [1, 2, 3, 4, 5]


def test_j7_what_earlier_attempts_saw_is_not_missing(services: Services, slug: str, federation: Federation) -> None:
    services.harvesting.run(services.harvesting.queue_run(slug))
    del federation.documents["d040"]
    run_id = services.harvesting.queue_run(slug, wanted="audit")
    broken_off(services, run_id, commits=3)
    run = services.harvesting.run(run_id)
    assert run.state == "succeeded"
    assert run.counters == {"unchanged": RECORDS - 1, "missing": 1}


@pytest.mark.parametrize("ends_at", [2, 3, 4])
def test_j7_pages_that_were_unchanged_before_a_worker_stopped_are_not_missing(tmp_path: Path, services: Services, ends_at: int) -> None:
    """Of such pages nothing is written on the way: where the run was goes into its row when the worker lets it go."""
    with serving_feed("dcat", tmp_path, 10, in_pages=True) as feed:
        slug = add_feed(services, feed)
        first = services.harvesting.run(services.harvesting.queue_run(slug))
        assert (first.state, first.counters) == ("succeeded", {"created": 10})
        feed.asked()
        answer = feed.answer

        def answer_until_the_end(asked: Asked) -> Answer:
            if len(feed.server.asked) == ends_at:
                services.harvesting.close()
            return answer(asked)

        feed.answer = answer_until_the_end  # type: ignore[method-assign]  # of this feed
        run_id = services.harvesting.queue_run(slug, wanted="full")
        assert services.harvesting.run(run_id).state == "queued"
        services.harvesting.is_closing = False
        run = services.harvesting.run(run_id)
    assert (run.state, run.counters) == ("succeeded", {"unchanged": 10})
    with services.store.reading() as session:
        assert set(session.scalars(select(Record.state))) == {"live"}


def test_j8_a_page_that_changed_meanwhile_is_met_again_without_a_second_report(
    services: Services, server: WebServer, federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_RECORDS", 10)
    federation.page_size = None
    federation.documents["d007"] = {"identifier": "d007", "version": "1", "modified": "2025-01-01", "summary": {}}
    slug = add_federation(services, server.url, list_path="/api/list", detail_path="/api/one/{id}")
    run_id = services.harvesting.queue_run(slug)
    broken_off(services, run_id, commits=1)
    federation.documents["d999"] = dataset("d999")
    run = services.harvesting.run(run_id)
    assert run.counters == {"created": RECORDS, "quarantined": 1}
    assert counted(services) == (RECORDS + 1, RECORDS, RECORDS + 1)


def test_j4_a_long_run_is_done_in_slices_and_lets_others_have_its_worker(services: Services, slug: str, server: WebServer) -> None:
    services.harvesting.slice_seconds = 0
    run_id = services.harvesting.queue_run(slug)
    states = [services.harvesting.run(run_id).state]
    while states[-1] == "queued" and len(states) < 20:
        states.append(services.harvesting.run(run_id).state)
    assert states[4:] == ["queued"] * (len(states) - 5) + ["succeeded"]
    assert set(details(server).values()) == {1}
    assert counted(services) == (RECORDS, RECORDS, RECORDS)
    with services.store.reading() as session:
        run = runs.by_id(session, run_id)
    assert (run.attempt, run.counters) == (len(states), {"created": RECORDS})


def test_j8_a_run_that_is_to_look_closer_begins_anew(services: Services, slug: str) -> None:
    run_id = services.harvesting.queue_run(slug)
    broken_off(services, run_id, commits=3)
    assert services.harvesting.queue_run(slug, wanted="audit") == run_id
    with services.store.reading() as session:
        run = runs.by_id(session, run_id)
    assert (run.wanted_pass, run.cursor, run.page_ordinal) == ("audit", None, 0)


class Listing:
    """A source of two pages, whose records do as a test wants."""

    kind: ClassVar[str] = "listing"
    holds_history: ClassVar[bool] = False
    deadly: ClassVar[set[int]] = set()
    refused: ClassVar[list[Cursor]] = []

    def __init__(self, config: FilesConfig, _fetcher: Fetcher, _wanted: Pass, _held: Held) -> None:
        self.pages = (range(30), range(30, 40))

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:
        if after and self.refused:
            self.refused.pop()
            raise CursorRefused("server-error", "The token is no longer known.")
        for number, page in enumerate(self.pages[after["pages"] if after else 0 :], start=after["pages"] + 1 if after else 1):
            is_last = number == len(self.pages)
            yield from (RawRecord(self.local_id(n), lambda n=n: self.read(n), page_hash=f"hash {number}") for n in page)  # type: ignore[misc]  # a lambda with a default is not inferred
            yield Mark(
                None if is_last else {"pages": number}, f"page {number}", tuple(map(self.local_id, page)), complete=is_last
            )

    @staticmethod
    def local_id(number: int) -> str:
        return str(document(number)["identifier"])

    def read(self, number: int) -> Content:
        if number in self.deadly:
            raise Killed
        return Content(json.dumps(document(number)).encode())


@pytest.fixture
def listing(services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    monkeypatch.setitem(KINDS, "listing", Kind(FilesConfig, False, Listing, has_secret=False))
    slug = add_files(services, tmp_path, name="Listing")
    with services.store.transaction() as tx:
        sources.by_slug(tx.session, slug).kind = "listing"
    yield slug
    Listing.deadly.clear()
    Listing.refused.clear()


def lose_workers(services: Services, run_id: int, at_most: int = 20) -> int:
    """Attempts until one is not killed; the number of those that were."""
    for lost in range(at_most):
        try:
            services.harvesting.run(run_id)
        except Killed:
            with services.store.transaction() as tx:
                owner = tx.session.get_one(Run, run_id).lease_owner or ""
                runs.release_of_dead_owner(tx.session, owner, now=services.harvesting.now())
        else:
            return lost
    raise AssertionError(f"{at_most} workers were lost and the run is not over")


@pytest.mark.parametrize("number", [0, 9, 29, 30, 39])
def test_j5_a_record_that_ends_three_workers_is_left_out_and_the_run_goes_on(services: Services, listing: str, number: int) -> None:
    Listing.deadly.add(number)
    run_id = services.harvesting.queue_run(listing)
    assert lose_workers(services, run_id) <= 4
    with services.store.reading() as session:
        run = runs.by_id(session, run_id)
        refused = session.scalars(select(Outcome).where(Outcome.outcome == "rejected")).one()
    assert (run.state, run.counters) == ("partial", {"created": 39, "rejected": 1})
    assert (refused.local_id, refused.reason) == (Listing.local_id(number), "parser-killed")
    assert counted(services) == (39, 39, 40)


def test_j5_a_listing_that_ends_every_worker_fails_the_run(services: Services, listing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def records(_self: Any, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:
        raise Killed
        yield

    monkeypatch.setattr(Listing, "records", records)
    run_id = services.harvesting.queue_run(listing)
    assert lose_workers(services, run_id) == 4
    with services.store.reading() as session:
        run = runs.by_id(session, run_id)
    assert (run.state, run.reason) == ("failed", "parser-killed")


def test_j8_a_place_that_the_server_forgot_makes_the_pass_begin_again_once(services: Services, listing: str) -> None:
    run_id = services.harvesting.queue_run(listing)
    broken_off(services, run_id, commits=1)
    Listing.refused.append({})
    run = services.harvesting.run(run_id)
    assert (run.state, run.counters) == ("succeeded", {"created": 40, "unchanged": 30})
    assert counted(services) == (40, 40, 40)
