"""From literal files to a portfolio: what the rows become, and every fault of the data at once."""

from __future__ import annotations

import gzip
import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.errors import Fault, InvalidInput
from riskscore.portfolio import TABLES, Column, Portfolio, Table, check_portfolio
from riskscore.portfolio.adapters.plain_tables import ingest_tables
from riskscore.portfolio.adapters.tables_report import TablesReport
from tests.unit.adapters.small_bank import INSTALMENTS, LOANS, MAPPING, MEMBERS, PAYMENTS, write


def made(folder: Path, mapping: str = MAPPING, **files: str) -> tuple[Portfolio, TablesReport]:
    portfolio, report = ingest_tables(write(folder, mapping, **files), folder / "out", folder)
    assert portfolio is not None
    return portfolio, report


def faults(folder: Path, mapping: str = MAPPING, **files: str) -> list[Fault]:
    with pytest.raises(InvalidInput) as caught:
        ingest_tables(write(folder, mapping, **files), folder / "out", folder)
    assert not (folder / "out").exists()
    assert not (folder / ".out.ingesting").exists()
    return list(caught.value.faults)


def test_the_small_bank_keeps_its_contract(tmp_path: Path) -> None:
    portfolio, report = made(tmp_path)
    assert check_portfolio(tmp_path / "out") == []
    assert portfolio.manifest.rows == {
        "branches": 1, "groups": 2, "members": 2, "memberships": 2, "loans": 2, "instalments": 3, "payments": 2,
    }  # fmt: skip
    assert report.sources == {"groups": 2, "members": 2, "loans": 2, "instalments": 3, "payments": 2}
    payment = portfolio.table("payments").row(0, named=True)
    assert (payment["id"], payment["amount"]) == ("P1", Decimal("150.00"))
    assert payment["event_at"] == payment["known_at"] == datetime(2024, 2, 8, 10)
    loan = portfolio.table("loans").row(0, named=True)
    assert loan["event_at"] == datetime(2024, 2, 1)
    assert loan["known_at"] == datetime(2024, 2, 1, 23, 59, 59, 999999)
    assert loan["application_id"] is None


def test_the_same_files_give_the_same_portfolio(tmp_path: Path) -> None:
    first, _ = made(tmp_path)
    again, _ = ingest_tables(tmp_path / "mapping.toml", tmp_path / "other", tmp_path, batch=1)
    assert again is not None
    assert first.manifest.content_hash == again.manifest.content_hash


def test_values_that_cannot_be_read_are_named_by_row_and_never_shown(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        payments=PAYMENTS.replace("150.00", "secret-1").replace("2024-03-01 11:30:00", "2024-03-01"),
        instalments=INSTALMENTS.replace("2024-02-15,150.00", "15/02/2024,150.005").replace("L2,1", "L2,1.5"),
    )
    told = {fault.where: fault.what for fault in found if fault.where.startswith("sources.")}
    assert told == {
        "sources.instalments.amount": "1 value cannot be read as money (row 2).",
        "sources.instalments.due": "1 value cannot be read as date (row 2).",
        "sources.instalments.number": "1 value cannot be read as int (row 3).",
        "sources.instalments": "1 rows have no key (row 3).",
        "sources.payments.amount": "1 value cannot be read as money (row 1).",
        "sources.payments.paid": "1 value cannot be read as timestamp (row 2).",
    }
    assert all("secret" not in str(fault) for fault in found)
    assert "payments.amount" in {fault.where for fault in found}


