"""Drafts of requests, and what custodians ask beyond the core of the question bank."""

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_templates",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("custodian_id", sa.Integer(), sa.ForeignKey("custodians.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", UtcTime(), nullable=False),
        sa.UniqueConstraint("custodian_id", "version"),
    )
    op.create_index("ix_form_templates_custodian_id", "form_templates", ["custodian_id"])
    op.create_table(
        "kept_texts",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("sealed_text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
    )
    op.create_index("ix_kept_texts_created_at", "kept_texts", ["created_at"])
    extend_requests()
    # SQLite would make the table anew for a constraint, and cannot while other tables refer to its rows.
    op.execute("ALTER TABLE parts ADD COLUMN form_id INTEGER CONSTRAINT fk_parts_form_id_form_templates REFERENCES form_templates (id)")


def extend_requests() -> None:
    for column in (
        sa.Column("lead_subject", sa.String(32), nullable=True), sa.Column("answers_version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("answers_notes", Json, nullable=False, server_default="{}"), sa.Column("bank_version", sa.Text(), nullable=True),
        sa.Column("sent_at", UtcTime(), nullable=True),
    ):
        op.add_column("requests", column)
    op.create_index("ix_requests_lead_subject", "requests", ["lead_subject"])
    op.execute("UPDATE requests SET sent_at = created_at, sealed_follow_token = NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE parts DROP COLUMN form_id")
    op.drop_index("ix_requests_lead_subject", "requests")
    for name in ("lead_subject", "answers_version", "answers_notes", "bank_version", "sent_at"):
        op.drop_column("requests", name)
    op.drop_table("kept_texts")
    op.drop_table("form_templates")
