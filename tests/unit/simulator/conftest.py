from dataclasses import dataclass

import polars as pl
import pytest

from riskscore.portfolio import Portfolio
from riskscore.simulator import Truth, simulate, truth


@dataclass(frozen=True)
class Made:
    portfolio: Portfolio
    truth: Truth

    @property
    def applications(self) -> pl.DataFrame:
        """Observed applications that became loans."""
        return self.truth.applications.drop_nulls("bad").filter(pl.col("as_of") >= pl.datetime(2022, 1, 1))


@pytest.fixture(scope="session")
def make(tmp_path_factory):
    made = {}

    def one(scenario: str) -> Made:
        if scenario not in made:
            path = tmp_path_factory.mktemp("institutions") / scenario
            made[scenario] = Made(simulate(path, members=800, seed=5, scenario=scenario), truth(path))
        return made[scenario]

    return one


@pytest.fixture(scope="session")
def normal(make):
    return make("normal")
