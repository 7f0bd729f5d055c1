"""What holds, undo, dry runs, replays, links and notes need."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NEW_COLUMNS: dict[str, dict[str, Any]] = {
    "raw": {"declared": sa.Text}, "versions": {"cause": sa.Text, "mapping_version": sa.Text}, "outcomes": {"before": Json},
    "holds": {"decided_by": sa.Text}, "links": {"decided_by": sa.Text, "decided_at": UtcTime},
}


def upgrade() -> None:
    for table, columns in NEW_COLUMNS.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    with op.batch_alter_table("runs") as changes:
        changes.add_column(sa.Column("is_mass_change", sa.Boolean(), nullable=False, server_default=sa.false()))
        changes.add_column(sa.Column("undoes_run_id", sa.Integer(), nullable=True))
        changes.create_foreign_key(op.f("fk_runs_undoes_run_id_runs"), "runs", ["undoes_run_id"], ["id"])
    create_notes()
    create_dry_runs()


def downgrade() -> None:
    op.drop_table("dry_runs")
    op.drop_table("notes")
    with op.batch_alter_table("runs") as changes:
        changes.drop_constraint(op.f("fk_runs_undoes_run_id_runs"), type_="foreignkey")
        changes.drop_column("undoes_run_id")
        changes.drop_column("is_mass_change")
    for table, columns in NEW_COLUMNS.items():
        for name in columns:
            op.drop_column(table, name)


def create_notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("withdrawn_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_notes_record_id_records")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_record_id"), "notes", ["record_id"])


def create_dry_runs() -> None:
    op.create_table(
        "dry_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("configuration_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("diff", Json, nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_dry_runs_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dry_runs")),
    )
    op.create_index(op.f("ix_dry_runs_source_id"), "dry_runs", ["source_id"])
