"""Which evidence a request must come with: what the custodian always wants, what its pathway wants, and what the answers and their flags call for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.access.parts import PartState
from gateway.access.pathways.guards import SECTION_251
from gateway.access.policy import Policy
from gateway.access.raised_flags import flags_of


def required_evidence(policy: Policy, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Kinds, each once."""
    followed = policy.followed
    by_answers = [kind for kind in followed.evidence_by_answers if _is_called_for(kind, answers)]
    by_flags = [kind for flag in flags_of(answers) for kind in policy.evidence_for(flag)]
    return tuple(dict.fromkeys([*policy.evidence, *followed.evidence, *by_answers, *by_flags]))


def missing_evidence(required: tuple[str, ...], state: PartState) -> tuple[str, ...]:
    there = {document.get("type") for name, document in state.documents.items() if state.evidence[name] != "refused"}
    return tuple(kind for kind in required if kind not in there)


def _is_called_for(kind: str, answers: Mapping[str, Any]) -> bool:
    if kind == "REC":
        return answers.get("project.ethics_status") in ("given", "opinion given", "pending")
    return kind == "CAG_s251" and answers.get("data.confidentiality") == SECTION_251
