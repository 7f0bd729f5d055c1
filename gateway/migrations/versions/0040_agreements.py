"""Agreements are kept as the documents that both sides sign; custodians keep templates of theirs."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreement_templates",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("custodian_id", sa.Integer(), sa.ForeignKey("custodians.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "name", "media_type")),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", UtcTime(), nullable=False),
        sa.UniqueConstraint("custodian_id", "version"),
    )
    op.create_index("ix_agreement_templates_custodian_id", "agreement_templates", ["custodian_id"])
    op.create_table(
        "agreements",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(24), nullable=False, unique=True),
        sa.Column("part_id", sa.Integer(), sa.ForeignKey("parts.id"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "name", "media_type")),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("storage_name", sa.String(64), nullable=False),
        sa.Column("sealed_key", sa.Text(), nullable=False),
        sa.Column("template_version", sa.Integer()),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", UtcTime(), nullable=False),
    )
    op.create_index("ix_agreements_part_id", "agreements", ["part_id"])
    op.create_index("ix_agreements_storage_name", "agreements", ["storage_name"])


def downgrade() -> None:
    op.drop_table("agreements")
    op.drop_table("agreement_templates")
