"""Columns and tables of the institution's own: declared with the features, checked alike, and readable by features."""

from pathlib import Path

import polars as pl

from riskscore.catalog import Catalog, member_values
from riskscore.portfolio import TABLES, Portfolio, check_portfolio, write_portfolio
from riskscore.simulator import simulate

DECLARED = """
from riskscore.catalog import Feature, FeatureSet, Source, standing
from riskscore.portfolio import TABLES, Column, Table

Members = Table("members", TABLES["members"].doc, (*TABLES["members"].columns, Column("looms", "int", minimum=0)))

Register = Source("register", table="members", keys={"member": "id"})


class Business(FeatureSet, source=Register, family="business"):
    looms = Feature("max(looms)", window=standing(), risk="free", es="Telares", en="Looms")
"""


def test_an_own_column_of_a_contract_table_is_checked_and_reaches_features(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "sources.py").write_text(DECLARED, encoding="utf-8")
    catalog = Catalog.from_folder(tmp_path / "features")
    tables = {**TABLES, **{table.name: table for table in catalog.tables}}

    plain = simulate(tmp_path / "plain", members=100, seed=2)
    frames = {name: plain.table(name) for name in TABLES if plain.file(name)}
    manifest = plain.manifest

    def written(folder: str, looms: pl.Series) -> list[str]:
        frames["members"] = plain.table("members").with_columns(looms.alias("looms"))
        write_portfolio(
            tmp_path / folder,
            frames,
            currency=manifest.currency,
            country=manifest.country,
            time_zone=manifest.time_zone,
            data_date=manifest.data_date,
            tables=tables,
        )
        return [fault.where for fault in check_portfolio(tmp_path / folder, tables=tables)]

    n = plain.table("members").height
    assert written("fine", pl.Series([3] * n)) == []
    assert written("odd", pl.Series([3] * (n - 1) + [-1])) == ["members.looms"]

    portfolio = Portfolio.open(tmp_path / "fine")
    asked = pl.DataFrame({"member_id": portfolio.table("members")["id"][:2], "as_of": [portfolio.moment()] * 2})
    assert member_values(portfolio, catalog.lock(), asked)["looms"].to_list() == [3.0, 3.0]
