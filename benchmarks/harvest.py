"""Records a second from local files through validation, commit and index, against parsing and validating alone.

Run: ``python -m benchmarks.harvest [records]``. Prints a line per measure and keeps the result in benchmarks/results/harvest.json.
Records are copies, each with an identifier and a title of its own: of the demonstration's, and of real ones (with findings)
where the corpus is at hand (GATEWAY_TEST_CORPUS). Rates hold for the machine they were taken on and suffer from what else
runs there; processor time and ratios travel.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from gateway.settings import Settings
from gateway.sources import NewSource, add_source
from gateway.wiring import build
from schemas.document import parse
from schemas.translate import read
from schemas.validate import check_reading

RESULTS = Path(__file__).parent / "results" / "harvest.json"
CORPUS = Path(os.environ.get("GATEWAY_TEST_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
ROUNDS = 3


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    result: dict[str, Any] = {"at": datetime.now(UTC).date().isoformat(), "records": wanted}
    for name, originals in (("demonstration", demonstration()), ("real", real())):
        if originals:
            result[name] = measured(list(islice(copies(originals), wanted)))
            for measure, value in result[name].items():
                print(f"{name}: {measure.replace('_', ' '):42} {value}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


def measured(documents: list[bytes]) -> dict[str, float]:
    count = len(documents)
    with tempfile.TemporaryDirectory() as folder:
        feed = Path(folder) / "feed.jsonl"
        feed.write_bytes(b"\n".join(documents) + b"\n")
        judged = best_of(lambda _: judge_all(documents))
        whole = best_of(lambda number: harvest(feed, Path(folder) / f"data-{number}", count))
        again = harvest_again(Path(folder) / "data-0")
    return {
        "bytes_per_record": round(sum(map(len, documents)) / count),
        "parse_translate_validate_per_second": round(count / judged.seconds),
        "harvest_per_second": round(count / whole.seconds),
        "ratio_harvest_to_validation": round(whole.seconds / judged.seconds, 2),
        "parse_translate_validate_processor_ms_per_record": round(judged.processor_seconds / count * 1000, 2),
        "harvest_processor_ms_per_record": round(whole.processor_seconds / count * 1000, 2),
        "ratio_of_processor_time": round(whole.processor_seconds / judged.processor_seconds, 2),
        "second_run_seconds_to_first": round(again / whole.seconds, 3),
    }


@dataclass(frozen=True, slots=True, order=True)
class Spent:
    seconds: float
    processor_seconds: float


def best_of(work: Callable[[int], object]) -> Spent:
    """Of the fastest of three rounds."""
    rounds = []
    for number in range(ROUNDS):
        started, worked = time.perf_counter(), time.process_time()
        work(number)
        rounds.append(Spent(time.perf_counter() - started, time.process_time() - worked))
    return min(rounds)


def judge_all(documents: Iterable[bytes]) -> None:
    for body in documents:
        document = parse(body)
        check_reading(document, read(document))


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


def demonstration() -> list[dict[str, Any]]:
    folder = files("demonstration") / "custodians"
    found = [
        json.loads(document.read_text())
        for custodian in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if custodian.is_dir()
        for document in sorted(custodian.iterdir(), key=lambda entry: entry.name)
        if document.name.endswith(".json") and document.name != "custodian.json"
    ]
    return [one for one in found if one.get("summary", {}).get("title")]


def real() -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in sorted(CORPUS.glob("hdruk/v2/2021-04-07/*/*.json"))]


def copies(originals: list[dict[str, Any]]) -> Iterator[bytes]:
    """The originals over and over, each copy with identifiers and a title of its own and without a past."""
    for number, original in enumerate(cycle(originals)):
        identity = str(uuid.uuid5(uuid.NAMESPACE_OID, f"copy {number}"))
        title = f"{original['summary']['title'][:130]} {number}"
        named = {name: identity for name in ("identifier", "id", "pid") if name in original}
        document = {**original, **named, "summary": {**original["summary"], "title": title}}
        document.pop("revisions", None)
        yield json.dumps(document).encode()


if __name__ == "__main__":
    main()
