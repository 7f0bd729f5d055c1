"""The rules that compare a record with others: judged for a whole batch, just before it is written.

A record is compared with what is held, and with what came before it; so the second of two with one title is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from gateway.store import siblings
from gateway.store.siblings import Owner
from harvesters.pipeline import Outcome
from schemas.rules import Facts, Siblings
from schemas.validate import with_more_facts

BATCH_RECORDS = 100
NO_SOURCE = -1
"""Stands for a push source that will be made with its first record."""


@dataclass(frozen=True, slots=True)
class Others:
    """``custodian_id`` is None for an aggregating source, whose records each name their custodian."""

    source_id: int
    custodian_id: int | None

    def judge(self, session: Session, batch: Sequence[Outcome]) -> list[Outcome]:
        """The batch, with findings of the rules that need other records."""
        judging = [outcome for outcome in batch if _is_judged(outcome)]
        if not judging:
            return list(batch)
        known = siblings.holders(session, {alias for outcome in judging for alias in outcome.aliases})
        wanted = {form for outcome in judging for form in _forms(_title(outcome))}
        titles: dict[tuple[str, str], set[Owner]] = {}
        for held in siblings.titles(session, wanted, source_id=self.source_id, custodian_id=self.custodian_id):
            titles.setdefault(self._key(held.custodian, held.title), set()).add(held.owner)
        return [self._judged(outcome, titles, known) if _is_judged(outcome) else outcome for outcome in batch]

    def _judged(self, outcome: Outcome, titles: dict[tuple[str, str], set[Owner]], known: dict[str, set[Owner]]) -> Outcome:
        assert outcome.findings is not None
        assert outcome.reading is not None
        own = {(self.source_id, name) for name in (outcome.local_id, *outcome.former_ids)}
        key = self._key(outcome.reading.record.summary.data_custodian.name or "", _title(outcome))
        taken = frozenset(alias.lower() for alias in outcome.aliases if known.get(alias, set()) - own)
        facts = Facts(siblings=Siblings(frozenset(key[1:]) if titles.get(key, set()) - own else frozenset(), taken))
        if outcome.kind == "accepted":
            for owners in (titles.setdefault(key, set()), *(known.setdefault(alias, set()) for alias in outcome.aliases)):
                owners.add((self.source_id, outcome.local_id))
        return replace(outcome, findings=with_more_facts(outcome.findings, outcome.reading, facts))

    def _key(self, custodian: str, title: str) -> tuple[str, str]:
        return "" if self.custodian_id is not None else custodian.casefold(), title.strip().lower()


def _is_judged(outcome: Outcome) -> bool:
    return outcome.kind in ("accepted", "quarantined") and outcome.reading is not None and outcome.findings is not None


def _title(outcome: Outcome) -> str:
    return (outcome.record.summary.title or "").strip() if outcome.record else ""


def _forms(title: str) -> tuple[str, str]:
    """In lower case as here, and as SQLite has it, which lowers the letters of ASCII alone."""
    lowered = title.lower()
    return lowered, lowered if title.isascii() else "".join(letter.lower() if letter.isascii() else letter for letter in title)
