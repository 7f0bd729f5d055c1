"""Judge one document as a harvest would, without storing it: behind the API, the command line and the pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.errors import BadRequest
from gateway.quality import as_json
from gateway.store.database import utc_now
from schemas.document import parse
from schemas.findings import Findings
from schemas.quality import Score, score
from schemas.translate import Unreadable, local_id, read
from schemas.validate import blocking, check


@dataclass(frozen=True, slots=True)
class Judgement:
    """All findings, whether a harvest would publish the record, and how well it is described (None where it cannot be read)."""

    findings: Findings
    publishable: bool
    score: Score | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "shape": self.findings.shape, "schema_sha256": self.findings.schema_sha256,
            "conforms": self.findings.is_conformant, "errors": self.findings.count("error"),
            "warnings": self.findings.count("warning"), "advice": self.findings.count("advice"),
            "publishable": self.publishable, "quality": as_json(self.score) if self.score else None, "findings": [finding.as_json() for finding in self.findings],
        }


def judge(body: bytes, *, version: str | None = None) -> Judgement:
    """Raises :class:`BadRequest` for what is no JSON document, with where it breaks and how to mend it."""
    try:
        document = parse(body)
    except Unreadable as error:
        raise BadRequest(error.message, hint=error.hint) from error
    findings = check(document, version)
    try:
        reading = read(document, version)
        obstacles = blocking(reading.record, has_identity=local_id(document) is not None, custodian_known=False)
    except Unreadable:
        return Judgement(findings, publishable=False)
    known = {(finding.rule, finding.path) for finding in findings}
    more = tuple(finding for finding in obstacles if (finding.rule, finding.path) not in known)
    together = Findings((*more, *findings.items), findings.shape, findings.schema_sha256)
    found = score(reading.record, together, today=utc_now().date(), paths=reading.paths)
    return Judgement(together, publishable=not obstacles, score=found)


def try_to_judge(body: bytes, *, version: str | None = None) -> Judgement | BadRequest:
    """As :func:`judge`, with the error as a value: for many documents at once, and for pages."""
    try:
        return judge(body, version=version)
    except BadRequest as error:
        return error
