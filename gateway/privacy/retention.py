"""The nightly work on retention: a job for every kind of the inventory that ends by time. Each is one transaction, may be repeated, and
leaves a proof of what went. A dry run does the same and rolls it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from gateway.access import kept_texts
from gateway.accounts import letters
from gateway.accounts.security import LAST_ONE_STAYS
from gateway.accounts.sessions import IDLE, LONGEST
from gateway.catalogue.basket import KEPT_FOR
from gateway.privacy.anonymising import DECLINED_KEPT, anonymise_due, forget_idle
from gateway.store import Store, accounts, chosen_columns, drafts, mail, outbox, privacy, request_members, uploads
from gateway.store.sealing import AddressHashes, Sealer

log = structlog.get_logger(__name__)
UNCONFIRMED_KEPT: Final = timedelta(days=7)
SESSIONS_KEPT: Final = timedelta(hours=24)
KEYS_KEPT: Final = timedelta(days=365)
WARNED_AFTER: Final = timedelta(days=365)
CLOSED_AFTER: Final = timedelta(days=395)
WARNED_BEFORE: Final = timedelta(days=28)
"""Nobody is closed who was not told that long before."""
DRAFTS_KEPT: Final = timedelta(days=90)
QUARANTINE_KEPT: Final = timedelta(days=30)
WEBHOOKS_KEPT: Final = timedelta(days=90)
PROOFS_KEPT: Final = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class Means:
    sealer: Sealer
    addresses: AddressHashes


@dataclass(frozen=True, slots=True)
class Job:
    """``kept`` is the time after which the kind is due; ``run`` returns how many rows went."""

    kept: timedelta
    run: Callable[[Session, Means, datetime], int]


def _mail_addresses(session: Session, means: Means, now: datetime) -> int:
    rows = mail.addresses_to_hash(session, now=now)
    for row in rows:
        row.to_address, row.subject = mail.HASHED + means.addresses.of(row.to_address), ""
    return len(rows)


def _inactive(session: Session, means: Means, now: datetime) -> int:
    """Tell at twelve months, close at thirteen. Who is the last administrator somewhere is told and stays."""
    closed = 0
    for row in accounts.unused_since(session, now - WARNED_AFTER):
        used = row.last_signed_in_at or row.created_at
        key = f"inactive.{row.subject}.{used:%Y%m%d}"
        told_at = outbox.written_at(session, key)
        if told_at is None:
            session.add(letters.unused(means.sealer, to=row.address or "", key=key, closes_on=max(used + CLOSED_AFTER, now + WARNED_BEFORE), now=now))
        elif now - used >= CLOSED_AFTER and now - told_at >= WARNED_BEFORE and not _is_last(session, row.id):
            mail.forget_person(session, row.subject, row.address)
            accounts.erase(session, row, now=now)
            closed += 1
    return closed


def _invitations(session: Session, *, ended_before: datetime) -> int:
    """To teams, and to requests."""
    return accounts.forget_invitations(session, ended_before=ended_before) + request_members.forget_invitations(session, ended_before=ended_before)


def _is_last(session: Session, account_id: int) -> bool:
    return any(
        accounts.count_holding(session, one.role, accounts.custodian_id_of(session, one)) < 2
        for one in accounts.held(session, account_id) if one.role in LAST_ONE_STAYS
    )


JOBS: Final[Mapping[str, Job]] = {
    "account_links": Job(UNCONFIRMED_KEPT, lambda session, _, now: accounts.forget_links(session, ended_before=now - UNCONFIRMED_KEPT)),
    "sessions": Job(SESSIONS_KEPT, lambda session, _, now: accounts.forget_sessions(session, over_before=now - SESSIONS_KEPT, idle=IDLE, longest=LONGEST)),
    "invitations": Job(UNCONFIRMED_KEPT, lambda session, _, now: _invitations(session, ended_before=now - UNCONFIRMED_KEPT)),
    "keys": Job(KEYS_KEPT, lambda session, _, now: privacy.forget_keys(session, ended_before=now - KEYS_KEPT)),
    "account": Job(CLOSED_AFTER, _inactive),
    "requests": Job(DECLINED_KEPT, lambda session, _, now: anonymise_due(session, now=now)),
    "drafts": Job(DRAFTS_KEPT, lambda session, _, now: forget_idle(session, before=now - DRAFTS_KEPT, now=now)),
    "uploads": Job(QUARANTINE_KEPT, lambda session, _, now: uploads.forget_refused(session, before=now - QUARANTINE_KEPT)),
    "kept_texts": Job(kept_texts.KEPT_FOR, lambda session, _, now: drafts.forget_texts(session, before=now - kept_texts.KEPT_FOR)),
    "chosen_columns": Job(KEPT_FOR, lambda session, _, now: chosen_columns.forget_before(session, now - KEPT_FOR)),
    "mail_bodies": Job(mail.BODIES_KEPT, lambda session, _, now: mail.forget_bodies(session, now=now)),
    "mail": Job(mail.ADDRESSES_KEPT, _mail_addresses),
    "webhook_log": Job(WEBHOOKS_KEPT, lambda session, _, now: privacy.forget_webhook_messages(session, before=now - WEBHOOKS_KEPT)),
    "proofs": Job(PROOFS_KEPT, lambda session, _, now: privacy.forget_purges(session, before=now - PROOFS_KEPT)),
}


class _Undone(Exception):
    """Ends a dry run."""


def purge(store: Store, means: Means, *, now: datetime, is_dry: bool = False) -> dict[str, int]:
    """What went (or would go) of each kind. One job that fails does not keep the others from their work."""
    done = {}
    for kind, job in JOBS.items():
        try:
            done[kind] = _one(store, means, kind, job, now=now, is_dry=is_dry)
        except Exception:
            log.exception("retention.failed", kind=kind)
    return done


def _one(store: Store, means: Means, kind: str, job: Job, *, now: datetime, is_dry: bool) -> int:
    count = 0
    try:
        with store.transaction() as tx:
            count = job.run(tx.session, means, now)
            if is_dry:
                raise _Undone
            if count:
                privacy.note_purge(tx.session, kind, cut_off=now - job.kept, count=count, now=now)
    except _Undone:
        pass
    return count
