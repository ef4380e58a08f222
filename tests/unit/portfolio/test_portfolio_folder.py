from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from riskscore.errors import InvalidInput, NotFound
from riskscore.portfolio import Manifest, Portfolio, write_portfolio

WHERE = {"currency": "USD", "country": "BO", "time_zone": "America/La_Paz", "data_date": date(2026, 1, 31)}


def test_what_is_written_is_read_back_and_missing_tables_are_empty_with_their_types(write, build):
    portfolio = write()
    assert portfolio.table("instalments")["amount"].to_list() == [Decimal("25.00")] * 4
    assert portfolio.manifest.rows["loans"] == 1
    budgets = portfolio.table("budgets")
    assert budgets.height == 0
    assert budgets.schema["business_revenue"] == pl.Decimal(18, 2)
    assert portfolio.connect().execute("SELECT count(*), max(known_until) FROM budgets").fetchone() == (0, None)


def test_the_hash_follows_the_content_and_not_the_order_of_rows(tmp_path, build):
    frames = build.standing()
    turned = {name: frame.reverse() for name, frame in frames.items()}
    changed = {**frames, "members": frames["members"].with_columns(joined_on=pl.date(2025, 1, 2))}
    first, second, third = (
        write_portfolio(tmp_path / name, tables, **WHERE).manifest.content_hash
        for name, tables in (("a", frames), ("b", turned), ("c", changed))
    )
    assert first == second
    assert first != third


def test_a_changed_file_is_not_read_as_the_portfolio_that_was_written(write):
    portfolio = write()
    other = portfolio.table("members").with_columns(joined_on=pl.date(2024, 1, 1))
    other.write_parquet(portfolio.path / "members.parquet")
    with pytest.raises(InvalidInput, match="their hash differs"):
        Portfolio.open(portfolio.path)


def test_a_folder_written_by_hand_needs_no_hash(tmp_path, build):
    build.standing()["members"].write_parquet(tmp_path / "members.parquet")
    (tmp_path / "portfolio.json").write_text(
        '{"currency": "PEN", "country": "PE", "time_zone": "America/Lima", "data_date": "2026-01-31"}'
    )
    portfolio = Portfolio.open(tmp_path)
    assert portfolio.manifest.rows == {"members": 1}
    assert len(portfolio.manifest.content_hash) == 64


def test_every_fault_of_the_manifest_at_once(tmp_path):
    (tmp_path / "portfolio.json").write_text(
        '{"currency": "soles", "country": "Peru", "time_zone": "Lima", "data_date": "31/01/2026"}'
    )
    with pytest.raises(InvalidInput) as caught:
        Portfolio.open(tmp_path)
    assert [fault.where for fault in caught.value.faults] == [
        "portfolio.json: time_zone",
        "portfolio.json: currency",
        "portfolio.json: country",
        "portfolio.json: data_date",
    ]


def test_writing_refuses_every_wrong_column_at_once_and_leaves_what_stood_there(write, build):
    before = write()
    payments = build.rows("payments", build.paid(date(2026, 1, 5), "25.00")).with_columns(pl.col("amount").cast(float))
    with pytest.raises(InvalidInput) as caught:
        write(payments=payments, loans=build.standing()["loans"].drop("amount"), payment=payments)
    assert sorted((fault.where, fault.remedy.split(",")[0]) for fault in caught.value.faults) == [
        ("loans.amount", "Add it."),
        ("payment", "Did you mean 'payments'?"),
        ("payments.amount", "Cast it to DECIMAL(18"),
    ]
    assert Portfolio.open(before.path).manifest == before.manifest
    assert [file.name for file in before.path.parent.iterdir()] == ["portfolio"]


def test_a_write_that_dies_half_way_leaves_the_old_portfolio_whole(write, build, monkeypatch):
    before = write()
    calls = []

    def dies(frame, file, **kwargs):
        calls.append(file)
        if len(calls) == 3:
            raise OSError("disk full")
        frame.lazy().sink_parquet(file)

    monkeypatch.setattr(pl.DataFrame, "write_parquet", dies)
    with pytest.raises(OSError, match="disk full"):
        write(data_date=date(2026, 7, 31))
    assert Portfolio.open(before.path).manifest == before.manifest
    assert [file.name for file in before.path.parent.iterdir()] == ["portfolio"]


