"""`riskscore check --leaks`: what was suspected, in words, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from riskscore.cli import printing
from riskscore.cli.options import known_recipe
from riskscore.errors import InvalidInput

if TYPE_CHECKING:
    from riskscore.evaluation.leaks import LeakReport
    from riskscore.portfolio import Portfolio, Table
    from riskscore.project import Project


def search_leaks(
    portfolio: Portfolio,
    project: Project,
    tables: Mapping[str, Table],
    *,
    recipe: str | None,
    earlier: Portfolio | None,
) -> None:
    """Search, print what was found, and end with exit code 1 where anything was."""
    from riskscore.modelling.leaks import find_leaks
    from riskscore.modelling.rows import columns_of

    if earlier and portfolio.table("loans").join(earlier.table("loans"), on="id", how="semi").is_empty():
        raise InvalidInput.of(
            "--earlier",
            "has no loan of this portfolio: another institution's, or pseudonyms of another key.",
            "Give an extract of the same institution, ingested with the same key.",
        )
    lock = project.catalog().lock()
    asked = known_recipe(project, recipe) if recipe else None
    with printing.step("look for leaks") as tell:
        found = find_leaks(
            portfolio,
            tables,
            lock,
            outcome=asked.outcome if asked else "member_internal",
            rule=asked.rule if asked else None,
            features=columns_of(asked, lock).names if asked else None,
            earlier=earlier,
            progress=tell,
        )
    report(found)
    if found.findings:
        raise typer.Exit(1)


def report(found: LeakReport) -> None:
    """Print each finding with what was seen, why it matters and what to do."""
    for finding in found.findings:
        printing.line(f"  leak?  {finding.where}: {', '.join(finding.tests)}")
        printing.line(f"    read as: {finding.how}")
        for sign in finding.signs:
            printing.line(f"    {sign.seen}")
        for note in finding.notes:
            printing.line(f"    {note}")
        printing.line(f"    Why it matters: {finding.why}")
        printing.line(f"    -> {finding.remedy}")
    for words in found.untested:
        printing.line(f"  not looked at  {words}")
    if not found.examined:
        return
    features = sum(one.kind == "feature" for one in found.examined)
    count = len(found.findings)
    printing.line(
        f"{count} {'finding' if count == 1 else 'findings'} in {len({one.where for one in found.examined}) - features} "
        f"columns and {features} features, against {found.cases:,} loans that are over, {found.bads:,} of them bad"
    )
    best = found.strongest_unsuspected
    if best is not None:
        printing.line(
            f"strongest relation that no test objects to: {best.where} ({best.how}), AUC {best.auc.value:.2f} "
            f"({best.auc.low:.2f} to {best.auc.high:.2f})"
        )
