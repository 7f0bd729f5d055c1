"""Judge one document as a harvest would, without storing it: behind the API, the command line and the pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.errors import BadRequest
from schemas.document import parse
from schemas.findings import Findings
from schemas.translate import Unreadable, local_id, read
from schemas.validate import blocking, check


@dataclass(frozen=True, slots=True)
class Judgement:
    """All findings, and whether a harvest would publish the record."""

    findings: Findings
    publishable: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "shape": self.findings.shape, "schema_sha256": self.findings.schema_sha256,
            "conforms": self.findings.is_conformant, "errors": self.findings.count("error"),
            "warnings": self.findings.count("warning"), "advice": self.findings.count("advice"),
            "publishable": self.publishable, "findings": [finding.as_json() for finding in self.findings],
        }


def judge(body: bytes, *, version: str | None = None) -> Judgement:
    """Raises :class:`BadRequest` for what is no JSON document, with where it breaks and how to mend it."""
    try:
        document = parse(body)
    except Unreadable as error:
        raise BadRequest(error.message, hint=error.hint) from error
    findings = check(document, version)
    try:
        record = read(document, version).record
        obstacles = blocking(record, has_identity=local_id(document) is not None, custodian_known=False)
    except Unreadable:
        return Judgement(findings, publishable=False)
    known = {(finding.rule, finding.path) for finding in findings}
    more = tuple(finding for finding in obstacles if (finding.rule, finding.path) not in known)
    return Judgement(Findings((*more, *findings.items), findings.shape, findings.schema_sha256), publishable=not obstacles)
