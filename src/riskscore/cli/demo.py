"""`riskscore demo`: the whole path on an institution that does not exist, ending at an explained score's page."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskscore import __version__
from riskscore.cli import printing
from riskscore.cli.options import ProjectDir
from riskscore.errors import InvalidInput, Refused
from riskscore.project import Project

if TYPE_CHECKING:
    from riskscore.catalog import Catalog

#: Where the demo keeps what it made, in the current folder.
HOME = Path(".demo")

RECIPE = "member_default"

#: Seconds between two looks at whether the service is still there.
LOOK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Made:
    """What the demo's state was made with; it is used again only where all of it is the same."""

    version: str
    members: int
    seed: int
    definitions: str


def demo(
    members: Annotated[int, typer.Option(min=500, help="Members of the simulated institution.")] = 3000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same institution.")] = 7,
    fresh: Annotated[bool, typer.Option("--fresh", help="Make everything anew; else .demo is used again.")] = False,
    once: Annotated[
        bool,
        typer.Option("--once", envvar="DEMO_ONCE", help="Fetch the page, print the score and its reasons, and end."),
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the service; 0 takes a free one.")] = 0,
    project: ProjectDir = None,
) -> None:
    """Simulate, check, train, promote and serve; print the address of an explained score, and serve it until Ctrl-C.

    Everything it makes lies in .demo in the current folder. People and figures are made up.
    """
    from riskscore.cli.demo_score import Visit, ask_for_a_score
    from riskscore.service.access import Access
    from riskscore.service.database import Database
    from riskscore.service.run import readiness, running

    definitions = Project.open(project)
    home = HOME.resolve()
    catalog = definitions.catalog()
    wanted = Made(__version__, members, seed, _definitions_hash(definitions, catalog))
    if fresh or _made(home) != wanted:
        _make(home, definitions, catalog, wanted)
    else:
        printing.err.print(f"  {HOME}/ is complete and used again (--fresh makes it anew)", markup=False)

    records = f"sqlite:///{home / 'records.db'}"
    access = Access(Database(records))
    token, _ = access.grant("officer", "all", valid_for=timedelta(days=1))
    environment = {
        "RISKSCORE_PORTFOLIO": str(home / "portfolio"),
        "RISKSCORE_RECORDS": records,
        "RISKSCORE_RECIPE": RECIPE,
        "MLFLOW_TRACKING_URI": _tracking_uri(home),
    }
    with _ended_by_signals(), ExitStack() as stack:
        with printing.step("start the service"):
            url = stack.enter_context(
                running(port=port, project=definitions.root, environment=environment, log=home / "service.log")
            )
        with printing.step("ask for a score"):
            score = ask_for_a_score(url, token, home / "portfolio", RECIPE)
        visit = Visit(url, access.link(token), str(score["score_id"]))
        if once:
            visit.print_what_it_shows()
            return
        printing.line()
        printing.line(f"A score, explained: {visit.page_address}")
        printing.line("  (the link opens once, within half an hour; the browser is then let in for twelve hours)")
        printing.line(f"The same as JSON:   {visit.json_address}")
        printing.line(f"  curl -H 'Authorization: Bearer {token}' {visit.json_address}")
        printing.line()
        printing.line("Serving until Ctrl-C.")
        while readiness(url) != "Nothing answers yet.":
            time.sleep(LOOK_SECONDS)
    raise Refused.of("service", "It ended by itself.", f"Its log is {home / 'service.log'}.")


def _make(home: Path, definitions: Project, catalog: Catalog, wanted: Made) -> None:
    from riskscore.cli.training import report
    from riskscore.modelling import Registry
    from riskscore.modelling import train as run
    from riskscore.portfolio import check_portfolio
    from riskscore.simulator import simulate

    if home.exists():
        shutil.rmtree(home)
    home.mkdir()
    folder = home / "portfolio"
    with printing.step(f"simulate {wanted.members:,} members"):
        portfolio = simulate(folder, members=wanted.members, seed=wanted.seed)
    with printing.step("check every table"):
        found = check_portfolio(folder, tables=definitions.tables())
    if found:
        raise InvalidInput(found)
    registry, recipe = Registry(_tracking_uri(home)), definitions.recipe(RECIPE)
    with printing.step(f"train {RECIPE}") as tell:
        trained = run(recipe, catalog, portfolio, tracking=registry, seed=wanted.seed, progress=tell)
    report(trained)
    if trained.version is None or not trained.passed:
        raise Refused.of(RECIPE, "The model did not pass its gates.", "Use more members, or look at the recipe.")
    with printing.step("promote"):
        registry.promote(RECIPE, trained.version)
    (home / "made.json").write_text(json.dumps(asdict(wanted)), encoding="utf-8")


def _made(home: Path) -> Made | None:
    """Return what the state in `home` was made with; None where it is not complete, since made.json comes last."""
    try:
        return Made(**json.loads((home / "made.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _definitions_hash(definitions: Project, catalog: Catalog) -> str:
    recipe = definitions.recipe(RECIPE).text
    return hashlib.sha256(f"{catalog.lock().sha256}\n{recipe}".encode()).hexdigest()


def _tracking_uri(home: Path) -> str:
    return f"sqlite:///{home / 'mlflow.db'}"


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Leave in order on Ctrl-C, SIGTERM and SIGHUP: the service is stopped on the way out, and the code is 0."""

    def leave(_number: int, _frame: object) -> None:
        sys.exit(0)

    ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, leave) for number in ends}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)
