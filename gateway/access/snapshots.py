"""What a custodian decides on: the answers and its own datasets, as they were when the request was sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from gateway.access.bank.asking import for_part
from gateway.access.bank.forms import CustodianForm
from gateway.access.bank.questions import FILES
from gateway.access.part_forms import form_of
from gateway.access.raised_flags import flags_of
from gateway.models import Custodian, FormTemplate, Request, Upload
from gateway.store import uploads
from gateway.store.requests import Asked, PartRow


def snapshot_document(
    *, reference: str, part: str, custodian: str | None, form_version: int, answers: Mapping[str, Any], datasets: Sequence[Asked],
    files: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Nothing in it tells of the other custodians of the request."""
    return {
        "reference": reference,
        "part": part,
        "custodian": custodian,
        "form_version": form_version,
        "answers": dict(answers),
        "flags": list(flags_of(answers)),
        "datasets": [
            {"ref": asked.record.ref, "pid": asked.record.pid, "title": asked.record.title, "version": asked.version.number}
            for asked in datasets
        ],
        "files": [dict(one) for one in files],
    }


def part_answers(request: Request, template: FormTemplate | None, custodian: Custodian | None, dataset_refs: Sequence[str]) -> dict[str, Any]:
    """What this custodian receives of the answers. The seven questions that came before the bank went to everybody."""
    if request.bank_version is None:
        return dict(request.answers)
    return for_part(form_of(template, custodian), request.answers, dataset_refs)


def file_lines(held: Mapping[str, Upload], form: CustodianForm, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the answers attach of what the request has: which bytes, by their hash, and under which name."""
    return [
        {"id": one, "question": key, "name": row.name, "media_type": row.media_type, "size_bytes": row.size_bytes, "sha256": row.sha256}
        for key, answer in answers.items() if is_of_files(form, key) for one in answer if (row := held.get(one)) is not None
    ]


def is_of_files(form: CustodianForm, key: str) -> bool:
    question = form.question(key)
    return question is not None and question.type in FILES


def renewed_document(session: Session, row: PartRow) -> dict[str, Any]:
    """The same part with the answers, and those of its datasets, that there are now."""
    held, refs = row.snapshot.document, row.part.dataset_refs
    answers = part_answers(row.request, row.form, row.custodian, refs)
    return {
        **held, "answers": answers, "flags": list(flags_of(answers)), "datasets": [one for one in held["datasets"] if one["ref"] in refs],
        "files": file_lines(uploads.of_request(session, row.request.id), form_of(row.form, row.custodian), answers),
    }


def canonical(document: Mapping[str, Any]) -> bytes:
    """RFC 8785 for documents of ASCII keys, text and whole numbers: keys sorted, no blanks, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(document)).hexdigest()
