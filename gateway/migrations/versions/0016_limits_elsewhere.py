"""Limits are counted in Redis or in the web process, no more in a table."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("account_attempts")


def downgrade() -> None:
    op.create_table(
        "account_attempts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("ix_account_attempts_key_at", "account_attempts", ["key", "at"])
