"""Judge one document as a harvest would, without storing it: behind the API, the command line and the pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from gateway.catalogue.quality import as_json
from gateway.errors import BadRequest, Unprocessable
from harvesters.document_values import opened
from harvesters.judging import judged
from harvesters.source import Content
from schemas.document import Unreadable
from schemas.findings import Findings
from schemas.quality import Score, score
from schemas.rules import Facts
from schemas.translate import read
from schemas.validate import unreadable
from schemas.versions import VERSIONS

CHECKED: Final = tuple(name for name in VERSIONS if not name.startswith("GMI"))


@dataclass(frozen=True, slots=True)
class Judgement:
    """All findings, whether a harvest would publish the record, and how well it is described (None where it cannot be read).

    ``problem`` says why the document is none at all; the finding that says the same is then the only one.
    """

    findings: Findings
    publishable: bool
    score: Score | None = None
    problem: Unreadable | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "shape": self.findings.shape, "schema_sha256": self.findings.schema_sha256,
            "conforms": self.findings.is_conformant, "errors": self.findings.count("error"),
            "warnings": self.findings.count("warning"), "advice": self.findings.count("advice"),
            "publishable": self.publishable, "quality": as_json(self.score) if self.score else None,
            "findings": [finding.as_json() for finding in self.findings], "not_checked": list(self.findings.not_checked),
        }  # fmt: skip


def version_named(name: str) -> str:
    """``4.0.0`` and ``hdruk 4.0.0`` are HDRUK 4.0.0. Raises :class:`Unprocessable` naming what can be checked against."""
    wanted = " ".join(name.upper().replace("-", " ").split())
    for known in CHECKED:
        if wanted in (known.upper(), known.upper().removeprefix("HDRUK ")):
            return known
    raise Unprocessable(f"There is no version {name[:40]!r} to check against.", hint=f"Choose one of {', '.join(CHECKED)}.")


def judge(body: bytes, *, version: str | None = None, today: dt.date) -> Judgement:
    """Raises :class:`BadRequest` for what is no JSON document, with where it breaks and how to mend it, and
    :class:`Unprocessable` for a version that nobody published.
    """
    found = try_to_judge(body, version=version, today=today)
    if found.problem is not None and found.problem.rule != "DOC-03":
        raise BadRequest(found.problem.message, hint=found.problem.hint) from found.problem
    return found


def try_to_judge(body: bytes, *, version: str | None = None, today: dt.date) -> Judgement:
    """As :func:`judge`, with what is no JSON as a finding: for many documents at once, and for pages."""
    against = version_named(version) if version else None
    try:
        sent = opened(Content(body))
        reading = read(sent.value, against.rpartition(" ")[2] if against else None)
    except Unreadable as problem:
        return Judgement(unreadable(problem), publishable=False, problem=problem)
    found = judged(sent, reading, facts=Facts(today=today), identity_problem=sent.identity_problem, custodian_known=False, version=against)
    return Judgement(found.findings, found.is_publishable, score(reading.record, found.findings, today=today, paths=reading.paths))
