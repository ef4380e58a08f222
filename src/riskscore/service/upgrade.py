"""Bringing the tables of the records up to date, by the migrations that ship beside this file."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from riskscore.errors import InvalidInput

#: The revision that this release reads and writes.
HEAD = "r0003"

#: A table of our own: an institution may keep MLflow's tables, which Alembic moves too, in the same database.
VERSION_TABLE = "riskscore_version"

#: Key of the advisory lock that writers to the chain hold on PostgreSQL, and those who change its tables.
LOCK = 7_263_452_111

_FIRST = "r0001"
_MIGRATIONS = Path(__file__).with_name("migrations")


def revision(connection: sa.Connection) -> str | None:
    """Return the revision the tables are at; None where there are none."""
    tables = set(sa.inspect(connection).get_table_names())
    if VERSION_TABLE in tables:
        found = connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
        return None if found is None else str(found)
    # Before there were migrations the service made its tables itself.
    return _FIRST if {"scores", "accesses", "tokens"} <= tables else None


def upgrade(connection: sa.Connection) -> None:
    """Bring the tables to `HEAD` inside the transaction of `connection`, while nobody else writes to the chain.

    Raises
    ------
    InvalidInput
        A later release wrote here, or a record does not fit its own digest: nothing is changed then.
    """
    found = revision(connection)
    if found == HEAD:
        return
    # Only now: Alembic takes a while to import, and almost every start has nothing to do.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if found is not None and found not in {
        script.revision for script in ScriptDirectory.from_config(config).walk_revisions()
    }:
        raise InvalidInput.of(
            "RISKSCORE_RECORDS",
            "A later release of riskscore has written to this database.",
            "Install that release, or restore a backup of this one's.",
        )
    if found == _FIRST:
        command.stamp(config, _FIRST)
    command.upgrade(config, "head")
