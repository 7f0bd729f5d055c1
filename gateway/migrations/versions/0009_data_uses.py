"""The data use register."""

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_uses",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("part_id", sa.Integer(), sa.ForeignKey("parts.id"), nullable=False, unique=True),
        sa.Column("custodian_id", sa.Integer(), sa.ForeignKey("custodians.id"), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("values", Json, nullable=False),
        sa.Column("dataset_refs", Json, nullable=False),
        sa.Column("history", Json, nullable=False),
        sa.Column("approved_at", UtcTime(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=False),
    )
    op.create_index("ix_data_uses_custodian_id", "data_uses", ["custodian_id"])
    op.create_index("ix_data_uses_opened_at", "data_uses", ["opened_at"])


def downgrade() -> None:
    op.drop_table("data_uses")
