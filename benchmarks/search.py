"""How fast searching and indexing are, against the bare calls of each engine in the same run. ``python -m benchmarks.search [engines] [sizes]``

Perturbed copies of real records in temporary folders, and on the search servers that can be had; these records list no columns. The
whole request is 20 hits with highlights and five facets, half of them with a filter: *request* when its words are asked for the first
time since the last write, *again* when they were asked before, with another filter or page. There are two bare calls beside it: the same
*work* asked of the engine directly in queries made ready before (ranking, total, facets, stored documents; no highlights), and the
*ranking* alone. Indexing is held against handing the engine as many documents that are prepared already, suggestions against one look-up
of a prefix. The embedded engine is timed by the processor, as what else runs on the machine would tell otherwise; servers by the clock.
Results go to results/search.json.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import tantivy

from benchmarks.relevance import CORPUS, opened, queries, search_documents
from search import embedded_index, facets
from search.answer import answer
from search.batches import batches
from search.elastic import ElasticEngine
from search.elastic.connection import connect
from search.elastic.counts import aggregations
from search.elastic.generations import Generations
from search.elastic.mapping import mappings, source
from search.elastic.query import body_of
from search.elastic.words import ElasticWords
from search.embedded import EmbeddedEngine
from search.engine import Page, Query, SearchDocument, SearchEngine
from search.mapping import index_document, within
from search.meanings import Meanings, Meant
from search.prepared import DATASETS, prepared
from search.understanding import Understood, understand
from tests import search_servers
from tests.search_servers import MAKERS
from tests.services import Unavailable

RESULTS = Path(__file__).parent / "results" / "search.json"
SIZES = (1_000, 20_000)
SERVER_SIZES = (5_000,)
PREPARED = 5_000
"""Documents prepared for the bare rate at most; they are written over and over, as many as the index holds."""
AT_ONCE = 500
"""Documents in one bulk request."""
UNPRESSED = "10%"
"""Servers for tests hold back writes on purpose; these are as they come."""
FACETS = ("nation", "custodian", "dtype", "lead", "material")
ROUNDS = 5
SERVER_ROUNDS = 3
"""Rebuilds in turns with bare writes; the first finds a server that has just started."""
HOW = (
    "Rounds in turns, the best of each call; the embedded engine by the processor, servers by the clock. Other work may have shared the machine: "
    "ratios travel, times and rates do not."
)
PREFIXES = ("ast", "hos", "car", "nat", "co", "diab", "prim", "s")
Calls = Sequence[Callable[[], Any]]


def perturbed(documents: Sequence[SearchDocument], count: int) -> Iterator[SearchDocument]:
    """Copies with an id of their own, a changed title and an abstract whose words stand in another order."""
    chance = random.Random(20)
    for number in range(count):
        original = documents[number % len(documents)]
        words = str(original.get("abstract", "")).split()
        chance.shuffle(words)
        yield {**original, "id": f"copy{number:08}", "title": f"{original['title']} part {number}", "abstract": " ".join(words)}


Clock = Callable[[], float]


def timed(works: Mapping[str, Calls], clock: Clock) -> dict[str, dict[str, float]]:
    """Milliseconds at the median and at the 95th percentile of the calls of each piece of work. Rounds are taken in turns, so that what else
    runs meets all alike, and the best round of each call counts."""
    taken: dict[str, list[float]] = {name: [float("inf")] * len(calls) for name, calls in works.items()}
    for _ in range(ROUNDS):
        for name, calls in works.items():
            gc.collect()
            for place, call in enumerate(calls):
                taken[name][place] = min(taken[name][place], seconds(call, clock) * 1000)
    for each in taken.values():
        each.sort()
    return {name: {"p50_ms": round(each[len(each) // 2], 3), "p95_ms": round(each[int(len(each) * 0.95)], 3)} for name, each in taken.items()}


def seconds(call: Callable[[], Any], clock: Clock) -> float:
    started = clock()
    call()
    return clock() - started


def requests(texts: Sequence[str]) -> list[Query]:
    return [Query(text=text, limit=20, facets=FACETS, filters={"nation": ("England",)} if place % 2 else {}) for place, text in enumerate(texts)]


# the embedded engine


def bare_embedded(engine: EmbeddedEngine, asked: Sequence[Query]) -> dict[str, Calls]:
    meanings = engine._reading().datasets
    searcher = meanings.searcher
    made = [(query, meanings.of(query), meanings.filters(query)) for query in asked]
    return {
        "work": [lambda query=query, meant=meant, filters=filters: _work(searcher, query, meant, filters) for query, meant, filters in made],
        "ranking": [lambda meant=meant: searcher.search(meant.ranked, 20) for _, meant, _ in made],
        "prefix": [lambda prefix=prefix: searcher.terms_with_prefix("title_words", prefix, limit=10) for prefix in PREFIXES],
    }


def _work(searcher: tantivy.Searcher, query: Query, meant: Meant, filters: Mapping[str, tantivy.Query]) -> None:
    for _, address in searcher.search(within(meant.ranked, filters.values()), 20).hits:
        document = searcher.doc(address)
        orjson.loads(document.get_first("card") or b"{}")
        orjson.loads(document.get_first("texts") or b"{}")
    facets.count(searcher, meant.matching, filters, query, DATASETS)


def first_asking(engine: SearchEngine) -> Callable[[Query], Any]:
    """Asks as if the words had not been asked for since the last write."""
    if not isinstance(engine, EmbeddedEngine):
        return engine.search
    reading = engine._reading()
    forgetful = Meanings(reading.datasets.searcher, DATASETS)

    def ask(query: Query) -> Page:
        forgetful._kept.cache_clear()
        return answer(forgetful, query, variables=reading.variables.searcher)

    return ask


def bulk_embedded(documents: Sequence[SearchDocument], count: int) -> float:
    """Seconds to index so many documents that are prepared already."""
    made = [index_document(prepared(document)) for document in documents]
    with tempfile.TemporaryDirectory() as folder:
        index, _ = embedded_index.create(Path(folder))
        writer = index.writer(2 * embedded_index.HEAP_BYTES, 2)

        def add() -> None:
            for place in range(count):
                writer.add_document(made[place % len(made)])
            writer.commit()
            writer.wait_merging_threads()

        return seconds(add, time.process_time)


# servers


def bare_server(engine: ElasticEngine, asked: Sequence[Query]) -> dict[str, Calls]:
    client = connect(engine.address)
    index = Generations(client, engine.address.name).serving
    understood = [understand(ElasticWords(client, index), query) for query in asked]

    def work(meant: Understood) -> Any:
        chosen = {name: clause for name, clause in meant.filters.items() if name in FACETS}
        counts = aggregations(FACETS, chosen, DATASETS)
        return client.search(index=index, query=body_of(meant.scored), aggs=counts, size=20, source=["card", "texts"], track_total_hits=True)

    entries = {"entries": {"composite": {"size": 40, "sources": [{"entry": {"terms": {"field": "suggest_keyword"}}}]}}}
    return {
        "work": [lambda meant=meant: work(meant) for meant in understood],
        "ranking": [lambda meant=meant: client.search(index=index, query=body_of(meant.scored), size=20, source=False) for meant in understood],
        "prefix": [lambda: client.search(index=index, size=0, aggs=entries, track_total_hits=False) for _ in PREFIXES],
    }


def bulk_server(engine: ElasticEngine, documents: Sequence[SearchDocument], count: int) -> float:
    """Seconds to write so many documents that are prepared already."""
    client, index = connect(engine.address), f"{engine.address.name}-bare"
    client.indices.delete(index=index, ignore_unavailable=True)
    client.indices.create(index=index, mappings=mappings(), settings={"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"})
    sources = [orjson.dumps(source(prepared(one))) for one in documents]
    lines = [(orjson.dumps({"index": {"_index": index, "_id": f"copy{place:08}"}}), sources[place % len(sources)]) for place in range(count)]

    def write() -> None:
        for piece in batches(lines, AT_ONCE):
            client.bulk(operations=[line for pair in piece for line in pair])
        client.indices.refresh(index=index)

    took = seconds(write, time.perf_counter)
    client.indices.delete(index=index)
    return took


def measure(engine: SearchEngine, documents: Sequence[SearchDocument], count: int, texts: Sequence[str]) -> dict[str, Any]:
    is_embedded = isinstance(engine, EmbeddedEngine)
    clock = time.process_time if is_embedded else time.perf_counter
    sample = list(perturbed(documents, min(count, PREPARED)))
    rebuilds, bare_writes = [], []
    for _ in range(1 if is_embedded else SERVER_ROUNDS):
        rebuilds.append(seconds(lambda: engine.rebuild(perturbed(documents, count), force=True), clock))
        bare_writes.append(bulk_embedded(sample, count) if is_embedded else bulk_server(engine, sample, count))  # type: ignore[arg-type]
    took, bare_took = min(rebuilds), min(bare_writes)
    asked = requests(texts)
    bare = bare_embedded(engine, asked) if isinstance(engine, EmbeddedEngine) else bare_server(engine, asked)  # type: ignore[arg-type]
    first_asked = first_asking(engine)
    works: dict[str, Calls] = {
        "request": [lambda query=query: first_asked(query) for query in asked],
        "again": [lambda query=query: engine.search(query) for query in asked],
        "suggest": [lambda prefix=prefix: engine.suggest(prefix) for prefix in PREFIXES],
    }
    found: dict[str, Any] = timed(works | {f"bare_{name}": calls for name, calls in bare.items()}, clock)
    rates = {"indexed_per_second": round(count / took), "bare_indexed_per_second": round(count / bare_took)}
    ratios = {
        "request_to_work_p50": ratio(found, "request", "bare_work", "p50_ms"), "request_to_work_p95": ratio(found, "request", "bare_work", "p95_ms"),
        "again_to_work_p50": ratio(found, "again", "bare_work", "p50_ms"), "again_to_work_p95": ratio(found, "again", "bare_work", "p95_ms"),
        "request_to_ranking_p50": ratio(found, "request", "bare_ranking", "p50_ms"), "suggest_to_prefix_p95": ratio(found, "suggest", "bare_prefix", "p95_ms"),
        "indexing_to_bare": round(rates["indexed_per_second"] / rates["bare_indexed_per_second"], 2),
    }  # fmt: skip
    return {**found, **rates, "ratios": ratios}


def ratio(found: dict[str, dict[str, float]], ours: str, bare: str, at: str) -> float:
    return round(found[ours][at] / max(found[bare][at], 0.001), 2)


def main() -> None:
    if not CORPUS.exists():
        sys.exit(f"The corpus is not at {CORPUS}. Set GATEWAY_TEST_CORPUS to its folder.")
    search_servers.PRESSURE = UNPRESSED
    documents, texts = search_documents(CORPUS), list(queries(CORPUS).values())
    results = json.loads(RESULTS.read_bytes()) if RESULTS.exists() else {"engines": {}}
    for name, count in wanted(sys.argv[1:]):
        try:
            with opened(name) as engine:
                found = measure(engine, documents, count, texts)
        except Unavailable as error:
            print(f"{name}: left out. {error}")
            continue
        results["engines"].setdefault(name, {})[str(count)] = {"at": datetime.now(UTC).date().isoformat(), **found}
        print(f"{name}, {count} datasets: {json.dumps(found)}", flush=True)
    held = results["engines"].get("embedded", {})
    if "1000" in held:
        for name, work in (("p95_to_that_of_1000", "request"), ("bare_p95_to_that_of_1000", "bare_work")):
            results[name] = {size: round(one[work]["p95_ms"] / held["1000"][work]["p95_ms"], 2) for size, one in held.items()}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({**results, "how": HOW}, indent=1) + "\n")


def wanted(arguments: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Engines with sizes; every engine where none is named, the embedded one where sizes alone are."""
    sizes = [int(one) for one in arguments if one.isdigit()]
    names = [one for one in arguments if not one.isdigit()] or ["embedded", *([] if sizes else MAKERS)]
    return ((name, size) for name in names for size in sizes or (SIZES if name == "embedded" else SERVER_SIZES))


if __name__ == "__main__":
    main()
