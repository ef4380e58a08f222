"""Values of a small hand-made bank, worked out by hand."""

from __future__ import annotations

from datetime import datetime

import duckdb
import polars as pl
import pytest

from riskscore.catalog import Catalog, Lock, member_values, values, with_request
from riskscore.catalog.relations import relations
from riskscore.errors import InvalidInput

DECLARATIONS = """
from riskscore.catalog import *
from riskscore.portfolio import Column, Table

Visits = Table("visits", "An institution's own table.", (Column("member_id", "text"), Column("minutes", "int")))
Seen = Source("visits", table="visits", keys={"member": "member_id"})
Rows = Source("instalments", table="settled_instalments", keys={"member": "member_id"}, clock="due_on",
              cycle="loan_disbursed_on", columns={"late":
              "greatest(0, date_diff('day', due_on, CAST(least(coalesce(settled_at, as_of), as_of) AS DATE)))"})
Budgets = Source("budgets", table="budgets", keys={"member": "member_id"})
Places = Source("places", table="placements", keys={"bank": "bank_id", "group": "group_id"})


class Own(FeatureSet, source=Rows, family="repayment"):
    worst = Feature("max(late)", window=ever(), risk="rises")
    worst_60d = Feature("max(late)", window=days(60), risk="rises")
    worst_1_cycle = Feature("max(late)", window=cycles(1), risk="rises")
    late_count_60d = Feature("count(*) FILTER (WHERE late > 0)", window=days(60), risk="rises")
    still_to_come = Feature("count(*) FILTER (WHERE due_on >= as_of)", window=standing(), risk="free")


class Visited(FeatureSet, source=Seen, family="repayment"):
    minutes = Feature("sum(minutes)", window=ever())


class Household(FeatureSet, source=Budgets, family="facts"):
    other_income = Feature("other_income", window=latest(max_age=days(180)), fact=True)


class Bank(FeatureSet, source=Places, subject="bank", family="group"):
    bank_rows = Feature("count(DISTINCT member_id)", window=standing())


class Others(PeerSet, peers="bank", family="group"):
    others = Feature("count(*)")
    peer_worst = Feature("max(worst)", risk="rises")


class Mates(PeerSet, peers="group", family="group"):
    mates = Feature("count(*)")


class Request(Formulas, family="capacity"):
    per_day = Feature("amount / nullif(term_days, 0)")
    twice_per_day = Feature("per_day * 2")
"""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("definitions")
    (folder / "all.py").write_text(DECLARATIONS, encoding="utf-8")
    return Catalog.from_folder(folder)


