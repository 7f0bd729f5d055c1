"""A dry run takes its turn at a host."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("hosts") as batch:
        batch.add_column(sa.Column("tried_by", sa.Text()))
        batch.add_column(sa.Column("tried_until", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("hosts") as batch:
        batch.drop_column("tried_until")
        batch.drop_column("tried_by")
