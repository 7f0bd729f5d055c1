"""Requests for access: parts, events, snapshots, deliveries, mail, and the data use register."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from gateway.models.base import Base, WithFormerSecret


class Route(WithFormerSecret, Base):
    """How a custodian takes requests. Used only while verified. ``channel`` is mailbox or webhook today."""

    __tablename__ = "routes"
    id: Mapped[int] = mapped_column(primary_key=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"), index=True)
    channel: Mapped[str]
    target: Mapped[str]
    secret: Mapped[str | None]
    failing_since: Mapped[datetime | None]
    scope: Mapped[str] = mapped_column(default="custodian")
    """dataset, collection, network, custodian, contact: the rung of the ladder (gateway/access/ladder.py) that it is"""
    scope_ref: Mapped[str | None] = mapped_column(index=True)
    """The dataset's ref, the collection's or the network's name."""
    health: Mapped[str] = mapped_column(default="healthy")
    verified_at: Mapped[datetime | None]
    confirm_token_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the link that a mailbox was sent to confirm itself."""
    asked_at: Mapped[datetime | None]
    settings: Mapped[dict[str, Any] | None]
    """What the channel needs besides: users, catalogue items and fields of a REMS."""
    created_at: Mapped[datetime]


class FormTemplate(Base):
    """What a custodian asks beyond the core of the question bank. A published version never changes."""

    __tablename__ = "form_templates"
    __table_args__ = (UniqueConstraint("custodian_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"), index=True)
    version: Mapped[int]
    document: Mapped[dict[str, Any]]
    published_by: Mapped[str]
    """The subject of who published it, or ``operator``."""
    published_at: Mapped[datetime]


class Alternative(Base):
    """Another custodian that takes a custodian's requests, once both have confirmed it."""

    __tablename__ = "route_alternatives"
    __table_args__ = (UniqueConstraint("custodian_id", "alternative_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"))
    alternative_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"))
    confirmed_by_custodian_at: Mapped[datetime | None]
    confirmed_by_alternative_at: Mapped[datetime | None]


class Request(Base):
    """A project described once; each custodian gets its part. Status is derived from the parts, never stored."""

    __tablename__ = "requests"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    follow_token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(default="new")
    lead: Mapped[dict[str, Any]]
    lead_subject: Mapped[str | None] = mapped_column(String(32), index=True)
    """Of the account that leads it; None for requests that were sent before accounts were needed."""
    answers: Mapped[dict[str, Any]]
    """By key of the question bank, the annexes' answers too: what is being written, or was sent last."""
    answers_version: Mapped[int] = mapped_column(default=0, server_default="0")
    """Grows with every save."""
    answers_notes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """By key: ``at`` (the version that changed it), ``from`` (``profile``), ``kept`` (why a text stays that looks like an identifier)."""
    bank_version: Mapped[str | None]
    """Of the question bank it was begun with; None for the seven questions that came before the bank."""
    sent_at: Mapped[datetime | None]
    """When the first of its parts was sent."""
    discloses: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The lead let its custodians learn of each other."""
    amends: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    form_token_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    sealed_follow_token: Mapped[str | None]
    """This and the one above: of the one-page form that came before drafts. Not written any more."""
    created_at: Mapped[datetime]


class RequestMember(Base):
    """Somebody who is on a request beside its lead, or was invited to it. Name and address of who joined are those of the account."""

    __tablename__ = "request_members"
    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    subject: Mapped[str | None] = mapped_column(String(32), index=True)
    """Of who opened the invitation; None before."""
    address: Mapped[str | None]
    """To which the invitation went, until it is taken up."""
    role: Mapped[str]
    needs_access: Mapped[bool]
    """Will handle the data."""
    organisation: Mapped[str | None]
    """As it was when the person joined, or when the request was sent last."""
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the link; None once it was used."""
    invited_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    """None with a subject: another address than the invited one took it up, and the lead must confirm."""
    left_at: Mapped[datetime | None]
    terms: Mapped[str | None]
    """The version of the terms that this person accepted for this request."""
    may_be_named: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether this person agreed that their name stands in the public register."""
    offered_by: Mapped[str | None]
    """Who asked this person to lead the request: ``lead`` or ``administrator``, with the subject behind it."""
    offer_evidence: Mapped[str | None]
    """What the organisation wrote, where an administrator asked."""


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
    form_id: Mapped[int | None] = mapped_column(ForeignKey("form_templates.id"))
    """What its custodian asks; None for the core alone."""
    dataset_refs: Mapped[list[Any]]
    is_linked: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Needed together with the request's other linked parts: none opens before all are approved."""
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


