"""Routes for datasets, collections and networks; mailboxes that confirm themselves; custodians that stand in for others."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("routes") as table:
        table.add_column(sa.Column("scope_ref", sa.Text(), nullable=True))
        table.add_column(sa.Column("confirm_token_sha256", sa.String(64), nullable=True))
        table.add_column(sa.Column("asked_at", UtcTime(), nullable=True))
        table.create_unique_constraint("uq_routes_confirm_token_sha256", ["confirm_token_sha256"])
        table.create_index("ix_routes_scope_ref", ["scope_ref"])
    op.create_table(
        "route_alternatives",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("custodian_id", sa.Integer(), sa.ForeignKey("custodians.id"), nullable=False),
        sa.Column("alternative_id", sa.Integer(), sa.ForeignKey("custodians.id"), nullable=False),
        sa.Column("confirmed_by_custodian_at", UtcTime(), nullable=True),
        sa.Column("confirmed_by_alternative_at", UtcTime(), nullable=True),
        sa.UniqueConstraint("custodian_id", "alternative_id"),
    )


    op.create_table(
        "mailbox_visits",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("part_id", sa.Integer(), sa.ForeignKey("parts.id"), nullable=False),
        sa.Column("code_sha256", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=True),
    )
    op.create_index("ix_mailbox_visits_part_id", "mailbox_visits", ["part_id"])


def downgrade() -> None:
    op.drop_table("mailbox_visits")
    op.drop_table("route_alternatives")
    with op.batch_alter_table("routes") as table:
        table.drop_index("ix_routes_scope_ref")
        table.drop_constraint("uq_routes_confirm_token_sha256", type_="unique")
        for column in ("asked_at", "confirm_token_sha256", "scope_ref"):
            table.drop_column(column)
