"""The first tables."""

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_custodians()
    create_hosts()
    create_messages()
    create_requests()
    create_settings()
    create_api_keys()
    create_routes()
    create_sources()
    create_parts()
    create_records()
    create_runs()
    create_source_pages()
    create_aliases()
    create_events()
    create_holds()
    create_index_queue()
    create_links()
    create_raw()
    create_run_events()
    create_snapshots()
    create_deliveries()
    create_outcomes()
    create_versions()


def downgrade() -> None:
    for table in (
        "versions",
        "outcomes",
        "deliveries",
        "snapshots",
        "run_events",
        "raw",
        "links",
        "index_queue",
        "holds",
        "events",
        "aliases",
        "source_pages",
        "runs",
        "records",
        "parts",
        "sources",
        "routes",
        "api_keys",
        "settings",
        "requests",
        "messages",
        "hosts",
        "custodians",
    ):
        op.drop_table(table)


def create_custodians() -> None:
    op.create_table(
        "custodians",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("nations", Json, nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custodians")),
        sa.UniqueConstraint("name_key", name=op.f("uq_custodians_name_key")),
        sa.UniqueConstraint("slug", name=op.f("uq_custodians_slug")),
    )


def create_hosts() -> None:
    op.create_table(
        "hosts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lease_run_id", sa.Integer(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("next_request_at", UtcTime(), nullable=True),
        sa.Column("breaker_until", UtcTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_hosts")),
    )


def create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sealed_body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_messages_idempotency_key")),
    )
    op.create_index("ix_messages_state_due_at", "messages", ["state", "due_at"], unique=False)


def create_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("follow_token_sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lead", Json, nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("amends", sa.Integer(), nullable=True),
        sa.Column("form_token_sha256", sa.String(length=64), nullable=True),
        sa.Column("sealed_follow_token", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["amends"], ["requests.id"], name=op.f("fk_requests_amends_requests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("follow_token_sha256", name=op.f("uq_requests_follow_token_sha256")),
        sa.UniqueConstraint("form_token_sha256", name=op.f("uq_requests_form_token_sha256")),
        sa.UniqueConstraint("reference", name=op.f("uq_requests_reference")),
    )


def create_settings() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", Json, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )


def create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("custodian_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.Column("last_used_at", UtcTime(), nullable=True),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["custodian_id"], ["custodians.id"], name=op.f("fk_api_keys_custodian_id_custodians")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_keys_prefix")),
    )


def create_routes() -> None:
    op.create_table(
        "routes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("custodian_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("health", sa.Text(), nullable=False),
        sa.Column("verified_at", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["custodian_id"], ["custodians.id"], name=op.f("fk_routes_custodian_id_custodians")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routes")),
    )
    op.create_index(op.f("ix_routes_custodian_id"), "routes", ["custodian_id"], unique=False)


def create_sources() -> None:
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("custodian_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("configuration", Json, nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("policy", Json, nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_due_at", UtcTime(), nullable=True),
        sa.Column("last_attempt_at", UtcTime(), nullable=True),
        sa.Column("last_success_at", UtcTime(), nullable=True),
        sa.Column("last_complete_pass_at", UtcTime(), nullable=True),
        sa.Column("consecutive_failures", sa.Integer(), nullable=False),
        sa.Column("configuration_hash", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["custodian_id"], ["custodians.id"], name=op.f("fk_sources_custodian_id_custodians")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("slug", name=op.f("uq_sources_slug")),
    )
    op.create_index(op.f("ix_sources_next_due_at"), "sources", ["next_due_at"], unique=False)


def create_parts() -> None:
    op.create_table(
        "parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("custodian_id", sa.Integer(), nullable=True),
        sa.Column("route_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("dataset_refs", Json, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("held_from", sa.Text(), nullable=True),
        sa.Column("acknowledge_token_sha256", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["custodian_id"], ["custodians.id"], name=op.f("fk_parts_custodian_id_custodians")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_parts_request_id_requests")),
        sa.ForeignKeyConstraint(["route_id"], ["routes.id"], name=op.f("fk_parts_route_id_routes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parts")),
        sa.UniqueConstraint("acknowledge_token_sha256", name=op.f("uq_parts_acknowledge_token_sha256")),
        sa.UniqueConstraint("public_id", name=op.f("uq_parts_public_id")),
    )
    op.create_index(op.f("ix_parts_custodian_id"), "parts", ["custodian_id"], unique=False)
    op.create_index(op.f("ix_parts_request_id"), "parts", ["request_id"], unique=False)


def create_records() -> None:
    op.create_table(
        "records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("local_id", sa.Text(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("pid", sa.Text(), nullable=False),
        sa.Column("custodian_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("slug", sa.Text(), nullable=True),
        sa.Column("current_version_id", sa.Integer(), nullable=True),
        sa.Column("version_count", sa.Integer(), nullable=False),
        sa.Column("column_count", sa.Integer(), nullable=False),
        sa.Column("change_number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=True),
        sa.Column("refused_hash", sa.Text(), nullable=True),
        sa.Column("hint", sa.Text(), nullable=True),
        sa.Column("modified", sa.Text(), nullable=True),
        sa.Column("missing_since", UtcTime(), nullable=True),
        sa.Column("missing_passes", sa.Integer(), nullable=False),
        sa.Column("stale_since", UtcTime(), nullable=True),
        sa.Column("removal_reason", sa.Text(), nullable=True),
        sa.Column("first_seen_at", UtcTime(), nullable=False),
        sa.Column("last_seen_at", UtcTime(), nullable=False),
        sa.Column("last_changed_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["custodian_id"], ["custodians.id"], name=op.f("fk_records_custodian_id_custodians")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_records_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records")),
        sa.UniqueConstraint("ref", name=op.f("uq_records_ref")),
        sa.UniqueConstraint("source_id", "local_id", name=op.f("uq_records_source_id_local_id")),
    )
    op.create_index(op.f("ix_records_custodian_id"), "records", ["custodian_id"], unique=False)
    op.create_index("ix_records_source_id_state", "records", ["source_id", "state"], unique=False)


def create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("wanted_pass", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=True),
        sa.Column("not_before", UtcTime(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("cursor", Json, nullable=True),
        sa.Column("page_ordinal", sa.Integer(), nullable=False),
        sa.Column("counters", Json, nullable=False),
        sa.Column("timings_ms", Json, nullable=False),
        sa.Column("http", Json, nullable=False),
        sa.Column("missed_ticks", sa.Integer(), nullable=False),
        sa.Column("configuration_hash", sa.Text(), nullable=True),
        sa.Column("code_version", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("cancel_requested_at", UtcTime(), nullable=True),
        sa.Column("queued_at", UtcTime(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_runs_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("source_id", "due_at", name=op.f("uq_runs_source_id_due_at")),
    )
    op.create_index(op.f("ix_runs_source_id"), "runs", ["source_id"], unique=False)
    op.create_index("ix_runs_state_lease_until", "runs", ["state", "lease_until"], unique=False)


def create_source_pages() -> None:
    op.create_table(
        "source_pages",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("page_key", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.Text(), nullable=True),
        sa.Column("local_ids", Json, nullable=False),
        sa.Column("next_cursor", Json, nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_source_pages_source_id_sources")),
        sa.PrimaryKeyConstraint("source_id", "page_key", name=op.f("pk_source_pages")),
    )


def create_aliases() -> None:
    op.create_table(
        "aliases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("asserted_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_aliases_record_id_records")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_aliases_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aliases")),
        sa.UniqueConstraint("record_id", "kind", "value", name=op.f("uq_aliases_record_id_kind_value")),
    )
    op.create_index(op.f("ix_aliases_record_id"), "aliases", ["record_id"], unique=False)
    op.create_index(op.f("ix_aliases_value"), "aliases", ["value"], unique=False)


def create_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("payload", Json, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["part_id"], ["parts.id"], name=op.f("fk_events_part_id_parts")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_events_request_id_requests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("part_id", "version", name=op.f("uq_events_part_id_version")),
    )
    op.create_index(op.f("ix_events_part_id"), "events", ["part_id"], unique=False)
    op.create_index(op.f("ix_events_request_id"), "events", ["request_id"], unique=False)


def create_holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("local_ids", Json, nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_holds_run_id_runs")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_holds_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_source_id"), "holds", ["source_id"], unique=False)


def create_index_queue() -> None:
    op.create_table(
        "index_queue",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("change_number", sa.Integer(), nullable=False),
        sa.Column("queued_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_index_queue_record_id_records")),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_index_queue")),
    )


def create_links() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_a", sa.Integer(), nullable=False),
        sa.Column("record_b", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["record_a"], ["records.id"], name=op.f("fk_links_record_a_records")),
        sa.ForeignKeyConstraint(["record_b"], ["records.id"], name=op.f("fk_links_record_b_records")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("record_a", "record_b", name=op.f("uq_links_record_a_record_b")),
    )


def create_raw() -> None:
    op.create_table(
        "raw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("length_bytes", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("charset", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("locator", sa.Text(), nullable=True),
        sa.Column("fetched_at", UtcTime(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_raw_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw")),
    )
    op.create_index(op.f("ix_raw_sha256"), "raw", ["sha256"], unique=False)


def create_run_events() -> None:
    op.create_table(
        "run_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_events_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_events")),
        sa.UniqueConstraint("run_id", "seq", name=op.f("uq_run_events_run_id_seq")),
    )


def create_snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["part_id"], ["parts.id"], name=op.f("fk_snapshots_part_id_parts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
    )
    op.create_index(op.f("ix_snapshots_part_id"), "snapshots", ["part_id"], unique=False)


def create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("sealed_link", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("receipt", Json, nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["part_id"], ["parts.id"], name=op.f("fk_deliveries_part_id_parts")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshots.id"], name=op.f("fk_deliveries_snapshot_id_snapshots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("message_id", name=op.f("uq_deliveries_message_id")),
        sa.UniqueConstraint("part_id", "snapshot_id", "channel", name=op.f("uq_deliveries_part_id_snapshot_id_channel")),
    )
    op.create_index("ix_deliveries_state_due_at", "deliveries", ["state", "due_at"], unique=False)


def create_outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("local_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("findings", Json, nullable=False),
        sa.Column("raw_id", sa.Integer(), nullable=True),
        sa.Column("old_version_id", sa.Integer(), nullable=True),
        sa.Column("new_version_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["raw_id"], ["raw.id"], name=op.f("fk_outcomes_raw_id_raw")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_outcomes_record_id_records")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_outcomes_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
    )
    op.create_index(op.f("ix_outcomes_record_id"), "outcomes", ["record_id"], unique=False)
    op.create_index("ix_outcomes_run_id_outcome", "outcomes", ["run_id", "outcome"], unique=False)


def create_versions() -> None:
    op.create_table(
        "versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("canonical", Json, nullable=False),
        sa.Column("carried", Json, nullable=False),
        sa.Column("losses", Json, nullable=False),
        sa.Column("findings", Json, nullable=False),
        sa.Column("findings_errors", sa.Integer(), nullable=False),
        sa.Column("quality", sa.Double(), nullable=True),
        sa.Column("shape", sa.Text(), nullable=True),
        sa.Column("schema_sha256", sa.Text(), nullable=True),
        sa.Column("raw_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("is_older_state", sa.Boolean(), nullable=False),
        sa.Column("stated_version", sa.Text(), nullable=True),
        sa.Column("stated_modified", sa.Text(), nullable=True),
        sa.Column("changed_paths", Json, nullable=False),
        sa.Column("valid_from", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["raw_id"], ["raw.id"], name=op.f("fk_versions_raw_id_raw")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_versions_record_id_records")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_versions_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint("record_id", "number", name=op.f("uq_versions_record_id_number")),
    )
    op.create_index("ix_versions_record_id_content_hash", "versions", ["record_id", "content_hash"], unique=False)
    op.create_index(op.f("ix_versions_run_id"), "versions", ["run_id"], unique=False)
