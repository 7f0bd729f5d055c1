"""Memory while a feed of 100,000 records is read and judged (B3, A17): as lines, as one JSON array, as Turtle whose subjects are scattered,
and over a thousand pages of OAI-PMH from a server.

Run: ``python -m benchmarks.reading [records]``. Each form is read in a process of its own. What counts is the most that it and its parsing
processes held together at any moment: the sum of their proportional set sizes, in which a page that several share is counted once. The
sum of their largest resident sizes, which counts shared pages each time and adds up peaks of different moments, stands beside it, and so
does what a process takes that reads one record. Results are kept in benchmarks/results/reading.json.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.copies import copies, demonstration
from benchmarks.endpoint import endpoint
from benchmarks.linked_data import write as write_scattered
from gateway.store.records import HeldView
from harvesters.parsing.pool import shared_pool
from harvesters.pipeline import outcomes
from harvesters.registry import KINDS
from harvesters.source import Mark
from tests.harvesters.web_server import loopback_fetcher

RESULTS = Path(__file__).parent / "results" / "reading.json"
GOAL_MIB = 300
SAMPLE_SECONDS = 0.1


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    result: dict[str, Any] = {"at": datetime.now(UTC).date().isoformat(), "records": wanted, "goal_mib": GOAL_MIB}
    with tempfile.TemporaryDirectory() as folder:
        one, lines, array, turtle = (Path(folder) / name for name in ("one.jsonl", "lines.jsonl", "array.json", "scattered.ttl"))
        result["bytes"] = write_lines(lines, copies(demonstration()), wanted)
        write_lines(one, copies(demonstration()), 1)
        write_array(array, copies(demonstration()), wanted)
        write_scattered(turtle, wanted)
        forms = (
            ("one_record", one, "judge"), ("lines_read", lines, "read"), ("lines_judged", lines, "judge"), ("array_judged", array, "judge"),
            ("turtle_judged", turtle, "judge"),
        )  # fmt: skip
        for name, path, mode in forms:
            tell(result, name, in_a_process(str(path), mode))
    with endpoint("oai", wanted) as address:
        tell(result, "oai_pages_judged", in_a_process(f"{address}/oai", "judge"))
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


def tell(result: dict[str, Any], name: str, found: dict[str, Any]) -> None:
    result[name] = found
    print(f"{name.replace('_', ' '):16} {found}", flush=True)


def write_array(path: Path, documents: Iterable[bytes], count: int) -> None:
    with path.open("wb") as file:
        for number, body in enumerate(islice(documents, count)):
            file.write((b"," if number else b"[") + body)
        file.write(b"]")


def write_lines(path: Path, documents: Iterable[bytes], count: int) -> int:
    with path.open("wb") as file:
        return sum(file.write(body + b"\n") for body in islice(documents, count))


def in_a_process(place: str, mode: str) -> dict[str, Any]:
    largest = 0.0
    with subprocess.Popen([sys.executable, "-m", "benchmarks.reading", mode, place], stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            largest = max(largest, sum(map(proportional_mib, family(process.pid))))
            time.sleep(SAMPLE_SECONDS)
        told = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"Reading {place} ended with {process.returncode}.")
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return {"records": found.pop("records"), "largest_mib": round(largest), **found}


def family(process: int) -> list[int]:
    """The process, and all that it and those started."""
    parents = dict(_parents())
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                yield int(folder.name), int((folder / "stat").read_text().rpartition(")")[2].split()[1])


def proportional_mib(process: int) -> float:
    """0 for one that has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def read_all(mode: str, place: str) -> dict[str, Any]:
    """``read`` takes every record's bytes; ``judge`` makes outcomes of them, as a harvest does before it writes."""
    held = HeldView({}, {}, {})
    with loopback_fetcher() as fetcher:
        kind, configuration = ("oai-pmh", {"base_url": place}) if place.startswith("http:") else ("files", {"path": place})
        source = KINDS[kind].build(configuration, fetcher=fetcher, held=held, wanted="full")
        count = 0
        if mode == "read":
            for record in source.records():
                count += 0 if isinstance(record, Mark) else bool(record.read())
        else:
            for outcome in outcomes(source, held, custodian_known=True, wanted="full", today=datetime.now(UTC).date()):
                count += not isinstance(outcome, Mark)
    shared_pool().close()
    own, parsers = (resource.getrusage(whose).ru_maxrss / 1024 for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {"records": count, "resident_mib": round(own + parsers), "resident_parsing_mib": round(parsers)}


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in ("read", "judge"):
        print(json.dumps(read_all(sys.argv[1], sys.argv[2])))
    else:
        main()
