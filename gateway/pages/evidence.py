"""Evidence of a part in words, the same for both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from frontend.views.requests import AnsweredFile, EvidenceLine
from gateway.access.files import PartFile
from gateway.access.parts import PartState
from gateway.access.telling import EVIDENCE
from gateway.pages.answered_files import answered_file
from gateway.uploads.keeping import FileRules

HARMFUL: Final = "The virus scanner found something harmful in it. Name the evidence again, with a sound file."


def evidence_lines(state: PartState, missing: Sequence[str], papers: Mapping[str, PartFile], rules: FileRules, *, base: str | None) -> tuple[EvidenceLine, ...]:
    """What was handed in, in its order, then what is missing. ``base`` is the address behind which the ``papers`` are opened, if they can be."""
    there = tuple(
        EvidenceLine(
            kind=EVIDENCE.get(document.get("type", ""), name), reference=document.get("reference", name), state=state.evidence[name],
            issuer=document.get("issuer"), issued=document.get("issued"), expires=document.get("expires"), opinion=document.get("opinion"),
            file=_file(papers.get(name), rules, base),
        )
        for name, document in state.documents.items()
    )
    return there + tuple(EvidenceLine(kind=EVIDENCE[kind], state="expected" if kind in state.awaited else "missing") for kind in missing)


def _file(paper: PartFile | None, rules: FileRules, base: str | None) -> AnsweredFile | None:
    if paper is None:
        return None
    shown = answered_file(paper, rules, base=base)
    return replace(shown, told=HARMFUL) if paper.state == "refused" else shown
