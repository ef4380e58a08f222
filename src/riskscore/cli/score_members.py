"""Scores of members, part by part, so that memory does not grow with them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from riskscore.cli import printing
from riskscore.cli.champions import champion_of
from riskscore.cli.options import Engine
from riskscore.project import Project

if TYPE_CHECKING:
    from riskscore.modelling import Champion
    from riskscore.portfolio import Portfolio


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
    """Write one row a member who ever asked; part by part, so that memory does not grow with them."""
    from riskscore.scoring import BesideScorer, OverIndebtednessScorer, Scorer, Snapshot, latest_applications
    from riskscore.scoring.on_spark import write_scores_on_spark
    from riskscore.scoring.score_file import BatchScorer, write_scores

    policy = definitions.policy()
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
    applications = latest_applications(portfolio, snapshot.as_of)
    with printing.counted("scores", applications.height) as done:
        if engine is Engine.spark:
            scored = write_scores_on_spark(scorer, snapshot, applications, out, explain=explain)
            done(applications.height)
        else:
            scored = write_scores(scorer, snapshot, applications, out, explain=explain, done=done)
    # The rest are of who is no member now, or whose loan no product allows. Of over-indebtedness also who is
    # over-indebted already has no score, and of whom that is not known.
    printing.line(
        f"{out}  {scored:,} of {applications.height:,} applications scored as of {snapshot.as_of:%Y-%m-%d %H:%M}, "
        f"{champion.recipe.name} version {champion.version}"
    )
