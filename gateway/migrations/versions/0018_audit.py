"""The audit, which only grows: on both databases triggers refuse UPDATE, and DELETE but for a prefix with a signed checkpoint."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.models import Json, UtcTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

LOCKED = ("audit", "audit_heads", "audit_checkpoints")
TABLES = ("audit", "audit_salts", "audit_heads", "audit_checkpoints")
REFUSED = "the audit only grows"


def upgrade() -> None:
    create_tables()
    if op.get_bind().dialect.name == "sqlite":
        lock_on_sqlite()
    else:
        lock_on_postgresql()


def create_tables() -> None:
    op.create_table(
        "audit",
        sa.Column("stream", sa.String(120), primary_key=True),
        sa.Column("sequence", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", UtcTime(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("actor", "role", "action", "object", "outcome", "request_id")),
        *(sa.Column(name, sa.String(64), nullable=False) for name in ("digest", "previous", "hash")),
    )
    op.create_table(
        "audit_salts",
        sa.Column("stream", sa.String(120), primary_key=True),
        sa.Column("sequence", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("salt", sa.String(32), nullable=False),
    )
    op.create_table("audit_heads", sa.Column("day", sa.String(10), primary_key=True), *signed())
    op.create_table(
        "audit_checkpoints",
        sa.Column("stream", sa.String(120), primary_key=True),
        sa.Column("sequence", sa.Integer(), primary_key=True, autoincrement=False),
        *signed(),
    )


def signed() -> list[sa.Column[Any]]:
    return [
        sa.Column("document", Json, nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
    ]


def is_kept(table: str) -> str:
    """When a row may not be deleted: always, but for rows of the audit that a checkpoint stands for."""
    if table != "audit":
        return "1 = 1"
    return "NOT EXISTS (SELECT 1 FROM audit_checkpoints c WHERE c.stream = OLD.stream AND c.sequence >= OLD.sequence)"


def lock_on_sqlite() -> None:
    for table in LOCKED:
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END")
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN {is_kept(table)} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        )
    # INSERT OR REPLACE deletes without asking the trigger above.
    op.execute(
        "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit "
        "WHEN EXISTS (SELECT 1 FROM audit a WHERE a.stream = NEW.stream AND a.sequence = NEW.sequence) "
        "BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END"
    )


def lock_on_postgresql() -> None:
    op.execute(f"CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$")
    for table in LOCKED:
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
    for table in LOCKED[1:]:
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute(
        "CREATE FUNCTION refuse_delete_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {is_kept('audit')} THEN RAISE EXCEPTION '{REFUSED}'; END IF; RETURN OLD; END $$"
    )
    op.execute("CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_delete_of_audit()")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_delete_of_audit()")
        op.execute("DROP FUNCTION refuse_change()")
