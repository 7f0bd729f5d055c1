"""How fast searching is: the whole request against the bare engine call, in one run. ``python -m benchmarks.search [sizes]``

Perturbed copies of real records in temporary folders. The whole request is 20 hits with highlights and five facets, half of
them with a filter; the bare call is the engine's own search for the same ranking query with 20 hits. Results go to
results/search.json.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.relevance import CORPUS, queries, search_documents
from search.answer import TantivyWords
from search.embedded import EmbeddedEngine
from search.engine import Query, SearchDocument
from search.mapping import tantivy_query
from search.understanding import understand

RESULTS = Path(__file__).parent / "results" / "search.json"
SIZES = (1_000, 20_000)
FACETS = ("nation", "custodian", "dtype", "lead", "material")
ROUNDS = 3
PREFIXES = ("ast", "hos", "car", "nat", "co", "diab", "prim", "s")


def perturbed(documents: Sequence[SearchDocument], count: int) -> Iterator[SearchDocument]:
    """Copies with an id of their own, a changed title and an abstract whose words stand in another order."""
    chance = random.Random(20)
    for number in range(count):
        original = documents[number % len(documents)]
        words = str(original.get("abstract", "")).split()
        chance.shuffle(words)
        yield {**original, "id": f"copy{number:08}", "title": f"{original['title']} part {number}", "abstract": " ".join(words)}


def timed(calls: Sequence[Callable[[], Any]]) -> dict[str, float]:
    """Milliseconds at the median and at the 95th percentile."""
    taken = []
    for _ in range(ROUNDS):
        for call in calls:
            started = time.perf_counter()
            call()
            taken.append((time.perf_counter() - started) * 1000)
    taken.sort()
    return {"p50_ms": round(taken[len(taken) // 2], 3), "p95_ms": round(taken[int(len(taken) * 0.95)], 3)}


def requests(texts: Sequence[str]) -> list[Query]:
    return [
        Query(text=text, limit=20, facets=FACETS, filters={"nation": ("England",)} if place % 2 else {})
        for place, text in enumerate(texts)
    ]


def bare_calls(engine: EmbeddedEngine, texts: Sequence[str]) -> list[Callable[[], Any]]:
    searcher = engine._searcher()
    made = [tantivy_query(understand(TantivyWords(searcher), Query(text=text)).scored) for text in texts]
    return [lambda query=query: searcher.search(query, 20) for query in made]


def measure(documents: Sequence[SearchDocument], count: int, texts: Sequence[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder) / "index")
        started = time.perf_counter()
        engine.rebuild(perturbed(documents, count))
        per_second = count / (time.perf_counter() - started)
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
        whole = timed([lambda query=query: engine.search(query) for query in requests(texts)])
        bare = timed(bare_calls(engine, texts))
        suggested = timed([lambda prefix=prefix: engine.suggest(prefix) for prefix in PREFIXES])
        engine.close()
    ratio = {name: round(whole[f"{name}_ms"] / bare[f"{name}_ms"], 2) for name in ("p50", "p95")}
    return {
        "request": whole, "bare": bare, "ratio": ratio, "suggest": suggested,
        "indexed_per_second": round(per_second), "bytes_per_document": round(size / count),
    }


def main() -> None:
    if not CORPUS.exists():
        sys.exit(f"The corpus is not at {CORPUS}. Set GATEWAY_TEST_CORPUS to its folder.")
    documents, texts = search_documents(CORPUS), list(queries(CORPUS).values())
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    results = {}
    for count in sizes:
        results[str(count)] = found = measure(documents, count, texts)
        print(f"{count:>7} datasets: request p50 {found['request']['p50_ms']} ms, p95 {found['request']['p95_ms']} ms; "
              f"bare p50 {found['bare']['p50_ms']}, p95 {found['bare']['p95_ms']}; ratio {found['ratio']['p50']} and {found['ratio']['p95']}; "
              f"suggest p95 {found['suggest']['p95_ms']} ms; {found['indexed_per_second']} indexed/s, {found['bytes_per_document']} bytes each")
    if sizes == SIZES:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps({"engine": "embedded", "datasets": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
