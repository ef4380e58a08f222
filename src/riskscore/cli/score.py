"""`riskscore score`: a file of scores, for members' latest applications."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import PortfolioDir, ProjectDir, RecipeOption, known_recipe
from riskscore.errors import InvalidInput
from riskscore.project import Project

if TYPE_CHECKING:
    import polars as pl

    from riskscore.modelling import Champion


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
    explain: Annotated[bool, typer.Option("--explain", help="Add points by feature and family, and reasons.")] = False,
    beside: Annotated[
        str | None,
        typer.Option("--beside", metavar="R", help="Recipe of over-indebtedness: its probability may tighten a state."),
    ] = None,
    project: ProjectDir = None,
) -> None:
    """Score each member's latest application known at a moment, with the champion and the policy.

    People decide: a file of scores is no list of whom to refuse.
    """
    from riskscore.portfolio import Portfolio
    from riskscore.scoring import OverIndebtednessScorer, Scorer, Snapshot, latest_applications, tightened

    definitions = Project.open(project)
    asked = known_recipe(definitions, recipe)
    if asked.subject != "member":
        raise InvalidInput.of("--recipe", f"{recipe!r} is about a {asked.subject}.", "Only members are scored so far.")
    if beside is not None and asked.of_household:
        what = f"{recipe!r} is itself about households."
        raise InvalidInput.of("--beside", what, "Leave it out, or score a recipe of default.")
    champion = champion_of(recipe)
    policy = definitions.policy()
    scorer = OverIndebtednessScorer(champion, policy) if champion.recipe.of_household else Scorer(champion, policy)
    opened = Portfolio.open(portfolio)
    moment, last = opened.moment(as_of), opened.moment(None)
    if moment > last:
        what = f"{moment.isoformat()} lies ahead of what the portfolio knows."
        raise InvalidInput.of("--as-of", what, f"Give {last.isoformat()} or earlier, or leave it out.")
    with printing.step("members' values"):
        snapshot = Snapshot.build(opened, champion.lock, moment)
    with printing.step("scores"):
        applications = latest_applications(opened, snapshot.as_of)
        frame = scorer.batch(snapshot, applications, explain=explain)
        if beside is not None:
            other = champion_of(beside)
            # Champions of different definitions read different values.
            same = other.lock.sha256 == champion.lock.sha256
            values = snapshot if same else Snapshot.build(opened, other.lock, moment)
            frame = tightened(frame, OverIndebtednessScorer(other, policy).batch(values, applications), policy)
        out.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(out)
    printing.line(
        f"{out}  {_scored(frame):,} of {frame.height:,} applications scored as of {snapshot.as_of:%Y-%m-%d %H:%M}, "
        f"{recipe} version {champion.version}"
    )


def _scored(frame: pl.DataFrame) -> int:
    """Count the rows with a score; the rest are of who is no member now, or whose loan no product allows.

    Of over-indebtedness also who is over-indebted already has none, and of whom that is not known.
    """
    return frame.height - frame["score"].null_count()