def test_every_unmapped_code_with_its_count_and_the_nearest(tmp_path: Path) -> None:
    loans = LOANS + "L3,ana,10.00,PEN,2024-02-01,BIMESTRAL\nL4,ana,10.00,PEN,2024-02-01,BIMESTRAL\n"
    found = faults(
        tmp_path,
        MAPPING.replace('W = "weekly"', 'WEEK = "weekly"').replace(
            """payer = { constant = "self" }""", """payer = "CASE id WHEN 'P1' THEN 'selv' ELSE 'self' END" """
        ),
        loans=loans.replace(",W\n", ",WEK\n"),
    )
    frequency = [fault for fault in found if fault.where == "tables.loans.frequency"]
    assert [fault.what for fault in frequency] == [
        "the code 'BIMESTRAL' (2 rows) means twice a month to one reader and every two months to another.",
        "the code 'WEK' is not mapped (1 row).",
    ]
    assert "every_two_months" in frequency[0].remedy
    assert frequency[1].remedy.startswith("The nearest is 'WEEK'.")
    payer = next(fault for fault in found if fault.where == "tables.payments.payer")
    assert payer.what == "the code 'selv' is not mapped (1 row)."
    # Each is told once: what follows from it in the table is not told again.
    assert len(found) == 3


def test_duplicated_keys(tmp_path: Path) -> None:
    found = faults(tmp_path, payments=PAYMENTS + "P1,L1,2024-02-09 10:00:00,1.00,PEN\n")
    assert found == [
        Fault(
            "sources.payments",
            "1 key stands on more than one row (id P1).",
            "Keep one row a key, or name more columns in `key` where a row needs them.",
        )
    ]


def test_an_instalment_before_its_loan(tmp_path: Path) -> None:
    found = faults(tmp_path, instalments=INSTALMENTS.replace("2024-02-08", "2024-01-08"))
    assert [(fault.where, fault.what) for fault in found] == [
        ("instalments.due_on", "is before the loan was disbursed (id L1-1).")
    ]


def test_an_instalment_of_no_loan(tmp_path: Path) -> None:
    found = faults(tmp_path, instalments=INSTALMENTS + "L9,1,2024-03-01,5.00\n")
    assert ("instalments.loan_id", "names no row of loans (id L9-1).") in {(f.where, f.what) for f in found}


def test_a_payment_in_another_currency(tmp_path: Path) -> None:
    found = faults(tmp_path, payments=PAYMENTS.replace("200.00,PEN", "200.00,USD"))
    assert [(fault.where, fault.what) for fault in found] == [
        ("payments.currency", "is not the portfolio's PEN (id P2).")
    ]


def test_groups_in_a_circle(tmp_path: Path) -> None:
    circle = "id,parent,formed\nB1,,2024-01-02\nG1,G2,2024-01-02\nG2,G1,2024-01-02\n"
    found = faults(tmp_path, groups=circle)
    assert ("groups.parent_id", "runs in a circle (id G1, G2).") in {(f.where, f.what) for f in found}


def test_a_membership_that_overlaps_itself(tmp_path: Path) -> None:
    found = faults(tmp_path, members=MEMBERS + "ana,G1,2024-01-20\n")
    assert (
        "memberships.valid_from",
        "overlaps an earlier membership of the same member in the same group (id ana-3).",
    ) in {(f.where, f.what) for f in found}


def test_faults_of_several_tables_come_together_and_stand_in_the_report(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        loans=LOANS.replace(",M\n", ",Q\n"),
        payments=PAYMENTS.replace("200.00,PEN", "200.00,USD"),
        members=MEMBERS + "ana,G1,2024-01-20\n",
    )
    assert {"tables.loans.frequency", "payments.currency", "memberships.valid_from"} <= {f.where for f in found}
    report = (tmp_path / "out.ingest" / "report.md").read_text("utf-8")
    assert f"## {len(found)} faults: nothing was put in place" in report
    assert "`Q`, 1 row" in report


def test_a_portfolio_stays_until_a_whole_one_replaces_it(tmp_path: Path) -> None:
    before, _ = made(tmp_path)
    path = write(tmp_path, payments=PAYMENTS.replace("PEN", "USD"))
    with pytest.raises(InvalidInput):
        ingest_tables(path, tmp_path / "out", tmp_path)
    assert Portfolio.open(tmp_path / "out").manifest.content_hash == before.manifest.content_hash
    after, _ = made(tmp_path, payments=PAYMENTS.replace("200.00", "199.00"))
    assert after.manifest.content_hash != before.manifest.content_hash
    assert Portfolio.open(tmp_path / "out").table("payments")["amount"][1] == Decimal("199.00")


