"""Routes hold what their channel needs besides an address and a secret."""

import sqlalchemy as sa
from alembic import op

from gateway.models import Json

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("routes") as table:
        table.add_column(sa.Column("settings", Json, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("routes") as table:
        table.drop_column("settings")
