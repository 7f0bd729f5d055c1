"""A contact of a source may be a webhook."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None
KEY = "fk_source_contacts_endpoint_id_webhook_endpoints"


def upgrade() -> None:
    with op.batch_alter_table("source_contacts") as batch:
        batch.add_column(sa.Column("endpoint_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(KEY, "webhook_endpoints", ["endpoint_id"], ["id"])
        batch.create_index("ix_source_contacts_endpoint_id", ["endpoint_id"])


def downgrade() -> None:
    with op.batch_alter_table("source_contacts") as batch:
        batch.drop_index("ix_source_contacts_endpoint_id")
        batch.drop_constraint(KEY, type_="foreignkey")
        batch.drop_column("endpoint_id")
