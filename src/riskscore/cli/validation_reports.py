"""`riskscore report validation` and `stability`: pages of a model's version, for who has to answer for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import PortfolioDir, ProjectDir, RecipeName
from riskscore.cli.outputs import check_outputs
from riskscore.cli.report import Language
from riskscore.project import Project

if TYPE_CHECKING:
    from riskscore.modelling.artefact import Champion

Out = Annotated[Path, typer.Option("--out", metavar="F.html", dir_okay=False, help="Page to write.")]
Json = Annotated[
    Path | None, typer.Option("--json", metavar="F.json", dir_okay=False, help="Write the same figures here too.")
]
Version = Annotated[str, typer.Option("--version", metavar="V", help="A number, champion or challenger.")]
Lang = Annotated[Language, typer.Option(help="Language of the page.")]


def validation(
    recipe: RecipeName,
    portfolio: PortfolioDir,
    out: Out,
    json: Json = None,
    version: Version = "champion",
    lang: Lang = Language.es,
    default_correlation: Annotated[
        float | None,
        typer.Option(min=0, max=0.6, help="Between loans of a grade, for Vasicek's figure; no asset correlation."),
    ] = None,
    project: ProjectDir = None,
) -> None:
    """Write what a validator asks of a model: order, level, grades, segments, bad times, new centres, and its card.

    It is judged on the applications after its first test day, of the portfolio it was trained on or of another.
    """
    from riskscore.modelling.validation.validation import validate
    from riskscore.portfolio import Portfolio
    from riskscore.reports.json_file import write_json
    from riskscore.reports.page import write_page
    from riskscore.reports.validation_page import validation_report

    check_outputs({"--out": out, "--json": json})
    folder = Project.open(project).serving_dir / "reports"
    opened, champion = Portfolio.open(portfolio), _version(recipe, version)
    with printing.step("validation report") as tell:
        found = validate(champion, opened, default_correlation=default_correlation, progress=tell)
        page = validation_report(found, opened.manifest, folder=folder, language=lang.value)
        write_page(page, out)
        if json is not None:
            write_json(found.to_dict(), json)
    printing.line(
        f"{out}  {recipe} version {champion.version}: {found.verdict.use.replace('_', ' ')}, "
        f"{found.later.bads:g} bads of {found.later.n:g}, {len(page.encode()) / 1000:,.0f} kB"
    )


def stability(
    recipe: RecipeName,
    portfolio: PortfolioDir,
    out: Out,
    json: Json = None,
    version: Version = "champion",
    lang: Lang = Language.es,
    refits: Annotated[int, typer.Option(min=5, max=200, help="Times that the model is fitted again.")] = 12,
    project: ProjectDir = None,
) -> None:
    """Write whether a model still meets the people it was made on, and whether it would come out the same from others.

    Drift of score and features by quarter with critical values, level over time, vintages, age of data, refits.
    """
    from riskscore.modelling.validation.stability import stability as measured
    from riskscore.portfolio import Portfolio
    from riskscore.reports.json_file import write_json
    from riskscore.reports.page import write_page
    from riskscore.reports.stability_page import stability_report

    check_outputs({"--out": out, "--json": json})
    folder = Project.open(project).serving_dir / "reports"
    opened, champion = Portfolio.open(portfolio), _version(recipe, version)
    with printing.step("stability report") as tell:
        found = measured(champion, opened, drawn=refits, progress=tell)
        page = stability_report(found, opened.manifest, folder=folder, language=lang.value)
        write_page(page, out)
        if json is not None:
            write_json(found.to_dict(), json)
    printing.line(
        f"{out}  {recipe} version {champion.version}: score {found.score.latest.verdict.replace('_', ' ')}, "
        f"{len(found.moved)} features moved, {len(page.encode()) / 1000:,.0f} kB"
    )


def _version(recipe: str, version: str) -> Champion:
    from riskscore.modelling import Registry
    from riskscore.modelling.artefact import load

    registry = Registry()
    number = registry.show(recipe, version).version
    return load(registry.folder(recipe, number), version=number)
