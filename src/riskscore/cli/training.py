"""`riskscore train`: from a portfolio to an evaluated, judged and registered model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import PortfolioDir, ProjectDir, RecipeName, known_recipe
from riskscore.errors import Fault, Refused
from riskscore.project import Project

if TYPE_CHECKING:
    from riskscore.evaluation import Figure
    from riskscore.modelling import Gate, TrainingRun
    from riskscore.modelling.censoring import Censoring


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
    from riskscore.modelling.censoring import censoring
    from riskscore.portfolio import Portfolio

    definitions = Project.open(project)
    asked = known_recipe(definitions, recipe)
    catalog = definitions.catalog()
    opened = Portfolio.open(portfolio)
    registry = Registry()
    registry.reach()
    with printing.step(f"train {recipe}") as tell:
        trained = run(asked, catalog, opened, seed=seed, progress=tell)
    report(trained)
    with printing.step("registry"):
        trained = registry.log(trained)
    printing.line(f"registered as version {trained.version}")
    if asked.household is not None:
        with printing.step("who did not come back"):
            left = censoring(trained.winner.developed.model, trained.lock, opened, asked.household)
        report_censoring(left)
    if not trained.passed:
        raise Refused(refusals(trained.gates))
    if promote and trained.version is not None:
        registry.promote(recipe, trained.version)
        printing.line(f"{recipe} version {trained.version} is the champion")


def refusals(gates: Sequence[Gate]) -> list[Fault]:
    """Return the gates that failed as faults; a remedy that several share is told with the last of them."""
    failed = [gate for gate in gates if not gate.passed]
    last = {gate.remedy: gate.name for gate in failed}
    return [Fault(gate.name, gate.words, gate.remedy if last[gate.remedy] == gate.name else "") for gate in failed]


def report(trained: TrainingRun) -> None:
    """Print what each candidate showed on later applications, which was chosen, and why."""
    from riskscore.modelling.optimism import TESTS

    findings = trained.findings
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
        printing.prose(f"{kind} could not be fitted: {why}")
    for note in trained.winner.notes:
        printing.prose(note)
    for name, why in findings.useless.items():
        printing.prose(f"{name} was taken out: {why}")
    for warning in findings.warnings:
        printing.prose(f"to be looked at: {warning}")
    for segment in findings.unjudged:
        printing.prose(segment)
    printing.prose(trained.choice.words)
    if findings.optimism is None or not findings.optimism.tests:
        structural = trained.winner.kind == "structural"
        why = "a structural model learns no order from these rows" if structural else "too few bads"
        printing.prose(f"What a random split would have claimed cannot be told: {why}.")
        return
    printing.table(
        ("by a random split", "rows", "out of time", "random", "optimism"),
        (
            (TESTS[name], f"{one.rows:,}", f"{one.honest:.3f}", f"{one.random:.3f}", _signed(one.optimism))
            for name, one in findings.optimism.tests.items()
        ),
    )


def _signed(figure: Figure) -> str:
    return f"{figure.value:+.3f} ({figure.low:+.3f} to {figure.high:+.3f})"


def report_censoring(left: Censoring) -> None:
    """Print how many cycles are told of, and how much hangs on who did not come back."""
    printing.prose(
        f"{left.bad:,} bad, {left.good:,} good, {left.indeterminate:,} indeterminate, {left.censored:,} censored; "
        f"not at risk: {left.over_before:,} over-indebted before, {left.unknown_before:,} unknown"
    )
    printing.prose(
        f"rate {left.observed:.3f}; with the censored as good {left.if_good:.3f}, as bad {left.if_bad:.3f}, "
        f"like those with the same features {left.if_alike:.3f}"
    )


def _with_interval(figure: Figure | None) -> str:
    if figure is None:
        return "too few bads to say"
    return f"{figure.value:.3f} ({figure.low:.2f}–{figure.high:.2f})"
