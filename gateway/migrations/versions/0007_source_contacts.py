"""Who is told about a source's runs."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("last_notice_at", UtcTime(), nullable=True))
    op.create_table(
        "source_contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), sa.ForeignKey("sources.id", name="fk_source_contacts_source_id_sources"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source_contacts"),
        sa.UniqueConstraint("source_id", "address", name="uq_source_contacts_source_id_address"),
    )
    op.create_index("ix_source_contacts_source_id", "source_contacts", ["source_id"])


def downgrade() -> None:
    op.drop_table("source_contacts")
    op.drop_column("sources", "last_notice_at")
