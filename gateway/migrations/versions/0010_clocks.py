"""Choices of custodians, and what the clocks have done."""

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_policies",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("custodian_id", sa.Integer(), sa.ForeignKey("custodians.id"), nullable=False),
        sa.Column("values", Json, nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", UtcTime(), nullable=False),
    )
    op.create_index("ix_access_policies_custodian_id_set_at", "access_policies", ["custodian_id", "set_at"])
    op.create_table(
        "clock_marks",
        sa.Column("key", sa.String(160), primary_key=True),
        sa.Column("part_id", sa.Integer(), sa.ForeignKey("parts.id"), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("ix_clock_marks_part_id", "clock_marks", ["part_id"])


def downgrade() -> None:
    op.drop_table("clock_marks")
    op.drop_table("access_policies")
