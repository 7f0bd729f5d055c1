"""Those who are on a request beside its lead."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request_members",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("request_id", sa.Integer(), sa.ForeignKey("requests.id"), nullable=False),
        sa.Column("subject", sa.String(32), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("needs_access", sa.Boolean(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("invited_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("joined_at", UtcTime(), nullable=True),
        sa.Column("left_at", UtcTime(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=True),
        sa.Column("offered_by", sa.Text(), nullable=True),
        sa.Column("offer_evidence", sa.Text(), nullable=True),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_request_members_request_id", "request_members", ["request_id"])
    op.create_index("ix_request_members_subject", "request_members", ["subject"])


def downgrade() -> None:
    op.drop_table("request_members")
