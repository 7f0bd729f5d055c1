"""Which tables' changes are noted in the audit, as one table: a new way to do an old thing is seen without anybody thinking of it.

A table stands either here or in :data:`UNWATCHED` with the reason; a test compares both with the models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Place = Literal["custodian", "security", "gateway"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """``object`` names the column that tells which; ``changed`` maps columns to the action that a change of them is (the first fits).

    ``place`` ``custodian``: the stream of the row's ``custodian_id``. ``secret`` columns enter no payload, not even as a digest.
    """

    kind: str
    object: str
    place: Place = "custodian"
    created: str | None = None
    removed: str | None = None
    changed: Mapping[str, str] = field(default_factory=dict)
    secret: frozenset[str] = frozenset()


_ACCOUNT: Final = Watch(
    kind="account", object="subject", place="security", created="account.made",
    changed={
        "state": "account.state", "password_hash": "password.changed", "totp_secret": "factor.changed", "name": "account.changed",
        "organisation": "account.changed", "address": "account.changed",
    },
    secret=frozenset({"password_hash", "totp_secret", "name", "organisation", "address", "address_key"}),
)
WATCHED: Final[Mapping[str, Watch]] = {
    "accounts": _ACCOUNT,
    "access_policies": Watch(kind="policy", object="id", created="policy.created"),
    "account_sessions": Watch(kind="sign_in", object="account_id", place="security", created="sign_in.completed", secret=frozenset({"digest", "browser"})),
    "account_identities": Watch(
        kind="factor", object="account_id", place="security", created="factor.changed", removed="factor.changed",
        secret=frozenset({"issuer", "subject", "label"}),
    ),
    "account_invitations": Watch(kind="invitation", object="id", created="role.invited", secret=frozenset({"address", "digest", "message_key"})),
    "account_recoveries": Watch(
        kind="recovery", object="account_id", place="security", created="recovery.asked",
        changed=dict.fromkeys(("confirmed_by", "also_confirmed_by", "ended_at"), "recovery.changed"),
        secret=frozenset({"address", "digest", "stop_digest"}),
    ),
    "account_proposals": Watch(kind="role", object="account_id", created="role.proposed"),
    "account_passkeys": Watch(
        kind="factor", object="account_id", place="security", created="factor.changed", removed="factor.changed",
        changed={"blocked_at": "factor.changed"}, secret=frozenset({"name", "credential_id", "public_key"}),
    ),
    "account_recovery_codes": Watch(
        kind="factor", object="account_id", place="security", created="factor.codes", removed="factor.codes", secret=frozenset({"digest", "id"})
    ),
    "account_memberships": Watch(kind="role", object="account_id", created="role.granted", removed="role.withdrawn"),
    "api_keys": Watch(
        kind="key", object="prefix", created="key.created", changed={"revoked_at": "key.revoked", "expires_at": "key.changed", "scopes": "key.changed"},
        secret=frozenset({"secret_sha256"}),
    ),
    "custodians": Watch(
        kind="custodian", object="slug", created="custodian.created",
        changed=dict.fromkeys(("name", "identifier", "category", "nations", "description", "contact"), "custodian.changed"),
    ),
    "enquiries": Watch(
        kind="question", object="reference", place="gateway", created="question.asked",
        secret=frozenset({"name", "address", "answers", "follow_token_sha256", "sealed_follow_token", "confirm_token_sha256"}),
    ),
    "enquiry_threads": Watch(
        kind="question", object="public_id", created="question.sent", changed={"state": "question.changed"},
        secret=frozenset({"target", "desk_token_sha256", "letter_key"}),
    ),
    "events": Watch(kind="request", object="part_id"),
    "mail_choices": Watch(
        kind="mail", object="topic", place="security", created="mail.chosen", changed={"how": "mail.chosen"},
    ),
    "agreement_templates": Watch(kind="agreement", object="id", created="agreement.published"),
    "form_templates": Watch(kind="form", object="id", created="form.published"),
    "pathway_versions": Watch(kind="pathway", object="pathway", place="gateway", created="pathway.published"),
    "profile_items": Watch(
        kind="profile", object="account_id", place="security", created="profile.changed", removed="profile.changed",
        changed={"verified_at": "profile.verified"}, secret=frozenset({"facts"}),
    ),
    "profile_sanctions": Watch(kind="sanction", object="account_id", created="sanction.entered", secret=frozenset({"reason"})),
    "routes": Watch(
        kind="route", object="id", created="route.created", removed="route.removed",
        changed=dict.fromkeys(("channel", "target", "secret", "scope", "health", "verified_at"), "route.changed"), secret=frozenset({"secret", "former_secret"}),
    ),
    "saved_searches": Watch(
        kind="search", object="public_id", place="security", created="search.saved",
        changed={"removed_at": "search.removed", "name": "search.changed", "often": "search.changed", "feed_token_sha256": "search.changed"},
        secret=frozenset({"address", "name", "vanished", "feed_token_sha256", "sealed_feed_token"}),
    ),
    "source_contacts": Watch(
        kind="contact", object="source_id", created="contact.created", removed="contact.removed", changed={"digest": "contact.created"},
        secret=frozenset({"address"}),
    ),
    "sources": Watch(
        kind="source", object="slug", created="source.created",
        changed=dict.fromkeys(("configuration", "secret", "policy", "schedule", "timezone", "custodian_id", "name", "state"), "source.changed"),
        secret=frozenset({"secret"}),
    ),
    "uploads": Watch(
        kind="file", object="public_id", place="gateway", created="file.received", removed="file.removed", changed={"state": "file.judged"},
        secret=frozenset({"name", "storage_name", "sealed_key", "sha256", "warnings", "uploaded_by"}),
    ),
    "webhook_endpoints": Watch(
        kind="webhook", object="public_id", created="webhook.created", removed="webhook.removed",
        changed=dict.fromkeys(("url", "secret", "events", "contact", "state"), "webhook.changed"),
        secret=frozenset({"secret", "former_secret", "contact"}),
    ),
}
_DERIVED: Final = "worked out from what is noted already"
_HARVEST: Final = "what harvests do has a history of its own, by run"
_OPERATION: Final = "queues and counters of operation"
UNWATCHED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("audit", "audit_salts", "audit_heads", "audit_checkpoints"), "the audit itself"),
    **dict.fromkeys(
        ("records", "raw", "versions", "aliases", "links", "notes", "source_pages", "runs", "outcomes", "dry_runs", "holds", "run_events", "receipts", "scanned_structures", "series_members"), _HARVEST
    ),
    **dict.fromkeys(("index_queue", "hosts", "callbacks", "kept_texts", "chosen_columns", "idempotent_answers", "access_tokens", "settings", "account_challenges", "account_used_states", "account_links"), _OPERATION),
    **dict.fromkeys(("requests", "request_members", "outcome_proposals", "parts", "snapshots", "data_uses"), "changed by the commands of a request alone, which are events"),
    **dict.fromkeys(("clock_marks", "purges", "saved_search_finds"), _DERIVED),
    "agreements": "issuing and signing are steps of their part",
    "former_links": "an earlier letter to a mailbox; what is done behind one is an event",
    "mailbox_visits": "codes for a mailbox; what is done behind one is an event",
    "route_alternatives": "who stands in for whom; each part keeps the way it went",
    **dict.fromkeys(("enquiry_messages", "reply_tokens"), "what is said in a question; its steps are noted"),
    **dict.fromkeys(("deliveries", "messages", "webhook_messages", "mail_standings"), "outboxes: what is sent was caused by what is noted"),
}
