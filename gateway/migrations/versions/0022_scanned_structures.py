"""Scans of the data beside records of other sources."""

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scanned_structures",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source_id", sa.Integer(), sa.ForeignKey("sources.id"), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("tables", Json, nullable=False),
        sa.Column("read_at", UtcTime(), nullable=False),
        sa.UniqueConstraint("source_id", "dataset"),
    )
    op.create_index("ix_scanned_structures_dataset", "scanned_structures", ["dataset"])


def downgrade() -> None:
    op.drop_table("scanned_structures")
