"""How good the ranking is: nDCG@10 over judged queries on real datasets. ``python -m benchmarks.relevance``

Gain 2^grade - 1, discount log2(rank + 1); datasets that were not judged count as grade 0. The corpus lies beside the checkout
or where GATEWAY_TEST_CORPUS says. Every engine that can be had is measured; results go to results/relevance*.json, and the next run
prints the change since.
"""

from __future__ import annotations

import csv
import json
import math
import os
import random
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from schemas.translate import read
from search.document import Facts, search_document
from search.elastic import ElasticEngine
from search.embedded import EmbeddedEngine
from search.engine import Query, SearchDocument, SearchEngine
from tests.search_servers import MAKERS, alone
from tests.services import Unavailable

CORPUS = Path(os.environ.get("GATEWAY_TEST_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
RESULTS = Path(__file__).parent / "results"
DEPTH = 10
WORST = 10


def collection(corpus: Path) -> Iterator[tuple[dict[str, str], Any]]:
    """Each row of the collection with its submitted document. ``line`` counts from 1."""
    lines: dict[str, list[str]] = {}
    with (corpus / "hdruk" / "collection.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["file"]
            if not row["line"]:
                yield row, json.loads((corpus / name).read_bytes())
                continue
            if name not in lines:
                lines[name] = (corpus / name).read_text(encoding="utf-8").split("\n")
            yield row, json.loads(lines[name][int(row["line"]) - 1])


def search_documents(corpus: Path) -> list[SearchDocument]:
    """The collection as search documents, keyed by persistent id as the judgements are."""
    return [
        search_document(read(document).record, Facts(ref=row["doc_id"], pid=row["doc_id"], version=1))
        for row, document in collection(corpus)
    ]


def queries(corpus: Path) -> dict[str, str]:
    with (corpus / "relevance" / "queries.tsv").open(encoding="utf-8", newline="") as file:
        return {row["query_id"]: row["query"] for row in csv.DictReader(file, delimiter="\t")}


def judgements(corpus: Path) -> Mapping[str, dict[str, int]]:
    """Query id -> dataset -> grade, from the TREC format."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (corpus / "relevance" / "qrels.txt").read_text(encoding="utf-8").splitlines():
        query, _, dataset, grade = line.split()
        found[query][dataset] = int(grade)
    return found


def ndcg(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    best = _gain(sorted(grades.values(), reverse=True)[:DEPTH])
    return _gain([grades.get(id_, 0) for id_ in ranked[:DEPTH]]) / best if best else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def evaluate(engine: SearchEngine, corpus: Path) -> dict[str, float]:
    """Query id -> nDCG@10."""
    judged = judgements(corpus)
    return {
        id_: ndcg(_ids(engine, text, DEPTH), judged[id_])
        for id_, text in queries(corpus).items()
    }


def mistyped(title: str, seed: int) -> str:
    """The title with one random typing error in one of its longer words: a letter left out, doubled, exchanged or another."""
    chance = random.Random(seed)
    places = [match.span() for match in re.finditer(r"[^\W\d_]{5,}", title)] or [match.span() for match in re.finditer(r"\w+", title)]
    start, end = chance.choice(places)
    at = chance.randrange(start, end)
    letter, after = title[at], title[at + 1 :]
    ways = ["", letter * 2, chance.choice("etaoinsr"), after[:1] + letter]
    way = chance.choice(ways)
    return title[:at] + way + (after[1:] if way == ways[3] else after)


def known_items(engine: SearchEngine, documents: Sequence[SearchDocument]) -> dict[str, int]:
    """How many datasets are found as who knows them looks for them: first by title, in the first three by a mistyped title, alone by
    persistent id."""
    found = {"first_by_title": 0, "first_three_by_mistyped_title": 0, "alone_by_identifier": 0}
    for place, document in enumerate(documents):
        id_, title = document["id"], document["title"]
        found["first_by_title"] += _ids(engine, title, 1) == [id_]
        found["first_three_by_mistyped_title"] += id_ in _ids(engine, mistyped(title, place), 3)
        found["alone_by_identifier"] += _ids(engine, id_, DEPTH) == [id_]
    return found


def _ids(engine: SearchEngine, text: str, limit: int) -> list[str]:
    return [hit.id for hit in engine.search(Query(text=text, limit=limit, highlight=False)).hits]


def main() -> None:
    if not CORPUS.exists():
        sys.exit(f"The corpus is not at {CORPUS}. Set GATEWAY_TEST_CORPUS to its folder.")
    documents = search_documents(CORPUS)
    for name in ("embedded", *MAKERS):
        try:
            with opened(name) as engine:
                count = engine.rebuild(documents, force=True)
                record(name, count, evaluate(engine, CORPUS), known_items(engine, documents))
        except Unavailable as error:
            print(f"{name}: left out. {error}")


@contextmanager
def opened(name: str) -> Iterator[SearchEngine]:
    """The engine of this name, empty. Raises Unavailable where its server cannot be had."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        engine: SearchEngine
        if name == "embedded":
            engine = EmbeddedEngine(Path(folder) / "index")
        else:
            engine = ElasticEngine(f"{stack.enter_context(alone(name)).url}/relevance")
        stack.callback(engine.close)
        yield engine


def record(name: str, count: int, scores: Mapping[str, float], known: Mapping[str, int]) -> None:
    """Print the scores beside those of the last run, and keep them for the next."""
    file = RESULTS / ("relevance.json" if name == "embedded" else f"relevance-{name}.json")
    mean = sum(scores.values()) / len(scores)
    report(name, count, scores, mean=mean, before=json.loads(file.read_bytes()) if file.exists() else None)
    print("  known items: " + ", ".join(f"{number} {way.replace('_', ' ')}" for way, number in known.items()))
    RESULTS.mkdir(exist_ok=True)
    rounded = {id_: round(score, 4) for id_, score in scores.items()}
    file.write_text(json.dumps({"engine": name, "datasets": count, "ndcg_at_10": round(mean, 4), **known, "queries": rounded}, indent=1) + "\n")


def report(name: str, count: int, scores: Mapping[str, float], *, mean: float, before: dict[str, Any] | None) -> None:
    texts = queries(CORPUS)
    change = f" ({mean - before['ndcg_at_10']:+.4f} since the last record)" if before else ""
    print(f"{name}: nDCG@10 {mean:.4f}{change} over {len(scores)} queries and {count} datasets; lowest {min(scores.values()):.2f}")
    for id_, score in sorted(scores.items(), key=lambda item: item[1])[:WORST]:
        moved = f" {score - before['queries'].get(id_, score):+.2f}" if before else ""
        print(f"  {score:.2f}{moved}  {id_}  {texts[id_]}")


if __name__ == "__main__":
    main()
