"""What work costs, counted: the cost of a run follows what changed (B4), pages of many rows are paged in SQL (B7), and reading a
feed takes no more memory for a longer one (A17; the goals of B3 are measured in benchmarks)."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, insert

from gateway.app import create_app
from gateway.models import Outcome
from gateway.wiring import Services
from harvesters import file_records
from harvesters.registry import KINDS
from harvesters.source import Mark, Source
from tests.contracts.feeds import serving_feed
from tests.harvesters.dcat_server import Catalogue, serving_catalogue
from tests.harvesters.holding import Holding, dataset
from tests.harvesters.oai_pmh_server import Repository, serving_repository
from tests.harvesters.web_server import loopback_fetcher
from tests.journeys.gateways import add_feed, add_files, harvest, make_services, write_documents, writing_statements

BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def statements(services: Services) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(services.store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(services.store.engine, "before_cursor_execute", note)


def cost_of_changes(tmp_path: Path, database_url: str | None, *, held: int, changed: int) -> tuple[int, int]:
    """Writing statements on the catalogue, and documents written to the index, of a run in which so many of the held records changed."""
    with serving_feed("dcat", tmp_path, held) as feed:
        services = make_services(tmp_path / f"data-{held}", database_url)
        try:
            slug = add_feed(services, feed, name=f"Feed of {held}")
            assert harvest(services, slug).counters == {"created": held}
            for local_id in feed.ids[:changed]:
                feed.retitle(local_id, "Another title")
            indexed, write = [], services.catalogue.engine.index
            services.catalogue.engine.index = lambda documents: write([indexed.append(one) or one for one in documents])  # type: ignore[method-assign, func-returns-value]
            with writing_statements(services) as written:
                assert harvest(services, slug).counters["updated"] == changed
            return len([one for one in written if one.split()[1] not in ("runs", "sources")]), len(indexed)
        finally:
            services.close()


@ON_SQLITE
def test_b4_the_cost_of_a_run_follows_what_changed(tmp_path: Path, database_url: str | None) -> None:
    few, indexed_of_few = cost_of_changes(tmp_path, database_url, held=4, changed=4)
    many, indexed_of_many = cost_of_changes(tmp_path, database_url, held=400, changed=4)
    assert indexed_of_few == indexed_of_many == 4
    assert many <= few * 1.2


@BOTH
def test_b7_lists_of_sources_and_of_outcomes_take_as_many_statements_for_many_as_for_few(tmp_path: Path, database_url: str | None) -> None:
    services = make_services(tmp_path / "data", database_url, worker=False)
    write_documents(tmp_path / "feed", [dataset("d0")])
    slug = add_files(services, tmp_path / "feed", name="First")
    run = harvest(services, slug)
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as client:

        def asked(address: str) -> tuple[int, int]:
            with statements(services) as seen:
                answer = client.get(address)
            assert answer.status_code == 200
            return len(seen), len(answer.content)

        report = f"/sources/{slug}/runs/{run.id}"
        for address in ("/sources", report):
            client.get(address)  # What is asked once, at the first request, is no cost of a page.
        sources_before, (report_before, _) = asked("/sources")[0], asked(report)
        for number in range(40):
            add_files(services, tmp_path / "feed", name=f"Another {number}")
        rows = [
            {"run_id": run.id, "local_id": f"x{number}", "title": None, "outcome": "rejected", "reason": "bad-json", "findings": [], "at": run.queued_at}
            for number in range(3_000)
        ]
        with services.store.transaction() as tx:
            tx.session.execute(insert(Outcome), rows)
        assert asked("/sources")[0] == sources_before
        report_after, length = asked(report)
        assert report_after == report_before
        assert length < 300_000, "a page of them, not all"
    services.close()


# memory


@contextmanager
def lines(folder: Path, count: int) -> Iterator[Source]:
    path = folder / f"{count}.jsonl"
    path.write_text("".join(json.dumps(dataset(f"d{number}")) + "\n" for number in range(count)))
    with loopback_fetcher() as fetcher:
        yield KINDS["files"].build({"path": str(path)}, fetcher=fetcher, held=Holding(), wanted="full")


@contextmanager
def array(folder: Path, count: int) -> Iterator[Source]:
    path = folder / f"{count}.json"
    path.write_text(json.dumps([dataset(f"d{number}") for number in range(count)]))
    with loopback_fetcher() as fetcher:
        yield KINDS["files"].build({"path": str(path)}, fetcher=fetcher, held=Holding(), wanted="full")


@contextmanager
def turtle(_: Path, count: int) -> Iterator[Source]:
    with serving_catalogue(Catalogue(count)) as custodian:
        yield custodian.source()


@contextmanager
def oai_pages(_: Path, count: int) -> Iterator[Source]:
    with serving_repository(Repository(count)) as custodian:
        yield custodian.source()


FORMATS: dict[str, Any] = {"lines": lines, "one array": array, "Turtle": turtle, "OAI pages": oai_pages}
FEW_AND_MANY = (200, 1_000)
BYTES_PER_IDENTIFIER = 600
"""What is kept of each record until the end of its page: its identifier, in a list and in a set."""


def peak_bytes(source: Source, count: int) -> int:
    tracemalloc.start()
    try:
        read = sum(bool(record.read().body) for record in source.records() if not isinstance(record, Mark))
        assert read == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", FORMATS)
def test_a17_a_longer_feed_takes_no_more_memory(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_records, "STREAMED_BYTES", 10_000)
    peaks, (few, many) = {}, FEW_AND_MANY
    for count in FEW_AND_MANY:
        with FORMATS[name](tmp_path, count) as source:
            peaks[count] = peak_bytes(source, count)
    with capsys.disabled():
        print(f"\n{name}: {peaks[few] / 2**20:.1f} MiB at the most for {few} records, {peaks[many] / 2**20:.1f} MiB for {many}")
    assert peaks[many] < peaks[few] * 1.3 + (many - few) * BYTES_PER_IDENTIFIER
