"""Why a dataset is not visible, or not current: what is known of a record, in sentences with what to do (J26, S15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.errors import NotFound
from gateway.models import Outcome, Record, Source
from gateway.store import Store, explanations, holds, links, sources
from harvesters.plan import GRACE, PASSES_UNTIL_REMOVAL
from harvesters.reasons import REASONS

UNCONFIRMED_AFTER: Final = timedelta(days=90)
"""So long is the last good version taken for current, though the source has sent a refused one since (S7)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One fact that matters, as a code for programs and a sentence for people; ``hint`` says what to do."""

    code: str
    sentence: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """``record`` is None for an identifier that only runs have met."""

    source: Source
    record: Record | None
    local_id: str
    answers: tuple[Answer, ...]
    outcomes: tuple[Outcome, ...] = ()
    findings: tuple[dict[str, Any], ...] = field(default=())

    @property
    def is_visible(self) -> bool:
        return self.record is not None and self.record.state in ("live", "missing")


def explain(store: Store, dataset: str, *, now: datetime) -> Explanation:
    """``dataset`` is any identifier: of its page here, of its custodian, a DOI, an earlier one. Raises :class:`NotFound`."""
    wanted = dataset.strip()
    with store.reading() as session:
        record = explanations.find(session, wanted)
        met = explanations.last_outcomes(session, record_id=record.id if record else None, local_id=wanted)
        if record is None and not met:
            raise NotFound(f"No run has met {wanted!r}.", hint="Use the identifier that the source itself uses, or search for the title.")
        source_id = record.source_id if record else explanations.source_of(session, met[0])
        source = sources.by_id(session, source_id)
        answers = (*_about_record(session, record, met, now), *_about_source(source))
        refused = next((row for row in met if row.outcome in ("quarantined", "rejected")), None)
        shows_refusal = refused is not None and (record is None or record.refused_hash is not None or record.stale_since is not None)
    findings = tuple(refused.findings) if refused and shows_refusal else ()
    return Explanation(source, record, record.local_id if record else wanted, answers, tuple(met), findings)


def _about_record(session: Session, record: Record | None, met: list[Outcome], now: datetime) -> Iterator[Answer]:
    last = met[0] if met else None
    if record is None:
        yield Answer("never-accepted", f"It was met by run {last.run_id}, but never taken in." if last else "")
        yield from _refusal(last)
        return
    yield from _state(record, now)
    if record.state == "unpublished" or record.stale_since is not None:
        yield from _refusal(next((row for row in met if row.outcome in ("quarantined", "rejected")), None))
    yield from _hold(session, record)
    if record.state in ("live", "missing") and explanations.waits_for_index(session, record.id):
        yield Answer("not-indexed", "Its last change waits for the search index.", "It is found within a minute; if not, see /readyz.")
    for value, count in links.overused(session, record.source_id).items():
        if value in explanations.identifiers(session, record):
            yield Answer("shared-identifier", f"{count} records of its source are known by {value}.", "Give each dataset an identifier of its own.")


def _state(record: Record, now: datetime) -> Iterator[Answer]:
    if record.state == "unpublished":
        yield Answer("unpublished", "It was never shown, because what was sent lacks what is needed to show it.", "Mend the findings.")
    elif record.state == "withheld":
        yield Answer("withheld", "It is withheld.", REASONS["withheld"].hint)
    elif record.state == "removed":
        yield Answer("removed", f"It was removed on {_day(record.last_changed_at)}. {record.removal_reason or ''}".strip(),
                     "It returns by itself when its source lists it again.")
    elif record.state == "missing":
        left = max(0, PASSES_UNTIL_REMOVAL - record.missing_passes)
        yield Answer("missing", f"Its source has not listed it since {_day(record.missing_since)}. It is still shown.",
                     f"It is removed after {GRACE.days} days and {left} more complete listings without it; list it again to keep it.")
    elif record.stale_since is None:
        yield Answer("current", "It is shown as its source last sent it.")
    if record.stale_since is not None and record.state in ("live", "missing"):
        code = "unconfirmed" if now - record.stale_since >= UNCONFIRMED_AFTER else "stale"
        yield Answer(code, f"What its source sends since {_day(record.stale_since)} was refused, so an earlier version is shown.", "Mend what was refused.")


def _refusal(outcome: Outcome | None) -> Iterator[Answer]:
    known = REASONS.get(outcome.reason or "") if outcome else None
    if outcome is not None and known is not None:
        yield Answer(known.code, outcome.detail or known.sentence, known.hint)


def _hold(session: Session, record: Record) -> Iterator[Answer]:
    for hold in holds.of_source(session, record.source_id, *holds.CARRY_RECORDS):
        if record.local_id in hold.local_ids:
            said = "waits for a decision" if hold.state == "open" else "was not approved, so it stays"
            yield Answer(f"hold-{hold.state}", f"Its source no longer lists it; its removal {said}.", f"gateway harvest approve {hold.id}")


NOT_READ: Final = {
    "untried": "waits for a dry run", "unconfirmed": "waits to be switched on", "paused": "is paused", "disabled": "is switched off",
}


def _about_source(source: Source) -> Iterator[Answer]:
    what = NOT_READ.get(source.state)
    if what:
        yield Answer(f"source-{source.state}", f"Its source {what}, so nothing new arrives.")
    if source.consecutive_failures:
        since = f" It was last read on {_day(source.last_success_at)}." if source.last_success_at else " It was never read."
        yield Answer("source-failing", f"Its source failed {source.consecutive_failures} times in a row.{since}", "The source's page says why.")
    if source.last_attempt_at is None:
        yield Answer("source-not-run", "Its source has not run yet.")


def _day(at: datetime | None) -> str:
    return f"{at.day} {at:%B %Y}" if at else "an unknown day"


def explanation_shape(found: Explanation) -> dict[str, Any]:
    """For programs: the API and the command line answer the same."""
    record, source = found.record, found.source
    return {
        "dataset": record.ref if record else None, "local_id": found.local_id, "title": record.title if record else None,
        "state": record.state if record else None, "is_visible": found.is_visible, "source": source.slug,
        "answers": [{"code": one.code, "sentence": one.sentence, "hint": one.hint} for one in found.answers],
        "findings": list(found.findings),
        "outcomes": [{"run": row.run_id, "outcome": row.outcome, "reason": row.reason, "at": row.at} for row in found.outcomes],
        "last_attempt_at": source.last_attempt_at, "last_success_at": source.last_success_at, "next_due_at": source.next_due_at,
    }
