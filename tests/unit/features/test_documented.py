"""The committed pages about the starter's features are those that the declarations give today."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from riskscore.catalog import Catalog
from riskscore.catalog.catalogue_page import catalogue_page

ROOT = Path(__file__).parents[3]
CATALOG = Catalog.from_folder(ROOT / "features")
LOCK = CATALOG.lock()


def script(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DOMAIN = script(ROOT / "docs" / "domain_features.py")


def test_the_catalogue_page_is_up_to_date() -> None:
    committed = (ROOT / "docs" / "catalogue.md").read_text("utf-8")
    assert committed == catalogue_page(CATALOG, "en"), (
        "docs/catalogue.md is behind features/: run `riskscore features --catalogue --out docs/catalogue.md`"
    )


def test_every_row_of_the_table_is_answered_or_has_its_reason() -> None:
    rows = DOMAIN.rows()
    assert [row["number"] for row in rows] == list(range(1, 68))
    for row in rows:
        assert row["features"] or row["missing"].strip(), row["name"]
        assert len(set(row["features"])) == len(row["features"])


def test_every_feature_that_a_row_names_exists() -> None:
    known = {feature.name for feature in LOCK.features}
    assert {name for row in DOMAIN.rows() for name in row["features"]} - known == set()


#: Told the other way round: days since the arrears are small where they are recent, a mandate that has run out is no
#: better board. The first fall and the spread of falls in a communal bank tell how trouble came, and have no direction.
OTHERWISE = {
    "peer_latest_arrears_days_ago",
    "peer_first_arrears_days_ago",
    "peer_arrears_spread_days",
    "mandate_expired",
}


@pytest.mark.parametrize(("sign", "risk"), [("+", "rises"), ("−", "falls"), ("±", "free")])
def test_predictors_go_the_way_that_their_row_says(sign: str, risk: str) -> None:
    one_way = [row for row in DOMAIN.rows() if row["direction"].split()[0].rstrip(",") == sign]
    found = {
        name: LOCK.feature(name).risk
        for row in one_way
        if "," not in row["direction"]
        for name in row["features"]
        if LOCK.feature(name).role == "predictor" and name not in OTHERWISE
    }
    assert found == dict.fromkeys(found, risk)
    assert found


def test_the_page_of_the_table_is_up_to_date() -> None:
    committed = DOMAIN.PAGE.read_text("utf-8")
    assert committed == DOMAIN.page(LOCK), "docs/domain-features.md is behind: run `python docs/domain_features.py`"
