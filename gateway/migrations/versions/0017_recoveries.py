"""Accounts whose owners lost every way in: who asked, and who confirmed it."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_recoveries",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("stop_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("also_confirmed_by", sa.Text(), nullable=True),
        sa.Column("ripe_at", UtcTime(), nullable=True),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
    )
    op.create_index("ix_account_recoveries_account_id", "account_recoveries", ["account_id"])


def downgrade() -> None:
    op.drop_table("account_recoveries")
