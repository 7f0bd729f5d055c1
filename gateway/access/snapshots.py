"""What a custodian decides on: the answers and its own datasets, as they were when the request was sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.access.bank.asking import for_part
from gateway.access.part_forms import form_of
from gateway.models import Custodian, FormTemplate, Request
from gateway.store.requests import Asked, PartRow


def snapshot_document(
    *, reference: str, part: str, custodian: str | None, form_version: int, answers: Mapping[str, Any], datasets: Sequence[Asked]
) -> dict[str, Any]:
    """Nothing in it tells of the other custodians of the request."""
    return {
        "reference": reference,
        "part": part,
        "custodian": custodian,
        "form_version": form_version,
        "answers": dict(answers),
        "datasets": [
            {"ref": asked.record.ref, "pid": asked.record.pid, "title": asked.record.title, "version": asked.version.number}
            for asked in datasets
        ],
    }


def part_answers(request: Request, template: FormTemplate | None, custodian: Custodian | None, dataset_refs: Sequence[str]) -> dict[str, Any]:
    """What this custodian receives of the answers. The seven questions that came before the bank went to everybody."""
    if request.bank_version is None:
        return dict(request.answers)
    return for_part(form_of(template, custodian), request.answers, dataset_refs)


def renewed_document(row: PartRow) -> dict[str, Any]:
    """The same part with the answers, and those of its datasets, that there are now."""
    held, refs = row.snapshot.document, row.part.dataset_refs
    return {
        **held, "answers": part_answers(row.request, row.form, row.custodian, refs), "datasets": [one for one in held["datasets"] if one["ref"] in refs],
    }


def canonical(document: Mapping[str, Any]) -> bytes:
    """RFC 8785 for documents of ASCII keys, text and whole numbers: keys sorted, no blanks, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(document)).hexdigest()
