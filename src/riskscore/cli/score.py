"""`riskscore score`: a file of scores, for the latest applications of members, or of producer associations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import Engine, PortfolioDir, ProjectDir, RecipeOption, known_recipe
from riskscore.errors import InvalidInput
from riskscore.project import Project

if TYPE_CHECKING:
    from datetime import datetime

    from riskscore.modelling import Champion
    from riskscore.portfolio import Portfolio


def champion_of(recipe: str) -> Champion:
    """Load the champion of a recipe from the registry, audited."""
    from riskscore.modelling import Registry, artefact

    version, folder = Registry().champion(recipe)
    return artefact.load(folder, version=version)


def score(
    portfolio: PortfolioDir,
    recipe: RecipeOption,
    out: Annotated[Path, typer.Option("--out", metavar="F.parquet", dir_okay=False, help="File to write.")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Date or moment; the portfolio's last, if not given.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="What computes; Spark: pip install 'riskscore[spark]'.")
    ] = Engine.duckdb,
    explain: Annotated[bool, typer.Option("--explain", help="Add points by feature and family, and reasons.")] = False,
    beside: Annotated[
        str | None,
        typer.Option("--beside", metavar="R", help="Recipe of over-indebtedness: its probability may tighten a state."),
    ] = None,
    project: ProjectDir = None,
) -> None:
    """Score each latest application known at a moment: members' by champion and policy, producer associations'.

    People decide: a file of scores is no list of whom to refuse.
    """
    from riskscore.portfolio import Portfolio

    definitions = Project.open(project)
    asked = known_recipe(definitions, recipe)
    if asked.subject not in ("member", "organisation"):
        what = f"{recipe!r} is about a {asked.subject}."
        raise InvalidInput.of("--recipe", what, "Members and producer associations are scored so far.")
    if beside is not None and (asked.subject != "member" or asked.of_household):
        what = f"{recipe!r} is not about a member's default."
        raise InvalidInput.of("--beside", what, "Leave it out, or score a recipe of default.")
    champion = champion_of(recipe)
    opened = Portfolio.open(portfolio)
    moment, last = opened.moment(as_of), opened.moment(None)
    if moment > last:
        what = f"{moment.isoformat()} lies ahead of what the portfolio knows."
        raise InvalidInput.of("--as-of", what, f"Give {last.isoformat()} or earlier, or leave it out.")
    if asked.subject == "organisation":
        _producers(champion, opened, moment, out, explain=explain)
        return
    _members(definitions, champion, opened, moment, out, engine=engine, explain=explain, beside=beside)


def _members(
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


def _producers(champion: Champion, portfolio: Portfolio, moment: datetime, out: Path, *, explain: bool) -> None:
    """Write one row a producer association, and say how much of it is judgement."""
    import numpy as np

    from riskscore.scoring.producers import score_producers

    with printing.step("producer associations' scores"):
        frame = score_producers(champion, portfolio, moment, explain=explain)
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = out.with_name(f".{out.name}.partial")
        frame.write_parquet(aside)
        aside.replace(out)
    printing.line(
        f"{out}  {frame.height:,} producer associations scored as of {moment:%Y-%m-%d %H:%M}, "
        f"{champion.recipe.name} version {champion.version}"
    )
    if frame.height:
        share = float(np.median(frame["prior_share"].to_numpy()))
        printing.line(f"{share:.0%} of a middling answer is the expert's word; every PD has its interval: read that")
        if frame["conflict"].any():
            printing.line(f"judgement and record disagree (p = {frame['conflict_p'][0]:.3f}): see the model card")
