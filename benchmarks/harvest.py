"""Records a second from local files to the index, all stages on, against validation alone and against the bare chain; and from a server on
loopback, with the time that each stage takes.

Run: ``python -m benchmarks.harvest [records]``. Prints a line per measure and keeps the result in benchmarks/results/harvest.json.
Records are copies, each with an identifier and a title of its own: of the demonstration's, and of real ones (with findings)
where the corpus is at hand (GATEWAY_TEST_CORPUS). The bare chain is benchmarks/bare_chain.py. Rates hold for the machine they
were taken on and suffer from what else runs there; processor time and ratios travel.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.bare_chain import Body, chain
from benchmarks.clock import ROUNDS, SAYS, Spent, best_of_each
from benchmarks.copies import copies, demonstration
from benchmarks.endpoint import endpoint
from gateway.models import Run
from gateway.settings import Settings
from gateway.sources.registering import NewSource, Policy, add_source
from gateway.store.records import HeldView
from gateway.wiring import Services, build
from harvesters.fetch import Fetcher
from harvesters.pipeline import outcomes
from harvesters.registry import KINDS
from harvesters.source import Mark
from schemas.document import parse
from schemas.translate import read
from schemas.validate import check_reading
from schemas.versions import VERSIONS
from tests.harvesters.web_server import loopback_fetcher

RESULTS = Path(__file__).parent / "results" / "harvest.json"
SERVED_RECORDS = 10_000
CORPUS = Path(os.environ.get("GATEWAY_TEST_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    result: dict[str, Any] = {"at": datetime.now(UTC).date().isoformat(), "how": SAYS, "records": wanted}
    for name, originals in (("demonstration", demonstration()), ("real", real())):
        if originals:
            result[name] = measured(list(islice(copies(originals), wanted)))
            for measure, value in result[name].items():
                print(f"{name}: {measure.replace('_', ' '):52} {value}")
    result["from_a_server"] = from_a_server(max(wanted, SERVED_RECORDS) if len(sys.argv) < 2 else wanted)
    for measure, value in result["from_a_server"].items():
        print(f"from a server: {measure.replace('_', ' '):50} {value}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


def measured(documents: list[bytes]) -> dict[str, float]:
    count = len(documents)
    bodies = [Body(body, VERSIONS[read(parse(body)).detected.name].validator) for body in documents]
    with tempfile.TemporaryDirectory() as folder:
        feed = Path(folder) / "feed.jsonl"
        feed.write_bytes(b"\n".join(documents) + b"\n")
        gateways = [new_gateway(Path(folder) / f"data-{number}") for number in range(ROUNDS)]
        best = best_of_each({
            "parse_translate_validate": lambda _: judge_all(documents),
            "bare_chain": lambda number: bare(bodies, Path(folder) / f"bare-{number}"),
            "harvest": lambda number: harvest(gateways[number], feed, count),
        })  # fmt: skip
        again = best_of_each({"again": lambda _: run_to_its_end(gateways[0], "benchmark")})["again"].seconds
        for gateway in gateways:
            gateway.close()
    return {
        "bytes_per_record": round(sum(map(len, documents)) / count),
        **{f"{name}_per_second": round(count / spent.seconds) for name, spent in best.items()},
        **{f"{name}_processor_ms_per_record": round(spent.processor_seconds / count * 1000, 2) for name, spent in best.items()},
        **shares(best),
        "second_run_seconds_to_first": round(again / best["harvest"].seconds, 3),
    }


def from_a_server(count: int) -> dict[str, float]:
    """One run over loopback HTTP (B2), and where its time goes: each stage is what a pass up to there takes beyond the one before it."""
    with endpoint("lines", count) as address, tempfile.TemporaryDirectory() as folder:
        url, services = f"{address}/records.jsonl", new_gateway(Path(folder) / "data")
        with loopback_fetcher() as fetcher:
            fetched = taken(lambda: fetcher.get(url, accept="*/*"))
            read_whole = taken(lambda: read_records(fetcher, url, judges=False))
            judged = taken(lambda: read_records(fetcher, url, judges=True))
        policy = Policy(allow_http=True, allowed_networks=["127.0.0.0/8"], allowed_ports=[int(address.rpartition(":")[2])], min_interval_seconds=0)
        source = add_source(services.store, services.sealer, NewSource(name="Benchmark", kind="web-files", configuration={"url": url}, policy=policy), now=services.clock())
        whole = taken(lambda: run_to_its_end(services, source.slug))
        indexed = taken(services.catalogue.index_pending)
        services.close()
    return {
        "records": count, "records_per_second": round(count / (whole + indexed)), "fetch_seconds": round(fetched, 2),
        "parse_seconds": round(read_whole - fetched, 2), "translate_and_validate_seconds": round(judged - read_whole, 2),
        "commit_seconds": round(whole - judged, 2), "index_seconds": round(indexed, 2),
    }


def taken(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def read_records(fetcher: Fetcher, url: str, *, judges: bool) -> None:
    held = HeldView({}, {}, {})
    source = KINDS["web-files"].build({"url": url}, fetcher=fetcher, held=held, wanted="full")
    if judges:
        for _ in outcomes(source, held, custodian_known=True, wanted="full", today=datetime.now(UTC).date()):
            pass
        return
    for record in source.records():
        if not isinstance(record, Mark):
            parse(record.read().body)


def shares(best: dict[str, Spent]) -> dict[str, float]:
    """Of the speed of the bare chain; 0.5 is the goal."""
    ours, bare_chain = best["harvest"], best["bare_chain"]
    return {
        "harvest_share_of_bare_chain": round(bare_chain.seconds / ours.seconds, 2),
        "harvest_share_of_bare_chain_by_processor": round(bare_chain.processor_seconds / ours.processor_seconds, 2),
    }


def judge_all(documents: Iterable[bytes]) -> None:
    for body in documents:
        document = parse(body)
        check_reading(document, read(document))


def bare(bodies: list[Body], folder: Path) -> None:
    if chain(bodies, folder) != len(bodies):
        raise SystemExit("The bare chain lost records.")


def new_gateway(data: Path, **settings: Any) -> Services:
    services = build(Settings(data_dir=data, **settings))
    services.store.upgrade()
    return services


def harvest(services: Services, feed: Path, expected: int) -> None:
    wanted = NewSource(name="Benchmark", kind="files", configuration={"path": str(feed)})
    source = add_source(services.store, services.sealer, wanted, now=services.clock())
    run = run_to_its_end(services, source.slug)
    indexed = services.catalogue.index_pending()
    if run.counters.get("created") != expected or indexed != expected:
        raise SystemExit(f"not all records arrived: {run.counters}, {indexed} indexed")


def run_to_its_end(services: Services, slug: str) -> Run:
    """A long run ends its slice, and is to be taken up again."""
    number = services.harvesting.queue_run(slug)
    run = services.harvesting.run(number)
    while run.state == "queued":
        run = services.harvesting.run(number)
    return run


def real() -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in sorted(CORPUS.glob("hdruk/v2/2021-04-07/*/*.json"))]


if __name__ == "__main__":
    main()
