"""Memory while a feed of 100,000 records is read and judged, for each form in which files hold many records.

Run: ``python -m benchmarks.reading [records]``. Each form is read in a process of its own, whose largest resident size counts;
that of a process which reads one record stands beside it. Results are kept in benchmarks/results/reading.json.
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

from benchmarks.harvest import copies, demonstration
from gateway.store.records import HeldView
from harvesters.files import FilesConfig, FilesSource
from harvesters.pipeline import outcomes
from harvesters.source import Mark

RESULTS = Path(__file__).parent / "results" / "reading.json"
GOAL_MIB = 300


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    result: dict[str, Any] = {"at": datetime.now(UTC).date().isoformat(), "records": wanted, "goal_mib": GOAL_MIB}
    with tempfile.TemporaryDirectory() as folder:
        one, lines = Path(folder) / "one.jsonl", Path(folder) / "lines.jsonl"
        result["bytes"] = write_lines(lines, copies(demonstration()), wanted)
        write_lines(one, copies(demonstration()), 1)
        for name, path, mode in (("one_record", one, "judge"), ("lines_read", lines, "read"), ("lines_judged", lines, "judge")):
            result[name] = in_a_process(path, mode)
            print(f"{name.replace('_', ' '):16} {result[name]}", flush=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


def write_lines(path: Path, documents: Iterable[bytes], count: int) -> int:
    with path.open("wb") as file:
        return sum(file.write(body + b"\n") for body in islice(documents, count))


def in_a_process(path: Path, mode: str) -> dict[str, Any]:
    ran = subprocess.run([sys.executable, "-m", "benchmarks.reading", mode, str(path)], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def read_all(mode: str, path: Path) -> dict[str, Any]:
    """``read`` takes every record's bytes; ``judge`` makes outcomes of them, as a harvest does before it writes."""
    held = HeldView({}, {}, {})
    source = FilesSource(FilesConfig(path=str(path)), "incremental", held)
    count = 0
    if mode == "read":
        for record in source.records():
            count += 0 if isinstance(record, Mark) else bool(record.read())
    else:
        for outcome in outcomes(source, held, custodian_known=True, wanted="incremental", today=datetime.now(UTC).date()):
            count += not isinstance(outcome, Mark)
    return {"records": count, "largest_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in ("read", "judge"):
        print(json.dumps(read_all(sys.argv[1], Path(sys.argv[2]))))
    else:
        main()
