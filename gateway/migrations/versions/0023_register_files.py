"""The register takes entries from files, holds them back for a time, and names what came of a use."""

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("data_uses") as table:
        table.alter_column("part_id", existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column("embargo_until", UtcTime(), nullable=True))
        table.add_column(sa.Column("embargo_reason", sa.Text(), nullable=True))
        table.add_column(sa.Column("outputs", Json, nullable=False, server_default="[]"))
        table.add_column(sa.Column("imported", Json, nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM data_uses WHERE part_id IS NULL")
    with op.batch_alter_table("data_uses") as table:
        for column in ("imported", "outputs", "embargo_reason", "embargo_until"):
            table.drop_column(column)
        table.alter_column("part_id", existing_type=sa.Integer(), nullable=False)
