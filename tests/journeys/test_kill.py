"""kill -9 in the middle of a harvest, then again from the start: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway.models import Record, Version
from gateway.store import Store
from gateway.wiring import Services
from search.engine import Query
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

DOCUMENTS = 1200


@pytest.mark.parametrize("after_records", [1, 250, 700])
def test_a_killed_harvest_goes_on_without_loss_or_doubles(tmp_path: Path, database_url: str | None, after_records: int) -> None:
    data, feed = tmp_path / "data", tmp_path / "feed"
    write_documents(feed, [document(number) for number in range(DOCUMENTS)])
    services = make_services(data, database_url)
    slug = add_files(services, feed)
    services.close()
    killed_at = start_and_kill(data, database_url, slug, after_records)
    assert killed_at < DOCUMENTS, "the harvest was over before it could be killed"
    services = make_services(data, database_url)
    try:
        harvest(services, slug)
        check_whole(services)
    finally:
        services.close()


def start_and_kill(data: Path, database_url: str | None, slug: str, after_records: int) -> int:
    """Start a harvest in a process of its own and kill it once so many records are committed; returns how many are."""
    environment = {**os.environ, "GATEWAY_DATA_DIR": str(data)}
    if database_url:
        environment["GATEWAY_DATABASE_URL"] = database_url
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "harvest", slug]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    store = make_services(data, database_url).store
    try:
        while process.poll() is None and held(store) < after_records:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        return held(store)
    finally:
        store.close()


def held(store: Store) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(Record)) or 0


def check_whole(services: Services) -> None:
    with services.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Record)) == DOCUMENTS
        assert session.scalar(select(func.count()).select_from(Version)) == DOCUMENTS
        for version in session.scalars(select(Version).limit(5)):
            assert services.catalogue.original(version)[1]
    assert services.catalogue.search(Query(limit=1)).total == DOCUMENTS
    assert services.catalogue.repair() == 0
