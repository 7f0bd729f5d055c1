"""What a custodian decides on: the answers and its own datasets, as they were when the request was sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.store.requests import Asked


def snapshot_document(
    *, reference: str, part: str, custodian: str | None, answers: Mapping[str, str], datasets: Sequence[Asked]
) -> dict[str, Any]:
    """Nothing in it tells of the other custodians of the request."""
    return {
        "reference": reference,
        "part": part,
        "custodian": custodian,
        "answers": dict(answers),
        "datasets": [
            {"ref": asked.record.ref, "pid": asked.record.pid, "title": asked.record.title, "version": asked.version.number}
            for asked in datasets
        ],
    }


def renewed_document(document: Mapping[str, Any], answers: Mapping[str, str]) -> dict[str, Any]:
    """The same part with the answers as they are now."""
    return {**document, "answers": dict(answers)}


def canonical(document: Mapping[str, Any]) -> bytes:
    """RFC 8785 for documents of ASCII keys, text and whole numbers: keys sorted, no blanks, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(document)).hexdigest()
