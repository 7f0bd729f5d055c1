"""The tables. Every statement that reads or writes them is in gateway/store.

Times are UTC. On SQLite they are kept as ISO 8601 text with microseconds, on PostgreSQL as ``timestamptz``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, MetaData, String, Text, UniqueConstraint, false
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import DateTime, TypeDecorator

Json = JSON().with_variant(JSONB(), "postgresql")


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time on every database; refuses naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without an offset cannot be stored; use an aware UTC time.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcTime(), dict[str, Any]: Json, list[Any]: Json, str: Text()}


class Custodian(Base):
    """An organisation answerable for access. ``origin`` is *registered* (by an operator) or *named* (met in a record)."""

    __tablename__ = "custodians"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    identifier: Mapped[str | None]
    category: Mapped[str | None]
    nations: Mapped[list[Any]]
    description: Mapped[str | None]
    contact: Mapped[str | None]
    origin: Mapped[str]
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


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
    """Who is told about a source's failures, and ``digest``: of which other runs (never, problems, changes, always)."""

    __tablename__ = "source_contacts"
    __table_args__ = (UniqueConstraint("source_id", "address"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), index=True)
    address: Mapped[str]
    digest: Mapped[str]


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
    __table_args__ = (UniqueConstraint("source_id", "due_at"), Index("ix_runs_state_lease_until", "state", "lease_until"))
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
    undoes_run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    configuration_hash: Mapped[str | None]
    code_version: Mapped[str | None]
    reason: Mapped[str | None]
    error: Mapped[str | None]
    cancel_requested_at: Mapped[datetime | None]
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Record(Base):
    """One dataset description held for one source. Identity is ``(source_id, local_id)``; ``ref`` is its public short id."""

    __tablename__ = "records"
    __table_args__ = (UniqueConstraint("source_id", "local_id"), Index("ix_records_source_id_state", "source_id", "state"))
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    local_id: Mapped[str]
    ref: Mapped[str] = mapped_column(String(16), unique=True)
    pid: Mapped[str]
    custodian_id: Mapped[int | None] = mapped_column(ForeignKey("custodians.id"), index=True)
    state: Mapped[str]
    """live, missing, removed, withheld, unpublished"""
    title: Mapped[str | None]
    slug: Mapped[str | None]
    current_version_id: Mapped[int | None]
    version_count: Mapped[int] = mapped_column(default=0)
    column_count: Mapped[int] = mapped_column(default=0)
    mapping_version: Mapped[str | None]
    """Of the translation that last read it; another than the present one calls for a replay."""
    change_number: Mapped[int] = mapped_column(default=0)
    """Rises with every change that the index must see; the version number of the search document."""
    content_hash: Mapped[str | None]
    refused_hash: Mapped[str | None]
    hint: Mapped[str | None]
    modified: Mapped[str | None]
    missing_since: Mapped[datetime | None]
    missing_passes: Mapped[int] = mapped_column(default=0)
    stale_since: Mapped[datetime | None]
    removal_reason: Mapped[str | None]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    last_changed_at: Mapped[datetime]


class Raw(Base):
    """The exact bytes received, kept once in the files store under their SHA-256; this row says how they came."""

    __tablename__ = "raw"
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    length_bytes: Mapped[int]
    media_type: Mapped[str]
    charset: Mapped[str | None]
    url: Mapped[str | None]
    status: Mapped[int | None]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    locator: Mapped[str | None]
    declared: Mapped[str | None]
    """The specification that the listing named for the document; a replay needs it."""
    fetched_at: Mapped[datetime]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))


