"""An invented institution as arrays: 60 banks, 6,000 applications in four years, and the lock of its eight features."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from riskscore.catalog import Catalog, Lock
from riskscore.dataset import TrainingSet
from riskscore.modelling.recipe import Recipe

ROOT = Path(__file__).parents[3]

FEATURES = {
    "worst_delay": ("repayment", "rises"),
    "attendance": ("repayment", "falls"),
    "cycles": ("repayment", "free"),
    "first_loan": ("repayment", "free"),
    "instalment_share": ("capacity", "rises"),
    "shock": ("business", "rises"),
    "peers_late": ("group", "rises"),
    "peers_cover": ("group", "rises"),
}


DECLARED = """
from riskscore.catalog import *

Rows = Source("rows", table="savings", keys={"member": "member_id"})

class Facts(FeatureSet, source=Rows, family="facts"):
    cycle_no = Feature("count(*)", window=ever(), fact=True)
"""


def declared() -> str:
    """Return declarations of the names above; the rows are given, so what they measure does not matter."""
    text = DECLARED
    for family in dict.fromkeys(family for family, _ in FEATURES.values()):
        text += f'\nclass {family.title()}(FeatureSet, source=Rows, family="{family}"):\n'
        for code, (name, (home, risk)) in enumerate(FEATURES.items(), start=1):
            if home == family:
                bound = ", at_least=1" if risk == "free" else ""
                reason = f'Reason("R{code:02d}", es="Dato {{value}}.", en="Fact {{value}}."{bound})'
                text += f'    {name} = Feature("max(amount)", window=days({code}), risk="{risk}", '
                text += f'es="dato {name}", en="fact {name}", reason={reason})\n'
    return text


@pytest.fixture(scope="session")
def lock(tmp_path_factory) -> Lock:
    folder = tmp_path_factory.mktemp("features")
    (folder / "declared.py").write_text(declared(), encoding="utf-8")
    return Catalog.from_folder(folder).lock()


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    text = (ROOT / "training" / "member_default.toml").read_text(encoding="utf-8")
    for name, value in {"trials": "2", "trees": "60", "test_share": "0.30", "held_out_groups": "0.20"}.items():
        text, found = re.subn(rf"(?m)^{name} = [\d.]+", f"{name} = {value}", text)
        assert found == 1, name
    # The small lock of these tests has none of the features that the starter's recipe leaves out.
    return Recipe.parse(re.sub(r"exclude = \[[^\]]*\]", "exclude = []", text))


def applications(n: int, *, seed: int, weak: bool = False) -> pl.DataFrame:
    """Return the rows of a training set; `weak` keeps a single tenth of the effects."""
    draw = np.random.default_rng(seed)
    bank = draw.integers(0, 60, n)
    late = draw.exponential(5.0, n).round()
    attends = draw.beta(8, 2, n)
    cycles = draw.integers(1, 9, n).astype(float)
    share = draw.lognormal(-0.7, 0.5, n)
    shock = (draw.random(n) < 0.15).astype(float)
    peers, cover = draw.beta(1, 9, n), draw.poisson(0.3, n).astype(float)
    bent = 0.8 * np.abs(share - 0.6) * share  # no scorecard bin can follow it all
    effect = 0.10 * late - 4.0 * (attends - 0.8) + 0.08 * np.abs(cycles - 4) + bent + 0.5 * shock + 4.0 * peers
    z = -3.6 + (0.1 if weak else 1.0) * (effect + 0.3 * cover) + draw.normal(0, 0.3, 60)[bank]
    bad = draw.random(n) < 1 / (1 + np.exp(-z))
    unclear = ~bad & (draw.random(n) < 0.05)
    first = cycles == 1
    asked = [datetime(2020, 1, 1) + timedelta(days=int(day)) for day in np.sort(draw.integers(0, 1460, n))]
    gaps = {"worst_delay": first, "attendance": first, "cycle_no": first, "instalment_share": draw.random(n) < 0.1}
    columns = {
        "worst_delay": late,
        "attendance": attends,
        "cycles": cycles,
        "first_loan": first.astype(float),
        "instalment_share": share,
        "shock": shock,
        "peers_late": peers,
        "peers_cover": cover,
        "cycle_no": cycles - 1,
    }
    frame = pl.DataFrame(
        {
            "application_id": [f"A{row:05d}" for row in range(n)],
            "as_of": asked,
            **{
                name: pl.Series(np.where(gaps.get(name, np.zeros(n, bool)), np.nan, values)).fill_nan(None)
                for name, values in columns.items()
            },
            "label": np.where(bad, "bad", np.where(unclear, "indeterminate", "good")),
            "final_at": [moment + timedelta(days=150) for moment in asked],
            "cluster": [f"B{one:02d}" for one in bank],
        }
    )
    return frame.with_columns(
        bad=pl.when(label="indeterminate").then(None).when(label="bad").then(1).otherwise(0).cast(pl.Int64)
    )


def training_set(frame: pl.DataFrame, lock: Lock) -> TrainingSet:
    return TrainingSet(frame, tuple(one.name for one in lock.predictors), "member_internal", "c" * 64, lock.sha256)


@pytest.fixture(scope="session")
def rows(lock: Lock) -> TrainingSet:
    return training_set(applications(6_000, seed=5), lock)


@pytest.fixture(scope="session")
def weak_rows(lock: Lock) -> TrainingSet:
    return training_set(applications(6_000, seed=6, weak=True), lock)


@pytest.fixture(scope="session")
def run(recipe, lock, rows, tmp_path_factory):
    from riskscore.modelling.training import train_on

    return train_on(recipe, lock, rows, data_date="2024-06-30", seed=1, folder=tmp_path_factory.mktemp("run"))
