"""What the conditions of use mean for a project. A pure function of terms, answers, evidence and the date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, Literal

from gateway.access.advice.rules import RULES, Judged, Project, Verdict
from gateway.access.advice.terms import CONDITIONS, Term

ORDER: Final[tuple[Verdict, ...]] = ("conflict", "needs_human", "undertaking", "compatible")
"""The gravest first."""
Overall = Literal["conflict", "needs_human", "undertaking", "compatible"]
NO_TERMS: Final = "The dataset states no conditions of use, so the custodian has to say what holds."
UNKNOWN: Final = "This condition is not one that can be judged here; the custodian will read it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``rule`` is the condition, ``stated`` its words in the record, ``because`` a sentence for both sides, ``keys`` the answers it was
    judged from."""

    rule: str
    words: str
    stated: str
    verdict: Verdict
    because: str
    keys: tuple[str, ...] = ()


def advice(terms: Iterable[Term], answers: Mapping[str, Any], evidence: Mapping[str, str], today: date) -> tuple[Row, ...]:
    """One row for each condition, in the order of the list of conditions. ``evidence`` maps kinds (REC, …) to their state.

    No stated terms give *needs_human*, never *compatible*.
    """
    project = Project(answers=answers, evidence=evidence, today=today)
    stated = sorted(dict.fromkeys(terms), key=_place)
    if not stated:
        return (Row(rule="no-terms", words="No conditions stated", stated="", verdict="needs_human", because=NO_TERMS),)
    return tuple(_row(term, project) for term in stated)


def overall(rows: Sequence[Row]) -> Verdict:
    """The gravest verdict of all: a further term can make it graver only."""
    return next(verdict for verdict in ORDER if any(row.verdict == verdict for row in rows))


def blocking(rows: Iterable[Row], hard_rules: Iterable[str]) -> tuple[Row, ...]:
    """Conflicts with conditions that this custodian marked as hard; all others only inform."""
    hard = frozenset(hard_rules)
    return tuple(row for row in rows if row.verdict == "conflict" and row.rule in hard)


def advice_digest(rows: Iterable[Row]) -> str:
    """Of what was shown, for acknowledging exactly that."""
    return hashlib.sha256(json.dumps([asdict(row) for row in rows], sort_keys=True).encode()).hexdigest()


def _place(term: Term) -> int:
    return list(CONDITIONS).index(term.id) if term.id in CONDITIONS else len(CONDITIONS)


def _row(term: Term, project: Project) -> Row:
    if term.condition is None:
        return Row(rule="unknown", words=term.stated, stated=term.stated, verdict="needs_human", because=UNKNOWN)
    rule = RULES[term.id]
    judged: Judged = rule.judge(term, project)
    return Row(rule=term.id, words=term.condition.words, stated=term.stated, verdict=judged[0], because=judged[1], keys=rule.keys)
