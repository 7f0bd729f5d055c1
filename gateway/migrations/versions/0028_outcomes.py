"""Decisions of custodians without a workspace, until a second officer confirms them."""

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outcome_proposals",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("part_id", sa.Integer(), sa.ForeignKey("parts.id"), nullable=False),
        sa.Column("payload", Json, nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", UtcTime(), nullable=False),
        sa.UniqueConstraint("part_id"),
    )


def downgrade() -> None:
    op.drop_table("outcome_proposals")
