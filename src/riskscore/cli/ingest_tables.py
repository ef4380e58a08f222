"""`riskscore ingest tables`: CSV, Parquet or a database, as a mapping file says."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import ProjectDir
from riskscore.cli.outputs import check_outputs
from riskscore.errors import InvalidInput
from riskscore.project import Project

if TYPE_CHECKING:
    from riskscore.portfolio.adapters.pseudonyms import Pseudonyms
    from riskscore.portfolio.adapters.tables_report import TablesReport


def tables(
    mapping: Annotated[Path, typer.Argument(metavar="MAPPING.toml", help="What becomes what.", dir_okay=False)],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Portfolio to write: new, empty, or one to replace.")],
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", exists=True, file_okay=False, help="Folder with the mapping's files."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="FILE", dir_okay=False, help="Key of the pseudonyms; the institution keeps it."),
    ] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make the key at --key FILE, which must not exist.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be made, and leave nothing.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Forget what an interrupted run has read.")] = False,
    project: ProjectDir = None,
) -> None:
    """Make a portfolio of CSV files, Parquet files or a database, as MAPPING.toml says.

    Faults of the mapping are told all at once before any row is read; then all faults of the data. OUT appears whole,
    or not at all, and OUT.ingest/report.md says what was read, made, left out and inferred. An interrupted run goes on
    when the same command is given again.
    """
    from riskscore.portfolio.adapters.plain_tables import ingest_tables

    check_outputs({"OUT": out, "--key": key if new_key else None})
    contract = Project.open(project).tables()
    with printing.step("ingest tables") as tell:
        portfolio, report = ingest_tables(
            mapping,
            out,
            data,
            tables=contract,
            pseudonyms=_pseudonyms(key, out, new=new_key, dry_run=dry_run),
            dry_run=dry_run,
            restart=restart,
            told=tell,
        )
    _print(report)
    if portfolio is None:
        printing.line("dry run: nothing was written")
    else:
        place = out.resolve() if out.is_symlink() else out
        printing.line(f"{place}  {portfolio.manifest.currency}, data up to {portfolio.manifest.data_date}")
        printing.line(f"{place}.ingest/report.md")


def _pseudonyms(key: Path | None, out: Path, *, new: bool, dry_run: bool) -> Pseudonyms | None:
    from riskscore.portfolio.adapters.pseudonyms import KEY_BYTES, Pseudonyms

    if key is None:
        if new:
            raise InvalidInput.of("--new-key", "does not say where.", "Give --key FILE too.")
        return None
    if key.resolve().is_relative_to(out.resolve()):
        raise InvalidInput.of(str(key), "lies inside the portfolio.", "Keep the key apart from what it protects.")
    if new and dry_run:  # a key for this run alone: a dry run leaves nothing
        return Pseudonyms(secrets.token_bytes(KEY_BYTES))
    return Pseudonyms.create(key) if new else Pseudonyms.from_file(key)


def _print(report: TablesReport) -> None:
    from riskscore.portfolio.adapters.tables_report import counted

    printing.table(("table", "from", "rows read", "made", "dropped"), report.rows())
    for name, count, reason in report.dropped():
        printing.line(f"  dropped   {name}: {count:,}, {reason}")
    for name, count, rule in report.inferred():
        printing.line(f"  inferred  {name}: {counted(count)}, known at {rule}")
