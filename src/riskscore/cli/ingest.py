"""`riskscore ingest`: from an institution's own systems to a portfolio."""

from __future__ import annotations

import typer

from riskscore.cli import ingest_fineract, ingest_tables

group = typer.Typer(help="Read a core-banking system or plain tables into a portfolio.", no_args_is_help=True)
group.command(
    "fineract",
    epilog="Example: `riskscore ingest fineract postgresql://reader@db/fineract_default portfolio --country PE "
    "--time-zone America/Lima --key institution.key`",
)(ingest_fineract.fineract)
group.command(
    "tables",
    epilog="Example: `riskscore ingest tables mapping.toml portfolio --data tables --key institution.key`",
)(ingest_tables.tables)
