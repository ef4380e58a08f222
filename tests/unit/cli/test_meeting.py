"""`riskscore report meeting` and `riskscore records decisions`: files out, and decisions in."""

from __future__ import annotations

import json
import stat
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.service.decisions import decisions
from riskscore.service.pages import Pages
from tests.unit.service.desks import STARTER_RULES, PlainDesk, build
from tests.unit.service.test_service_meeting import LINE, ask, file_of
from tests.unit.service.test_service_meeting_files import PASSPHRASE, inside
from tests.unit.service.third_language import serving_with_quechua

RUN = CliRunner()


@pytest.fixture
def house(tmp_path, monkeypatch):
    made = build(tmp_path, PlainDesk())
    ask(made, "M1", "M2")
    monkeypatch.setattr("riskscore.service.written_meeting.assemble", lambda _: made.service)
    monkeypatch.setattr("riskscore.service.entered_file.assemble", lambda _: made.service)
    monkeypatch.setenv("RISKSCORE_RECORDS", f"sqlite:///{tmp_path / 'records.db'}")
    monkeypatch.delenv("RISKSCORE_PASSPHRASE", raising=False)
    monkeypatch.setattr("riskscore.service.database.now", lambda: "2026-02-04T12:00:00.000000+00:00")
    return made


def test_both_files_are_written_for_their_owner_alone(house, tmp_path):
    out = tmp_path / "meeting"
    done = RUN.invoke(app, ["report", "meeting", "B1", "--out", str(out)], input=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert done.exit_code == 0, done.output
    assert "2 members were not yet spoken with" in done.output
    assert PASSPHRASE not in done.output
    assert sorted(path.name for path in out.iterdir()) == ["committee.html", "officer.html"]
    for path in out.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "Sus cuotas pasan el límite." in inside((out / "officer.html").read_text("utf-8"))


def test_the_files_are_in_a_language_that_the_pages_speak(house, tmp_path, monkeypatch):
    monkeypatch.setenv("RISKSCORE_PASSPHRASE", PASSPHRASE)
    asked = ["report", "meeting", "B1", "--lang", "qu", "--out"]
    refused = RUN.invoke(app, [*asked, str(tmp_path / "refused")])
    assert refused.exit_code == 1
    assert "The pages do not speak 'qu'." in refused.output
    assert not (tmp_path / "refused").exists()
    spoken = replace(house.service, pages=Pages(serving_with_quechua(tmp_path)))
    monkeypatch.setattr("riskscore.service.written_meeting.assemble", lambda _: spoken)
    done = RUN.invoke(app, [*asked, str(tmp_path / "written")])
    assert done.exit_code == 0, done.output
    assert '<html lang="qu">' in (tmp_path / "written" / "committee.html").read_text("utf-8")
    officer = inside((tmp_path / "written" / "officer.html").read_text("utf-8"))
    assert '<li lang="es">Sus cuotas pasan el límite.</li>' in officer


def test_a_weak_passphrase_or_an_unknown_group_writes_nothing(house, tmp_path, monkeypatch):
    out = tmp_path / "meeting"
    monkeypatch.setenv("RISKSCORE_PASSPHRASE", "corta")
    weak = RUN.invoke(app, ["report", "meeting", "B1", "--out", str(out)])
    assert (weak.exit_code, "corta" in weak.output) == (1, False)
    monkeypatch.setenv("RISKSCORE_PASSPHRASE", PASSPHRASE)
    unknown = RUN.invoke(app, ["report", "meeting", "B77", "--out", str(out)])
    assert unknown.exit_code == 1
    assert "There is no such communal bank." in unknown.output
    assert not out.exists()


def test_decisions_of_a_file_are_entered_once(house, tmp_path):
    file = tmp_path / "decisions.json"
    line = LINE | {"decided_on": "2026-02-02"}
    file.write_text(json.dumps(file_of(line)), "utf-8")
    for _ in range(2):
        done = RUN.invoke(app, ["records", "decisions", str(file)])
        assert done.exit_code == 0, done.output
    (kept,) = decisions(house.records.database)
    assert (kept.entered_by, kept.decision.amount_approved) == ("command", 280.0)


def test_a_file_with_a_fault_enters_nothing(house, tmp_path):
    file = tmp_path / "decisions.json"
    file.write_text(json.dumps(file_of(LINE, LINE | {"key": "2", "amount_approved": 600.0})), "utf-8")
    done = RUN.invoke(app, ["records", "decisions", str(file)])
    assert done.exit_code == 1
    assert "decisions[1].reason" in done.output
    assert decisions(house.records.database) == ()


def test_rules_that_ask_for_a_reason_are_answered_here_too(tmp_path, monkeypatch):
    """Both members are late: the starter's G05 asks a committee."""
    made = build(tmp_path, PlainDesk(rules=STARTER_RULES))
    ask(made, "M1", "M2")
    monkeypatch.setattr("riskscore.service.entered_file.assemble", lambda _: made.service)
    file = tmp_path / "decisions.json"
    for reason, code, rules in ((None, 1, []), ("Ya pagaron.", 0, [("G05",)])):
        file.write_text(json.dumps(file_of(LINE | {"decided_on": "2026-02-02", "reason": reason})), "utf-8")
        done = RUN.invoke(app, ["records", "decisions", str(file)])
        assert (done.exit_code, "rule G05" in done.output) == (code, code == 1), done.output
        assert [one.rules for one in decisions(made.records.database)] == rules


def test_where_nothing_is_served_it_says_that_no_rule_was_looked_at(house, tmp_path):
    file = tmp_path / "decisions.json"
    file.write_text(json.dumps(file_of(LINE | {"decided_on": "2026-02-02"})), "utf-8")
    assert "Rules of the policy were not looked at" not in RUN.invoke(app, ["records", "decisions", str(file)]).output
    house.source.held, house.source.mark = RuntimeError("gone"), 2
    house.service.state._desks = None
    done = RUN.invoke(app, ["records", "decisions", str(file)])
    assert (done.exit_code, "Rules of the policy were not looked at" in " ".join(done.output.split())) == (0, True)
