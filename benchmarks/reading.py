"""Memory while a feed of 100,000 records is read and judged, as lines, as one JSON array, and over pages of OAI-PMH from a server.

Run: ``python -m benchmarks.reading [records]``. Each form is read in a process of its own, whose largest resident size counts, and with it
that of its parsing processes; that of a process which reads one record stands beside it. Results are kept in benchmarks/results/reading.json.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.copies import copies, demonstration
from benchmarks.endpoint import endpoint
from gateway.store.records import HeldView
from harvesters.parsing.pool import shared_pool
from harvesters.pipeline import outcomes
from harvesters.registry import KINDS
from harvesters.source import Mark
from tests.harvesters.web_server import loopback_fetcher

RESULTS = Path(__file__).parent / "results" / "reading.json"
GOAL_MIB = 300


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    result: dict[str, Any] = {"at": datetime.now(UTC).date().isoformat(), "records": wanted, "goal_mib": GOAL_MIB}
    with tempfile.TemporaryDirectory() as folder:
        one, lines, array = (Path(folder) / name for name in ("one.jsonl", "lines.jsonl", "array.json"))
        result["bytes"] = write_lines(lines, copies(demonstration()), wanted)
        write_lines(one, copies(demonstration()), 1)
        write_array(array, copies(demonstration()), wanted)
        forms = (("one_record", one, "judge"), ("lines_read", lines, "read"), ("lines_judged", lines, "judge"), ("array_judged", array, "judge"))
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
    ran = subprocess.run([sys.executable, "-m", "benchmarks.reading", mode, place], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


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
    return {"records": count, "largest_mib": round(own + parsers), "of_it_parsing_mib": round(parsers)}


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in ("read", "judge"):
        print(json.dumps(read_all(sys.argv[1], sys.argv[2])))
    else:
        main()
