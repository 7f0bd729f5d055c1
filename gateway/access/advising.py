"""Advice on a part: before it is sent, from the draft's answers and the datasets as they are; afterwards from what was sent. Applicant and
custodian read the same rows."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from gateway.access.advice.advice import Row, advice, advice_digest, blocking
from gateway.access.advice.terms import Term, terms_of
from gateway.access.context import policy_for
from gateway.access.parts import PartState
from gateway.access.raised_flags import Raised, raised
from gateway.access.working_days import LONDON
from gateway.errors import Unprocessable
from gateway.store import Store, drafts, requests
from gateway.store.drafts import DraftRow
from gateway.store.requests import PartRow

REREAD = "What the conditions of use mean for your request has changed. Read it again, then send."
PROMISE = "Tick each promise that the conditions ask of you."


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAdvice:
    """``hard`` are the rows that keep the part from being sent, because its custodian marked the rule so; ``raised`` the flags of the
    answers, with what they call for there."""

    part: str
    custodian: str
    rows: tuple[Row, ...]
    hard: tuple[Row, ...]
    raised: tuple[Raised, ...] = ()

    @property
    def digest(self) -> str:
        """Of all that was read, the flags too."""
        read = advice_digest(self.rows)
        return hashlib.sha256("\n".join([read, *(one.sentence for one in self.raised)]).encode()).hexdigest() if self.raised else read

    @property
    def promises(self) -> tuple[str, ...]:
        """One for each undertaking, as forms send them back."""
        return tuple(f"{self.part}.{row.rule}" for row in self.rows if row.verdict == "undertaking")


def before_sending(store: Store, reference: str, *, subject: str, now: datetime) -> tuple[PartAdvice, ...]:
    """For each part of the person's request that is not sent yet."""
    with store.reading() as session:
        request = drafts.led(session, reference, subject=subject)
        rows = [row for row in drafts.rows_of(session, request.id) if row.part.state == "draft"]
        return tuple(part_advice(session, row, request.answers, now) for row in rows)


def part_advice(session: Session, row: DraftRow, answers: Mapping[str, Any], now: datetime) -> PartAdvice:
    visible = requests.visible_datasets(session, row.part.dataset_refs)
    terms = _together(one.version.canonical for one in visible.values())
    rows = advice(terms, answers, {}, _today(now))
    policy = policy_for(session, row.part)
    hard, flags = blocking(rows, policy.hard_rules), raised(policy, answers)
    return PartAdvice(part=row.part.public_id, custodian=row.custodian.name if row.custodian else "The gateway’s staff", rows=rows, hard=hard, raised=flags)


def after_sending(session: Session, row: PartRow, state: PartState, now: datetime) -> tuple[Row, ...]:
    """From the answers and the versions of the datasets that were sent, and the evidence as it is now."""
    document = row.snapshot.document
    canonicals = requests.canonicals(session, [(one["ref"], one["version"]) for one in document["datasets"]])
    kinds = {str(held.get("type")): state.evidence[name] for name, held in state.documents.items()}
    return advice(_together(canonicals), document["answers"], kinds, _today(now))


def require_acknowledged(told: Iterable[PartAdvice], digests: Collection[str], promised: Collection[str]) -> None:
    """Raises :class:`Unprocessable` where a hard rule is broken, other advice was read than there is now, or a promise is not given."""
    faults: dict[str, str] = {}
    for one in told:
        if one.hard:
            faults[f"advice-{one.part}"] = " ".join(f"{one.custodian} takes no request that conflicts with “{row.stated}”: {row.because}" for row in one.hard)
        elif one.digest not in digests:
            faults[f"advice-{one.part}"] = REREAD
        elif any(promise not in promised for promise in one.promises):
            faults[f"advice-{one.part}"] = PROMISE
    if faults:
        raise Unprocessable("The conditions of use need your attention.", hint=" ".join(faults.values()), fields=faults)


def _together(canonicals: Iterable[Mapping[str, Any]]) -> Sequence[Term]:
    return list(dict.fromkeys(term for canonical in canonicals for term in terms_of(canonical)))


def _today(now: datetime) -> date:
    return now.astimezone(LONDON).date()
