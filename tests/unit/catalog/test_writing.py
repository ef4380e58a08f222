"""Values written part by part, within little memory, are those computed in one go."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from riskscore.catalog import Catalog, values
from riskscore.catalog.writing import write_values
from riskscore.dataset import spine
from riskscore.errors import InvalidInput
from riskscore.portfolio import Portfolio
from riskscore.simulator import simulate

LOCK = Catalog.from_folder(Path(__file__).parents[3] / "features").lock()
KEY = "application_id"


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory) -> Portfolio:
    return simulate(tmp_path_factory.mktemp("writing") / "portfolio", members=120, seed=3)


@pytest.mark.slow
def test_part_by_part_is_as_in_one_go(portfolio, tmp_path):
    asked = spine(portfolio)
    write_values(portfolio, LOCK, asked, tmp_path / "new" / "values.parquet", chunk=200)
    written = pl.read_parquet(tmp_path / "new" / "values.parquet")
    assert asked.height > 600
    assert_frame_equal(written.sort(KEY), values(portfolio, LOCK, asked).sort(KEY), check_exact=True)
    assert written.select("bank_id", "as_of").equals(written.select("bank_id", "as_of").sort("bank_id", "as_of"))


def test_what_fits_into_one_part_keeps_its_order(portfolio, tmp_path):
    asked = spine(portfolio)[:50]
    write_values(portfolio, LOCK, asked, tmp_path / "values.parquet")
    assert pl.read_parquet(tmp_path / "values.parquet")[KEY].to_list() == asked[KEY].to_list()


def test_no_moments_make_a_file_without_rows(portfolio, tmp_path):
    write_values(portfolio, LOCK, spine(portfolio).clear(), tmp_path / "values.parquet")
    assert pl.read_parquet(tmp_path / "values.parquet").shape == (
        0,
        len(spine(portfolio).columns) + len(LOCK.features),
    )


def test_a_failure_leaves_what_stood_there(portfolio, tmp_path):
    (tmp_path / "values.parquet").write_text("what stood there")
    with pytest.raises(InvalidInput):
        write_values(portfolio, LOCK, spine(portfolio).drop("amount"), tmp_path / "values.parquet")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("values.parquet", "what stood there")]


@pytest.mark.slow
def test_little_memory_gives_the_same_values(tmp_path):
    roomy = simulate(tmp_path / "roomy", members=1500, seed=5)
    shutil.copytree(roomy.path, tmp_path / "tight", ignore=shutil.ignore_patterns(".cache"))
    tight = Portfolio.open(tmp_path / "tight")
    asked = spine(roomy)
    write_values(roomy, LOCK, asked, tmp_path / "roomy.parquet", memory="4GB")
    write_values(tight, LOCK, asked, tmp_path / "tight.parquet", memory="300MB", threads=1, chunk=3000)
    found = [pl.read_parquet(tmp_path / f"{name}.parquet").sort(KEY) for name in ("roomy", "tight")]
    assert_frame_equal(found[1], found[0], check_exact=True)
