"""Links are looked for from either of their records."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_links_record_b", "links", ["record_b"])


def downgrade() -> None:
    op.drop_index("ix_links_record_b", "links")
