"""Questions to custodians."""

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enquiries",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("reference", sa.String(16), nullable=False, unique=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "name", "address")),
        *(sa.Column(name, Json, nullable=False) for name in ("answers", "dataset_refs", "custodian_ids")),
        sa.Column("follow_token_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("sealed_follow_token", sa.Text(), nullable=False),
        sa.Column("confirm_token_sha256", sa.String(64), nullable=True, unique=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=False),
    )
    op.create_table(
        "enquiry_threads",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(32), nullable=False, unique=True),
        sa.Column("enquiry_id", sa.Integer(), sa.ForeignKey("enquiries.id"), nullable=False),
        sa.Column("custodian_id", sa.Integer(), sa.ForeignKey("custodians.id"), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("desk_token_sha256", sa.String(64), nullable=True, unique=True),
        sa.Column("letter_key", sa.Text(), nullable=True),
        sa.Column("dataset_refs", Json, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("close_reason", sa.Text(), nullable=True),
        *(sa.Column(name, UtcTime(), nullable=False) for name in ("created_at", "since")),
        *(sa.Column(name, UtcTime(), nullable=True) for name in ("acknowledged_at", "answered_at", "overdue_at")),
    )
    for column in ("enquiry_id", "custodian_id", "state"):
        op.create_index(f"ix_enquiry_threads_{column}", "enquiry_threads", [column])
    op.create_table(
        "enquiry_messages",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("thread_id", sa.Integer(), sa.ForeignKey("enquiry_threads.id"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("author", "via", "text")),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("ix_enquiry_messages_thread_id", "enquiry_messages", ["thread_id"])
    op.create_table(
        "reply_tokens",
        sa.Column("digest", sa.String(64), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("about", "subject", "side", "address")),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
    )


def downgrade() -> None:
    for table in ("reply_tokens", "enquiry_messages", "enquiry_threads", "enquiries"):
        op.drop_table(table)
