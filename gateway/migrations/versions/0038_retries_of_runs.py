"""A run may fetch again what failed in an earlier one."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("runs") as batch:
        batch.add_column(sa.Column("retries_run_id", sa.Integer(), sa.ForeignKey("runs.id", name="fk_runs_retries_run_id_runs")))


def downgrade() -> None:
    with op.batch_alter_table("runs") as batch:
        batch.drop_constraint("fk_runs_retries_run_id_runs", type_="foreignkey")
        batch.drop_column("retries_run_id")
