"""Records a second from local files through validation, commit and index, against parsing and validating alone.

Run: ``python -m benchmarks.harvest [records]``. Prints a line per stage and keeps the result in benchmarks/results/harvest.json.
Records are copies of the demonstration's, each with its own identifier and title.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from gateway.settings import Settings
from gateway.sources import NewSource, add_source
from gateway.wiring import build
from schemas.document import parse
from schemas.translate import read
from schemas.validate import check

RESULTS = Path(__file__).parent / "results" / "harvest.json"
ROUNDS = 3


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with tempfile.TemporaryDirectory() as folder:
        feed = Path(folder) / "feed.jsonl"
        documents = list(copies(wanted))
        feed.write_bytes(b"\n".join(documents) + b"\n")
        judged = best_of(lambda _: judge_all(documents))
        whole = best_of(lambda number: harvest(feed, Path(folder) / f"data-{number}", wanted))
        again = harvest_again(Path(folder) / "data-0")
    result = {
        "at": datetime.now(UTC).date().isoformat(),
        "records": wanted,
        "parse_translate_validate_per_second": round(wanted / judged),
        "harvest_per_second": round(wanted / whole),
        "ratio_harvest_to_validation": round(whole / judged, 2),
        "second_run_seconds_to_first": round(again / whole, 3),
    }
    for name, value in result.items():
        print(f"{name.replace('_', ' '):42} {value}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


def best_of(work: Callable[[int], object]) -> float:
    """Seconds of the fastest of three rounds."""
    times = []
    for number in range(ROUNDS):
        started = time.perf_counter()
        work(number)
        times.append(time.perf_counter() - started)
    return min(times)


def judge_all(documents: list[bytes]) -> None:
    for body in documents:
        document = parse(body)
        read(document.value if hasattr(document, "value") else document)
        check(document.value if hasattr(document, "value") else document)


def harvest(feed: Path, data: Path, expected: int) -> None:
    services = build(Settings(data_dir=data))
    services.store.upgrade()
    wanted = NewSource(name="Benchmark", kind="files", configuration={"path": str(feed)})
    source = add_source(services.store, services.sealer, wanted, now=services.clock())
    run = services.harvesting.run(services.harvesting.queue_run(source.slug))
    indexed = services.catalogue.index_pending()
    services.close()
    if run.counters.get("created") != expected or indexed != expected:
        raise SystemExit(f"not all records arrived: {run.counters}, {indexed} indexed")


def harvest_again(data: Path) -> float:
    services = build(Settings(data_dir=data))
    started = time.perf_counter()
    services.harvesting.run(services.harvesting.queue_run("benchmark"))
    services.catalogue.index_pending()
    took = time.perf_counter() - started
    services.close()
    return took


def copies(count: int) -> Iterator[bytes]:
    """The demonstration's records over and over, each copy with an identifier and a title of its own."""
    folder = files("demonstration") / "custodians"
    originals = [
        json.loads(document.read_text())
        for custodian in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if custodian.is_dir()
        for document in sorted(custodian.iterdir(), key=lambda entry: entry.name)
        if document.name.endswith(".json") and document.name != "custodian.json"
    ]
    titled: list[dict[str, Any]] = [one for one in originals if one.get("summary", {}).get("title")]
    for number in range(count):
        document = json.loads(json.dumps(titled[number % len(titled)]))
        document["identifier"] = str(uuid.uuid5(uuid.NAMESPACE_OID, f"copy {number}"))
        document["summary"]["title"] = f"{document['summary']['title'][:130]} {number}"
        yield json.dumps(document).encode()


if __name__ == "__main__":
    main()
