"""A pathway that administrators added can be removed; its versions stay for the requests that were begun on it."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pathway_versions", sa.Column("is_removed", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("pathway_versions", "is_removed")
