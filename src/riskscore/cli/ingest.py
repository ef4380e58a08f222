"""`riskscore ingest`: from an institution's own systems to a portfolio."""

from __future__ import annotations

import typer

from riskscore.cli import ingest_fineract

group = typer.Typer(help="Read a core-banking system or plain tables into a portfolio.", no_args_is_help=True)
group.command(
    "fineract",
    epilog="Example: `riskscore ingest fineract postgresql://reader@db/fineract_default portfolio --country PE "
    "--time-zone America/Lima --key institution.key`",
)(ingest_fineract.fineract)
