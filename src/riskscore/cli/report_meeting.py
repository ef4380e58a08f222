"""`riskscore report meeting`: the two files of a group's meeting, for where there is no connection."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import ProjectDir
from riskscore.cli.outputs import check_outputs
from riskscore.cli.private_files import write_private

#: Holds the passphrase where nobody can be asked; an argument would be seen by everybody on the machine.
PASSPHRASE = "RISKSCORE_PASSPHRASE"  # noqa: S105 - a name


def meeting(
    bank: Annotated[str, typer.Argument(metavar="GROUP", help="The communal bank's id, as the portfolio has it.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", file_okay=False, help="Folder to write into.")],
    lang: Annotated[str, typer.Option(help="Language of the files: one that the pages speak.")] = "es",
    project: ProjectDir = None,
) -> None:
    """Write a meeting's files: the committee's, and the officer's, closed with a passphrase.

    Scores come from the records (RISKSCORE_RECORDS), members from RISKSCORE_PORTFOLIO. The passphrase is
    asked for, or read from RISKSCORE_PASSPHRASE; nobody can get it back. What was decided comes back by
    `riskscore records decisions`.
    """
    from riskscore.errors import InvalidInput
    from riskscore.service.sealed import passphrase_faults
    from riskscore.service.written_meeting import written_meeting

    committee, officer = out / "committee.html", out / "officer.html"
    check_outputs({"--out": committee, "--out (the officer's)": officer})
    passphrase = os.environ.get(PASSPHRASE) or typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True)
    faults = passphrase_faults(passphrase)
    if faults:
        raise InvalidInput(faults)
    with printing.step(f"meeting of {bank}"):
        found = written_meeting(bank, passphrase, project=project, language=lang)
        write_private({committee: found.committee, officer: found.officer})
    printing.line(f"{committee}  {len(found.committee.encode()) / 1000:,.0f} kB")
    printing.line(f"{officer}  {len(found.officer.encode()) / 1000:,.0f} kB, closed")
    if found.waiting:
        printing.err.print(
            f"{found.waiting} members were not yet spoken with: the committee's file holds no state. "
            "Write it again once that is noted."
        )