def test_an_expression_that_fails_over_the_rows_is_named_without_the_value(tmp_path: Path) -> None:
    failing = MAPPING.replace('number = "number"', 'number = "CAST(loan AS BIGINT)"')
    found = faults(tmp_path, failing)
    assert found[0].where == "tables.instalments.number"
    assert "L1" not in str(found[0])
    assert "TRY_CAST" in found[0].remedy


def test_a_ragged_file_is_named_without_its_line(tmp_path: Path) -> None:
    found = faults(tmp_path, payments=PAYMENTS + '"P3,broken,secret\n')
    assert "cannot be read as CSV." in found[0].what
    assert "secret" not in str(found[0])


def test_no_row_is_taken_for_a_comment(tmp_path: Path) -> None:
    payments = PAYMENTS.replace("P1", "1").replace("P2", "#2") + "3,L1,2024-02-15 10:00:00,150.00,PEN\n"
    portfolio, report = made(tmp_path, payments=payments)
    assert report.sources["payments"] == 3
    assert portfolio.table("payments")["id"].to_list() == ["#2", "1", "3"]


def test_an_empty_file_makes_an_empty_table(tmp_path: Path) -> None:
    portfolio, report = made(tmp_path, payments=PAYMENTS.splitlines()[0] + "\n")
    assert portfolio.manifest.rows["payments"] == 0
    assert report.sources["payments"] == 0


def test_a_source_without_a_row_keeps_its_types(tmp_path: Path) -> None:
    later = MAPPING.replace('disbursed_on = "lent"', 'disbursed_on = "lent + 1"').replace(
        'loan_id = "loan"\nnumber', 'loan_id = "upper(loan)"\nnumber'
    )
    heads = {name: text.splitlines()[0] + "\n" for name, text in (("loans", LOANS), ("instalments", INSTALMENTS))}
    portfolio, _ = made(tmp_path, later, **heads, payments=PAYMENTS.splitlines()[0] + "\n")
    assert portfolio.manifest.rows["loans"] == portfolio.manifest.rows["instalments"] == 0


def test_an_institutions_own_tables(tmp_path: Path) -> None:
    own = Table("visits", "A visit.", (Column("member_id", "text", references="members"), Column("minutes", "int")))
    visits = MAPPING + (
        '\n[tables.visits]\nfrom = "members"\nid = "id"\nevent_at = "joined"\nknown_rule = "event"\n'
        'member_id = "id"\nminutes = { constant = 20 }\n'
    )
    with pytest.raises(InvalidInput, match="'visits', which is not there"):
        ingest_tables(write(tmp_path, visits), tmp_path / "out", tmp_path)
    tables = {**TABLES, "visits": own}
    portfolio, _ = ingest_tables(write(tmp_path, visits), tmp_path / "out", tmp_path, tables=tables)
    assert portfolio is not None
    assert check_portfolio(portfolio.path, tables) == []
    assert portfolio.table("visits")["minutes"].to_list() == [20, 20]


def test_missing_stays_missing_and_money_is_exact(tmp_path: Path) -> None:
    mapping = MAPPING.replace('file = "loans.csv"', 'file = "loans.csv"\nmissing = ["NA"]\ndecimal = ","').replace(
        '{ from = "pays"', "{ from = \"coalesce(pays, 'M')\""
    )
    text = LOANS.replace("300.00", '"1.234,50"').replace("200.00", "0").replace(",W", ",NA")
    found = faults(tmp_path, mapping, loans=text)
    assert [fault.where for fault in found] == ["loans.amount"]  # zero is no amount; 1.234,50 is one
    portfolio, _ = made(tmp_path, mapping, loans=text.replace(",0,", ",7,"))
    assert portfolio.table("loans")["amount"].to_list() == [Decimal("1234.50"), Decimal("7.00")]
    assert portfolio.table("loans")["frequency"].to_list() == ["monthly", "monthly"]


