"""What people say about themselves once, and what custodians hold against them."""

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "profile_items",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("verified_at", UtcTime(), nullable=True),
        sa.Column("verified_until", sa.Date(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
    )
    op.create_index("ix_profile_items_account_id", "profile_items", ["account_id"])
    op.create_table(
        "profile_sanctions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("custodian_id", sa.Integer(), sa.ForeignKey("custodians.id"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
    )
    op.create_index("ix_profile_sanctions_account_id", "profile_sanctions", ["account_id"])
    op.create_index("ix_profile_sanctions_custodian_id", "profile_sanctions", ["custodian_id"])


def downgrade() -> None:
    op.drop_table("profile_sanctions")
    op.drop_table("profile_items")
