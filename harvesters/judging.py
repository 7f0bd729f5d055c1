"""One judgement of a document, whoever sends it: behind harvests, pushes, the API, the command line and the page.

::

    bytes -> opened (harvesters/document_values.py) -> reading (schemas/translate.py) -> judged: findings
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from harvesters.document_values import Opened
from schemas import validate
from schemas.findings import Findings
from schemas.rules import Facts
from schemas.translate import Reading


@dataclass(frozen=True, slots=True)
class Judged:
    """All findings, and whether anything among them keeps the record from being shown."""

    findings: Findings
    is_publishable: bool


def judged(
    sent: Opened, reading: Reading, *, facts: Facts, identity_problem: str, custodian_known: bool, version: str | None = None
) -> Judged:
    """``identity_problem`` says why there is no usable identifier, if there is none; ``version`` what to check against."""
    found = validate.check_reading(sent.value, reading, version, facts=facts)
    obstacles = validate.blocking(reading.record, identity_problem=identity_problem, custodian_known=custodian_known)
    known = {(finding.rule, finding.path) for finding in found}
    first = (*(finding for finding in obstacles if (finding.rule, finding.path) not in known), *sent.findings)
    return Judged(replace(found, items=(*first, *found.items)) if first else found, is_publishable=not obstacles)
