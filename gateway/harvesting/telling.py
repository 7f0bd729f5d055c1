"""What those who look after a source are told of its runs, by mail or webhook: when it fails (J13), and a digest for whoever chose one.

A message holds the source, what came of the run and where its report is. Never an address with credentials.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.orm import Session

from gateway.access import notices
from gateway.models import Source, SourceContact
from gateway.store import contacts, outbox, webhooks
from gateway.store.sealing import Sealer
from harvesters.reasons import REASONS

AT_FAILURES = (1, 3, 7)
THEN_EVERY = timedelta(days=7)
CHANGED = ("created", "updated", "restored", "missing", "removed")
PROBLEMS = ("quarantined", "rejected", "withheld")
CLOSING = "You get this because your address is named for this source. Ask the operator of this catalogue to change that."
WORDS = {
    "created": "new", "updated": "changed", "restored": "back again", "unchanged": "unchanged", "quarantined": "not shown because of findings",
    "rejected": "could not be read", "missing": "no longer listed", "removed": "removed", "repeated": "listed twice", "withheld": "withheld",
}


@dataclass(frozen=True, slots=True)
class Told:
    """``facts`` are what a program is told where people get the text."""

    kind: Literal["failed", "digest"]
    subject: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Telling:
    def __init__(self, sealer: Sealer) -> None:
        self.sealer = sealer

    def failed(self, session: Session, source: Source, run_id: int, *, reason: str | None, error: str | None, now: datetime) -> None:
        """After the failure is counted: at the first, third and seventh in a row, then once a week."""
        failures = source.consecutive_failures
        is_weekly = failures > AT_FAILURES[-1] and (source.last_notice_at is None or now - source.last_notice_at >= THEN_EVERY)
        if failures not in AT_FAILURES and not is_weekly:
            return
        source.last_notice_at = now
        known = REASONS.get(reason or "")
        said = [error or (known.sentence if known else "The run failed."), known.hint if known else ""]
        times = "once" if failures == 1 else f"{failures} times in a row"
        text = f"{source.name} could not be harvested ({times}). {' '.join(filter(None, said))}\n\nWhat is shown of it stays; it is tried again on its schedule."
        told = Told("failed", f"{source.name}: harvest failed {times}", text, {"state": "failed", "reason": reason, "failures_in_a_row": failures})
        for contact in contacts.of_source(session, source):
            self._send(session, contact, source, run_id, told, now=now)

    def done(self, session: Session, source: Source, run_id: int, *, state: str, counters: Mapping[str, int], error: str | None, now: datetime) -> None:
        """A digest for each contact that wants one of such a run."""
        has_problems = state in ("held", "partial") or any(counters.get(name) for name in PROBLEMS)
        has_changes = any(counters.get(name) for name in CHANGED)
        listed = "\n".join(f"- {counters[name]} {word}" for name, word in WORDS.items() if counters.get(name))
        text = "\n\n".join(filter(None, (f"{source.name} was harvested.", listed or "Nothing was listed.", error)))
        facts = {"state": state, "counters": dict(counters), "has_problems": has_problems, "has_changes": has_changes}
        told = Told("digest", f"{source.name}: harvested{', with problems' if has_problems else ''}", text, facts)
        for contact in contacts.of_source(session, source):
            if _wants(contact.digest, has_problems=has_problems, has_changes=has_changes):
                self._send(session, contact, source, run_id, told, now=now)

    def _send(self, session: Session, contact: SourceContact, source: Source, run_id: int, told: Told, *, now: datetime) -> None:
        if contact.endpoint_id is not None:
            data = {**told.facts, "run": run_id, "source": source.slug, "path": f"/api/v1/runs/{run_id}"}
            webhooks.announce_digest(session, contact.endpoint_id, data, now=now)
            return
        key = f"run.{run_id}.{told.kind}.{contact.address}"
        body = notices.Body(text=told.text, path=f"/sources/{source.slug}/runs/{run_id}", closing=CLOSING)
        outbox.add_once(session, notices.message(self.sealer, key=key, to_address=contact.address, subject=told.subject, body=body, now=now))


def _wants(choice: str, *, has_problems: bool, has_changes: bool) -> bool:
    return choice == "always" or (choice == "problems" and has_problems) or (choice == "changes" and (has_problems or has_changes))
