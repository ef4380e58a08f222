"""`riskscore score`: a file of scores, for members' latest applications."""

from __future__ import annotations

from datetime import datetime
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
    explain: Annotated[bool, typer.Option("--explain", help="Add points by feature and family, and reasons.")] = False,
    project: ProjectDir = None,
) -> None:
    """Score each member's latest application known at a moment, with the champion and the policy.

    With a recipe of communal banks: the outlook of each bank with an open request, or of its last cycle known.

    People decide: a file of scores is no list of whom to refuse.
    """
    from riskscore.portfolio import Portfolio
    from riskscore.scoring import Scorer, Snapshot, latest_applications

    definitions = Project.open(project)
    asked = known_recipe(definitions, recipe)
    if asked.liability is not None:
        score_banks(portfolio, recipe, out, as_of)
        return
    if asked.subject != "member":
        raise InvalidInput.of("--recipe", f"{recipe!r} is about a {asked.subject}.", "Only members are scored so far.")
    champion = champion_of(recipe)
    scorer = Scorer(champion, definitions.policy())
    opened = Portfolio.open(portfolio)
    moment = _known_moment(opened, as_of)
    with printing.step("members' values"):
        snapshot = Snapshot.build(opened, champion.lock, moment)
    with printing.step("scores"):
        applications = latest_applications(opened, snapshot.as_of)
        frame = scorer.batch(snapshot, applications, explain=explain)
        out.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(out)
    printing.line(
        f"{out}  {_scored(frame):,} of {frame.height:,} applications scored as of {snapshot.as_of:%Y-%m-%d %H:%M}, "
        f"{recipe} version {champion.version}"
    )


def score_banks(portfolio: Path, recipe: str, out: Path, as_of: str | None) -> None:
    """Write the outlook of every communal bank with an open request, or of its last cycle known; one row a bank."""
    from riskscore.portfolio import Portfolio
    from riskscore.scoring.communal_bank import outlook_frame, outlooks

    champion = champion_of(recipe)
    opened = Portfolio.open(portfolio)
    moment = _known_moment(opened, as_of)
    with printing.step("outlooks of communal banks"):
        frame = outlook_frame(outlooks(champion, opened, moment))
        out.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(out)
    waiting = int((frame["basis"] == "open_request").sum())
    printing.line(
        f"{out}  {frame.height:,} communal banks as of {moment:%Y-%m-%d %H:%M}, {waiting:,} with an open request, "
        f"{recipe} version {champion.version}"
    )


def _known_moment(opened: Portfolio, as_of: str | None) -> datetime:
    moment, last = opened.moment(as_of), opened.moment(None)
    if moment > last:
        what = f"{moment.isoformat()} lies ahead of what the portfolio knows."
        raise InvalidInput.of("--as-of", what, f"Give {last.isoformat()} or earlier, or leave it out.")
    return moment


def _scored(frame: pl.DataFrame) -> int:
    """Count the rows with a score; the rest are of who is no member now, or whose loan no product allows."""
    return frame.height - frame["score"].null_count()
