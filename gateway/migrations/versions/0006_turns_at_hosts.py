"""Hosts are taken by source, not by run, so that an unchanged source writes nothing there."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("hosts")
    op.create_table(
        "hosts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Integer(), sa.ForeignKey("sources.id", name="fk_hosts_source_id_sources"), nullable=True),
        sa.Column("wanted_by", sa.Integer(), sa.ForeignKey("sources.id", name="fk_hosts_wanted_by_sources"), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("resting_until", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_hosts"),
    )


def downgrade() -> None:
    op.drop_table("hosts")
    op.create_table(
        "hosts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lease_run_id", sa.Integer(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("next_request_at", UtcTime(), nullable=True),
        sa.Column("breaker_until", UtcTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_hosts"),
    )
