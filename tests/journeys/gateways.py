"""A whole gateway for a test: services over a folder of its own, and documents to feed it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import event

from gateway.models import Run
from gateway.settings import Settings
from gateway.sources.registering import NewSource, Policy, add_source
from gateway.store import custodians
from gateway.wiring import Services, build
from search.engine import Query
from tests.contracts.feeds import Feed
from tests.services import new_sqlite

WAIT_SECONDS = 120


def make_services(data_dir: Path, database_url: str | None = None, **settings: Any) -> Services:
    """Services with the database at its newest revision; close them when done."""
    if database_url is None:
        new_sqlite(data_dir / "gateway.sqlite")
    services = build(Settings(data_dir=data_dir, database_url=database_url, tick_seconds=0.05, **settings))
    services.store.upgrade()  # for a database that is there already
    return services


@contextmanager
def two_custodians(folder: Path, database_url: str | None, **settings: Any) -> Iterator[Services]:
    """Services without a worker, on which Alpha and Beta hold one dataset each, from a feed of its own."""
    built = make_services(folder / "data", database_url, worker=False, **settings)
    try:
        for number, slug in enumerate(("alpha", "beta")):
            with built.store.transaction() as tx:
                custodians.add(tx.session, name=f"Custodian {slug.title()}", slug=slug, now=built.clock())
            write_documents(folder / slug, [document(number)])
            harvest(built, add_files(built, folder / slug, name=f"Feed {slug}", custodian=slug))
        yield built
    finally:
        built.close()


def add_files(services: Services, folder: Path, *, name: str = "Folder", custodian: str | None = None) -> str:
    wanted = NewSource(name=name, kind="files", configuration={"path": str(folder)}, schedule="manual", custodian=custodian)
    return add_source(services.store, services.sealer, wanted, now=services.clock()).slug


def add_federation(services: Services, base_url: str, *, name: str = "Endpoint", **configuration: Any) -> str:
    paths = {"base_url": base_url, "list_path": "/list", "detail_path": "/detail/{id}", "auth": "NO_AUTH"}
    policy = Policy(
        allow_http=True, allowed_networks=["127.0.0.0/8"], allowed_ports=[urlsplit(base_url).port or 80], attempts=1, min_interval_seconds=0
    )
    wanted = NewSource(
        name=name, kind="federation", configuration={**paths, **configuration}, schedule="manual", policy=policy
    )
    return add_source(services.store, services.sealer, wanted, now=services.clock()).slug


def add_feed(services: Services, feed: Feed, *, name: str = "Feed", custodian: str | None = None, **policy: Any) -> str:
    """A served feed of any kind, as a source."""
    allowed = {"allow_http": True, "allowed_networks": ["127.0.0.0/8"], "allowed_ports": [urlsplit(feed.server.url).port or 80]}
    manners = Policy(**{**allowed, "attempts": 1, "min_interval_seconds": 0, **policy})
    wanted = NewSource(name=name, kind=feed.kind, configuration=feed.configuration, schedule="manual", policy=manners, custodian=custodian)
    return add_source(services.store, services.sealer, wanted, now=services.clock()).slug


def harvest(services: Services, slug: str, **options: Any) -> Run:
    """One whole run, indexed."""
    run = services.harvesting.run(services.harvesting.queue_run(slug, **options))
    services.catalogue.index_pending()
    return run


@contextmanager
def writing_statements(services: Services) -> Iterator[list[str]]:
    """What is written meanwhile, as ``INSERT runs``, in order."""
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found = re.match(r"\s*(INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", statement)
        if found:
            written.append(f"{found[1].split()[0]} {found[2]}")

    event.listen(services.store.engine, "before_cursor_execute", note)
    try:
        yield written
    finally:
        event.remove(services.store.engine, "before_cursor_execute", note)


def index_files(data_dir: Path) -> dict[str, int]:
    """Every file of the index and when it was last written."""
    return {str(path): path.stat().st_mtime_ns for path in (data_dir / "index").rglob("*") if path.is_file()}


def document(number: int, **summary: Any) -> dict[str, Any]:
    """A small record in the shape of HDRUK 4.0.0 with an identity of its own."""
    return {
        "identifier": f"00000000-0000-4000-8000-{number:012d}",
        "version": "1.0.0",
        "revisions": [],
        "issued": "2025-01-01T00:00:00Z",
        "modified": "2025-06-01T00:00:00Z",
        "summary": {
            "title": f"Study of sleep number {number}",
            "abstract": "People in one town were asked how they slept, every spring for ten years.",
            "dataCustodian": {"identifier": "example", "name": "Example Trust", "contactPoint": "data@example.org"},
            "populationSize": 1000 + number,
            "keywords": ["sleep", "survey"],
            "contactPoint": "data@example.org",
            **summary,
        },
        "accessibility": {"access": {"accessRights": "https://example.org/access"}},
        "observations": [],
    }


def write_documents(folder: Path, documents: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for value in documents:
        (folder / f"{value['identifier']}.json").write_text(json.dumps(value))


def titles(services: Services, text: str, limit: int = 10) -> list[str]:
    return [str(hit.stored["title"]) for hit in services.catalogue.search(Query(text=text, limit=limit)).hits]


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Look again and again at what a worker beside the test is to bring about. It fails when nothing came for two minutes."""
    end = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.05)
