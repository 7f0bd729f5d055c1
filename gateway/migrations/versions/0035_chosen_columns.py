"""Columns that visitors ticked before a request begins."""

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chosen_columns",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("datasets", Json, nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
    )
    op.create_index("ix_chosen_columns_changed_at", "chosen_columns", ["changed_at"])


def downgrade() -> None:
    op.drop_table("chosen_columns")
