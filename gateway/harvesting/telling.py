"""Mail about a source's runs to those who look after it: when it fails (J13), and a digest for whoever chose one.

A message holds the source, what came of the run and where its report is. Never an address with credentials.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from gateway.access import notices
from gateway.models import Source, SourceContact
from gateway.store import contacts, outbox
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
        for contact in contacts.of_source(session, source):
            self._send(session, contact, source, run_id, kind="failed", subject=f"{source.name}: harvest failed {times}", text=text, now=now)

    def done(self, session: Session, source: Source, run_id: int, *, state: str, counters: Mapping[str, int], error: str | None, now: datetime) -> None:
        """A digest for each contact that wants one of such a run."""
        has_problems = state in ("held", "partial") or any(counters.get(name) for name in PROBLEMS)
        has_changes = any(counters.get(name) for name in CHANGED)
        listed = "\n".join(f"- {counters[name]} {word}" for name, word in WORDS.items() if counters.get(name))
        text = "\n\n".join(filter(None, (f"{source.name} was harvested.", listed or "Nothing was listed.", error)))
        for contact in contacts.of_source(session, source):
            if _wants(contact.digest, has_problems=has_problems, has_changes=has_changes):
                subject = f"{source.name}: harvested{', with problems' if has_problems else ''}"
                self._send(session, contact, source, run_id, kind="digest", subject=subject, text=text, now=now)

    def _send(
        self, session: Session, contact: SourceContact, source: Source, run_id: int, *, kind: str, subject: str, text: str, now: datetime
    ) -> None:
        key = f"run.{run_id}.{kind}.{contact.address}"
        if outbox.has_message(session, key):
            return
        body = notices.Body(text=text, path=f"/sources/{source.slug}/runs/{run_id}", closing=CLOSING)
        session.add(notices.message(self.sealer, key=key, to_address=contact.address, subject=subject, body=body, now=now))


def _wants(choice: str, *, has_problems: bool, has_changes: bool) -> bool:
    return choice == "always" or (choice == "problems" and has_problems) or (choice == "changes" and (has_problems or has_changes))
