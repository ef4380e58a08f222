"""What is held of a member: handed over whole, erased everywhere, and the chain as whole as before."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.errors import InvalidInput, NotFound
from riskscore.service.access import Access, Place
from riskscore.service.database import Database
from riskscore.service.decisions import decide, decisions
from riskscore.service.erasure import erase, export
from riskscore.service.records import Records
from riskscore.service.replay import replay
from riskscore.service.sessions import Sessions
from riskscore.service.settings import Settings
from riskscore.service.upgrade import HEAD
from riskscore.service.verification import verify
from tests.unit.service.desks import SCORE
from tests.unit.service.stores import DECISION, OFFICER, at, fill, of
from tests.unit.service.test_service_records import record

#: An id, an income and words that stand nowhere else.
HER, INCOME, WORDS = "M-CANARY-7", 7654321.25, "CANARY-WORDS"


def hers(database: Database) -> None:
    """Her score, seen, asked about and decided on, with a token of her own."""
    records = Records(database)
    one = of(HER, "s_7")
    records.append(replace(one, values=one.values | {"business_revenue": INCOME}), OFFICER)
    records.seen("s_7", OFFICER, "page")
    records.what_if("s_7", OFFICER, {"amount": 300.0}, {"surplus": INCOME})
    decide(database, replace(DECISION, score_id="s_7", opinion=WORDS), OFFICER, clock=at())
    Access(database).grant("member", "self", HER)


def everything(database: Database) -> str:
    """Return every value of every table as text."""
    with database.read() as connection:
        names = sa.inspect(connection).get_table_names()
        return json.dumps(
            [[list(map(str, row)) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")] for name in names]
        )


def test_all_that_is_held_of_her_is_handed_over_and_nothing_of_anybody_else(database):
    fill(database)
    hers(database)
    found = export(database, HER)
    assert [(one["kind"], one["score_id"]) for one in found["records"]] == [
        (kind, "s_7") for kind in ("score", "access", "access", "what_if", "decision")
    ]
    assert found["records"][0]["content"]["values"]["business_revenue"] == INCOME
    assert found["records"][0]["content"]["request"] == record().request
    assert found["records"][1]["content"] == {"role": "officer", "action": "asked"}
    assert found["records"][4]["content"]["opinion"] == WORDS
    assert list(found["contexts"].values()) == [record().context]
    assert [token["role"] for token in found["tokens"]] == ["member"]
    text = json.dumps(found)
    assert '"M1"' not in json.dumps([one["content"]["place"] for one in found["records"] if one["kind"] == "score"])
    assert "s_1" not in text
    assert "t_1" not in text  # who of the staff it was is not hers to be told by a token
    # That it was handed over is itself on record, and in the next one.
    assert export(database, HER)["records"][-1]["content"] == {"role": "records", "action": "export"}


def test_what_is_erased_is_gone_everywhere_and_the_chain_still_verifies(database):
    fill(database)
    hers(database)
    before = verify(database)
    assert all(canary in everything(database) for canary in (HER, str(INCOME), WORDS))
    done = erase(database, HER, reason="asked for by herself")
    assert (done.records, done.tokens, done.overwritten) == (5, 1, True)
    left = everything(database)
    assert not any(canary in left for canary in (HER, str(INCOME), WORDS))
    after = verify(database, since=(before.entries, before.hash))
    assert (after.entries, after.erased) == (before.entries + 1, 5)
    records = Records(database)
    assert records.get("s_7") is None
    assert records.sightings("s_7") == ()
    assert decisions(database, "s_7") == ()
    assert records.get("s_1") == of("M1", "s_1")  # another's stay
    assert len(decisions(database)) == 1


def test_her_bytes_are_not_in_the_files_any_more(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'records.db'}")
    hers(database)
    files = sorted(tmp_path.glob("records.db*"))
    assert any(HER.encode() in file.read_bytes() for file in files)
    erase(database, HER, reason="asked for by herself")
    for file in tmp_path.glob("records.db*"):
        content = file.read_bytes()
        assert not any(canary.encode() in content for canary in (HER, str(INCOME), WORDS))


def test_her_token_opens_nothing_any_more(database):
    hers(database)
    access = Access(database)
    token, _ = access.grant("member", "self", HER)
    sessions = Sessions(database)
    cookie = sessions.enter(access.link(token))
    erase(database, HER, reason="asked for by herself")
    assert access.of_token(token) is None
    assert sessions.of(cookie) is None


def test_an_erased_score_replays_as_erased(database, address):
    hers(database)
    done = erase(database, HER, reason="asked for by herself")
    found = replay("s_7", Settings(records=address))
    assert (found.score_id, found.entry, found.at) == ("s_7", done.entry, done.at)


def test_after_an_erasure_she_may_be_scored_and_erased_again(database):
    hers(database)
    erase(database, HER, reason="asked for by herself")
    Records(database).seen("s_7", OFFICER, "page")  # by whoever had it open: about nobody any more
    Records(database).append(of(HER, "s_8"), OFFICER)
    assert erase(database, HER, reason="asked for by herself").records == 2
    assert HER not in everything(database)
    assert verify(database).erased == 7


def test_a_group_she_is_in_keeps_its_own_records(database):
    group = replace(record("s_g"), place=Place("B1", None, "B1", "N"), score={**SCORE, "subject": "B1"})
    Records(database).append(group, OFFICER)
    hers(database)
    erase(database, HER, reason="asked for by herself")
    assert Records(database).get("s_g") == group


@pytest.mark.parametrize("reason", ["", "  ", f"{HER} asked", "x" * 501])
def test_a_reason_is_given_and_names_nobody(database, reason):
    hers(database)
    with pytest.raises(InvalidInput, match="reason") as caught:
        erase(database, HER, reason=reason)
    assert HER not in str(caught.value)
    assert verify(database).erased == 0


@pytest.mark.parametrize("act", [export, lambda database, who: erase(database, who, reason="asked for")])
def test_nobody_is_named_where_nothing_is_held(database, act):
    with pytest.raises(NotFound, match="Nothing is held of this subject") as caught:
        act(database, HER)
    assert HER not in str(caught.value)
    assert verify(database).entries == 0


def run(*arguments: str):
    return CliRunner().invoke(app, ["records", *arguments])


def test_the_commands(tmp_path, monkeypatch):
    address = f"sqlite:///{tmp_path / 'records.db'}"
    monkeypatch.setenv("RISKSCORE_RECORDS", address)
    assert run("upgrade").output == f"revision {HEAD}\n"
    hers(Database(address))
    head = verify(Database(address))
    told = run("verify")
    assert (told.exit_code, told.stdout) == (0, f"{head.entries}:{head.hash}\n")
    out = tmp_path / "hers.json"
    assert run("export", HER, "--out", str(out)).exit_code == 0
    assert len(json.loads(out.read_text("utf-8"))["records"]) == 5
    assert out.stat().st_mode & 0o777 == 0o600
    done = run("erase", HER, "--reason", "asked for by herself")
    assert (done.exit_code, done.stdout) == (0, "entry 7: 6 records erased, 1 tokens ended\n")
    assert run("verify", "--head", told.stdout.strip()).exit_code == 0
    replayed = CliRunner().invoke(app, ["replay", "s_7"])
    assert replayed.exit_code == 0
    assert replayed.stdout.startswith("s_7  erased on 20")
    database = Database(address)
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER entries_no_update")
        connection.exec_driver_sql("UPDATE entries SET kind = 'refusal' WHERE sequence = 4")
    broken = run("verify")
    assert broken.exit_code == 1
    assert "records: entry 4" in broken.stderr
    for result in (told, done, replayed, broken):
        assert not any(canary in result.output for canary in (HER, str(INCOME), WORDS))


def test_no_error_of_the_database_repeats_what_it_was_given(database):
    hers(database)
    with pytest.raises(sa.exc.IntegrityError) as caught:
        Records(database).append(of(HER, "s_7"), OFFICER)
    assert not any(canary in str(caught.value) for canary in (HER, str(INCOME), WORDS))


def test_nothing_of_a_person_is_logged(database, caplog):
    caplog.set_level(0)
    hers(database)
    export(database, HER)
    erase(database, HER, reason="asked for by herself")
    assert not any(canary in caplog.text for canary in (HER, str(INCOME), WORDS))


def test_the_files_of_records_are_the_owners_alone(tmp_path):
    hers(Database(f"sqlite:///{tmp_path / 'records.db'}"))
    assert {Path(file).stat().st_mode & 0o777 for file in tmp_path.glob("records.db*")} == {0o600}
