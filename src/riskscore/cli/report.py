"""`riskscore report`: self-contained pages that people read and print."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.champions import champion_of
from riskscore.cli.options import PortfolioDir, ProjectDir, RecipeName, known_recipe
from riskscore.cli.outputs import check_outputs
from riskscore.project import Project

group = typer.Typer(help="Pages for who manages, analyses or audits.", no_args_is_help=True)


class Ledger(StrEnum):
    """Whose loans: the members', or the communal banks'."""

    internal = "internal"
    external = "external"


class Language(StrEnum):
    """What the page speaks."""

    es = "es"
    en = "en"


@group.callback()
def _reports() -> None:
    """Keep the name of the only report a command of its own."""


@group.command(epilog="Example: `riskscore report portfolio my-bank --out portfolio.html`")
def portfolio(
    portfolio: PortfolioDir,
    out: Annotated[Path, typer.Option("--out", metavar="F.html", dir_okay=False, help="Page to write.")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Date or moment; the portfolio's last, if not given.")
    ] = None,
    ledger: Annotated[
        Ledger | None, typer.Option(help="Loans of members, or to communal banks; members', if there are any.")
    ] = None,
    lang: Annotated[Language, typer.Option(help="Language of the page.")] = Language.es,
    project: ProjectDir = None,
) -> None:
    """Write what a manager asks of a portfolio: at risk, moving, by vintage, by branch, with what is missing.

    Everything is computed as it was known at each month end. Nobody is named in it, and no small group is shown.
    """
    from riskscore.portfolio import Portfolio
    from riskscore.portfolio.overview import overview
    from riskscore.reports import portfolio_report, write_page

    check_outputs({"--out": out})
    folder = Project.open(project).serving_dir / "reports"
    opened = Portfolio.open(portfolio)
    with printing.step("portfolio report"):
        found = overview(opened, as_of, ledger=ledger.value if ledger else None)
        page = portfolio_report(found, opened.manifest, folder=folder, language=lang.value)
        write_page(page, out)
    printing.line(
        f"{out}  {found.ledger} ledger, as of the end of {found.now.last_day}, {len(page.encode()) / 1000:,.0f} kB"
    )


@group.command(epilog="Example: `riskscore report fairness member_default my-bank --out fairness.html`")
def fairness(
    recipe: RecipeName,
    portfolio: PortfolioDir,
    out: Annotated[Path, typer.Option("--out", metavar="F.html", dir_okay=False, help="Page to write.")],
    json: Annotated[
        Path | None, typer.Option("--json", metavar="F.json", dir_okay=False, help="Every figure, to this file too.")
    ] = None,
    lang: Annotated[Language, typer.Option(help="Language of the page.")] = Language.es,
    project: ProjectDir = None,
) -> None:
    """Write what the champion and the policy in force do to each watched trait (serving/fairness.toml).

    Shares ready with their ratios and tests, calibration within groups, proxies, and what a model without them costs.
    """
    from riskscore.modelling.judging import judging
    from riskscore.portfolio import Portfolio
    from riskscore.reports.fairness_figures import fairness_json
    from riskscore.reports.fairness_page import fairness_report
    from riskscore.reports.json_file import write_json
    from riskscore.reports.page import write_page
    from riskscore.scoring.fairness import fairness_audit
    from riskscore.scoring.past_requests import about_repayment
    from riskscore.scoring.watched import Watched

    check_outputs({"--out": out, "--json": json})
    definitions = Project.open(project)
    known_recipe(definitions, recipe)
    watched, policy = Watched.load(definitions.serving_dir / "fairness.toml"), definitions.policy()
    champion, opened = champion_of(recipe), Portfolio.open(portfolio)
    about_repayment(champion)
    with printing.step("fairness report") as tell:
        tell("later rows")
        judged = judging(champion, opened)
        found = fairness_audit(judged, opened, policy, watched, language=lang.value, progress=tell)
        folder = definitions.serving_dir / "reports"
        write_page(fairness_report(found, opened.manifest, folder=folder, language=lang.value), out)
        if json is not None:
            write_json(fairness_json(found), json)
    failing, unsaid = (
        ", ".join(one.name for one in found.judged_as(word)) or "none" for word in ("fails", "too few to say")
    )
    printing.line(
        f"{out}  {recipe} version {champion.version}, {len(found.past):,} requests since {judged.first_test:%Y-%m-%d}; "
        f"under the line beyond chance: {failing}; too few to say: {unsaid}"
    )


@group.command(epilog="Example: `riskscore report policy member_default my-bank --out policy.html --against new.toml`")
def policy(
    recipe: RecipeName,
    portfolio: PortfolioDir,
    out: Annotated[Path, typer.Option("--out", metavar="F.html", dir_okay=False, help="Page to write.")],
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="P.toml", dir_okay=False, help="Another policy: who would come in, go out."),
    ] = None,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="F.json", dir_okay=False, help="Every figure, to this file too.")
    ] = None,
    lang: Annotated[Language, typer.Option(help="Language of the page.")] = Language.es,
    project: ProjectDir = None,
) -> None:
    """Write what each cut-off lets through, who is left out, and what another policy would change.

    Past requests are answered as of their own moment by serving/policy.toml. No rule refuses anybody.
    """
    from riskscore.modelling.judging import judging
    from riskscore.portfolio import Portfolio
    from riskscore.reports.json_file import write_json
    from riskscore.reports.page import write_page
    from riskscore.reports.policy_page import policy_json, policy_report
    from riskscore.scoring import Policy
    from riskscore.scoring.past_requests import about_repayment
    from riskscore.scoring.policy_review import policy_review

    check_outputs({"--out": out, "--json": json})
    definitions = Project.open(project)
    known_recipe(definitions, recipe)
    in_force, other = definitions.policy(), None if against is None else Policy.load(against)
    champion, opened = champion_of(recipe), Portfolio.open(portfolio)
    about_repayment(champion)
    with printing.step("policy report") as tell:
        tell("later rows")
        judged = judging(champion, opened)
        tell("past requests")
        found = policy_review(judged, opened, in_force, other)
        folder = definitions.serving_dir / "reports"
        write_page(policy_report(found, opened.manifest, folder=folder, language=lang.value), out)
        if json is not None:
            write_json(policy_json(found), json)
    printing.line(
        f"{out}  {recipe} version {champion.version}, {len(found.past):,} requests since {judged.first_test:%Y-%m-%d}: "
        f"{100 * found.now.share.rate:.0f} of 100 ready, {100 * found.now.bad.rate:.1f} % of them in trouble"
    )


@group.command(epilog="Example: `riskscore report register member_default --out register.json`")
def register(
    recipe: RecipeName,
    out: Annotated[
        Path, typer.Option("--out", metavar="F.json|F.html", dir_okay=False, help="File to write; its ending decides.")
    ],
    country: Annotated[str, typer.Option(help="ISO 3166 code: how a page writes numbers.")] = "PE",
    lang: Annotated[Language, typer.Option(help="Language of the entry.")] = Language.es,
    project: ProjectDir = None,
) -> None:
    """Write the register's entry of the champion: principles, data, logic, impacts, supervision, versions.

    The institution's own words stand in serving/register.toml; everything else is read off the model and the policy.
    """
    from riskscore.reports.json_file import write_json
    from riskscore.reports.page import write_page
    from riskscore.reports.register_page import register_page
    from riskscore.scoring.register import RegisterWords
    from riskscore.scoring.register import register as entry_of

    if out.suffix not in (".json", ".html"):
        raise typer.BadParameter("Name a file that ends in .json or .html.", param_hint="--out")
    check_outputs({"--out": out})
    definitions = Project.open(project)
    known_recipe(definitions, recipe)
    words = RegisterWords.load(definitions.serving_dir / "register.toml")
    entry = entry_of(champion_of(recipe), definitions.policy(), words, lang.value)
    if out.suffix == ".json":
        write_json(entry, out)
    else:
        folder = definitions.serving_dir / "reports"
        write_page(register_page(entry, country=country, currency="", folder=folder), out)
    unverified = sum(not one["verified"] for one in entry["law"])
    printing.line(
        f"{out}  {recipe} version {entry['versions']['model']}; {unverified} of {len(entry['law'])} statements of law "
        "are not verified in the official text" + ("" if entry["reviewed"] else "; nobody has reviewed the words yet")
    )
