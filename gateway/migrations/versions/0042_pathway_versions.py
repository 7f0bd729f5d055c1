"""Pathways that administrators changed or added."""

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pathway_versions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("pathway", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", UtcTime(), nullable=False),
        sa.UniqueConstraint("pathway", "version"),
    )


def downgrade() -> None:
    op.drop_table("pathway_versions")