class Version(Base):
    """An accepted state of a record. Append-only; never updated, never deleted."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("record_id", "number"), Index("ix_versions_record_id_content_hash", "record_id", "content_hash"))
    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    canonical: Mapped[dict[str, Any]]
    carried: Mapped[list[Any]]
    losses: Mapped[list[Any]]
    findings: Mapped[list[Any]]
    findings_errors: Mapped[int]
    quality: Mapped[float | None]
    """The score of schemas/quality.py on the day of the harvest, 0 to 100."""
    shape: Mapped[str | None]
    schema_sha256: Mapped[str | None]
    raw_id: Mapped[int | None] = mapped_column(ForeignKey("raw.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    is_older_state: Mapped[bool] = mapped_column(default=False)
    """True for a state older than the current one by its own date: kept as history, never shown as current."""
    stated_version: Mapped[str | None]
    stated_modified: Mapped[str | None]
    cause: Mapped[str | None]
    """Why there is this version, where the source did not send it: a replay or an undo, in words."""
    mapping_version: Mapped[str | None]
    """Of the translation and the rules that made it (schemas/translate.py)."""
    changed_paths: Mapped[list[Any]]
    valid_from: Mapped[datetime]


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


class Alias(Base):
    """Other identifiers of a record, and who asserted them. ``kind`` is pid, doi, identifier or former."""

    __tablename__ = "aliases"
    __table_args__ = (UniqueConstraint("record_id", "kind", "value"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), index=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    kind: Mapped[str]
    value: Mapped[str] = mapped_column(index=True)
    asserted_at: Mapped[datetime]


class Link(Base):
    """Two records that are the same dataset, or may be: linked, proposed, or rejected for ever. Nothing is merged."""

    __tablename__ = "links"
    __table_args__ = (UniqueConstraint("record_a", "record_b"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    record_a: Mapped[int] = mapped_column(ForeignKey("records.id"))
    record_b: Mapped[int] = mapped_column(ForeignKey("records.id"))
    state: Mapped[str]
    evidence: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class Note(Base):
    """A curator's note beside a record. No harvest touches it."""

    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), index=True)
    text: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class DryRun(Base):
    """What a run would have done, told without doing it. No part of the catalogue refers to it."""

    __tablename__ = "dry_runs"
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), index=True)
    configuration_hash: Mapped[str]
    state: Mapped[str]
    """succeeded or failed"""
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
    failures: Mapped[int] = mapped_column(default=0)
    resting_until: Mapped[datetime | None]


class IndexEntry(Base):
    """A record whose search document must be written or removed. The row goes when the index has it."""

    __tablename__ = "index_queue"
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), primary_key=True)
    change_number: Mapped[int]
    queued_at: Mapped[datetime]


class ApiKey(Base):
    """A key is shown once; only its SHA-256 is kept. ``prefix`` is the public part that names it."""

    __tablename__ = "api_keys"
    id: Mapped[int] = mapped_column(primary_key=True)
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    secret_sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str]
    scopes: Mapped[list[Any]]
    custodian_id: Mapped[int | None] = mapped_column(ForeignKey("custodians.id"))
    """Whose datasets it is for; None for an operator's key."""
    networks: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Where requests with it may come from; empty for anywhere."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AccessToken(Base):
    """A quarter of an hour with the rights of a key, for programs that speak OAuth 2. Only its SHA-256 is kept."""

    __tablename__ = "access_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class IdempotentAnswer(Base):
    """What a request with an ``Idempotency-Key`` was answered, kept for a day. ``status`` is None while it is worked on."""

    __tablename__ = "idempotent_answers"
    __table_args__ = (UniqueConstraint("key_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"))
    name: Mapped[str] = mapped_column(String(255))
    request_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


class Receipt(Base):
    """A bulk push that was taken: what was sent, and the run that works it off."""

    __tablename__ = "receipts"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), unique=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"), index=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    length_bytes: Mapped[int]
    media_type: Mapped[str]
    declared: Mapped[str | None]
    """The specification that the sender names for all of it."""
    mode: Mapped[str]
    """upsert, or replace: all datasets of the custodian, so that others go missing"""
    created_at: Mapped[datetime]


