"""Signed messages of custodians' systems that were taken in: each works once."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callbacks",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("ix_callbacks_at", "callbacks", ["at"])


def downgrade() -> None:
    op.drop_table("callbacks")