@pytest.fixture
def bank(catalog: Catalog) -> duckdb.DuckDBPyConnection:
    """Ana and Bea in group G1 and Eva in G2, all of communal bank B; Ana has repaid one loan and has a second."""
    con = duckdb.connect()
    for name, columns in relations(catalog.tables).items():
        if name != "placements":
            con.execute(f"CREATE TABLE {name} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
    con.execute("""
        INSERT INTO groups BY NAME SELECT * FROM (VALUES ('B', NULL), ('G1', 'B'), ('G2', 'B')) AS g(id, parent_id),
            (SELECT TIMESTAMP '2020-01-01' AS event_at, TIMESTAMP '2020-01-01' AS known_at);
        INSERT INTO memberships BY NAME SELECT * FROM (VALUES ('S1', 'ana', 'G1', DATE '2020-01-02', NULL),
            ('S2', 'bea', 'G1', DATE '2020-01-02', DATE '2021-06-01'), ('S3', 'eva', 'G2', DATE '2020-01-02', NULL))
            AS m(id, member_id, group_id, valid_from, valid_to),
            (SELECT TIMESTAMP '2020-01-02' AS event_at, TIMESTAMP '2020-01-02' AS known_at);
        INSERT INTO loans BY NAME SELECT id, 'ana' AS member_id, day AS disbursed_on, day::TIMESTAMP AS event_at,
            day::TIMESTAMP AS known_at FROM (VALUES ('L1', DATE '2021-01-01'), ('L2', DATE '2021-05-01')) AS l(id, day);
        INSERT INTO settled_instalments BY NAME SELECT *, id AS loan_id, TIMESTAMP '2021-01-01' AS event_at,
            TIMESTAMP '2021-01-01' AS known_at FROM (VALUES
            ('a1', 'ana', DATE '2021-01-01', DATE '2021-02-01', TIMESTAMP '2021-02-11 09:00'),
            ('a2', 'ana', DATE '2021-01-01', DATE '2021-03-01', TIMESTAMP '2021-03-01 09:00'),
            ('a3', 'ana', DATE '2021-05-01', DATE '2021-06-01', NULL),
            ('a4', 'ana', DATE '2021-05-01', DATE '2021-07-01', NULL),
            ('e1', 'eva', DATE '2021-01-01', DATE '2021-02-01', TIMESTAMP '2021-02-04 09:00'))
            AS i(id, member_id, loan_disbursed_on, due_on, settled_at);
        INSERT INTO budgets BY NAME SELECT *, event_at AS known_at, 'ana' AS member_id FROM (VALUES
            ('b1', TIMESTAMP '2021-05-01', 90.00), ('b2', TIMESTAMP '2021-05-20', NULL))
            AS b(id, event_at, other_income);
        INSERT INTO visits BY NAME SELECT 'v1' AS id, 'ana' AS member_id, 30 AS minutes,
            TIMESTAMP '2021-01-01' AS event_at, TIMESTAMP '2021-01-01' AS known_at;
    """)
    return con


def ask(con: duckdb.DuckDBPyConnection, lock: Lock, member: str, moment: str) -> dict[str, object]:
    moments = pl.DataFrame({"member_id": [member], "as_of": [at(moment)]})
    return member_values(con, lock, moments).row(0, named=True)


def test_an_open_instalment_is_as_late_as_the_moment_makes_it(
    bank: duckdb.DuckDBPyConnection, catalog: Catalog
) -> None:
    lock = catalog.lock()
    for moment, expected in (
        ("2021-02-01", None),
        ("2021-02-01 10:00", 0.0),
        ("2021-02-06", 5.0),
        ("2021-05-01", 10.0),
    ):
        assert ask(bank, lock, "ana", moment)["worst"] == expected
    assert ask(bank, lock, "ana", "2021-06-21 12:00")["worst"] == 20.0


@pytest.mark.parametrize(
    ("moment", "minutes"),
    [
        ("2021-02-01 00:00:00", None),  # it happens at this moment
        ("2021-02-01 00:00:00.000001", None),  # it has happened, and nobody wrote it down
        ("2021-02-02 23:59:59.999999", None),
        ("2021-02-03 00:00:00", 40.0),  # known by then
        ("2021-02-28 23:59:59.999999", 40.0),
        ("2021-03-01 00:00:00", 50.0),  # corrected: one version stands, never two and never none
    ],
)
def test_a_version_is_seen_from_when_it_was_known_until_the_next_one(
    bank: duckdb.DuckDBPyConnection, catalog: Catalog, moment: str, minutes: float | None
) -> None:
    bank.execute("""
        INSERT INTO visits BY NAME SELECT 'v2' AS id, 'eva' AS member_id, TIMESTAMP '2021-02-01' AS event_at, * FROM
            (VALUES (40, TIMESTAMP '2021-02-03', TIMESTAMP '2021-03-01'), (50, TIMESTAMP '2021-03-01', NULL))
            AS v(minutes, known_at, known_until)
    """)
    assert ask(bank, catalog.lock(), "eva", moment)["minutes"] == minutes


def test_windows_count_back_from_the_moment(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    found = ask(bank, catalog.lock(), "ana", "2021-04-10")
    assert (found["worst"], found["worst_60d"], found["worst_1_cycle"]) == (10.0, 0.0, 10.0)
    assert found["still_to_come"] == 2.0
    later = ask(bank, catalog.lock(), "ana", "2021-06-03")
    assert (later["worst_1_cycle"], later["worst"]) == (2.0, 10.0)


def test_a_count_over_an_empty_window_is_missing_not_zero(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    lock = catalog.lock()
    assert ask(bank, lock, "ana", "2021-04-10")["late_count_60d"] == 0.0
    assert ask(bank, lock, "ana", "2021-05-30")["late_count_60d"] is None
    assert ask(bank, lock, "bea", "2021-05-30")["late_count_60d"] is None


def test_the_newest_row_stands_even_where_its_value_is_missing(
    bank: duckdb.DuckDBPyConnection, catalog: Catalog
) -> None:
    lock = catalog.lock()
    assert ask(bank, lock, "ana", "2021-05-10")["other_income"] == 90.0
    assert ask(bank, lock, "ana", "2021-05-21")["other_income"] is None


def test_peers_are_those_of_the_moment_without_herself(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    lock = catalog.lock()
    early, later = ask(bank, lock, "ana", "2021-05-31"), ask(bank, lock, "ana", "2021-06-01")
    assert (early["others"], early["mates"], early["peer_worst"]) == (2.0, 1.0, 3.0)
    assert (later["others"], later["mates"], later["peer_worst"]) == (1.0, None, 3.0)
    assert ask(bank, lock, "eva", "2021-05-31")["peer_worst"] == 10.0
    assert early["bank_rows"] == 3.0


def test_unknown_members_and_repeated_moments_keep_their_rows(
    bank: duckdb.DuckDBPyConnection, catalog: Catalog
) -> None:
    moments = pl.DataFrame({"member_id": ["eva", "nobody", "eva"], "as_of": [at("2021-05-01")] * 3})
    found = member_values(bank, catalog.lock(), moments)
    assert found["member_id"].to_list() == ["eva", "nobody", "eva"]
    assert found["worst"].to_list() == [3.0, None, 3.0]
    assert set(found.dtypes[2:]) == {pl.Float64}
    assert found.select(pl.selectors.float()).row(1) == (None,) * (found.width - 2)


def test_no_moments_give_no_rows(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    none = pl.DataFrame(schema={"member_id": pl.String, "as_of": pl.Datetime("us")})
    assert member_values(bank, catalog.lock(), none).shape == (0, 13)


def test_formulas_follow_one_another(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    spine = pl.DataFrame(
        {"member_id": ["eva"], "as_of": [at("2021-05-01")], "amount": [300.0], "term_days": [120]},
    )
    found = values(bank, catalog.lock(), spine)
    assert found.select("amount", "per_day", "twice_per_day").row(0) == (300.0, 2.5, 5.0)
    assert found.columns[:4] == spine.columns


def test_a_request_without_its_fields_is_refused_with_all_of_them(catalog: Catalog) -> None:
    with pytest.raises(InvalidInput) as raised:
        with_request(catalog.lock(), pl.DataFrame({"member_id": ["eva"]}))
    assert [fault.where for fault in raised.value.faults] == ["frame.amount", "frame.term_days"]


def test_a_missing_table_or_column_names_the_source(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    bank.execute("DROP TABLE visits; ALTER TABLE settled_instalments DROP COLUMN settled_at")
    with pytest.raises(InvalidInput) as raised:
        ask(bank, catalog.lock(), "ana", "2021-05-01")
    assert [(fault.where, fault.what) for fault in raised.value.faults] == [
        ("settled_instalments.settled_at", "The source instalments needs this column."),
        ("visits", "The source visits needs this table, and the portfolio has none."),
    ]


def test_a_running_lock_needs_no_declarations(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    lock = Lock.from_json(catalog.lock().to_json())
    assert ask(bank, lock, "ana", "2021-05-01") == ask(bank, catalog.lock(), "ana", "2021-05-01")
