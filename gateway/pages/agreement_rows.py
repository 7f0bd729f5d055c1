"""Agreements of a part in words, the same for both sides."""

from __future__ import annotations

from collections.abc import Sequence

from frontend.views.requests import AgreementRow
from gateway.access.agreements import AgreementLine


def agreement_rows(found: Sequence[AgreementLine], base: str) -> tuple[AgreementRow, ...]:
    """``base`` is the address of the part, below which they are read."""
    return tuple(
        AgreementRow(
            title=one.title, name=one.name, size_bytes=one.size_bytes, sha256=one.sha256, issued_at=one.issued_at.isoformat(), standing=one.standing,
            href=f"{base}/agreements/{one.id}",
        )
        for one in found
    )
