"""`riskscore ingest fineract`: a Fineract database as a portfolio."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from riskscore.cli import printing
from riskscore.cli.outputs import check_outputs
from riskscore.errors import InvalidInput

if TYPE_CHECKING:
    from riskscore.portfolio.adapters.fineract.report import Report
    from riskscore.portfolio.adapters.pseudonyms import Pseudonyms


def fineract(
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="postgresql://… or mariadb://…, or env:NAME to read it from an environment variable. The password may "
            "stand in RISKSCORE_SOURCE_PASSWORD; it is never shown or kept.",
        ),
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write: new, empty, or a portfolio to replace.")],
    country: Annotated[
        str | None, typer.Option(help="Two letters, such as PE. Default: where the currency is at home.")
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option(help="Such as America/Lima. Default: where the currency is at home.")
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            envvar="RISKSCORE_KEY",
            help="Key of the pseudonyms; the institution keeps it. Default: OUT.key, made where there is none.",
        ),
    ] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make the key at --key FILE, which must not exist.")
    ] = False,
    currency: Annotated[str | None, typer.Option(help="Which currency to read, where the core has several.")] = None,
    data_date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last day to read. Default: the core's business date, else yesterday."),
    ] = None,
    words: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", exists=True, dir_okay=False, help="What the core's code words mean."),
    ] = None,
    batch: Annotated[int, typer.Option(min=1, max=1_000_000, help="Rows read at once.")] = 50_000,
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew instead of going on.")] = False,
) -> None:
    """Read a Fineract database into OUT, and write a report with a reconciliation to OUT.ingest.

    Nothing is written to the database. Whatever stops the reading, the same command goes on after the last batch.
    """
    from riskscore.portfolio.adapters.fineract import Choices, Words, ingest_fineract

    check_outputs({"OUT": out, "--key": key if new_key else None})
    names = _pseudonyms(key, out, new=new_key)
    choices = Choices(
        country=country,
        time_zone=time_zone,
        currency=currency,
        data_date=data_date.date() if data_date else None,
        words=Words.read(words),
        batch=batch,
    )
    with _rows_read() as tell:
        report = ingest_fineract(
            url,
            out,
            names=names,
            choices=choices,
            restart=restart,
            progress=tell,
            doing=lambda what: tell(what, 0, None),
        )
    _print(report)


@contextmanager
def _rows_read() -> Iterator[Callable[[str, int, int | None], None]]:
    """Show the rows of each table as they are read, on a terminal only, and the seconds when all is done."""
    begun = time.monotonic()
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=printing.err,
        transient=True,
        disable=not printing.err.is_terminal,
    )
    with bar:
        task = bar.add_task("reading", total=None)

        def tell(what: str, rows: int, total: int | None) -> None:
            bar.update(task, description=what, completed=rows)
            bar.tasks[0].total = total  # `update` takes None for "as it was"

        yield tell
    printing.err.print(f"  {'ingest':<44} {time.monotonic() - begun:6.1f} s", markup=False)


def _pseudonyms(key: Path | None, out: Path, *, new: bool) -> Pseudonyms:
    """Return the pseudonyms; a key that was named is never made unasked, as a slip would give everyone another name."""
    from riskscore.portfolio.adapters.pseudonyms import Pseudonyms
    from riskscore.portfolio.manifest import FILE

    if key is None:
        key = out.absolute().with_name(f"{out.absolute().name}.key")
        if not new and not key.exists() and (out / FILE).exists():
            raise InvalidInput.of(
                str(key),
                f"is not there, and the portfolio {out.name} is.",
                "Restore it from your backup, or name the key with --key; --new-key gives everyone another pseudonym.",
            )
        new = new or not key.exists()
    if key.resolve().is_relative_to(out.resolve()):
        raise InvalidInput.of(str(key), "lies inside the portfolio.", "Keep the key apart from what it protects.")
    return Pseudonyms.create(key) if new else Pseudonyms.from_file(key)


def _print(report: Report) -> None:
    manifest, found = report.portfolio.manifest, report.reconciliation
    printing.table(("table", "rows"), ((name, f"{rows:,}") for name, rows in manifest.rows.items()))
    for one in report.missing:
        printing.line(f"  not there  {one.where}: {one.remedy}")
    for finding in report.in_order:
        rows = "" if finding.rows is None else f" ({finding.rows:,})"
        printing.line(f"  {finding.sort}  {finding.subject}{rows}: {finding.what}")
    figures = ("outstanding", "core_outstanding", "overdue", "core_overdue")
    printing.table(
        ("reconciliation", "loans", "outstanding", "core's", "overdue", "core's"),
        (
            (row["reason"], f"{row['loans']:,}", *(f"{row[name]:,}" for name in figures))
            for row in found.by("reason").iter_rows(named=True)
        ),
    )
    shares = (found.ours.at_risk, found.core_par30, found.core_report)
    par, core, theirs = ("-" if share is None else f"{share:.2%}" for share in shares)
    printing.line(f"PAR30 {par}; by the core's arrears {core}; what its report calls portfolio at risk {theirs}")
    printing.line(
        f"{report.portfolio.path}  {manifest.currency}, data up to {manifest.data_date}, "
        f"key {report.key_id}; report in {report.portfolio.path.name}.ingest"
    )
