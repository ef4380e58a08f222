"""Alembic's entry: inside the transaction that the database opened, so that a migration is whole or not at all."""

from __future__ import annotations

from alembic import context

from riskscore.service.upgrade import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
