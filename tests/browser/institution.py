"""An institution for the whole story: its tables up to a day, the champions trained on them, and its service.

The simulated institution goes on for a year and a half after that day. So there is a next training set, in which what
was decided at the meeting is past.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from riskscore.modelling import Recipe, train
from riskscore.modelling.tracking import Registry
from riskscore.portfolio import TABLES, Portfolio, write_portfolio
from riskscore.project import FOLDERS, Project, starter_dir
from riskscore.scoring.snapshot import members_at
from riskscore.service.run import running
from riskscore.simulator import simulate

ROOT = Path(__file__).parents[2]

#: The last day of its tables, after which 27 women of this communal bank wait for their loans; and the present of its
#: service, on the morning after, by the institution's clock.
LAST_DAY, BANK, PRESENT = date(2024, 5, 13), "CB00009", datetime(2024, 5, 14, 15, tzinfo=UTC)

#: What each of them earns and spends more, and owes elsewhere: it changes nothing that a committee may see.
CANARY = 77_777.77

#: The service's entry: as it is shipped, with its clock set back by so many seconds.
ENTRY = """
from datetime import UTC, datetime, timedelta

from riskscore.service import database

database.now = lambda: database.stamp(datetime.now(UTC) - timedelta(seconds={seconds}))

from riskscore.service.bento import bento_service  # noqa: E402 - everything else takes its clock from there

Riskscore = bento_service()
"""


@dataclass(frozen=True)
class Institution:
    """Where it lies: `whole` with its later years, and `folder` with portfolio, models and records of the day."""

    whole: Path
    folder: Path

    @property
    def portfolio(self) -> Path:
        return self.folder / "portfolio"

    @property
    def records(self) -> str:
        return f"sqlite:///{self.folder / 'records.db'}"

    @property
    def registry(self) -> str:
        return f"sqlite:///{self.folder / 'mlflow.db'}"


def founded(folder: Path) -> Institution:
    """Simulate it, cut its tables off at the day, and train the champions of members and of communal banks."""
    simulated = simulate(folder / "simulated", members=700, seed=7)
    manifest, end = simulated.manifest, datetime.combine(LAST_DAY, time.min) + timedelta(days=1)
    tables = {name: simulated.table(name) for name in manifest.rows if name in TABLES}
    place = Institution(folder / "whole", folder)
    tables = planted(tables, members_at(simulated, end).filter(pl.col("bank_id") == BANK)["member_id"].to_list())
    written(tables, place.whole, simulated, manifest.data_date)
    cut = written(
        {name: table.filter(pl.col("known_at") <= end) for name, table in tables.items()},
        place.portfolio,
        simulated,
        LAST_DAY,
    )
    registry, project = Registry(place.registry), Project.open(ROOT)
    for name in ("member_default", "group_default"):
        run = train(brief(name), project.catalog(), cut, tracking=registry, seed=2, folder=folder / "artefacts" / name)
        assert run.version is not None
        registry.promote(name, run.version, force=True, reason="Seven hundred members are a test.")
    return place


def brief(name: str) -> Recipe:
    """Return a recipe of the starter without the candidate that takes long, content with a small institution."""
    text = (ROOT / "training" / f"{name}.toml").read_text("utf-8")
    before, found, rest = text.partition('[[candidates]]\nkind = "lightgbm"')
    text = before + rest[rest.index("[calibration]") :] if found else text
    return Recipe.parse(text.replace("draws = 4000", "draws = 500").replace("min_bads = 100", "min_bads = 40"))


def planted(tables: Mapping[str, pl.DataFrame], members: list[str]) -> dict[str, pl.DataFrame]:
    """Return the tables with canaries in what these members earn, spend and owe elsewhere."""
    hers = pl.col("member_id").is_in(members)
    money = pl.lit(CANARY).cast(pl.Decimal(18, 2))
    budgets = tables["budgets"].with_columns(
        pl.when(hers).then((pl.col(name) + money).cast(pl.Decimal(18, 2))).otherwise(pl.col(name)).alias(name)
        for name in ("business_revenue", "business_costs", "accessible_savings")
    )
    debts = tables["obligations"].with_columns(balance=pl.when(hers).then(money).otherwise(pl.col("balance")))
    return {**tables, "budgets": budgets, "obligations": debts}


def written(tables: Mapping[str, pl.DataFrame], folder: Path, like: Portfolio, last_day: date) -> Portfolio:
    """Write tables as a portfolio of the same institution up to a day."""
    manifest = like.manifest
    return write_portfolio(
        folder,
        dict(tables),
        currency=manifest.currency,
        country=manifest.country,
        time_zone=manifest.time_zone,
        data_date=last_day,
        complete_from=manifest.complete_from,
        tolerance=manifest.tolerance,
    )


@contextmanager
def served(place: Institution) -> Iterator[str]:
    """Run the service as a process of its own, on the morning after the last day; yields its address."""
    project = place.folder / "project"
    for name in FOLDERS:
        (project / name).mkdir(parents=True, exist_ok=True)
    shutil.copytree(starter_dir() / "serving", project / "serving", dirs_exist_ok=True)
    seconds = (datetime.now(UTC) - PRESENT).total_seconds()
    (project / "serving" / "service.py").write_text(ENTRY.format(seconds=seconds), "utf-8")
    environment = {
        "RISKSCORE_PORTFOLIO": str(place.portfolio),
        "RISKSCORE_RECORDS": place.records,
        "MLFLOW_TRACKING_URI": place.registry,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    log = place.folder / "service.log"
    with running(project=project, workers=1, environment=environment, log=log, wait_seconds=900) as address:
        yield address
