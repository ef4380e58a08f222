"""The rows behind values of a small hand-made bank, and the rows that were not counted, worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from riskscore.catalog import Catalog
from riskscore.catalog.explain import ANOTHER, Explanation, explain
from riskscore.catalog.relations import relations
from riskscore.errors import InvalidInput, NotFound

DECLARATIONS = """
from riskscore.catalog import *

Savings = Source("savings", table="savings", keys={"member": "member_id"}, where="kind = 'deposit'",
                 columns={"large": "amount >= 20"})
Instalments = Source("instalments", table="settled_instalments", keys={"member": "member_id"}, clock="due_on")
Budgets = Source("budgets", table="budgets", keys={"member": "member_id"})
Events = Source("events", table="loan_histories", keys={"member": "member_id"},
                lookups={"happened": Lookup("loan_events", where="happened.loan_id = id")})
Savers = Source("savers", table="loan_histories", keys={"member": "member_id"},
                lookups={"saved": Lookup("savings", where="saved.amount > 11 AND saved.amount < 50")})
Movements = Source("movements", table="savings", keys={"member": "member_id"})
Officers = Source("outcomes", table="bank_outcomes", keys={"officer": "officer_id"}, leave_out="bank_id")
Places = Source("places", table="placements", keys={"bank": "bank_id"})
Traits = Source("traits", table="members", keys={"member": "id"})


class Saving(FeatureSet, source=Savings, family="repayment"):
    deposited_60d = Feature("sum(amount)", window=days(60), risk="falls", en="Deposited", es="Depositado")
    large_deposits = Feature("count(*) FILTER (WHERE large)", window=ever())


class Instalment(FeatureSet, source=Instalments, family="repayment"):
    agreed = Feature("count(*)", window=standing())
    due = Feature("count(*)", window=ever())


class Budget(FeatureSet, source=Budgets, family="facts"):
    income = Feature("other_income", window=latest(), fact=True)


class BudgetBefore(FeatureSet, source=Budgets, family="facts"):
    income_before = Feature("other_income", window=latest(ago=days(100)), fact=True)


class Concentration(FeatureSet, source=Movements, by="kind", family="repayment"):
    kind_hhi = Feature("sum(sum(amount) * sum(amount)) / nullif(sum(sum(amount)) * sum(sum(amount)), 0)", window=ever())


class Officer(FeatureSet, source=Officers, subject="officer", family="group"):
    officer_bad = Feature("sum(bad)", window=ever())


class Event(FeatureSet, source=Events, family="repayment"):
    events = Feature("count(happened.id)", window=ever())


class Beside(FeatureSet, source=Savers, family="repayment"):
    savers = Feature("count(DISTINCT saved.member_id)", window=ever())


class Bank(FeatureSet, source=Places, subject="bank", family="group"):
    bank_size = Feature("count(DISTINCT member_id)", window=standing())


class Trait(FeatureSet, source=Traits, family="audit"):
    born = Feature("count(born_on)", window=standing(), protected=True)


class Others(PeerSet, peers="bank", family="group"):
    peer_deposits = Feature("sum(CAST(deposited_60d AS DECIMAL(12,2)))::DOUBLE / nullif(count(*), 0)")


class Request(Formulas, family="capacity"):
    saved_share = Feature("deposited_60d / nullif(amount, 0)")
    double_share = Feature("saved_share * 2")
