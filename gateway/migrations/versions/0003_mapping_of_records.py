"""By which mapping each record was last read."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("records", sa.Column("mapping_version", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("records", "mapping_version")
