"""What `riskscore features --explain` prints about a member of a small hand-made bank, and what it keeps to itself."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from riskscore.cli import app, printing
from riskscore.portfolio import write_portfolio

START = {"event_at": datetime(2024, 1, 2), "known_at": datetime(2024, 1, 2)}
SAVINGS = [
    ("V1", "ana", "deposit", "10.00", datetime(2024, 2, 1, 10), datetime(2024, 2, 1, 18)),
    ("V2", "ana", "deposit", "30.50", datetime(2024, 5, 2, 10), datetime(2024, 5, 2, 18)),
    ("V3", "ana", "withdrawal", "8.10", datetime(2024, 5, 9, 10), datetime(2024, 5, 9, 18)),
    ("V4", "ana", "deposit", "77.00", datetime(2024, 5, 30, 10), datetime(2024, 6, 2, 18)),
    ("V5", "bea", "deposit", "55.00", datetime(2024, 5, 2, 10), datetime(2024, 5, 2, 18)),
]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("portfolio") / "bank"
    ids = ["ana", "bea"]
    write_portfolio(
        folder,
        {
            "members": pl.DataFrame({"id": ids, "joined_on": date(2024, 1, 2), "branch_id": "BR", **START}),
            "groups": pl.DataFrame(
                {
                    "id": ["CB", "SG"],
                    "kind": ["communal_bank", "solidarity_group"],
                    "parent_id": [None, "CB"],
                    "branch_id": "BR",
                    "formed_on": date(2024, 1, 2),
                    **START,
                }
            ),
            "memberships": pl.DataFrame(
                {
                    "id": ["S1", "S2"],
                    "member_id": ids,
                    "group_id": "SG",
                    "valid_from": date(2024, 1, 2),
                    "valid_to": pl.Series([None, None], dtype=pl.Date),
                    **START,
                }
            ),
            "savings": pl.DataFrame(
                [
                    {
                        "id": i,
                        "member_id": m,
                        "kind": k,
                        "amount": Decimal(a),
                        "currency": "PEN",
                        "event_at": e,
                        "known_at": n,
                    }
                    for i, m, k, a, e, n in SAVINGS
                ]
            ).cast({"amount": pl.Decimal(18, 2)}),
        },
        currency="PEN",
        country="PE",
        time_zone="America/Lima",
        data_date=date(2024, 6, 30),
    )
    return folder


def run(*arguments: object, width: int = 100) -> Result:
    texts = [str(argument) for argument in arguments]
    before, printing.out.width = printing.out.width, width  # a console keeps the width it was imported with
    try:
        return CliRunner().invoke(app, ["features", *texts])
    finally:
        printing.out.width = before


def lines(result: Result) -> list[str]:
    assert result.exit_code == 0, result.stderr
    return [line.rstrip() for line in result.stdout.splitlines()]


def test_the_rows_behind_a_value_are_printed(bank: Path) -> None:
    printed = lines(run(bank, "--explain", "ana", "--as-of", "2024-06-01", "--feature", "savings_withdrawn_60d_share"))
    assert printed == [
        "ana as of 2024-06-01: what had happened before it and was on record by then",
        "No application on record by then: fields of a request are missing.",
        "",
        "savings · the member · everything before the moment, by event_at",
        "  3 rows",
        "  id  happened          known             amount  kind",
        "  " + "─" * 58,
        "  V1  2024-02-01 10:00  2024-02-01 18:00   10.00  deposit",
        "  V2  2024-05-02 10:00  2024-05-02 18:00   30.50  deposit",
        "  V3  2024-05-09 10:00  2024-05-09 18:00    8.10  withdrawal",
        "  savings_withdrawn_60d_share = 0.2  Share of savings withdrawn in 60 days",
        "      SUM(amount) FILTER(WHERE kind = 'withdrawal' AND event_at >= as_of - INTERVAL '60' DAY) = 8.10",
        "      SUM(CASE WHEN kind = 'deposit' THEN amount ELSE -amount END) = 32.40",
        "  Not counted: 1 recorded later",
    ]


def test_a_narrow_terminal_gets_lines_instead_of_a_table_in_spanish(bank: Path) -> None:
    asked = ("--explain", "ana", "--as-of", "2024-06-01", "--feature", "group_savings", "--lang", "es")
    printed = lines(run(bank, *asked, width=44))
    assert "savings · la socia · todo lo anterior al" in printed
    assert "  - id V1 · ocurrió 2024-02-01 10:00 ·" in printed
    assert "  No contadas: 1 registradas después" in printed
    assert max(len(line) for line in printed) <= 44


@pytest.mark.slow
def test_the_whole_catalogue_names_no_neighbour_and_no_protected_trait(bank: Path) -> None:
    for form in ((), ("--json",)):
        result = run(bank, "--explain", "ana", "--as-of", "2024-06-01", *form)
        assert result.exit_code == 0, result.stderr
        assert "savings_regularity" in result.stdout
        assert "bea" not in result.stdout
        assert "age_years" not in result.stdout
    assert "Protected traits are shown about nobody, and are left out: " in run(bank, "--explain", "ana").stdout


def test_a_machine_gets_every_digit(bank: Path) -> None:
    asked = ("--explain", "ana", "--as-of", "2024-06-01", "--feature", "savings_withdrawn_60d_share", "--json")
    (found,) = json.loads(run(bank, *asked).stdout)["features"]
    assert found["value"] == 8.10 / 40.50
    assert found["rows"][2] == {
        "id": "V3",
        "event_at": "2024-05-09T10:00:00",
        "known_at": "2024-05-09T18:00:00",
        "amount": "8.10",
        "kind": "withdrawal",
    }
    assert found["not_counted"] == [{"table": "savings", "why": "known_later", "rows": 1}]


def test_a_recipe_narrows_to_what_its_model_may_learn_from(bank: Path) -> None:
    found = json.loads(run(bank, "--explain", "ana", "--recipe", "member_default", "--json").stdout)["features"]
    names = {one["feature"] for one in found}
    assert {"savings_to_loan", "group_savings", "bank_size"} <= names
    assert "solidarity_size" not in names


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--explain", "nobody"), "There was no member and no group 'nobody' on record"),
        (("--explain", "ana", "--feature", "age_years"), "It is a protected trait, which is shown about nobody."),
        (("--explain", "ana", "--feature", "group_saving"), "Did you mean group_savings?"),
        (("--explain", "ana", "--as-of", "2024-09-01"), "lies ahead of what the portfolio knows."),
    ],
)
def test_what_cannot_be_explained_is_a_fault(bank: Path, arguments: tuple[str, ...], said: str) -> None:
    result = run(bank, *arguments, width=200)
    assert result.exit_code == 1
    assert said in result.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "--recipe"),
        (("--recipe", "member_default"), "--out"),
        (("--catalogue",), "--out"),
        (("--json",), "--explain"),
    ],
)
def test_what_a_way_of_the_command_needs_is_named(bank: Path, arguments: tuple[str, ...], named: str) -> None:
    result = run(bank, *arguments)
    assert result.exit_code == 2
    assert named in result.stderr


def test_the_catalogue_is_a_page_in_either_form(tmp_path: Path) -> None:
    for name, opening in (("c.md", "# Catálogo de variables"), ("c.html", "<!doctype html>")):
        assert run("--catalogue", "--out", tmp_path / name, "--lang", "es").exit_code == 0
        assert (tmp_path / name).read_text("utf-8").startswith(opening)
    assert run("--catalogue", "--out", tmp_path / "c.pdf").exit_code == 2
