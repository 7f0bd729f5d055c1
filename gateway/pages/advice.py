"""Advice in words, the same wherever it is shown."""

from __future__ import annotations

from collections.abc import Sequence

from frontend.views.requests import AdviceLine, AdvicePanel
from gateway.access.advice.advice import Row
from gateway.access.advising import PartAdvice


def advice_lines(rows: Sequence[Row]) -> tuple[AdviceLine, ...]:
    return tuple(AdviceLine(condition=row.stated or row.words, verdict=row.verdict, because=row.because) for row in rows)


def advice_panel(one: PartAdvice) -> AdvicePanel:
    promises = tuple((f"{one.part}.{row.rule}", row.because) for row in one.rows if row.verdict == "undertaking")
    return AdvicePanel(part=one.part, custodian=one.custodian, digest=one.digest, lines=advice_lines(one.rows), promises=promises, flags=tuple(flag.sentence for flag in one.raised))
