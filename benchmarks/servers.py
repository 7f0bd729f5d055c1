"""A harvest into PostgreSQL and Elasticsearch against what their bare bulk writes allow, in one run.

Run: ``python -m benchmarks.servers [records]``. Starts the servers that the tests use; real records, or the demonstration's where
the corpus is absent. The bare writes are rows of the same documents in transactions of a hundred by the driver's executemany, and
the same search documents by the client's bulk helper. Results are kept in benchmarks/results/servers.json.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import psycopg
from elasticsearch import Elasticsearch, helpers
from sqlalchemy import make_url

from benchmarks.clock import ROUNDS, SAYS, best_of_each
from benchmarks.copies import copies, demonstration
from benchmarks.harvest import harvest, new_gateway, real
from schemas.document import parse
from schemas.translate import read
from search.document import Facts, search_document
from search.engine import SearchDocument
from tests.search_servers import alone
from tests.services import postgresql

RESULTS = Path(__file__).parent / "results" / "servers.json"
BATCH = 100
TABLE = "CREATE TABLE bare (id text PRIMARY KEY, title text, document jsonb, canonical jsonb)"
UPSERT = "INSERT INTO bare VALUES (%s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET document = excluded.document, canonical = excluded.canonical"


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    documents = list(islice(copies(real() or demonstration()), wanted))
    with ExitStack() as stack:
        database = stack.enter_context(postgresql())
        engine = stack.enter_context(alone("elasticsearch"))
        addresses = [stack.enter_context(database.database()) for _ in range(ROUNDS)]
        result = measured(documents, addresses, engine.url, Path(stack.enter_context(tempfile.TemporaryDirectory())))
    print(json.dumps(result, indent=1))
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


def measured(documents: list[bytes], addresses: list[str], engine: str, folder: Path) -> dict[str, Any]:
    feed = folder / "feed.jsonl"
    feed.write_bytes(b"\n".join(documents) + b"\n")
    rows, found = prepared(documents)
    gateways = [
        new_gateway(folder / f"data-{number}", database_url=address, search_url=f"{engine}/bench{number}")
        for number, address in enumerate(addresses)
    ]  # fmt: skip
    best = best_of_each({
        "bare_postgresql": lambda number: write_rows(addresses[number], rows),
        "bare_elasticsearch": lambda number: write_documents(engine, f"bare{number}", found),
        "harvest": lambda number: harvest(gateways[number], feed, len(documents)),
    })  # fmt: skip
    for gateway in gateways:
        gateway.close()
    bare = best["bare_postgresql"].seconds + best["bare_elasticsearch"].seconds
    return {
        "at": datetime.now(UTC).date().isoformat(), "how": SAYS, "records": len(documents),
        **{f"{name}_per_second": round(len(documents) / spent.seconds) for name, spent in best.items()},
        **{f"{name}_processor_ms_per_record": round(spent.processor_seconds / len(documents) * 1000, 2) for name, spent in best.items()},
        "harvest_share_of_bare_writes": round(bare / best["harvest"].seconds, 2),
    }  # fmt: skip


def prepared(documents: list[bytes]) -> tuple[list[tuple[str, str, str, str]], list[SearchDocument]]:
    rows, found = [], []
    for number, body in enumerate(documents):
        record = read(parse(body)).record
        canonical = orjson.dumps(record.as_json()).decode()
        rows.append((str(number), record.summary.title or "", body.decode(), canonical))
        found.append(search_document(record, Facts(ref=str(number), pid=None, version=1)))
    return rows, found


def write_rows(address: str, rows: list[tuple[str, str, str, str]]) -> None:
    with psycopg.connect(make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        connection.execute(TABLE)
        for start in range(0, len(rows), BATCH):
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(UPSERT, rows[start : start + BATCH])


def write_documents(engine: str, index: str, documents: list[SearchDocument]) -> None:
    client = Elasticsearch(engine, request_timeout=120)
    client.options(ignore_status=404).indices.delete(index=index)
    actions = ({"_index": index, "_id": document["id"], "_source": document} for document in documents)
    helpers.bulk(client, actions, chunk_size=BATCH, max_retries=10, initial_backoff=0.1)
    client.indices.refresh(index=index)
    client.close()


if __name__ == "__main__":
    main()
