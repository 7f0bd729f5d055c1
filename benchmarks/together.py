"""Many sources in one process: eight against one of the same size, and a slow and a broken custodian beside eight good ones.

Run: ``python -m benchmarks.together [records of each source]``. Sources are worked off by the threads of the in-process queue.
The slow custodian waits before each answer, the broken one answers every request with an error; both are federation endpoints on
loopback. Results are kept in benchmarks/results/together.json; the smaller a ratio, the better.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.clock import ROUNDS, SAYS, best_of_each
from benchmarks.copies import copies, demonstration
from benchmarks.harvest import new_gateway
from gateway.sources.registering import NewSource, Policy, add_source
from gateway.store import runs
from gateway.wiring import Services
from tests.harvesters.federation_server import Federation
from tests.harvesters.web_server import Answer, Asked, serving

RESULTS = Path(__file__).parent / "results" / "together.json"
GOOD = 8
WAIT_SECONDS = 0.5
SLOW_RECORDS = 20
OVER = ("succeeded", "partial", "held", "failed", "cancelled")


def main() -> None:
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    bodies = list(islice(copies(demonstration()), each * GOOD))
    with tempfile.TemporaryDirectory() as folder, slow_and_broken() as others:
        root = Path(folder)
        parts = [bodies[number::GOOD] for number in range(GOOD)]
        gateways = {name: [new_gateway(root / f"{name}-{number}", tick_seconds=0.2) for number in range(ROUNDS)] for name in ("one", "eight", "beside")}
        best = best_of_each({
            "one": lambda number: together(gateways["one"][number], root / "one", [bodies]),
            "eight": lambda number: together(gateways["eight"][number], root / "eight", parts),
            "beside": lambda number: together(gateways["beside"][number], root / "eight", parts, others),
        })  # fmt: skip
        for of_one in gateways.values():
            for gateway in of_one:
                gateway.close()
    result = {
        "at": datetime.now(UTC).date().isoformat(), "how": SAYS, "records_in_all": len(bodies),
        **{f"{name}_seconds": round(spent.seconds, 2) for name, spent in best.items()},
        "eight_sources_to_one": round(best["eight"].seconds / best["one"].seconds, 2),
        "good_ones_beside_a_slow_and_a_broken_to_alone": round(best["beside"].seconds / best["eight"].seconds, 2),
    }  # fmt: skip
    print(json.dumps(result, indent=1))
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


def together(services: Services, folder: Path, parts: Sequence[Sequence[bytes]], others: Iterable[str] = ()) -> None:
    """Queue the others first, then the good ones; returns when the good ones are over."""
    slow = [add_endpoint(services, address) for address in others]
    good = [add_files(services, folder / str(number), part) for number, part in enumerate(parts)]
    numbers = {slug: services.harvesting.queue_run(slug) for slug in (*slow, *good)}
    services.jobs.start()
    for number in numbers.values():
        services.jobs.enqueue("harvest", run_id=number)
    while not all(is_over(services, numbers[slug]) for slug in good):
        time.sleep(0.05)
    for slug in slow:
        if not is_over(services, numbers[slug]):
            services.harvesting.cancel(numbers[slug])
    services.jobs.stop()


def is_over(services: Services, number: int) -> bool:
    with services.store.reading() as session:
        return runs.by_id(session, number).state in OVER


def add_files(services: Services, folder: Path, bodies: Sequence[bytes]) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "feed.jsonl").write_bytes(b"\n".join(bodies) + b"\n")
    wanted = NewSource(name=f"Good {folder.name}", kind="files", configuration={"path": str(folder)})
    return add_source(services.store, services.sealer, wanted, now=services.clock()).slug


def add_endpoint(services: Services, address: str) -> str:
    port = urlsplit(address).port or 80
    policy = Policy(allow_http=True, allowed_networks=["127.0.0.0/8"], allowed_ports=[port], min_interval_seconds=0)
    paths: dict[str, Any] = {"base_url": address, "list_path": "/api/list", "detail_path": "/api/one/{id}", "auth": "NO_AUTH"}
    wanted = NewSource(name=f"Endpoint {port}", kind="federation", configuration=paths, policy=policy)
    return add_source(services.store, services.sealer, wanted, now=services.clock()).slug


@contextmanager
def slow_and_broken() -> Iterator[tuple[str, str]]:
    federation = Federation.of(SLOW_RECORDS)

    def slowly(asked: Asked) -> Answer:
        time.sleep(WAIT_SECONDS)
        return federation.answer(asked)

    with serving(slowly) as slow, serving(lambda _: Answer(status=500)) as broken:
        yield slow.url, broken.url


if __name__ == "__main__":
    main()
