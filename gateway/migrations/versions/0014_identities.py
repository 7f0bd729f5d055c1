"""Who people are at identity providers."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_identities",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("provider_name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("linked_at", UtcTime(), nullable=False),
        sa.Column("last_used_at", UtcTime(), nullable=True),
        sa.UniqueConstraint("issuer", "subject"),
    )
    op.create_index("ix_account_identities_account_id", "account_identities", ["account_id"])
    op.create_table(
        "account_used_states",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("ix_account_used_states_at", "account_used_states", ["at"])


def downgrade() -> None:
    op.drop_table("account_used_states")
    op.drop_table("account_identities")