class OutcomeProposal(Base):
    """What a custodian's letter decided, as one triage officer read it, until a second one confirms it."""

    __tablename__ = "outcome_proposals"
    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("parts.id"), unique=True)
    payload: Mapped[dict[str, Any]]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]


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
    __table_args__ = (
        UniqueConstraint("part_id", "snapshot_id", "channel"),
        Index("ix_deliveries_state_due_at", "state", "due_at"),
    )
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


class Callback(Base):
    """A signed message of a custodian's system that was taken in. ``digest`` is the SHA-256 of its route and id."""

    __tablename__ = "callbacks"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class Message(Base):
    """Mail to people. An outbox row like a delivery, and a line in its person's list of notices."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_state_due_at", "state", "due_at"), Index("ix_messages_message_id", "message_id", unique=True))
    id: Mapped[int] = mapped_column(primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    """Event, person and channel: what is caused twice is one message."""
    message_id: Mapped[str | None]
    """Of the header, the same at every try."""
    recipient: Mapped[str | None] = mapped_column(String(32), index=True)
    """The subject of the account with this address, when the row was written."""
    to_address: Mapped[str]
    topic: Mapped[str] = mapped_column(default="service", server_default="service")
    subject: Mapped[str]
    line: Mapped[str | None]
    link: Mapped[str | None]
    """What the list of notices shows; only for people with an account."""
    sealed_body: Mapped[str]
    state: Mapped[str]
    """pending, sending, accepted, soft_bounced, bounced, complained, failed, suppressed"""
    digest: Mapped[str | None]
    """daily or weekly: it waits for others"""
    bundle_id: Mapped[int | None] = mapped_column(index=True)
    """The first of those that were put into one message."""
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class KeptText(Base):
    """What somebody typed into a form whose sign-in had ended: for them alone, encrypted, until they are back."""

    __tablename__ = "kept_texts"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject: Mapped[str] = mapped_column(String(32))
    sealed_text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)


class ChosenColumns(Base):
    """Columns that a visitor ticked before a request begins (gateway/catalogue/chosen_columns.py)."""

    __tablename__ = "chosen_columns"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of the token in the visitor's cookie."""
    datasets: Mapped[dict[str, Any]]
    """Ref -> pairs of a table and the names of its columns, none for the whole table."""
    changed_at: Mapped[datetime] = mapped_column(index=True)


class DataUse(Base):
    """An entry of the data use register, as it was last worked out from its part (gateway/access/register.py). Public once opened."""

    __tablename__ = "data_uses"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    part_id: Mapped[int | None] = mapped_column(ForeignKey("parts.id"), unique=True)
    """None for one that was imported from a file."""
    custodian_id: Mapped[int | None] = mapped_column(ForeignKey("custodians.id"), index=True)
    status: Mapped[str]
    values: Mapped[dict[str, Any]]
    dataset_refs: Mapped[list[Any]]
    history: Mapped[list[Any]]
    approved_at: Mapped[datetime]
    opened_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    embargo_until: Mapped[datetime | None]
    embargo_reason: Mapped[str | None]
    """Public, also while the entry is not."""
    outputs: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Web addresses of what came of it, added later."""
    imported: Mapped[dict[str, Any] | None]
    """Of an import: the status that the file stated, and the datasets that its names may mean."""
