"""How the demonstration records stand against the official schema of their version: most valid, some not."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from demonstration.holdings import Document, holdings
from tests.corpus import corpus


@cache
def validator(version: str) -> Draft202012Validator:
    schema: dict[str, Any] = json.loads(corpus("specification", "hdruk", version, "schema.json").read_bytes())
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def is_valid(document: Document) -> bool:
    return validator(document.specification).is_valid(document.content)


def test_quality_runs_from_poor_to_rich() -> None:
    documents = [document for holding in holdings() for document in holding.documents]
    valid = [document for document in documents if is_valid(document)]
    assert len(valid) >= 15
    assert len(documents) - len(valid) >= 6
    assert {document.specification for document in valid} == {"2.1.2", "3.0.0", "4.0.0"}
