"""Which records are members of which series of datasets."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "series_members",
        sa.Column("record_id", sa.Integer(), sa.ForeignKey("records.id"), primary_key=True),
        sa.Column("url", sa.Text(), primary_key=True),
    )
    op.create_index("ix_series_members_url", "series_members", ["url"])


def downgrade() -> None:
    op.drop_table("series_members")
