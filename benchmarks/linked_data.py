"""B3: memory while 100,000 datasets are read from one Turtle document whose subjects are scattered.

Run: ``python -m benchmarks.linked_data [datasets]``. Records are gone through, served from loopback and not stored. Printed, and
kept in benchmarks/results/linked_data.json: the highest resident memory of this process and of the parsing process, and the
processor time of both against that of the bare parser over the same document.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import threading
import time
from datetime import date
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyoxigraph as ox

from harvesters.fetch import Fetcher, FetchPolicy
from harvesters.parsing.pool import shared_pool
from harvesters.registry import KINDS
from harvesters.source import HeldPage, HeldRecord, RawRecord

RESULTS = Path(__file__).parent / "results" / "linked_data.json"
PARTS = (
    '{0} a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "Study {1}"@en ; <http://purl.org/dc/terms/publisher> <http://e.example/org/{2}> .\n',
    '{0} <http://purl.org/dc/terms/description> "What was measured in study {1}, of whom, how often and why, in some words for a reader."@en .\n',
    '{0} <http://www.w3.org/ns/dcat#keyword> "one", "two", "three", "study {1}" ; <http://purl.org/dc/terms/modified> "2024-05-01"^^<http://www.w3.org/2001/XMLSchema#date> .\n',
    '{0} <http://www.w3.org/ns/dcat#distribution> [ a <http://www.w3.org/ns/dcat#Distribution> ; <http://www.w3.org/ns/dcat#mediaType> <https://www.iana.org/assignments/media-types/text/csv> ] .\n',
    '{0} <http://purl.org/dc/terms/temporal> [ <http://www.w3.org/ns/dcat#startDate> "2010-01-01" ; <http://www.w3.org/ns/dcat#endDate> "2020-01-01" ] .\n',
    '{0} <http://www.w3.org/ns/dcat#contactPoint> [ <http://www.w3.org/2006/vcard/ns#fn> "Team" ; <http://www.w3.org/2006/vcard/ns#hasEmail> <mailto:data@e.example> ] .\n',
)  # fmt: skip


class Nothing:
    """A catalogue that holds nothing yet."""

    def page(self, _page_key: str) -> HeldPage | None:
        return None

    def record(self, _local_id: str) -> HeldRecord | None:
        return None


def write(path: Path, datasets: int) -> None:
    """Each part of every dataset before the next part of any, so that no dataset stands together."""
    with path.open("w") as written:
        for part in PARTS:
            for number in range(datasets):
                written.write(part.format(f"<http://e.example/d/{number}>", number, number % 500))


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is inherited
        """Only the result is printed."""


def highest_mebibytes(process: str) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def bare_parse_seconds(document: Path) -> float:
    started = time.process_time()
    for _ in ox.parse(path=document, format=ox.RdfFormat.TURTLE):
        pass
    return time.process_time() - started


def read_all(document: Path) -> tuple[int, int]:
    """Number of records, and their bytes."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *arguments: Quiet(*arguments, directory=str(document.parent)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    policy = FetchPolicy(allow_http=True, allowed_ports=(server.server_port,), allowed_networks=("127.0.0.0/8",), min_interval_seconds=0)
    records, size = 0, 0
    with Fetcher(policy) as fetcher:
        address = f"http://127.0.0.1:{server.server_port}/{document.name}"
        source = KINDS["dcat"].build({"url": address}, fetcher=fetcher, held=Nothing(), wanted="full")
        for item in source.records():
            if isinstance(item, RawRecord):
                records, size = records + 1, size + len(item.read().body)
    server.shutdown()
    return records, size


def measure(datasets: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "catalogue.ttl")
        write(document, datasets)
        started = time.process_time()
        records, size = read_all(document)
        ours = time.process_time() - started
        [parser] = shared_pool().process_ids()
        here, there = highest_mebibytes("self"), highest_mebibytes(str(parser))
        shared_pool().close()
        theirs = resource.getrusage(resource.RUSAGE_CHILDREN)
        return {
            "records": records, "document_mib": round(document.stat().st_size / 2**20), "graphs_mib": round(size / 2**20),
            "here_mib": round(here), "parsing_process_mib": round(there), "together_mib": round(here + there), "goal_mib": 300,
            "processor_seconds": round(ours + theirs.ru_utime + theirs.ru_stime, 1), "bare_parse_processor_seconds": round(bare_parse_seconds(document), 1),
        }  # fmt: skip


def main(datasets: int) -> None:
    found = measure(datasets)
    for name, value in found.items():
        print(f"{name.replace('_', ' '):30} {value:>12,}")
    RESULTS.write_text(json.dumps({"at": date.today().isoformat(), **found}, indent=1) + "\n")  # noqa: DTZ011  the day on this machine


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
