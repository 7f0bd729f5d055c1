"""How good the ranking is: nDCG@10 over judged queries on real datasets. ``python -m benchmarks.relevance``

Gain 2^grade - 1, discount log2(rank + 1); datasets that were not judged count as grade 0. The corpus lies beside the checkout
or where GATEWAY_TEST_CORPUS says. The result and the change since the last record go to results/relevance.json.
"""

from __future__ import annotations

import csv
import json
import math
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.translate import read
from search.document import Facts, search_document
from search.embedded import EmbeddedEngine
from search.engine import Query, SearchDocument, SearchEngine

CORPUS = Path(os.environ.get("GATEWAY_TEST_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
RESULTS = Path(__file__).parent / "results" / "relevance.json"
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
        id_: ndcg([hit.id for hit in engine.search(Query(text=text, limit=DEPTH, highlight=False)).hits], judged[id_])
        for id_, text in queries(corpus).items()
    }


def main() -> None:
    if not CORPUS.exists():
        sys.exit(f"The corpus is not at {CORPUS}. Set GATEWAY_TEST_CORPUS to its folder.")
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder) / "index")
        count = engine.rebuild(search_documents(CORPUS))
        scores = evaluate(engine, CORPUS)
        engine.close()
    mean = sum(scores.values()) / len(scores)
    before = json.loads(RESULTS.read_bytes()) if RESULTS.exists() else None
    report(count, scores, mean, before)
    RESULTS.parent.mkdir(exist_ok=True)
    rounded = {id_: round(score, 4) for id_, score in scores.items()}
    RESULTS.write_text(json.dumps({"engine": "embedded", "datasets": count, "ndcg_at_10": round(mean, 4), "queries": rounded}, indent=1) + "\n")


def report(count: int, scores: Mapping[str, float], mean: float, before: dict[str, Any] | None) -> None:
    texts = queries(CORPUS)
    change = f" ({mean - before['ndcg_at_10']:+.4f} since the last record)" if before else ""
    print(f"embedded: nDCG@10 {mean:.4f}{change} over {len(scores)} queries and {count} datasets; lowest {min(scores.values()):.2f}")
    for id_, score in sorted(scores.items(), key=lambda item: item[1])[:WORST]:
        moved = f" {score - before['queries'].get(id_, score):+.2f}" if before else ""
        print(f"  {score:.2f}{moved}  {id_}  {texts[id_]}")


if __name__ == "__main__":
    main()
