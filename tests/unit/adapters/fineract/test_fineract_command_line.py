"""`riskscore ingest fineract`, as a data engineer runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from tests.unit.adapters.fineract.conftest import Core, name

ASKED = ["--country", "BO", "--time-zone", "America/La_Paz"]


@pytest.mark.slow
def test_a_core_is_ingested_and_checked(core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINERACT", core.url)
    out, key = tmp_path / "bank", tmp_path / "keys" / "institution.key"
    asked = ["ingest", "fineract", "env:FINERACT", str(out), *ASKED, "--key", str(key)]
    # A key that was named is never made unasked: a slip would give everyone another pseudonym.
    slip = CliRunner().invoke(app, asked)
    assert (slip.exit_code, key.exists()) == (1, False)
    run = CliRunner().invoke(app, [*asked, "--new-key"])
    assert run.exit_code == 0, run.output
    for words in ("PAR30 30.30%", "rescheduled", "GLIM", "cannot be seen", "report in bank.ingest"):
        assert words in run.stdout
    assert key.stat().st_mode & 0o077 == 0
    assert CliRunner().invoke(app, ["check", str(out)]).exit_code == 0
    report = tmp_path / "bank.ingest"
    assert sorted(path.name for path in report.iterdir()) == ["reconciliation.csv", "report.md"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in report.iterdir())
    # Its own key: other pseudonyms than with another.
    assert name("loan", 9) not in (report / "reconciliation.csv").read_text()
    # Once more, with the key that is there.
    again = CliRunner().invoke(app, ["ingest", "fineract", core.url, str(out), *ASKED, "--key", str(key)])
    assert again.exit_code == 0
    assert again.stdout.splitlines()[-1] == run.stdout.splitlines()[-1]


def test_what_is_wrong_is_said_with_code_1(core: Core, tmp_path: Path) -> None:
    core.execute("ALTER TABLE m_loan DROP COLUMN client_id", "DROP TABLE m_office")
    arguments = [
        "ingest",
        "fineract",
        core.url,
        str(tmp_path / "bank"),
        *ASKED,
        "--key",
        str(tmp_path / "key"),
        "--new-key",
    ]
    run = CliRunner().invoke(app, arguments)
    assert run.exit_code == 1
    assert run.stderr.splitlines()[-7:-5] == ["2 faults", "  m_office"]
    wrong = CliRunner().invoke(app, [*arguments[:-4], "Mars/Olympus", *arguments[-3:-1]])
    assert wrong.exit_code == 1
    assert "no IANA zone" in wrong.stderr


def test_a_key_inside_the_portfolio_is_refused(tmp_path: Path) -> None:
    key = str(tmp_path / "bank" / "key")
    arguments = ["ingest", "fineract", "postgresql://nobody@127.0.0.1:1/x", str(tmp_path / "bank"), "--key", key]
    run = CliRunner().invoke(app, [*arguments, "--new-key"])
    assert run.exit_code == 1
    assert "apart from what it protects" in run.stderr
    assert not (tmp_path / "bank").exists()


def test_a_place_where_something_else_stands_is_not_touched(core: Core, tmp_path: Path) -> None:
    out = tmp_path / "bank"
    out.mkdir()
    (out / "mine.txt").write_text("kept")
    run = CliRunner().invoke(
        app, ["ingest", "fineract", core.url, str(out), *ASKED, "--key", str(tmp_path / "key"), "--new-key"]
    )
    assert run.exit_code == 1
    assert "is no portfolio" in run.stderr
    assert (out / "mine.txt").read_text() == "kept"


def test_the_short_form_makes_a_key_beside_the_portfolio_and_says_what_it_took_for_granted(
    core: Core, tmp_path: Path
) -> None:
    run = CliRunner().invoke(app, ["ingest", "fineract", core.url, str(tmp_path / "bank")])
    assert run.exit_code == 0, run.output
    assert "Taken to be BO, America/La_Paz, where BOB is at home." in run.stdout
    assert (tmp_path / "bank.key").stat().st_mode & 0o077 == 0
    core.execute("UPDATE m_loan SET currency_code = 'USD'")
    run = CliRunner().invoke(app, ["ingest", "fineract", core.url, str(tmp_path / "bank")])
    assert run.exit_code == 0, run.output
    assert "times stay in UTC" in run.stdout


def test_no_other_key_is_made_for_a_portfolio_whose_key_is_gone(core: Core, tmp_path: Path) -> None:
    asked = ["ingest", "fineract", core.url, str(tmp_path / "bank"), *ASKED]
    assert CliRunner().invoke(app, asked).exit_code == 0
    (tmp_path / "bank.key").rename(tmp_path / "backup.key")
    run = CliRunner().invoke(app, asked)
    assert run.exit_code == 1
    assert "is not there, and the portfolio bank is." in run.stderr
    assert not (tmp_path / "bank.key").exists()
    assert CliRunner().invoke(app, [*asked, "--key", str(tmp_path / "backup.key")]).exit_code == 0
