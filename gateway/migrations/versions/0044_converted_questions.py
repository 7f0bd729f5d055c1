"""A question knows the request that it became, so that it becomes one once."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("enquiries", sa.Column("request_reference", sa.String(16)))


def downgrade() -> None:
    op.drop_column("enquiries", "request_reference")
