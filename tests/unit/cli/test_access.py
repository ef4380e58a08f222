"""Tokens by the command line: made, shown once, listed without their secret, ended."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.service.access import Access
from riskscore.service.database import Database


@pytest.fixture(autouse=True)
def _records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKSCORE_RECORDS", f"sqlite:///{tmp_path / 'records.db'}")


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["access", *arguments], env={"COLUMNS": "200"})
    return result.exit_code, result.stdout, result.stderr


def test_grant_prints_the_token_alone_so_that_a_script_can_read_it() -> None:
    code, out, err = run("grant", "officer", "branch:B03", "--days", "90")
    assert code == 0
    assert len(out.split()) == 1
    assert "officer, branch:B03" in err
    assert out.strip() not in err


def test_list_shows_roles_and_scopes_and_no_secret() -> None:
    _, token, _ = run("grant", "committee", "group:G007")
    _, listed, _ = run("list")
    assert "committee" in listed
    assert "group:G007" in listed
    assert token.strip() not in listed


def test_revoke_ends_the_token_that_list_names() -> None:
    run("grant", "analyst", "all")
    _, listed, _ = run("list")
    assert listed.split()[-1] == "never"
    assert run("revoke", listed.splitlines()[-1].split()[0])[0] == 0
    _, after, _ = run("list")
    assert after.split()[-2] == "never"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", after.split()[-1])


def test_a_role_with_too_wide_a_scope_is_refused() -> None:
    code, out, err = run("grant", "committee", "all")
    assert code == 1
    assert out == ""
    assert "committee" in err


def test_a_setting_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKSCORE_POLL_SECONDS", "often")
    code, _, err = run("list")
    assert code == 2
    assert "RISKSCORE_POLL_SECONDS" in err
    assert "often" not in err


def test_an_unknown_token_is_refused_with_the_remedy() -> None:
    code, _, err = run("revoke", "t_none")
    assert code == 1
    assert "access list" in err


def test_everyone_takes_no_id() -> None:
    code, out, err = run("grant", "officer", "all:B03")
    assert (code, out) == (1, "")
    assert "takes no id" in err


def test_days_beyond_the_calendar_are_a_matter_of_usage() -> None:
    code, out, _ = run("grant", "officer", "all", "--days", "9999999")
    assert (code, out) == (2, "")


def test_a_link_enters_once_and_holds_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token, _ = run("grant", "committee", "group:G007")
    monkeypatch.setenv("RISKSCORE_TOKEN", token.strip())
    code, printed, _ = run("link", "--next", "/scores/s_1", "--url", "http://127.0.0.1:3999/")
    parts = urlsplit(printed.strip())
    query = parse_qs(parts.query)
    assert (code, parts.netloc, parts.path, query["next"]) == (0, "127.0.0.1:3999", "/enter", ["/scores/s_1"])
    assert token.strip() not in printed
    access = Access(Database(f"sqlite:///{tmp_path / 'records.db'}"))
    assert access.enter(query["key"][0]) is not None
    assert access.enter(query["key"][0]) is None


def test_no_link_for_a_token_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKSCORE_TOKEN", "nonsense")
    code, printed, err = run("link")
    assert (code, printed) == (1, "")
    assert "Grant a new one" in err
    assert "nonsense" not in err