"""

AT = datetime(2024, 6, 1)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("definitions")
    (folder / "all.py").write_text(DECLARATIONS, encoding="utf-8")
    return Catalog.from_folder(folder)


@pytest.fixture
def bank(catalog: Catalog) -> duckdb.DuckDBPyConnection:
    """Ana, Bea and Eva of communal bank B; Ana saves, owes two instalments, and had one loan restructured."""
    con = duckdb.connect()
    for name, columns in relations(catalog.tables).items():
        if name != "placements":
            con.execute(f"CREATE TABLE {name} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
    con.execute("""
        INSERT INTO members BY NAME SELECT *, event_at AS known_at FROM (VALUES ('ana', TIMESTAMP '2024-01-01'),
            ('bea', TIMESTAMP '2024-01-01'), ('eva', TIMESTAMP '2024-01-01'), ('idle', TIMESTAMP '2024-01-01'))
            AS m(id, event_at);
        INSERT INTO groups BY NAME SELECT 'B' AS id, 'O1' AS officer_id, TIMESTAMP '2024-01-01' AS event_at,
            event_at AS known_at;
        INSERT INTO bank_outcomes BY NAME SELECT *, 'O1' AS officer_id, TIMESTAMP '2024-03-01' AS event_at,
            event_at AS known_at FROM (VALUES ('o1', 'B', 5), ('o2', 'C', 2)) AS o(id, bank_id, bad);
        INSERT INTO memberships BY NAME SELECT *, 'B' AS group_id, DATE '2024-01-02' AS valid_from,
            TIMESTAMP '2024-01-02' AS event_at, event_at AS known_at
            FROM (VALUES ('S1', 'ana'), ('S2', 'bea'), ('S3', 'eva')) AS m(id, member_id);
        INSERT INTO savings BY NAME SELECT * FROM (VALUES
            ('d1', 'ana', 'deposit', 10.00, TIMESTAMP '2024-02-01', TIMESTAMP '2024-02-01', NULL),
            ('d2', 'ana', 'deposit', 20.00, TIMESTAMP '2024-04-10', TIMESTAMP '2024-04-10', TIMESTAMP '2024-04-20'),
            ('d2', 'ana', 'deposit', 25.00, TIMESTAMP '2024-04-10', TIMESTAMP '2024-04-20', NULL),
            ('d3', 'ana', 'deposit', 7.00, TIMESTAMP '2024-05-02', TIMESTAMP '2024-05-03', NULL),
            ('d4', 'ana', 'deposit', 99.00, TIMESTAMP '2024-05-30', TIMESTAMP '2024-06-02', NULL),
            ('d5', 'ana', 'deposit', 99.00, TIMESTAMP '2024-07-01', TIMESTAMP '2024-07-01', NULL),
            ('w1', 'ana', 'withdrawal', 4.00, TIMESTAMP '2024-05-05', TIMESTAMP '2024-05-05', NULL),
            ('e1', 'bea', 'deposit', 12.00, TIMESTAMP '2024-05-05', TIMESTAMP '2024-05-05', NULL))
            AS s(id, member_id, kind, amount, event_at, known_at, known_until);
        INSERT INTO settled_instalments BY NAME SELECT *, 'ana' AS member_id, TIMESTAMP '2024-01-05' AS event_at,
            event_at AS known_at FROM (VALUES ('i1', DATE '2024-05-01'), ('i2', DATE '2024-07-01'), ('i3', NULL))
            AS i(id, due_on);
        INSERT INTO budgets BY NAME SELECT *, event_at AS known_at, 'ana' AS member_id FROM (VALUES
            ('b1', TIMESTAMP '2024-02-01', 90.00), ('b2', TIMESTAMP '2024-03-01', 80.00))
            AS b(id, event_at, other_income);
        INSERT INTO loan_histories BY NAME SELECT 'L1' AS id, 'ana' AS member_id, TIMESTAMP '2024-01-05' AS event_at,
            event_at AS known_at;
        INSERT INTO loan_events BY NAME SELECT *, 'L1' AS loan_id, TIMESTAMP '2024-03-01' AS event_at FROM (VALUES
            ('x1', TIMESTAMP '2024-03-02'), ('x2', TIMESTAMP '2024-08-01')) AS e(id, known_at);
    """)
    return con


def of(
    bank: duckdb.DuckDBPyConnection, catalog: Catalog, name: str, member: str = "ana", **options: object
) -> Explanation:
    found = explain(bank, catalog, member, AT, names=[name], **options)  # type: ignore[arg-type]
    return next(one for one in found if one.feature.name == name)


def unseen(found: Explanation) -> dict[tuple[str, str], int]:
    return {(entry.table, entry.why): entry.rows for entry in found.unseen}


def test_the_very_rows_as_they_were_known(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    found = of(bank, catalog, "deposited_60d")
    assert found.value == 32.0
    assert (found.table, found.clock, found.seen, found.others) == ("savings", "event_at", 2, None)
    april, may = datetime(2024, 4, 10), datetime(2024, 5, 2)
    assert found.rows == (
        {"id": "d2", "event_at": april, "known_at": datetime(2024, 4, 20), "amount": Decimal("25.00")},
        {"id": "d3", "event_at": may, "known_at": datetime(2024, 5, 3), "amount": Decimal("7.00")},
    )
    assert found.parts == {"SUM(amount)": Decimal("32.00")}


def test_what_was_not_counted_and_why(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    assert unseen(of(bank, catalog, "deposited_60d")) == {
        ("savings", "happened_later"): 1,
        ("savings", "known_later"): 1,
        ("savings", "replaced"): 1,
        ("savings", "left_out"): 1,
        ("savings", "before_window"): 1,
    }
    assert unseen(of(bank, catalog, "due")) == {
        ("settled_instalments", "no_date"): 1,
        ("settled_instalments", "ahead"): 1,
    }
    assert unseen(of(bank, catalog, "agreed")) == {}
    assert unseen(of(bank, catalog, "income")) == {("budgets", "not_newest"): 1}


def test_a_derived_column_shows_what_it_is_made_from(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    found = of(bank, catalog, "large_deposits")
    assert found.value == 1.0
    assert [(row["id"], row["large"], row["amount"]) for row in found.rows] == [
        ("d1", False, Decimal("10.00")),
        ("d2", True, Decimal("25.00")),
        ("d3", False, Decimal("7.00")),
    ]
    assert found.parts == {"COUNT(*) FILTER(WHERE large)": 1}


def test_the_newest_row_stands_alone(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    found = of(bank, catalog, "income")
    assert found.value == 80.0
    assert [row["id"] for row in found.rows] == ["b2"]
    assert (found.seen, found.parts) == (1, {})


def test_a_row_beside_that_was_known_later_is_told(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    found = of(bank, catalog, "events")
    assert found.value == 1.0
    assert [row["happened.id"] for row in found.rows] == ["x1"]
    assert unseen(found) == {("loan_events", "known_later"): 1}


def test_others_are_counted_and_not_named(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    size = of(bank, catalog, "bank_size")
    assert (size.value, size.seen, size.others, size.rows) == (3.0, 3, 3, ())
    assert size.parts == {"COUNT(DISTINCT member_id)": 3}
    peers = of(bank, catalog, "peer_deposits")
    assert (peers.value, peers.seen, peers.others, peers.rows) == (6.0, 2, 2, ())
    assert peers.parts == {"SUM(CAST(deposited_60d AS DECIMAL(12, 2)))": Decimal("12.00"), "COUNT(*)": 2}
    assert "bea" not in repr(explain(bank, catalog, "ana", AT))


def test_their_rows_are_listed_where_they_are_asked_for(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    assert [row["member_id"] for row in of(bank, catalog, "bank_size", of_others=True).rows] == ["ana", "bea", "eva"]
    peers = of(bank, catalog, "peer_deposits", of_others=True)
    assert [row["deposited_60d"] for row in peers.rows] == [12.0, None]
    assert "bea" not in repr(peers)


def test_who_else_her_own_row_names_is_not_said(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    found = of(bank, catalog, "savers")
    assert found.value == 2.0
    assert sorted(row["saved.member_id"] for row in found.rows) == ["ana", ANOTHER]
    everyone = of(bank, catalog, "savers", of_others=True)
    assert sorted(row["saved.member_id"] for row in everyone.rows) == ["ana", "bea"]


def test_a_window_that_ends_earlier_leaves_out_what_came_after(
    bank: duckdb.DuckDBPyConnection, catalog: Catalog
) -> None:
    found = of(bank, catalog, "income_before")
    assert found.value == 90.0
    assert [row["id"] for row in found.rows] == ["b1"]
    assert unseen(found) == {("budgets", "after_window"): 1}


def test_gatherings_show_their_rows_and_what_is_aggregated_of_them(
    bank: duckdb.DuckDBPyConnection, catalog: Catalog
) -> None:
    bank.execute("""INSERT INTO savings BY NAME SELECT 'n1' AS id, 'ana' AS member_id, 5.00 AS amount,
                    TIMESTAMP '2024-05-06' AS event_at, event_at AS known_at""")
    found = of(bank, catalog, "kind_hhi")
    assert found.value == pytest.approx((42**2 + 4**2) / 46**2)
    assert [(row["id"], row["kind"]) for row in found.rows] == [
        ("d1", "deposit"),
        ("d2", "deposit"),
        ("d3", "deposit"),
        ("w1", "withdrawal"),
    ]
    assert {text: float(part) for text, part in found.parts.items()} == {
        "SUM(SUM(amount) * SUM(amount))": 42.0**2 + 4.0**2,
        "SUM(SUM(amount))": 46.0,
    }
    assert unseen(found)["savings", "not_gathered"] == 1


def test_an_officers_other_banks_are_counted_and_her_own_is_left_out(
    bank: duckdb.DuckDBPyConnection, catalog: Catalog
) -> None:
    found = of(bank, catalog, "officer_bad")
    assert (found.value, found.seen, found.others, found.rows) == (2.0, 1, 1, ())
    assert unseen(found) == {("bank_outcomes", "own_bank"): 1}


def test_a_group_may_ask_for_itself(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    assert of(bank, catalog, "bank_size", member="B").value == 3.0
    assert of(bank, catalog, "deposited_60d", member="B").value is None


def test_a_formula_shows_its_inputs(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    share = of(bank, catalog, "saved_share", request={"amount": 64.0})
    assert (share.value, share.inputs, share.rows) == (0.5, {"amount": 64.0, "deposited_60d": 32.0}, ())
    assert of(bank, catalog, "double_share", request={"amount": 64.0}).inputs == {"saved_share": 0.5}
    with_inputs = explain(bank, catalog, "ana", AT, names=["double_share"])
    assert [one.feature.name for one in with_inputs] == ["deposited_60d", "saved_share", "double_share"]
    alone = of(bank, catalog, "saved_share")
    assert (alone.value, alone.inputs["amount"]) == (None, None)


def test_a_protected_trait_is_explained_about_nobody(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    assert "born" not in {found.feature.name for found in explain(bank, catalog, "ana", AT)}
    with pytest.raises(InvalidInput) as raised:
        explain(bank, catalog, "ana", AT, names=["born", "deposited"])
    assert [(fault.where, fault.what) for fault in raised.value.faults] == [
        ("deposited", "There is no such feature."),
        ("born", "It is a protected trait, which is shown about nobody."),
    ]


def test_a_member_without_rows_has_missing_values_and_a_stranger_is_not_found(
    bank: duckdb.DuckDBPyConnection, catalog: Catalog
) -> None:
    idle = of(bank, catalog, "deposited_60d", member="idle")
    assert (idle.value, idle.seen, idle.rows, idle.unseen) == (None, 0, (), ())
    with pytest.raises(NotFound, match="There was no member and no group 'nobody' on record"):
        explain(bank, catalog, "nobody", AT)
    with pytest.raises(NotFound):
        explain(bank, catalog, "ana", datetime(2023, 1, 1))


def test_the_connection_stays_open_and_may_be_asked_again(bank: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    assert explain(bank, catalog, "ana", AT) == explain(bank, catalog, "ana", AT)
    assert date(2024, 5, 1) in of(bank, catalog, "due").rows[0].values()