class Route(Base):
    """How a custodian takes requests. Used only while verified. ``channel`` is mailbox or webhook today."""

    __tablename__ = "routes"
    id: Mapped[int] = mapped_column(primary_key=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"), index=True)
    channel: Mapped[str]
    target: Mapped[str]
    secret: Mapped[str | None]
    scope: Mapped[str] = mapped_column(default="custodian")
    health: Mapped[str] = mapped_column(default="healthy")
    verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Request(Base):
    """A project described once; each custodian gets its part. Status is derived from the parts, never stored."""

    __tablename__ = "requests"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    follow_token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(default="new")
    lead: Mapped[dict[str, Any]]
    answers: Mapped[dict[str, Any]]
    amends: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    form_token_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the form it was sent with: the same form sent twice is one request."""
    sealed_follow_token: Mapped[str | None]
    """Kept encrypted for one day, so that a form sent twice gets the same answer."""
    created_at: Mapped[datetime]


class RequestPart(Base):
    """The unit of decision: the datasets of one custodian route within one request."""

    __tablename__ = "parts"
    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    custodian_id: Mapped[int | None] = mapped_column(ForeignKey("custodians.id"), index=True)
    route_id: Mapped[int | None] = mapped_column(ForeignKey("routes.id"))
    channel: Mapped[str]
    """mailbox, webhook, or triage where no verified route exists"""
    dataset_refs: Mapped[list[Any]]
    state: Mapped[str]
    version: Mapped[int] = mapped_column(default=0)
    held_from: Mapped[str | None]
    acknowledge_token_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RequestEvent(Base):
    """The only source of a part's state. Append-only. ``part_id`` is None for events of the whole request."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("part_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    part_id: Mapped[int | None] = mapped_column(ForeignKey("parts.id"), index=True)
    version: Mapped[int]
    command: Mapped[str]
    event: Mapped[str]
    role: Mapped[str]
    actor: Mapped[str]
    visibility: Mapped[str]
    payload: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class Snapshot(Base):
    """What a custodian decides on: canonical JSON of answers and datasets with their metadata versions. Immutable."""

    __tablename__ = "snapshots"
    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("parts.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Delivery(Base):
    """An outbox row: one snapshot to one custodian over one channel, written in the command's own transaction."""

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("part_id", "snapshot_id", "channel"), Index("ix_deliveries_state_due_at", "state", "due_at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("parts.id"))
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshots.id"))
    channel: Mapped[str]
    state: Mapped[str]
    """queued, sent, acknowledged, failed, manual"""
    message_id: Mapped[str] = mapped_column(unique=True)
    sealed_link: Mapped[str | None]
    """The acknowledgement link, encrypted until it is delivered."""
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    receipt: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Message(Base):
    """Mail to people (receipts, notices). An outbox row like a delivery."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_state_due_at", "state", "due_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    to_address: Mapped[str]
    subject: Mapped[str]
    sealed_body: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class WebhookEndpoint(Base):
    """Where a custodian's system is told what became of its datasets. Its secrets are kept encrypted."""

    __tablename__ = "webhook_endpoints"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"), index=True)
    url: Mapped[str]
    secret: Mapped[str]
    former_secret: Mapped[str | None]
    """After a rotation both sign, until this time."""
    former_secret_until: Mapped[datetime | None]
    events: Mapped[list[Any]]
    contact: Mapped[str | None]
    """Who gets a mail when the endpoint is disabled."""
    sequence: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="active")
    """active or disabled"""
    failing_since: Mapped[datetime | None]
    last_error: Mapped[str | None]
    last_success_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebhookMessage(Base):
    """An outbox row: one event for one endpoint, written in the transaction in which it happened."""

    __tablename__ = "webhook_messages"
    __table_args__ = (Index("ix_webhook_messages_state_due_at", "state", "due_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id"), index=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    event: Mapped[str]
    sequence: Mapped[int]
    data: Mapped[dict[str, Any]]
    state: Mapped[str]
    """queued, sent or failed"""
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class DataUse(Base):
    """An entry of the data use register, as it was last worked out from its part (gateway/access/register.py). Public once opened."""

    __tablename__ = "data_uses"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("parts.id"), unique=True)
    custodian_id: Mapped[int | None] = mapped_column(ForeignKey("custodians.id"), index=True)
    status: Mapped[str]
    values: Mapped[dict[str, Any]]
    dataset_refs: Mapped[list[Any]]
    history: Mapped[list[Any]]
    approved_at: Mapped[datetime]
    opened_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class Setting(Base):
    """Facts of the installation itself: which demonstration was loaded, when the index was last compared."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
