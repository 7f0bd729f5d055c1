"""Which runs call for the search for the same datasets in other sources."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None
WANTED = sa.text("wants_links")


def upgrade() -> None:
    op.add_column("runs", sa.Column("wants_links", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_runs_wants_links", "runs", ["id"], postgresql_where=WANTED, sqlite_where=WANTED)


def downgrade() -> None:
    op.drop_index("ix_runs_wants_links", "runs")
    op.drop_column("runs", "wants_links")