def test_a_folder_that_is_no_portfolio_is_never_replaced(tmp_path, build):
    (tmp_path / "letters.txt").write_text("keep me")
    with pytest.raises(InvalidInput, match="exists and is no portfolio"):
        write_portfolio(tmp_path, build.standing(), **WHERE)
    assert (tmp_path / "letters.txt").read_text() == "keep me"


def test_moments_are_local_to_the_institution():
    bolivia = Manifest("BOB", "BO", "America/La_Paz", date(2026, 1, 31))
    assert bolivia.moment() == datetime(2026, 2, 1)
    assert bolivia.moment(date(2026, 1, 10)) == datetime(2026, 1, 10)
    assert bolivia.moment("2026-01-10") == datetime(2026, 1, 10)
    assert bolivia.moment(datetime(2026, 1, 10, 3, tzinfo=UTC)) == datetime(2026, 1, 9, 23)
    with pytest.raises(InvalidInput, match="no date and no moment"):
        bolivia.moment("yesterday")


def test_an_unknown_table_is_not_found_with_a_hint(write):
    with pytest.raises(NotFound, match="Did you mean 'loans'"):
        write().table("loan")


def test_a_version_is_known_until_the_next_one_can_be_seen(write, build):
    first = {"id": "S1", "member_id": "M1", "kind": "deposit", "amount": "5.00", "currency": "USD"}
    savings = build.rows(
        "savings",
        {**first, "known_at": datetime(2026, 1, 2)},
        {**first, "known_at": datetime(2026, 1, 9), "amount": "6.00"},
        {**first, "id": "S2"},
    )
    con = write(savings=savings).connect()
    assert con.execute("SELECT id, amount, known_until FROM savings ORDER BY id, known_at").fetchall() == [
        ("S1", Decimal("5.00"), datetime(2026, 1, 9)),
        ("S1", Decimal("6.00"), None),
        ("S2", Decimal("5.00"), None),
    ]


def test_what_is_derived_is_built_once_and_beside_the_portfolio(write, build, monkeypatch):
    portfolio = write(payments=build.rows("payments", build.paid(date(2026, 1, 5), "25.00")))
    first = portfolio.connect().sql("FROM settled_instalments ORDER BY id, known_at").fetchall()
    hash_before = portfolio.manifest.content_hash
    assert (portfolio.path / ".cache").is_dir()

    def never(*args, **kwargs):
        raise AssertionError("settled twice")

    monkeypatch.setattr("riskscore.portfolio.settlement.settle", never)
    again = Portfolio.open(portfolio.path)
    assert again.connect().sql("FROM settled_instalments ORDER BY id, known_at").fetchall() == first
    assert again.manifest.content_hash == hash_before


def test_a_folder_that_cannot_be_written_is_read_all_the_same(write, monkeypatch, tmp_path):
    from riskscore.portfolio import cache

    portfolio = write()
    monkeypatch.setattr(cache, "_temporary", lambda: tmp_path)
    (portfolio.path / ".cache").write_text("in the way, as a read-only folder would be")
    assert portfolio.connect().execute("SELECT count(*) FROM settled_instalments").fetchone() == (4,)


def test_loans_and_payments_carry_the_communal_bank(write, build):
    con = write(payments=build.rows("payments", build.paid(date(2026, 1, 5), "25.00", "group"))).connect()
    found = con.execute("SELECT member_id, group_id, bank_id, payer, loan_disbursed_on FROM loan_payments").fetchall()
    assert found == [("M1", "SG", "CB", "group", date(2026, 1, 1))]
    assert con.execute("SELECT id, bank_id, known_until FROM loan_histories").fetchall() == [("L1", "CB", None)]


def test_a_reversal_ends_a_payment_from_when_it_was_known(write, build):
    wrong = build.paid(date(2026, 1, 5), "25.00", ident="P1")
    payments = build.rows("payments", wrong, {**wrong, "reversed": True, "known_at": datetime(2026, 1, 8, 9)})
    con = write(payments=payments).connect()
    assert con.execute("SELECT known_at, known_until FROM loan_payments").fetchall() == [
        (datetime(2026, 1, 5, 10), datetime(2026, 1, 8, 9))
    ]


def test_a_connection_fetches_no_extension(write):
    con = write().connect()
    assert con.execute("SELECT current_setting('autoinstall_known_extensions')").fetchone() == (False,)
