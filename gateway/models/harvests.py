"""Sources, their runs, and what a run left behind."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.models.base import Base


class Source(Base):
    """One configured feed. ``secret`` is encrypted (gateway/secrets.py) and never read back through the API."""

    __tablename__ = "sources"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    custodian_id: Mapped[int | None] = mapped_column(ForeignKey("custodians.id"))
    """None for an aggregating feed, whose records each name their custodian."""
    kind: Mapped[str]
    configuration: Mapped[dict[str, Any]]
    secret: Mapped[str | None]
    policy: Mapped[dict[str, Any]]
    schedule: Mapped[str]
    timezone: Mapped[str] = mapped_column(default="Europe/London")
    state: Mapped[str] = mapped_column(default="active")
    next_due_at: Mapped[datetime | None] = mapped_column(index=True)
    last_attempt_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_complete_pass_at: Mapped[datetime | None]
    consecutive_failures: Mapped[int] = mapped_column(default=0)
    last_notice_at: Mapped[datetime | None]
    """When the contacts were last told of a failure."""
    configuration_hash: Mapped[str]
    created_at: Mapped[datetime]


class SourceContact(Base):
    """Who is told about a source's failures, and ``digest``: of which other runs (never, problems, changes, always).

    ``address`` is a mail address or, where ``endpoint_id`` says which, the public id of a webhook of the source's custodian.
    """

    __tablename__ = "source_contacts"
    __table_args__ = (UniqueConstraint("source_id", "address"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), index=True)
    address: Mapped[str]
    digest: Mapped[str]
    endpoint_id: Mapped[int | None] = mapped_column(ForeignKey("webhook_endpoints.id"), index=True)


class SourcePage(Base):
    """What a listing page answered at the last traversal; rewritten only when the page changed."""

    __tablename__ = "source_pages"
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    page_key: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[int]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    body_hash: Mapped[str | None]
    local_ids: Mapped[list[Any]]
    next_cursor: Mapped[dict[str, Any] | None]


class Run(Base):
    """One execution of a source. The row is the truth; a queue only rings a bell."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("source_id", "due_at"),
        Index("ix_runs_state_lease_until", "state", "lease_until"),
        Index("ix_runs_wants_links", "id", postgresql_where=text("wants_links"), sqlite_where=text("wants_links")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), index=True)
    trigger: Mapped[str]
    wanted_pass: Mapped[str]
    state: Mapped[str]
    """queued, running, waiting, succeeded, partial, held, failed, cancelled"""
    due_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    cursor: Mapped[dict[str, Any] | None]
    page_ordinal: Mapped[int] = mapped_column(default=0)
    counters: Mapped[dict[str, Any]]
    timings_ms: Mapped[dict[str, Any]]
    http: Mapped[dict[str, Any]]
    missed_ticks: Mapped[int] = mapped_column(default=0)
    is_mass_change: Mapped[bool] = mapped_column(default=False, server_default=false())
    """More than 20 records, and more than half of all, changed in this run (S3)."""
    wants_links: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It is over and changed records, which were not compared with those of other sources since."""
    undoes_run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    retries_run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    """The run whose failed records this one fetches again, and nothing else."""
    configuration_hash: Mapped[str | None]
    code_version: Mapped[str | None]
    reason: Mapped[str | None]
    error: Mapped[str | None]
    cancel_requested_at: Mapped[datetime | None]
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Outcome(Base):
    """What became of one record in one run; unchanged records are only counted."""

    __tablename__ = "outcomes"
    __table_args__ = (Index("ix_outcomes_run_id_outcome", "run_id", "outcome"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    record_id: Mapped[int | None] = mapped_column(ForeignKey("records.id"), index=True)
    local_id: Mapped[str]
    title: Mapped[str | None]
    outcome: Mapped[str]
    reason: Mapped[str | None]
    detail: Mapped[str | None]
    findings: Mapped[list[Any]]
    raw_id: Mapped[int | None] = mapped_column(ForeignKey("raw.id"))
    old_version_id: Mapped[int | None]
    new_version_id: Mapped[int | None]
    before: Mapped[dict[str, Any] | None]
    """What the run changed of the record's own row, as it was before (store/former_state.py): an undo goes by it."""
    at: Mapped[datetime]


class DryRun(Base):
    """What a run would have done, told without doing it. No part of the catalogue refers to it."""

    __tablename__ = "dry_runs"
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), index=True)
    configuration_hash: Mapped[str]
    state: Mapped[str]
    """queued, running, succeeded or failed"""
    diff: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]


class Hold(Base):
    """A removal that waits for a human. ``state`` is open, approved, rejected, expired or dissolved.

    Records that are seen again leave it; the last to leave dissolves it.
    """

    __tablename__ = "holds"
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), index=True)
    state: Mapped[str]
    why: Mapped[str]
    local_ids: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]


class RunEvent(Base):
    __tablename__ = "run_events"
    __table_args__ = (UniqueConstraint("run_id", "seq"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    seq: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]


class Host(Base):
    """Which source may talk to a host: the one that did last, as long as a run of it goes on. ``failures`` counts requests
    that failed in a row, over all workers; after several the host is left alone until ``resting_until``."""

    __tablename__ = "hosts"
    name: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id"))
    wanted_by: Mapped[int | None] = mapped_column(ForeignKey("sources.id"))
    """A source that waits for its turn."""
    tried_by: Mapped[str | None]
    """A dry run or connection test whose turn it is, until then: a name of its own, as nothing of it need be kept."""
    tried_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    resting_until: Mapped[datetime | None]
