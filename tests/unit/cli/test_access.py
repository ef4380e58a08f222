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
from riskscore.service.sessions import Sessions
from tests.unit.service.providers import TOML


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
    sessions = Sessions(Database(f"sqlite:///{tmp_path / 'records.db'}"))
    assert sessions.enter(query["key"][0]) is not None
    assert sessions.enter(query["key"][0]) is None


def test_no_link_for_a_token_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKSCORE_TOKEN", "nonsense")
    code, printed, err = run("link")
    assert (code, printed) == (1, "")
    assert "Grant a new one" in err
    assert "nonsense" not in err


def test_sessions_are_listed_and_ended_by_name(tmp_path: Path) -> None:
    _, token, _ = run("grant", "officer", "all")
    database = Database(f"sqlite:///{tmp_path / 'records.db'}")
    given = Access(database).of_token(token.strip())
    assert given is not None
    cookie = Sessions(database).open(given)
    code, listed, _ = run("sessions")
    named = re.search("b_[0-9a-f]{12}", listed)
    assert code == 0
    assert named is not None
    assert given.token_id in listed
    assert cookie not in listed
    assert run("end", named[0])[:2] == (0, f"{named[0]} ended\n")
    assert Sessions(database).of(cookie) is None
    code, _, said = run("end", named[0])
    assert code == 1
    assert "access sessions" in said


def test_a_person_of_the_provider_is_named_shut_out_and_let_in_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("person", "7d1c-canary-subject")[0] == 1  # none is described
    (tmp_path / "oidc.toml").write_text(TOML.format(jwks="keys.json"), "utf-8")
    monkeypatch.setenv("RISKSCORE_OIDC", str(tmp_path / "oidc.toml"))
    code, named, _ = run("person", "7d1c-canary-subject")
    token_id = named.strip()
    assert code == 0
    assert re.fullmatch("o_[0-9a-f]{16}", token_id)
    assert run("person", "7d1c-canary-subject")[1] == named
    assert run("restore", token_id)[0] == 1
    assert run("revoke", token_id)[0] == 0
    assert Access(Database(f"sqlite:///{tmp_path / 'records.db'}")).shut_out(token_id)
    assert run("restore", token_id)[0] == 0
