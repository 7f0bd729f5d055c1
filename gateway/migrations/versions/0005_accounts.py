"""Accounts: people, their links, sessions, recovery codes, roles and limits."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_accounts()
    create_links_and_sessions()
    create_recovery_codes()
    create_memberships()
    op.create_table(
        "account_attempts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("ix_account_attempts_key_at", "account_attempts", ["key", "at"])


def create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("subject", sa.String(32), nullable=False, unique=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("address_key", sa.Text(), nullable=True, unique=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("terms_version", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("last_signed_in_at", UtcTime(), nullable=True),
    )


def create_links_and_sessions() -> None:
    op.create_table(
        "account_links",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
    )
    op.create_index("ix_account_links_account_id", "account_links", ["account_id"])
    op.create_table(
        "account_sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("second_factor_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
    )
    op.create_index("ix_account_sessions_account_id", "account_sessions", ["account_id"])


def create_recovery_codes() -> None:
    op.create_table(
        "account_recovery_codes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.UniqueConstraint("account_id", "digest"),
    )
    op.create_index("ix_account_recovery_codes_account_id", "account_recovery_codes", ["account_id"])


def create_memberships() -> None:
    op.create_table(
        "account_memberships",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("custodian_id", sa.Integer(), sa.ForeignKey("custodians.id"), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("granted_at", UtcTime(), nullable=False),
        sa.UniqueConstraint("account_id", "custodian_id", "role"),
    )
    op.create_index("ix_account_memberships_account_id", "account_memberships", ["account_id"])
    op.create_index("ix_account_memberships_custodian_id", "account_memberships", ["custodian_id"])


def downgrade() -> None:
    for table in ("account_attempts", "account_memberships", "account_recovery_codes", "account_sessions", "account_links", "accounts"):
        op.drop_table(table)
