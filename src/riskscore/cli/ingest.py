"""`riskscore ingest`: from an institution's own systems to a portfolio."""

from __future__ import annotations

import typer

from riskscore.cli import ingest_tables

group = typer.Typer(help="Read a core-banking system or plain tables into a portfolio.", no_args_is_help=True)
group.command(
    "tables",
    epilog="Example: `riskscore ingest tables mapping.toml portfolio --data tables --key institution.key`",
)(ingest_tables.tables)
