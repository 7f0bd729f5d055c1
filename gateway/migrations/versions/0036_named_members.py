"""Whoever joins a request says whether the public register may name them."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("request_members") as batch:
        batch.add_column(sa.Column("may_be_named", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("request_members") as batch:
        batch.drop_column("may_be_named")
