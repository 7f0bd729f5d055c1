"""Pushes a second: one by one over the API while the sender waits, and 10,000 in one call with one in a hundred bad.

Run: ``python -m benchmarks.push [records]``. The bulk push is held against a harvest of the same file
into an empty catalogue, in the same process. Every dataset of the bulk push is checked on its receipt: the good are published,
each bad one is named. The result is kept in
benchmarks/results/push.json. The rate of one call counts processor time, that of single pushes the time on the clock.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from benchmarks.copies import copies, demonstration
from gateway.app import create_app
from gateway.settings import Settings
from gateway.sources.registering import NewSource, add_source
from gateway.store import custodians
from gateway.store.database import utc_now
from gateway.web.auth import create_key
from gateway.wiring import Services, build

RESULTS = Path(__file__).parent / "results" / "push.json"
BAD_EVERY = 100
ONE_BY_ONE = 40
"""Below the burst that a key is allowed."""


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    documents = [body if number % BAD_EVERY else b'{"identifier": broken' for number, body in enumerate(islice(copies(demonstration()), wanted))]
    with tempfile.TemporaryDirectory() as folder:
        services = new_gateway(Path(folder))
        result = {"at": datetime.now(UTC).date().isoformat(), "records": wanted, **measured(services, documents, Path(folder))}
        services.close()
    for measure, value in result.items():
        print(f"{measure.replace('_', ' '):40} {value}")
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


def new_gateway(folder: Path) -> Services:
    services = build(Settings(data_dir=folder / "data", worker=False))
    services.store.upgrade()
    with services.store.transaction() as tx:
        custodians.add(tx.session, name="Example Trust", now=utc_now())
    return services


def measured(services: Services, documents: list[bytes], folder: Path) -> dict[str, Any]:
    other = new_gateway(folder / "other")
    harvested = harvest(other, folder / "feed.jsonl", documents)
    other.close()
    key = create_key(services.store, name="benchmark", custodian="example-trust", now=utc_now()).key
    with TestClient(create_app(services=services), base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {key}"}) as client:
        single = one_by_one(client, [body for body in documents if not body.endswith(b"broken")][:ONE_BY_ONE])
        seconds, counts = in_one_call(services, client, b"\n".join(documents))
    bad = -(-len(documents) // BAD_EVERY)
    assert counts["rejected"] == bad, counts
    assert counts["created"] == len(documents) - bad, counts
    return {
        "one_by_one_a_second": round(single, 1), "in_one_call_a_processor_second": round(len(documents) / seconds), "outcomes": dict(counts),
        "against_a_harvest_of_the_same_file": round(harvested / seconds, 2),
    }


def one_by_one(client: TestClient, documents: list[bytes]) -> float:
    started = time.perf_counter()
    for number, body in enumerate(documents):
        answer = client.put(f"/api/v1/custodians/example-trust/datasets/single-{number}", content=body)
        assert answer.status_code == 201, answer.text
    return len(documents) / (time.perf_counter() - started)


def in_one_call(services: Services, client: TestClient, body: bytes) -> tuple[float, Counter[str]]:
    """Seconds until all is committed, of this process alone, and outcomes as the receipt tells them, page by page."""
    started = time.process_time()
    taken = client.post("/api/v1/custodians/example-trust/datasets:bulk", content=body, headers={"Content-Type": "application/x-ndjson"})
    work_off(services)
    seconds = time.process_time() - started
    counts: Counter[str] = Counter()
    following = f"{taken.headers['location']}?limit=100"
    while following:
        page = client.get(following)
        if page.status_code == 429:
            time.sleep(int(page.headers["retry-after"]))
            continue
        counts.update(one["outcome"] for one in page.json()["items"])
        following = page.json()["next"]
    return seconds, counts


def harvest(services: Services, feed: Path, documents: list[bytes]) -> float:
    """Seconds of this process for the same file as a source."""
    feed.write_bytes(b"\n".join(documents))
    wanted = NewSource(name="Feed", kind="files", configuration={"path": str(feed)}, schedule="manual", custodian="example-trust")
    slug = add_source(services.store, services.sealer, wanted, now=utc_now()).slug
    started = time.process_time()
    services.harvesting.queue_run(slug)
    work_off(services)
    return time.process_time() - started


def work_off(services: Services) -> None:
    """As a worker does, slice after slice."""
    while waiting := services.harvesting.claimable():
        for run_id in waiting:
            services.harvesting.run(run_id)


if __name__ == "__main__":
    main()