def test_several_derivations_fill_one_table(tmp_path: Path) -> None:
    second = MAPPING + (
        '\n[[tables.loan_events]]\nfrom = "loans"\nid = "id || \'-closed\'"\nevent_at = "lent"\nknown_rule = "event"\n'
        'loan_id = "id"\nkind = { constant = "books_closed" }\n'
        '\n[[tables.loan_events]]\nfrom = "loans"\ndrop = [{ when = "id <> \'L1\'", because = "only one was" }]\n'
        'id = "id || \'-moved\'"\nevent_at = "lent"\nknown_at = "lent"\nloan_id = "id"\n'
        'kind = { constant = "restructured" }\nreason = { constant = "relief" }\n'
    )
    portfolio, report = made(tmp_path, second)
    events = portfolio.table("loan_events").select("id", "kind", "reason", "known_inferred").rows()
    assert events == [
        ("L1-closed", "books_closed", None, True),
        ("L1-moved", "restructured", "relief", False),
        ("L2-closed", "books_closed", None, True),
    ]
    assert list(report.dropped()) == [("loan_events[2]", 1, "only one was")]
    assert ("loan_events[1]", 2, "event") in list(report.inferred())


def test_a_column_called_source_is_no_source(tmp_path: Path) -> None:
    debts = MAPPING + (
        '\n[tables.obligations]\nfrom = "loans"\nid = "id"\nevent_at = "lent"\nknown_rule = "event"\n'
        'member_id = "member"\nlender_kind = { constant = "ngo" }\nsource = { constant = "declared" }\n'
        'instalment = "amount"\nfrequency = { constant = "fortnightly" }\ncurrency = "currency"\n'
    )
    portfolio, _ = made(tmp_path, debts)
    assert portfolio.table("obligations")["source"].to_list() == ["declared", "declared"]


def test_moments_of_another_zone_become_local(tmp_path: Path) -> None:
    payments = PAYMENTS.replace("2024-02-08 10:00:00", "2024-02-08T03:00:00Z").replace("11:30:00", "11:30:00-05:00")
    with_offset = MAPPING.replace('paid = "timestamp"', 'paid = { type = "timestamp", zone = "offset" }')
    portfolio, _ = made(tmp_path, with_offset, payments=payments)
    assert portfolio.table("payments")["event_at"].to_list() == [
        datetime(2024, 2, 7, 22), datetime(2024, 3, 1, 11, 30)
    ]  # fmt: skip
    in_utc = MAPPING.replace('paid = "timestamp"', 'paid = { type = "timestamp", zone = "UTC" }')
    portfolio, _ = made(tmp_path, in_utc)
    assert portfolio.table("payments")["event_at"][0] == datetime(2024, 2, 8, 5)


def test_an_offset_without_a_zone_is_a_fault(tmp_path: Path) -> None:
    found = faults(tmp_path, payments=PAYMENTS.replace("10:00:00", "10:00:00Z"))
    assert found[0].where == "sources.payments.paid"


def test_points_part_thousands_only_in_threes(tmp_path: Path) -> None:
    comma = MAPPING.replace('file = "loans.csv"', 'file = "loans.csv"\ndecimal = ","')
    found = faults(tmp_path, comma, loans=LOANS.replace("300.00", "1.5").replace("200.00", "1.500"))
    assert found[0] == Fault(
        "sources.loans.amount",
        "1 value cannot be read as money (row 1).",
        "Write amounts with at most two decimals, or say rounded = true; decimal = ',' where that is the mark.",
    )


