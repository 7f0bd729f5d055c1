"""Passkeys of accounts, and the challenges that they sign."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_passkeys",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False, unique=True),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("last_used_at", UtcTime(), nullable=True),
        sa.Column("blocked_at", UtcTime(), nullable=True),
    )
    op.create_index("ix_account_passkeys_account_id", "account_passkeys", ["account_id"])
    op.create_table(
        "account_challenges",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=True),
        sa.Column("ends_at", UtcTime(), nullable=False),
    )
    op.create_index("ix_account_challenges_account_id", "account_challenges", ["account_id"])


def downgrade() -> None:
    op.drop_table("account_challenges")
    op.drop_table("account_passkeys")
