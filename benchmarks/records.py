"""Judging and translating real records, against the parts they are made of and against what others use.

Run: ``python -m benchmarks.records``. Needs the corpus of real inputs beside the checkout. The yardsticks are the official
schema alone, compiled by jsonschema-rs with formats and every error listed; the plain ``jsonschema`` package; and parsing the
JSON. Results are kept in benchmarks/results/records.json. Ratios of speed: higher is faster.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs

from schemas.document import parse
from schemas.translate import read
from schemas.validate import check
from tests.corpus import CORPUS

RESULTS = Path(__file__).parent / "results" / "records.json"
STATE = CORPUS / "hdruk" / "v2" / "2021-04-07"
OFFICIAL = CORPUS / "specification" / "legacy" / "2.0.1"
ROUNDS = 5
SAMPLE = 25
"""How many records the slow yardstick judges."""


def main() -> None:
    if not STATE.exists():
        raise SystemExit(f"The corpus of real inputs is not at {CORPUS.name}; set GATEWAY_TEST_CORPUS to its folder.")
    bodies = [path.read_bytes() for path in sorted(STATE.rglob("*.json"))]
    documents = [json.loads(body) for body in bodies]
    schema = json.loads(next(OFFICIAL.glob("*.json")).read_text())
    fast = jsonschema_rs.Draft7Validator(schema, validate_formats=True)
    plain = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    seconds = {
        "official_schema_jsonschema_rs": each(documents, lambda document: list(fast.iter_errors(document))),
        "official_schema_jsonschema": each(documents[:SAMPLE], lambda document: list(plain.iter_errors(document)), rounds=2),
        "our_schema_and_rules": each(documents, check),
        "json_parsing": each(bodies, json.loads),
        "our_parsing": each(bodies, parse),
        "our_translation": each(documents, read),
    }
    result = {
        "at": datetime.now(UTC).date().isoformat(),
        "records": len(documents),
        "per_second": {name: round(1 / value) for name, value in seconds.items()},
        "validation_to_jsonschema_rs": ratio(seconds, "official_schema_jsonschema_rs", "our_schema_and_rules"),
        "validation_to_jsonschema": ratio(seconds, "official_schema_jsonschema", "our_schema_and_rules"),
        "translation_to_json_parsing": ratio(seconds, "json_parsing", "our_translation"),
    }
    print(json.dumps(result, indent=1))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


def each(values: list[Any], work: Callable[[Any], object], *, rounds: int = ROUNDS) -> float:
    """Seconds for one value, in the fastest of the rounds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        for value in values:
            work(value)
        times.append((time.perf_counter() - started) / len(values))
    return min(times)


def ratio(seconds: dict[str, float], yardstick: str, ours: str) -> float:
    """How many times as fast as the yardstick."""
    return round(seconds[yardstick] / seconds[ours], 2)


if __name__ == "__main__":
    main()
