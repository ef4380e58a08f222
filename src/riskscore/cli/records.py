"""`riskscore records`: the service's records kept up to date, verified, handed over and erased."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.outputs import check_outputs
from riskscore.cli.private_files import write_private

if TYPE_CHECKING:
    from riskscore.service.database import Database

group = typer.Typer(help="The service's records (RISKSCORE_RECORDS).", no_args_is_help=True)

Subject = Annotated[str, typer.Argument(metavar="SUBJECT", help="The member's id, as the portfolio has it.")]


def _database() -> Database:
    from riskscore.service.database import Database
    from riskscore.service.settings import Settings

    return Database(Settings().records)


@group.command(epilog="Example: `riskscore records upgrade`")
def upgrade() -> None:
    """Bring the tables up to date, as every start of the service does, and print their revision."""
    from riskscore.service.upgrade import HEAD

    _database().close()
    printing.line(f"revision {HEAD}")


@group.command(epilog="Example: `riskscore records verify`")
def verify(
    head: Annotated[
        str | None,
        typer.Option(metavar="NUMBER:HASH", help="As an earlier `verify` printed it: it has to be there still."),
    ] = None,
) -> None:
    """Walk the chain of records; name the first entry that does not fit, with exit code 1.

    Keep the line it prints somewhere else: given back with --head, it shows if the last entries are gone, or if the
    whole chain was written anew.
    """
    from riskscore.service.verification import read_head
    from riskscore.service.verification import verify as walk

    found = walk(_database(), since=None if head is None else read_head(head))
    printing.line(f"{found.entries}:{found.hash}")
    printing.err.print(
        f"{found.entries:,} entries, each fits the one before; the content of {found.erased:,} was erased."
    )
    if found.earlier is not None:
        printing.err.print(
            f"Entry {found.earlier:,} says that it is older than one before it: "
            "a clock was set back, or it was dated back."
        )


@group.command(epilog="Example: `riskscore records export M0000041 --out hers.json`")
def export(
    subject: Subject,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False, help="File to write, for her.")],
) -> None:
    """Write all that is held of a member as JSON, to be handed to her; that it was is written down.

    Her part in the scores of her communal bank is in it, and nothing of her neighbours.
    """
    from riskscore.service.erasure import export as held

    check_outputs({"--out": out})
    found = held(_database(), subject)
    write_private({out: json.dumps(found, ensure_ascii=False, indent=1)})
    printing.line(f"{out}  {len(found['records']):,} records")


@group.command(epilog="Example: `riskscore records erase M0000041 --reason 'asked for by herself'`")
def erase(
    subject: Subject,
    reason: Annotated[str, typer.Option(help="Why; it stays on record, so it must not name her.")],
) -> None:
    """Erase what the records hold of a member, and end her tokens. It cannot be undone.

    An entry tells that it was done, under a pseudonym; the chain verifies as before. Backups and the portfolio are not
    touched: erase her there first, or she will be scored again. Scores of her communal bank stay without her part, and
    cannot be computed again.
    """
    from riskscore.service.erasure import erase as run

    found = run(_database(), subject, reason=reason)
    printing.line(f"entry {found.entry}: {found.records:,} records erased, {found.tokens:,} tokens ended")
    if not found.overwritten:
        printing.err.print(
            "The service was reading: SQLite's log holds what was erased until it has been stopped once."
        )


@group.command(epilog="Example: `riskscore records decisions decisiones-CB00011.json`")
def decisions(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="As a meeting's file saved it.")
    ],
) -> None:
    """Enter the decisions of a file, taken on paper or without a connection, with their true day: all or none.

    Sent again it changes nothing. Rules of the policy that ask for a reason are answered by champion and portfolio, as
    the service does; where there are none, the decisions say that no rule was looked at.
    """
    from riskscore.service.entered_file import enter_file

    entered = enter_file(file.read_bytes())
    printing.line(f"{len(entered.taken):,} decisions on record")
    if not entered.ruled:
        printing.err.print("Rules of the policy were not looked at: no champion of members' loans is in service.")
