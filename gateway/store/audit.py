"""Appending to the audit, and reading it.

Rows are collected while a transaction works and appended just before it commits, stream by stream in the order of their names:
so each stream is locked for a moment only, and two transactions never wait for each other crosswise. PostgreSQL locks by an
advisory lock, SQLite by the transaction itself, which began with ``BEGIN IMMEDIATE``.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from gateway.acting import acting
from gateway.audit.chain import BEGINNING, Link, payload_digest, plain, row_hash
from gateway.models import AuditCheckpoint, AuditHeads, AuditRow, AuditSalt

GATEWAY: Final = "gateway"
SECURITY: Final = "security"
PENDING: Final = "audit"
ROWS_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be appended. ``payload`` is not kept here: only its salted digest. Without an actor it is who acts now."""

    stream: str
    action: str
    object: str
    outcome: str = "done"
    payload: Mapping[str, Any] | None = None
    actor: str | None = None
    role: str | None = None


def organisation(slug: str | None) -> str:
    """The stream of a custodian; the gateway's own where there is none."""
    return f"organisation/{slug}" if slug else GATEWAY


def note(session: Session, entry: Entry) -> None:
    """Append it when the transaction commits. The same thing noted twice in one transaction is one row."""
    who = acting()
    entry = replace(entry, actor=entry.actor or who.actor, role=entry.role or who.role)
    pending = session.info.setdefault(PENDING, [])
    if entry not in pending:
        pending.append(entry)
        who.noted.append(entry.action)


def append_noted(session: Session) -> None:
    """Called by the transaction before its commit."""
    noted: list[Entry] = session.info.pop(PENDING, [])
    for stream in sorted({entry.stream for entry in noted}):
        _append(session, stream, [entry for entry in noted if entry.stream == stream])


def _append(session: Session, stream: str, entries: Sequence[Entry]) -> None:
    _lock(session, stream)
    number, previous = last(session, stream)
    at, request_id = datetime.now(UTC), acting().request_id
    rows, salts = [], []
    for entry in entries:
        number, salt = number + 1, secrets.token_hex(16)
        link = Link(
            stream=stream, sequence=number, at=at, actor=plain(entry.actor or ""), role=plain(entry.role or ""), action=entry.action,
            object=plain(entry.object), outcome=plain(entry.outcome), request_id=request_id, digest=payload_digest(salt, entry.payload or {}),
            previous=previous, hash="",
        )
        link = replace(link, hash=row_hash(link))
        previous = link.hash
        rows.append(asdict(link))
        salts.append({"stream": stream, "sequence": number, "salt": salt})
    session.execute(insert(AuditRow), rows)
    session.execute(insert(AuditSalt), salts)


def _lock(session: Session, stream: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"audit {stream}"})


def last(session: Session, stream: str) -> tuple[int, str]:
    """Number and hash of the last row; of the checkpoint where all rows were dropped."""
    query = select(AuditRow.sequence, AuditRow.hash).where(AuditRow.stream == stream).order_by(AuditRow.sequence.desc()).limit(1)
    found = session.execute(query).first()
    if found is not None:
        return found[0], found[1]
    checkpoint = newest_checkpoint(session, stream)
    return (checkpoint.sequence, str(checkpoint.document["hash"])) if checkpoint else (0, BEGINNING)


# reading


def streams(session: Session) -> list[tuple[str, int]]:
    """Every stream with the number of its last row, by name; those that a checkpoint alone is left of as well."""
    found: dict[str, int] = {}
    for table in (AuditCheckpoint, AuditRow):
        found.update((row[0], row[1]) for row in session.execute(select(table.stream, func.max(table.sequence)).group_by(table.stream)))
    return sorted(found.items())


def count_rows(session: Session, stream: str) -> int:
    return session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.stream == stream)) or 0


def rows(session: Session, stream: str, *, before: int | None = None, limit: int = 100) -> list[AuditRow]:
    """Newest first."""
    query = select(AuditRow).where(AuditRow.stream == stream).order_by(AuditRow.sequence.desc()).limit(limit)
    return list(session.scalars(query if before is None else query.where(AuditRow.sequence < before)))


def links(session: Session, stream: str) -> Iterator[Link]:
    """All rows of a stream in the order of their numbers, as they stand in the table."""
    names = [getattr(AuditRow, name) for name in Link.__dataclass_fields__]
    found = session.execute(select(*names).where(AuditRow.stream == stream).order_by(AuditRow.sequence, AuditRow.hash).execution_options(yield_per=ROWS_AT_ONCE))
    for row in found:
        yield Link(**row._mapping)


def hash_at(session: Session, stream: str, sequence: int) -> str | None:
    return session.scalar(select(AuditRow.hash).where(AuditRow.stream == stream, AuditRow.sequence == sequence))


def newest_checkpoint(session: Session, stream: str) -> AuditCheckpoint | None:
    query = select(AuditCheckpoint).where(AuditCheckpoint.stream == stream).order_by(AuditCheckpoint.sequence.desc()).limit(1)
    return session.scalar(query)


def is_payload(session: Session, stream: str, sequence: int, payload: Mapping[str, Any]) -> bool | None:
    """Whether the row stands for this payload; None once its salt was erased."""
    salt = session.scalar(select(AuditSalt.salt).where(AuditSalt.stream == stream, AuditSalt.sequence == sequence))
    digest = session.scalar(select(AuditRow.digest).where(AuditRow.stream == stream, AuditRow.sequence == sequence))
    return None if salt is None else payload_digest(salt, payload) == digest


def forget_salt(session: Session, stream: str, sequence: int) -> None:
    """With its payload erased, nobody can try texts against the digest any more."""
    session.execute(delete(AuditSalt).where(AuditSalt.stream == stream, AuditSalt.sequence == sequence))


# heads and pruning


def all_heads(session: Session) -> list[AuditHeads]:
    return list(session.scalars(select(AuditHeads).order_by(AuditHeads.day)))


def recent_heads(session: Session, *, limit: int) -> list[AuditHeads]:
    return list(session.scalars(select(AuditHeads).order_by(AuditHeads.day.desc()).limit(limit)))


def has_heads(session: Session, day: str) -> bool:
    return session.get(AuditHeads, day) is not None


def add(session: Session, signed: AuditHeads | AuditCheckpoint) -> None:
    session.add(signed)
    session.flush()


def last_before(session: Session, stream: str, moment: datetime) -> int | None:
    """The number of the last row of the prefix whose rows are all older."""
    first_kept = session.scalar(select(func.min(AuditRow.sequence)).where(AuditRow.stream == stream, AuditRow.at >= moment))
    older = select(func.max(AuditRow.sequence)).where(AuditRow.stream == stream)
    return session.scalar(older if first_kept is None else older.where(AuditRow.sequence < first_kept))


def drop_prefix(session: Session, stream: str, *, up_to: int) -> int:
    """How many rows went. The database refuses it unless a checkpoint stands for them."""
    session.execute(delete(AuditSalt).where(AuditSalt.stream == stream, AuditSalt.sequence <= up_to))
    dropped = session.execute(delete(AuditRow).where(AuditRow.stream == stream, AuditRow.sequence <= up_to))
    return int(dropped.rowcount)  # type: ignore[attr-defined]  # a DELETE's result is a CursorResult
