"""Invitations to custodians' teams, roles that wait for a second person, and keys that belong to people."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_invitations()
    op.create_table(
        "account_proposals",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("custodian_id", sa.Integer(), sa.ForeignKey("custodians.id"), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.UniqueConstraint("account_id", "custodian_id", "role"),
    )
    op.create_index("ix_account_proposals_account_id", "account_proposals", ["account_id"])
    op.create_index("ix_account_proposals_custodian_id", "account_proposals", ["custodian_id"])
    op.add_column("accounts", sa.Column("roles_changed_at", UtcTime(), nullable=True))
    op.add_column("account_sessions", sa.Column("renewed_at", UtcTime(), nullable=True))
    op.execute("UPDATE account_sessions SET renewed_at = created_at")
    with op.batch_alter_table("account_sessions") as sessions:
        sessions.alter_column("renewed_at", existing_type=UtcTime(), nullable=False)
    op.add_column("api_keys", sa.Column("owner", sa.String(32), nullable=True))


def create_invitations() -> None:
    op.create_table(
        "account_invitations",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("custodian_id", sa.Integer(), sa.ForeignKey("custodians.id"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Text(), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
    )
    op.create_index("ix_account_invitations_custodian_id", "account_invitations", ["custodian_id"])


def downgrade() -> None:
    with op.batch_alter_table("api_keys") as keys:
        keys.drop_column("owner")
    with op.batch_alter_table("account_sessions") as sessions:
        sessions.drop_column("renewed_at")
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("roles_changed_at")
    op.drop_table("account_proposals")
    op.drop_table("account_invitations")
