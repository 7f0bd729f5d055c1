"""Judging and translating real records, against the parts they are made of and against what others use.

Run: ``python -m benchmarks.records``. Needs the corpus of real inputs beside the checkout. The yardsticks are the official
schema alone, compiled by jsonschema-rs with formats and every error listed; the plain ``jsonschema`` package; and parsing the
JSON. Results are kept in benchmarks/results/records.json. Ratios of speed, by processor time: higher is faster.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs

from benchmarks.clock import SAYS, Spent, best_of_each
from benchmarks.copies import demonstration
from schemas.document import parse
from schemas.translate import read
from schemas.validate import check
from tests.corpus import CORPUS

RESULTS = Path(__file__).parent / "results" / "records.json"
STATE = CORPUS / "hdruk" / "v2" / "2021-04-07"
OFFICIAL = CORPUS / "specification" / "legacy" / "2.0.1"
ROUNDS = 7
LARGE_BYTES = 4_000_000
SAMPLE = 5
"""One in so many records is judged by the slow yardstick, and by ours beside it."""


def main() -> None:
    if not STATE.exists():
        raise SystemExit(f"The corpus of real inputs is not at {CORPUS.name}; set GATEWAY_TEST_CORPUS to its folder.")
    bodies = [path.read_bytes() for path in sorted(STATE.rglob("*.json"))]
    documents = [json.loads(body) for body in bodies]
    best = best_of_each(works(bodies, documents), rounds=ROUNDS)
    sizes = {name: len(documents[::SAMPLE]) if name.endswith("_of_a_sample") else len(documents) for name in best}
    each = {name: spent.processor_seconds / sizes[name] for name, spent in best.items()}
    result = {
        "at": datetime.now(UTC).date().isoformat(),
        "how": SAYS,
        "records": len(documents),
        "per_second_of_processor_time": {name: round(1 / value) for name, value in each.items()},
        "validation_to_jsonschema_rs": round(each["official_schema_jsonschema_rs"] / each["our_schema_and_rules"], 2),
        "validation_to_jsonschema": round(each["official_schema_jsonschema_of_a_sample"] / each["our_schema_and_rules_of_a_sample"], 2),
        "translation_to_json_parsing": round(each["json_parsing"] / each["our_translation"], 2),
        "large_document": large([one for one in demonstration() if "tables" in one.get("structuralMetadata", {})]),
    }
    print(json.dumps(result, indent=1))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


def works(bodies: list[bytes], documents: list[Any]) -> dict[str, Callable[[int], object]]:
    schema = json.loads(next(OFFICIAL.glob("*.json")).read_text())
    fast = jsonschema_rs.Draft7Validator(schema, validate_formats=True)
    plain = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    return {
        "official_schema_jsonschema_rs": lambda _: [list(fast.iter_errors(document)) for document in documents],
        "official_schema_jsonschema_of_a_sample": lambda _: [list(plain.iter_errors(document)) for document in documents[::SAMPLE]],
        "our_schema_and_rules": lambda _: [check(document) for document in documents],
        "our_schema_and_rules_of_a_sample": lambda _: [check(document) for document in documents[::SAMPLE]],
        "json_parsing": lambda _: [json.loads(body) for body in bodies],
        "our_parsing": lambda _: [parse(body) for body in bodies],
        "our_translation": lambda _: [read(document) for document in documents],
    }


def large(documents: list[Any]) -> dict[str, float]:
    """Of the document with the most tables and columns, these repeated until it has this many bytes."""
    document = max(documents, key=lambda one: len(json.dumps(one["structuralMetadata"]["tables"])))
    tables = document["structuralMetadata"]["tables"]
    copies = LARGE_BYTES // len(json.dumps(tables)) + 1
    renamed = [{**table, "name": f"{table.get('name')} {number}"} for number in range(copies) for table in tables]
    body = json.dumps({**document, "structuralMetadata": {"tables": renamed}}).encode()
    best: Spent = best_of_each({"large": lambda _: check(parse(body))})["large"]
    return {"bytes": len(body), "seconds": round(best.seconds, 2), "processor_seconds": round(best.processor_seconds, 2)}


if __name__ == "__main__":
    main()
