"""Certificates of what a profile states are files as those of a request are."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None
ITEM = "fk_uploads_profile_item_id_profile_items"


def upgrade() -> None:
    with op.batch_alter_table("uploads") as batch:
        batch.alter_column("request_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("profile_item_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(ITEM, "profile_items", ["profile_item_id"], ["id"])
        batch.create_index("ix_uploads_profile_item_id", ["profile_item_id"])


def downgrade() -> None:
    op.execute("DELETE FROM uploads WHERE request_id IS NULL")
    with op.batch_alter_table("uploads") as batch:
        batch.drop_index("ix_uploads_profile_item_id")
        batch.drop_constraint(ITEM, type_="foreignkey")
        batch.drop_column("profile_item_id")
        batch.alter_column("request_id", existing_type=sa.Integer(), nullable=False)
