"""Evidence of a part in words, the same for both sides."""

from __future__ import annotations

from collections.abc import Sequence

from frontend.views.requests import EvidenceLine
from gateway.access.parts import PartState
from gateway.access.telling import EVIDENCE


def evidence_lines(state: PartState, missing: Sequence[str]) -> tuple[EvidenceLine, ...]:
    """What was handed in, in its order, then what is missing."""
    there = tuple(
        EvidenceLine(
            kind=EVIDENCE.get(document.get("type", ""), name), reference=document.get("reference", name), state=state.evidence[name],
            issuer=document.get("issuer"), issued=document.get("issued"), expires=document.get("expires"), opinion=document.get("opinion"),
        )
        for name, document in state.documents.items()
    )
    return there + tuple(EvidenceLine(kind=EVIDENCE[kind], state="expected" if kind in state.awaited else "missing") for kind in missing)
