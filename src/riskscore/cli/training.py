"""`riskscore train`: from a portfolio to an evaluated, judged and registered model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import PortfolioDir, ProjectDir, RecipeName, known_recipe
from riskscore.errors import Fault, Refused
from riskscore.project import Project

if TYPE_CHECKING:
    from riskscore.evaluation import Figure
    from riskscore.modelling import TrainingRun


def train(
    recipe: RecipeName,
    portfolio: PortfolioDir,
    promote: Annotated[bool, typer.Option("--promote", help="Make it the champion if every gate is passed.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed on the same portfolio gives the same model.")] = 0,
    project: ProjectDir = None,
) -> None:
    """Fit every candidate of a recipe, evaluate them on later applications, judge by the gates, register the best.

    What was evaluated is what is registered: nothing is fitted again. Exit code 1 where a gate was failed.
    """
    from riskscore.modelling import Registry
    from riskscore.modelling import train as run
    from riskscore.portfolio import Portfolio

    definitions = Project.open(project)
    asked = known_recipe(definitions, recipe)
    catalog = definitions.catalog()
    opened = Portfolio.open(portfolio)
    registry = Registry()
    with printing.step(f"train {recipe}") as tell:
        trained = run(asked, catalog, opened, tracking=registry, seed=seed, progress=tell)
    report(trained)
    if not trained.passed:
        raise Refused(Fault(gate.name, gate.words, "") for gate in trained.gates if not gate.passed)
    if promote and trained.version is not None:
        registry.promote(recipe, trained.version)
        printing.line(f"{recipe} version {trained.version} is the champion")


def report(trained: TrainingRun) -> None:
    """Print what each candidate showed on later applications, which was chosen, and why."""
    names = ("auc", "slope", "observed_expected")
    printing.table(
        ("candidate", "AUC", "slope", "observed/expected", "gates"),
        (
            (
                one.kind,
                *(_with_interval(one.evaluations["later"].figures.get(name)) for name in names),
                "passed" if one.passed else "failed",
            )
            for one in trained.candidates
        ),
    )
    for kind, why in trained.dropped.items():
        printing.line(f"{kind} could not be fitted: {why}")
    for note in trained.winner.notes:
        printing.line(note)
    printing.line(trained.choice.words)
    if trained.version is not None:
        printing.line(f"registered as version {trained.version}")


def _with_interval(figure: Figure | None) -> str:
    if figure is None:
        return "too few bads to say"
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"
