"""Searches that people keep, and what they had found."""

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(24), nullable=False, unique=True),
        sa.Column("subject", sa.String(32), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("address", "name", "often")),
        sa.Column("vanished", Json, nullable=False),
        sa.Column("feed_token_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("sealed_feed_token", sa.Text(), nullable=False),
        *(sa.Column(name, UtcTime(), nullable=False) for name in ("created_at", "looked_at", "look_due_at", "told_at")),
        sa.Column("tell_due_at", UtcTime()),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("removed_at", UtcTime()),
    )
    op.create_index("ix_saved_searches_subject", "saved_searches", ["subject"])
    op.create_index("ix_saved_searches_look_due_at", "saved_searches", ["look_due_at"])
    op.create_table(
        "saved_search_finds",
        sa.Column("search_id", sa.Integer(), sa.ForeignKey("saved_searches.id"), primary_key=True),
        sa.Column("record_id", sa.Integer(), sa.ForeignKey("records.id"), primary_key=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("found_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime()),
        sa.Column("is_found", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("saved_search_finds")
    op.drop_table("saved_searches")
