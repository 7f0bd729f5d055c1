"""Tables that say who people are, apart from what they do (security by separation: nothing else names them)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.models import Base


class Account(Base):
    """A person. ``subject`` is opaque and stays when the rest is removed; ``address_key`` is the address in one spelling."""

    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(32), unique=True)
    address: Mapped[str | None]
    address_key: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str | None]
    organisation: Mapped[str | None]
    password_hash: Mapped[str | None]
    totp_secret: Mapped[str | None]
    """Encrypted; None without an authenticator app."""
    totp_last_step: Mapped[int] = mapped_column(default=0)
    """The time step of the last code that was accepted; the next one must be later."""
    state: Mapped[str] = mapped_column(default="active")
    """active, suspended, closed"""
    terms_version: Mapped[str | None]
    created_at: Mapped[datetime]
    last_signed_in_at: Mapped[datetime | None]
    roles_changed_at: Mapped[datetime | None]
    """Sessions begun before get a new id with the next page."""


class AccountLink(Base):
    """A link that was mailed or printed: works once, until it ends. Only its SHA-256 is kept."""

    __tablename__ = "account_links"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str]
    """register, reset, setup, sign-in"""
    address: Mapped[str | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AccountSession(Base):
    """A browser that is signed in, or on its way: ``is_complete`` once every factor that the account has was shown."""

    __tablename__ = "account_sessions"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    is_complete: Mapped[bool]
    browser: Mapped[str | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    renewed_at: Mapped[datetime]
    """When it got the id that it has."""
    second_factor_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class RecoveryCode(Base):
    __tablename__ = "account_recovery_codes"
    __table_args__ = (UniqueConstraint("account_id", "digest"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A public key credential (WebAuthn level 3). A blocked one opens nothing, but still makes the second step due."""

    __tablename__ = "account_passkeys"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    credential_id: Mapped[str] = mapped_column(unique=True)
    """Base64url, as browsers send it."""
    public_key: Mapped[str]
    """COSE, in base64url."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    """When its counter went back: there may be a copy."""


class Challenge(Base):
    """What an authenticator is to sign: works once, for five minutes. Only its SHA-256 is kept."""

    __tablename__ = "account_challenges"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str]
    """sign-in, or with ``account_id`` register or again"""
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    ends_at: Mapped[datetime]


class Identity(Base):
    """Who a person is at an identity provider. ``level`` is what the provider said about how it knows them; no token is kept."""

    __tablename__ = "account_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    provider_name: Mapped[str]
    label: Mapped[str]
    """The address or name that the person knows themselves by there."""
    level: Mapped[str | None]
    linked_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class UsedState(Base):
    """An answer of a provider that was taken in: it works once. ``digest`` is the SHA-256 of its state."""

    __tablename__ = "account_used_states"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class ProfileItem(Base):
    """One thing that a person says about themselves; ``facts`` holds the fields of its group (gateway/accounts/profile/groups.py)."""

    __tablename__ = "profile_items"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    group: Mapped[str]
    facts: Mapped[dict[str, Any]]
    verified_by: Mapped[str | None]
    """In words: the custodian, or the issuer of a visa."""
    verified_at: Mapped[datetime | None]
    verified_until: Mapped[date | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Sanction(Base):
    """What one custodian holds against a person; seen by the two of them alone."""

    __tablename__ = "profile_sanctions"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"), index=True)
    reason: Mapped[str]
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]
    created_by: Mapped[str]
    """The subject of who entered it."""
    created_at: Mapped[datetime]


class Membership(Base):
    """A role of a person: in one custodian, or (``custodian_id`` None) for the gateway itself."""

    __tablename__ = "account_memberships"
    __table_args__ = (UniqueConstraint("account_id", "custodian_id", "role"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    custodian_id: Mapped[int | None] = mapped_column(ForeignKey("custodians.id"), index=True)
    role: Mapped[str]
    granted_by: Mapped[str]
    """The subject of who granted it, or ``setup``, ``operator``."""
    granted_at: Mapped[datetime]


class Invitation(Base):
    """A role in a custodian offered to an address; single use, seven days. Only the SHA-256 of its link is kept."""

    __tablename__ = "account_invitations"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"), index=True)
    address: Mapped[str]
    role: Mapped[str]
    invited_by: Mapped[str]
    message_key: Mapped[str]
    """Of the letter in the outbox, so that one that cannot be delivered is seen."""
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Recovery(Base):
    """Of an account whose owner lost every way in. ``confirmed_by`` is of the team, or of the gateway where there is none."""

    __tablename__ = "account_recoveries"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    address: Mapped[str]
    """Where the person can be reached now; it becomes the account's."""
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    stop_digest: Mapped[str] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime]
    confirmed_by: Mapped[str | None]
    also_confirmed_by: Mapped[str | None]
    ripe_at: Mapped[datetime | None]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Proposal(Base):
    """A role that one person proposed and another must confirm, within seven days."""

    __tablename__ = "account_proposals"
    __table_args__ = (UniqueConstraint("account_id", "custodian_id", "role"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"), index=True)
    role: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    ends_at: Mapped[datetime]
