"""A custodian's server on loopback, in a process of its own, so that what it needs is not counted as what reading it takes.

Run by other benchmarks: ``python -m benchmarks.endpoint FORM RECORDS`` prints its address and serves until its input ends. ``oai`` is an
OAI-PMH repository in pages of a hundred, made as they are asked for; ``lines`` is a file of JSON lines, made at the start.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from urllib.parse import parse_qs, urlsplit

from benchmarks.copies import copies, demonstration
from tests.harvesters.oai_pmh_server import NAMESPACES, OAI, dublin_core
from tests.harvesters.web_server import Answer, Asked, serving

PAGE_RECORDS = 100
STAMP = "2024-06-01T12:00:00Z"
DESCRIPTION = "<dc:description>Blood pressure of volunteers, measured at home every morning for a year.</dc:description>" * 10


@contextmanager
def endpoint(form: str, records: int) -> Iterator[str]:
    """The address of a server with so many records."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.endpoint", form, str(records)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.communicate()


def oai(count: int) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        query = {name: found[0] for name, found in parse_qs(urlsplit(asked.path).query).items()}
        verbs = {"Identify": identify, "ListMetadataFormats": formats}
        made = verbs[query["verb"]]() if query["verb"] in verbs else page(int(query.get("resumptionToken", "0")), count)
        whole = f'<OAI-PMH xmlns="{OAI}"><responseDate>{STAMP}</responseDate><request verb="{query["verb"]}">http://localhost/oai</request>{made}</OAI-PMH>'
        return Answer(whole.encode(), headers={"Content-Type": "text/xml; charset=utf-8"})

    return answer


def identify() -> str:
    return (
        "<Identify><repositoryName>Benchmark</repositoryName><baseURL>http://localhost/oai</baseURL><protocolVersion>2.0</protocolVersion>"
        f"<adminEmail>a@example.org</adminEmail><earliestDatestamp>{STAMP}</earliestDatestamp><deletedRecord>no</deletedRecord>"
        "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
    )


def formats() -> str:
    namespace = NAMESPACES["oai_dc"]
    return (
        f"<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix><schema>{namespace}</schema>"
        f"<metadataNamespace>{namespace}</metadataNamespace></metadataFormat></ListMetadataFormats>"
    )


def page(start: int, count: int) -> str:
    numbers = range(start, min(start + PAGE_RECORDS, count))
    records = "".join(
        f"<record><header><identifier>oai:example.org:{number}</identifier><datestamp>{STAMP}</datestamp></header>"
        f"<metadata>{dublin_core(f'Study {number}', more=DESCRIPTION)}</metadata></record>"
        for number in numbers
    )
    following = numbers.stop if numbers.stop < count else ""
    return f'<ListRecords>{records}<resumptionToken completeListSize="{count}" cursor="{start}">{following}</resumptionToken></ListRecords>'


def lines(count: int) -> Callable[[Asked], Answer]:
    body = b"\n".join(islice(copies(demonstration()), count))
    return lambda _: Answer(body, headers={"Content-Type": "application/x-ndjson"})


def main() -> None:
    form, count = sys.argv[1], int(sys.argv[2])
    with serving({"oai": oai, "lines": lines}[form](count)) as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
