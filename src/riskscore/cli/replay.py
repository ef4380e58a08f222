"""`riskscore replay`: a score on record, and the rules beside it, computed again."""

from __future__ import annotations

from dataclasses import dataclass
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
    score_id: Annotated[
        str, typer.Argument(metavar="SCORE_ID", help="As the answer and the page show it; or r_... of rules.")
    ],
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
    was rewritten does. Exit code 1 where anything differs. Where facts were sent with the request the portfolio need
    not hold them: what it gives otherwise is named, and is no fault. Of a score that was erased it says when; of one
    of a communal bank, whether members behind it were, without whom it cannot be computed again.

    With --portfolio the rules of the policy that did not hold at its meetings are computed again too: from the groups
    as they stood, the requests on record and the policy of the day. An id of the trail that begins with r_ names them
    alone.
    """
    from riskscore.cli import replayed_rules
    from riskscore.service.records import Erased
    from riskscore.service.replay import replay as run

    if score_id.startswith(replayed_rules.RULES):
        _rules_alone(score_id, portfolio)
        return
    found = run(score_id)
    if isinstance(found, Erased):
        printing.line(f"{score_id}  erased on {found.at[:10]} (entry {found.entry} of the records)")
        return
    faults = [
        Fault(one.where, "Computed again, it comes out otherwise.", "Compare the versions of the libraries in use.")
        for one in found.differences
    ]
    compared, rules = None, replayed_rules.RulesAgain()
    if portfolio is not None:
        compared = None if found.erased else _values_again(score_id, portfolio)
        rules = replayed_rules.rules_again(score_id, portfolio)
        faults += rules.faults
        if compared is not None and compared.sent is None:
            faults += [Fault(name, _REWRITTEN, _NEW_VERSION) for name in compared.differ]
    if faults:
        raise Refused(faults)
    policy = "" if found.policy_version is None else f", policy {found.policy_version}"
    printing.line(f"{score_id}  model version {found.model_version}{policy}")
    if found.erased:
        printing.line(f"members behind it who were erased since: {found.erased}; it cannot be computed again")
    else:
        printing.line("computed again from its record: the same to the last bit")
    if portfolio is None:
        return
    for line in (*(() if compared is None else compared.lines(portfolio)), *rules.lines(portfolio)):
        printing.line(line)


def _rules_alone(rules_id: str, portfolio: Path | None) -> None:
    """Compute rules on record again; they rest on the group as it stood, which the portfolio alone holds."""
    from riskscore.cli.replayed_rules import rules_again

    if portfolio is None:
        raise Refused.of("--portfolio", "Rules are computed again from a portfolio.", "Name its folder.")
    again = rules_again(rules_id, portfolio)
    if again.faults:
        raise Refused(list(again.faults))
    for line in again.lines(portfolio):
        printing.line(line)


_REWRITTEN = "The portfolio gives another value than the one on record."
_NEW_VERSION = "Its past was changed; a correction belongs in a new version of the row."


@dataclass(frozen=True, slots=True)
class _Compared:
    """How many values were compared, which the portfolio gives otherwise, and what was sent, if anything was."""

    count: int
    differ: tuple[str, ...]
    sent: str | None
    there: bool = True

    def lines(self, folder: Path) -> tuple[str, ...]:
        """Return what is printed of values that are as they should be."""
        sent = () if self.sent is None else (f"facts were sent with the request: {self.sent}",)
        told = f"{self.count} values, the same"
        if not self.there:
            told = "she is no member there at that moment"
        elif self.differ:
            told = f"{self.count} values, as expected otherwise: {', '.join(self.differ)}"
        return *sent, f"computed again from {folder}: {told}"


def _values_again(score_id: str, folder: Path) -> _Compared:
    """Compare the values on record with what the portfolio gives; none is repeated."""
    from riskscore.modelling import Registry, artefact
    from riskscore.portfolio import Portfolio
    from riskscore.service.bank_score import together
    from riskscore.service.database import Database
    from riskscore.service.kinds import COMMUNAL_BANK
    from riskscore.service.records import Records
    from riskscore.service.settings import Settings

    record = Records(Database(Settings().records)).get(score_id)
    if record is None:
        raise NotFound.of("records", f"There is no score {score_id!r}.", "Check the id, and RISKSCORE_RECORDS.")
    champion = artefact.load(Registry().folder(str(record.score["recipe"]), str(record.score["model_version"])))
    told = None if record.facts is None else ", ".join(f"{name} {n}" for name, n in record.facts["tables"].items())
    try:
        row = _read_again(record, champion, Portfolio.open(folder))
    except NotFound:
        if told is None:
            raise
        return _Compared(0, (), told, there=False)
    kept = together(record.values, record.behind) if record.kind == COMMUNAL_BANK else record.values
    names = [name for name in row if name in kept]
    return _Compared(len(names), tuple(name for name in names if row[name] != kept[name]), told)


def _read_again(record: Record, champion: Champion, portfolio: Portfolio) -> dict[str, Any]:
    """Return what the score would be computed from, read off the portfolio."""
    from riskscore.scoring import Snapshot
    from riskscore.service.bank_desk import BankDesk
    from riskscore.service.bank_score import together
    from riskscore.service.kinds import COMMUNAL_BANK, PRODUCER_ASSOCIATION
    from riskscore.service.producer_desk import ProducerDesk

    moment = datetime.fromisoformat(str(record.score["as_of"]))
    if record.kind == COMMUNAL_BANK:
        scored = BankDesk.build(champion, portfolio).score(record.request, moment)
        return together(scored.values, scored.behind)
    if record.kind == PRODUCER_ASSOCIATION:
        return ProducerDesk.build(champion, portfolio).score(record.request, moment).values
    subject = record.place.subject
    return dict(Snapshot.build(portfolio, champion.lock, moment, members=[subject]).row(subject))
