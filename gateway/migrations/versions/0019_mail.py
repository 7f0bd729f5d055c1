"""Mail: states of their own, topics, digests, what people chose, and how their mailboxes answered."""

import sqlalchemy as sa
from alembic import op

from gateway.models import UtcTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ADDED = ("message_id", "recipient", "topic", "line", "link", "digest", "bundle_id", "deadline_at")
RENAMED = {"queued": "pending", "sent": "accepted"}


def upgrade() -> None:
    with op.batch_alter_table("messages") as batch:
        for name in ("message_id", "line", "link", "digest"):
            batch.add_column(sa.Column(name, sa.Text(), nullable=True))
        batch.add_column(sa.Column("recipient", sa.String(32), nullable=True))
        batch.add_column(sa.Column("topic", sa.Text(), nullable=False, server_default="service"))
        batch.add_column(sa.Column("bundle_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("deadline_at", UtcTime(), nullable=True))
    op.execute("UPDATE messages SET message_id = idempotency_key")
    op.create_index("ix_messages_message_id", "messages", ["message_id"], unique=True)
    op.create_index("ix_messages_recipient", "messages", ["recipient"])
    op.create_index("ix_messages_bundle_id", "messages", ["bundle_id"])
    rename(RENAMED)
    op.create_table(
        "mail_choices",
        sa.Column("subject", sa.String(32), primary_key=True),
        sa.Column("topic", sa.String(20), primary_key=True),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("chosen_at", UtcTime(), nullable=False),
    )
    op.create_table(
        "mail_standings",
        sa.Column("address_hash", sa.String(64), primary_key=True),
        sa.Column("soft_bounces", sa.Integer(), nullable=False),
        sa.Column("bounced_at", UtcTime(), nullable=True),
        sa.Column("complained_at", UtcTime(), nullable=True),
        sa.Column("changed_at", UtcTime(), nullable=False),
    )


def rename(states: dict[str, str]) -> None:
    messages = sa.table("messages", sa.column("state", sa.Text()))
    for old, new in states.items():
        op.execute(messages.update().where(messages.c.state == old).values(state=new))


def downgrade() -> None:
    op.drop_table("mail_standings")
    op.drop_table("mail_choices")
    rename({"sending": "queued", "suppressed": "failed", "bounced": "failed", "soft_bounced": "failed", "complained": "sent"})
    rename({new: old for old, new in RENAMED.items()})
    for name in ("bundle_id", "recipient", "message_id"):
        op.drop_index(f"ix_messages_{name}", "messages")
    with op.batch_alter_table("messages") as batch:
        for name in ADDED:
            batch.drop_column(name)
