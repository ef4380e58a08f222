"""`riskscore replay`: a score on record, computed again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from riskscore.cli import printing
from riskscore.errors import Fault, NotFound, Refused

if TYPE_CHECKING:
    from riskscore.modelling import Champion
    from riskscore.portfolio import Portfolio
    from riskscore.service.records import Record


def replay(
    score_id: Annotated[str, typer.Argument(metavar="SCORE_ID", help="As the answer and the page show it.")],
    portfolio: Annotated[
        Path | None,
        typer.Option(
            "--portfolio", metavar="DIR", exists=True, file_okay=False, help="Compute its values again from here, too."
        ),
    ] = None,
) -> None:
    """Compute a score on record again, with the model and the policy of its day.

    From the values on record it has to agree to the last bit. With --portfolio the values themselves are computed
    again, and each that comes out otherwise is named: a correction recorded since then does not show, a table that
    was rewritten does. Exit code 1 where anything differs. Of a score that was erased it says when.
    """
    from riskscore.service.records import Erased
    from riskscore.service.replay import replay as run

    found = run(score_id)
    if isinstance(found, Erased):
        printing.line(f"{score_id}  erased on {found.at[:10]} (entry {found.entry} of the records)")
        return
    faults = [
        Fault(one.where, "Computed again, it comes out otherwise.", "Compare the versions of the libraries in use.")
        for one in found.differences
    ]
    count = 0
    if portfolio is not None:
        count, changed = _values_again(score_id, portfolio)
        faults += changed
    if faults:
        raise Refused(faults)
    policy = "" if found.policy_version is None else f", policy {found.policy_version}"
    printing.line(f"{score_id}  model version {found.model_version}{policy}")
    printing.line("computed again from its record: the same to the last bit")
    if portfolio is not None:
        printing.line(f"computed again from {portfolio}: {count} values, the same")


def _values_again(score_id: str, folder: Path) -> tuple[int, list[Fault]]:
    """Return how many values were compared, and those that the portfolio gives otherwise; no value is repeated."""
    from riskscore.modelling import Registry, artefact
    from riskscore.portfolio import Portfolio
    from riskscore.service.database import Database
    from riskscore.service.records import Records
    from riskscore.service.settings import Settings

    record = Records(Database(Settings().records)).get(score_id)
    if record is None:
        raise NotFound.of("records", f"There is no score {score_id!r}.", "Check the id, and RISKSCORE_RECORDS.")
    champion = artefact.load(Registry().folder(str(record.score["recipe"]), str(record.score["model_version"])))
    row = _read_again(record, champion, Portfolio.open(folder))
    compared = [name for name in row if name in record.values]
    return len(compared), [
        Fault(
            name,
            "The portfolio gives another value than the one on record.",
            "Its past was changed; a correction belongs in a new version of the row.",
        )
        for name in compared
        if row[name] != record.values[name]
    ]


def _read_again(record: Record, champion: Champion, portfolio: Portfolio) -> dict[str, Any]:
    """Return what the score would be computed from, read off the portfolio."""
    from riskscore.scoring import Snapshot
    from riskscore.service.bank_desk import BankDesk
    from riskscore.service.kinds import COMMUNAL_BANK, PRODUCER_ASSOCIATION
    from riskscore.service.producer_desk import ProducerDesk

    moment = datetime.fromisoformat(str(record.score["as_of"]))
    if record.kind == COMMUNAL_BANK:
        return BankDesk.build(champion, portfolio).score(record.request, moment).values
    if record.kind == PRODUCER_ASSOCIATION:
        return ProducerDesk.build(champion, portfolio).score(record.request, moment).values
    subject = record.place.subject
    return dict(Snapshot.build(portfolio, champion.lock, moment, members=[subject]).row(subject))
