"""Routes: the secret before, while both sign, and since when nothing was taken."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("routes") as batch:
        batch.add_column(sa.Column("former_secret", sa.Text(), nullable=True))
        batch.add_column(sa.Column("former_secret_until", UtcTime(), nullable=True))
        batch.add_column(sa.Column("failing_since", UtcTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("routes") as batch:
        for name in ("failing_since", "former_secret_until", "former_secret"):
            batch.drop_column(name)
