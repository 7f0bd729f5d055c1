"""Whether custodians of a request may learn of each other, and which parts are needed together."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("requests", sa.Column("discloses", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("parts", sa.Column("is_linked", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("parts", "is_linked")
    op.drop_column("requests", "discloses")