def test_packed_csv_and_parquet(tmp_path: Path) -> None:
    plain, _ = made(tmp_path)
    write(tmp_path)
    pl.read_csv(tmp_path / "loans.csv", infer_schema=False).with_columns(
        pl.col("amount").cast(pl.Decimal(18, 2)), pl.col("lent").str.to_date()
    ).write_parquet(tmp_path / "loans.parquet")
    (tmp_path / "payments.csv.gz").write_bytes(gzip.compress(PAYMENTS.encode()))
    mapping = MAPPING.replace('"loans.csv"', '"loans.parquet"').replace('"payments.csv"', '"payments.csv.gz"')
    (tmp_path / "mapping.toml").write_text(mapping, "utf-8")
    other, _ = ingest_tables(tmp_path / "mapping.toml", tmp_path / "packed", tmp_path)
    assert other is not None
    assert other.manifest.content_hash == plain.manifest.content_hash


def test_a_float_is_no_money_unless_it_is_to_be_rounded(tmp_path: Path) -> None:
    write(tmp_path)
    pl.read_csv(tmp_path / "loans.csv", infer_schema=False).with_columns(
        pl.col("amount").cast(pl.Float64) + 0.005, pl.col("lent").str.to_date()
    ).write_parquet(tmp_path / "loans.parquet")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING.replace('"loans.csv"', '"loans.parquet"'), "utf-8")
    with pytest.raises(InvalidInput) as caught:
        ingest_tables(mapping, tmp_path / "out", tmp_path)
    assert [(fault.where, fault.what) for fault in caught.value.faults] == [
        ("sources.loans.columns.amount", "is of type DOUBLE, and cannot be read as money.")
    ]
    text = mapping.read_text("utf-8")
    mapping.write_text(
        text.replace(
            'amount = "money", currency = "text", lent',
            'amount = { type = "money", rounded = true }, currency = "text", lent',
        ),
        "utf-8",
    )
    portfolio, _ = ingest_tables(mapping, tmp_path / "out", tmp_path)
    assert portfolio is not None
    assert portfolio.table("loans")["amount"].to_list() == [Decimal("300.01"), Decimal("200.01")]


def test_a_dry_run_leaves_nothing(tmp_path: Path) -> None:
    write(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    command = ["ingest", "tables", str(tmp_path / "mapping.toml"), str(tmp_path / "out"), "--data", str(tmp_path)]
    done = CliRunner().invoke(app, [*command, "--dry-run", "--key", str(tmp_path / "bank.key"), "--new-key"])
    assert done.exit_code == 0, done.output
    assert re.search(r"^payments +payments +2 +2 +0$", done.stdout, re.MULTILINE)
    assert "dry run: nothing was written" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_the_command_tells_faults_with_exit_code_1(tmp_path: Path) -> None:
    write(tmp_path, payments=PAYMENTS.replace("PEN", "USD"))
    command = ["ingest", "tables", str(tmp_path / "mapping.toml"), str(tmp_path / "out"), "--data", str(tmp_path)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1
    assert "is not the portfolio's PEN (id P1, P2)." in done.stderr


def test_the_key_never_lies_inside_the_portfolio(tmp_path: Path) -> None:
    write(tmp_path)
    out = tmp_path / "out"
    command = ["ingest", "tables", str(tmp_path / "mapping.toml"), str(out), "--data", str(tmp_path)]
    done = CliRunner().invoke(app, [*command, "--key", str(out / "bank.key"), "--new-key"])
    assert done.exit_code == 1
    assert "lies inside the portfolio" in done.stderr
    assert not out.exists()


def test_a_link_that_stands_at_out_stays(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    command = ["ingest", "tables", str(tmp_path / "mapping.toml"), str(tmp_path / "out"), "--data", str(tmp_path)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "disk" / "portfolio.json").exists()
    assert done.stdout.splitlines()[-1] == f"{tmp_path / 'disk'}.ingest/report.md"
    assert (tmp_path / "disk.ingest" / "report.md").exists()
