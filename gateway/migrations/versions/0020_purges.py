"""Proofs that what was due to go went."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "purges",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cut_off", UtcTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("purges")
