"""An earlier letter to a mailbox keeps leading to its request after a newer one."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_links",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("part_id", sa.Integer(), sa.ForeignKey("parts.id"), nullable=False),
        sa.Column("route_id", sa.Integer(), sa.ForeignKey("routes.id"), nullable=False),
    )
    op.create_index("ix_former_links_part_id", "former_links", ["part_id"])


def downgrade() -> None:
    op.drop_table("former_links")
