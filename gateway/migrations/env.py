"""Alembic's entry: migrations run on the connection that the store hands over."""

from alembic import context

from gateway.accounts import tables
from gateway.models import Base

assert tables, "their rows are part of the same schema"
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()
