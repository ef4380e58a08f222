"""Scores of members, part by part, so that memory does not grow with them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from riskscore.cli import printing
from riskscore.cli.asked import require_asked
from riskscore.cli.champions import champion_of
from riskscore.cli.options import Engine
from riskscore.errors import Refused
from riskscore.project import Project

if TYPE_CHECKING:
    from riskscore.modelling import Champion
    from riskscore.portfolio import Portfolio


#: Why a champion of over-indebtedness gives no probability.
SILENT = "of who is over-indebted already, or of whom too little is known to tell"


def score_members(
    definitions: Project,
    champion: Champion,
    portfolio: Portfolio,
    moment: datetime,
    out: Path,
    *,
    engine: Engine,
    explain: bool,
    beside: str | None,
) -> None:
    """Write one row a member who ever asked; part by part, so that memory does not grow with them.

    Raises
    ------
    Refused
        Nobody had asked, nothing was on offer, or no application has a score; and why.
    """
    from riskscore.scoring import BesideScorer, OverIndebtednessScorer, Scorer, Snapshot, latest_applications
    from riskscore.scoring.asked import left_out
    from riskscore.scoring.on_spark import write_scores_on_spark
    from riskscore.scoring.products import products
    from riskscore.scoring.score_file import BatchScorer, write_scores

    policy = definitions.policy()
    applications = latest_applications(portfolio, moment)
    require_asked(applications, "No member's request", moment, "applications")
    if not products(portfolio, moment, ledger="internal"):
        currency = portfolio.manifest.currency
        what = f"No product of the internal ledger in {currency} was on offer on {moment:%Y-%m-%d %H:%M}."
        raise Refused.of("products", what, "Bring the institution's products into the portfolio, or give a later date.")
    with printing.step("members' values"):
        snapshot = Snapshot.build(portfolio, champion.lock, moment, engine=engine.value)
    scorer: BatchScorer
    if champion.recipe.of_household:
        scorer = OverIndebtednessScorer(champion, policy)
    elif beside is None:
        scorer = Scorer(champion, policy)
    else:
        other = champion_of(beside)
        # Champions of different definitions read different values.
        same = other.lock.sha256 == champion.lock.sha256
        values = None if same else Snapshot.build(portfolio, other.lock, moment, engine=engine.value)
        scorer = BesideScorer(Scorer(champion, policy), OverIndebtednessScorer(other, policy), policy, values)
    with printing.counted("scores", applications.height) as done:
        if engine is Engine.spark:
            scored = write_scores_on_spark(scorer, snapshot, applications, out, explain=explain)
            done(applications.height)
        else:
            scored = write_scores(scorer, snapshot, applications, out, explain=explain, done=done)
    printing.line(
        f"{out}  {scored:,} of {applications.height:,} applications scored as of {snapshot.as_of:%Y-%m-%d %H:%M}, "
        f"{champion.recipe.name} version {champion.version}"
    )
    if scored < applications.height:
        told = _without(applications.height - scored, left_out(snapshot, applications))
        if not scored:
            remedy = "Look at memberships, products and budgets of that day, or give another date."
            raise Refused.of(str(out), f"None of {applications.height:,} applications has a score: {told}.", remedy)
        printing.prose(f"without a score: {told}")


def _without(count: int, reasons: dict[str, int]) -> str:
    """Return in words why so many applications have no score."""
    silent = count - sum(reasons.values())
    every = {**reasons, SILENT: silent} if silent else reasons
    return "; ".join(f"{one:,} {why}" for why, one in every.items())
