"""What a communal bank's score keeps of each member behind it: an entry of her own, handed over and erased as hers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from riskscore.errors import NotFound
from riskscore.modelling.artefact import Champion
from riskscore.service.access import Place
from riskscore.service.database import CONTENTS, ENTRIES, Database
from riskscore.service.desks import Desks
from riskscore.service.erasure import erase, export
from riskscore.service.records import Record, Records
from riskscore.service.replay import replay_record
from riskscore.service.serializer import Serializer
from riskscore.service.verification import verify
from tests.unit.service.associations import BANK_BODY
from tests.unit.service.bank_cases import CASE, ROWS, as_first_kept, bank_champion, desk_of_case
from tests.unit.service.desks import BODY, House, PlainDesk
from tests.unit.service.stores import OFFICER, of
from tests.unit.service.test_service_erasure import everything

AUDITOR = ("auditor", "all")


@pytest.fixture(scope="module")
def champion() -> Champion:
    return bank_champion()


@pytest.fixture(scope="module")
def scored(champion) -> Record:
    """A score of B1 as the service writes it."""
    found = desk_of_case(champion).score({"recipe": "group_default", "subject": "B1"}, None)
    return Record(
        score_id="s_b",
        place=Place("B1", None, "B1", "N"),
        score={"score_id": "s_b", **found.score},
        request=found.request,
        values=found.values,
        context=found.context,
        recorded_at="2026-02-02T12:00:00.000000+00:00",
        asked_by="t_1",
        behind=found.behind,
    )


@pytest.fixture
def house(make_house, champion) -> House:
    """s_1 is of the member M1, s_2 of her communal bank B1."""
    made = make_house(desk=Desks.of(PlainDesk(), desk_of_case(champion)), registry="the registry")
    for body in (BODY, BANK_BODY):
        assert made.client.post("/v1/scores", json=body, headers=made.headers("officer", "all")).status_code == 201
    return made


def entries(database: Database) -> list[tuple[str, str | None, str | None, str | None]]:
    """Return kind, record, score and subject of every entry, in order."""
    with database.read() as connection:
        rows = connection.execute(
            sa.select(ENTRIES.c.kind, CONTENTS.c.record_id, CONTENTS.c.score_id, CONTENTS.c.subject)
            .join(CONTENTS, CONTENTS.c.sequence == ENTRIES.c.sequence)
            .order_by(ENTRIES.c.sequence)
        )
        return [tuple(row) for row in rows]


# -- on record --------------------------------------------------------------------------------------------------------


def test_a_score_is_followed_by_an_entry_of_each_member_in_the_order_of_the_case(database, scored):
    Records(database).append(scored, OFFICER)
    assert entries(database) == [
        ("score", "s_b", "s_b", "B1"),
        ("access", None, "s_b", "B1"),
        *(("behind", None, "s_b", member) for member in ("M1", "M2", "M3", "M4")),
    ]
    found = Records(database).get("s_b")
    assert found == scored
    assert list(found.behind.items()) == list(ROWS.items())
    assert found.values["members"] == {"savings_untold": 1, "spare_untold": 0}
    verify(database)


def test_the_score_s_own_entry_holds_nothing_of_one_member(database, scored):
    Records(database).append(scored, OFFICER)
    with database.read() as connection:
        named = sa.select(CONTENTS.c.content).where(CONTENTS.c.record_id == "s_b")
        text = connection.execute(named).scalar_one()
    for member, row in ROWS.items():
        assert f'"{member}"' not in text
        assert not any(str(row[name]) in text for name in ("pd", "loan"))


def test_a_member_s_own_score_is_two_entries_as_before(database):
    Records(database).append(of("M1", "s_1"), OFFICER)
    assert entries(database) == [("score", "s_1", "s_1", "M1"), ("access", None, "s_1", "M1")]


def test_what_the_service_writes_is_computed_again_to_the_last_bit(house, champion):
    record = house.records.get("s_2")
    assert list(record.behind) == ["M1", "M2", "M3", "M4"]
    found = replay_record(record, champion)
    assert (found.same, found.erased, found.differences) == (True, 0, ())


def test_another_row_or_another_order_is_another_score(scored, champion):
    other = {**scored.behind, "M3": scored.behind["M3"] | {"pd": 0.5}}
    assert {"pd", "expected_in_arrears"} <= {
        one.where for one in replay_record(replace(scored, behind=other), champion).differences
    }
    turned = dict(zip(scored.behind, reversed(scored.behind.values()), strict=True))
    assert replay_record(replace(scored, behind=turned), champion).differences != ()


# -- handed over and erased -------------------------------------------------------------------------------------------


def test_her_own_part_is_handed_over_and_nothing_of_her_neighbours(database, scored):
    Records(database).append(scored, OFFICER)
    given = export(database, "M2")
    assert [(one["kind"], one["score_id"], one["content"]) for one in given["records"]] == [
        ("behind", "s_b", ROWS["M2"])
    ]
    assert given["contexts"] == {}
    text = json.dumps(given)
    for other in ("M1", "M3", "M4"):
        assert f'"{other}"' not in text
        assert str(ROWS[other]["pd"]) not in text


def test_erased_she_is_gone_from_her_bank_s_score_which_stays(database, scored, champion):
    records = Records(database)
    records.append(scored, OFFICER)
    before = verify(database)
    assert all(told in everything(database) for told in ("M2", "0.1723", "910.0"))
    done = erase(database, "M2", reason="asked for by herself")
    assert done.records == 1
    assert not any(told in everything(database) for told in ("M2", "0.1723", "910.0"))
    after = verify(database, since=(before.entries, before.hash))
    assert (after.entries, after.erased) == (before.entries + 1, 1)
    left = records.get("s_b")
    assert (left.score, left.values) == (scored.score, scored.values)
    assert list(left.behind.items()) == [(name, row) for name, row in ROWS.items() if name != "M2"]
    found = replay_record(left, champion)
    assert (found.same, found.erased, found.differences) == (False, 1, ())
    assert [one["content"] for one in export(database, "M3")["records"]] == [ROWS["M3"]]


def test_a_later_score_of_her_bank_is_computed_again_although_one_before_it_cannot_be(database, scored, champion):
    records = Records(database)
    records.append(scored, OFFICER)
    erase(database, "M4", reason="asked for by herself")
    later = desk_of_case(champion, replace(CASE, request_id="A-78")).score({"subject": "B1"}, None)
    answer = {"score_id": "s_c", **later.score}
    records.append(replace(scored, score_id="s_c", score=answer, values=later.values), OFFICER)
    assert replay_record(records.get("s_c"), champion).same
    assert replay_record(records.get("s_b"), champion).erased == 1
    assert erase(database, "M4", reason="asked for by herself").records == 1
    verify(database)


def test_with_a_bank_s_own_records_goes_what_its_scores_kept_of_members(database, scored):
    records = Records(database)
    records.append(of("M1", "s_1"), OFFICER)
    records.append(scored, OFFICER)
    erase(database, "M2", reason="asked for by herself")
    done = erase(database, "B1", reason="The bank closed.")
    assert done.records == 2 + 3  # its score and who asked; of the three members that were left
    assert records.get("s_b") is None
    assert "0.0219" not in everything(database)
    with pytest.raises(NotFound):
        export(database, "M3")
    assert records.get("s_1") == of("M1", "s_1")
    assert verify(database).erased == 6


# -- scores from before -----------------------------------------------------------------------------------------------


def test_a_score_that_kept_its_members_itself_is_computed_again_and_no_erasure_of_hers_reaches_it(
    database, scored, champion
):
    records = Records(database)
    first = replace(scored, values=as_first_kept(scored.values), behind={})
    records.append(first, OFFICER)
    assert records.get("s_b") == first
    assert replay_record(records.get("s_b"), champion).same
    with pytest.raises(NotFound):
        erase(database, "M2", reason="asked for by herself")
    assert "0.1723" in everything(database)
    assert erase(database, "B1", reason="asked for by a member").records == 2
    assert "0.1723" not in everything(database)
    verify(database)


# -- who reads it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "kind", "scope"), [("officer", "all", None), ("auditor", "all", None)])
def test_nobody_is_shown_it_with_the_score(house, role, kind, scope):
    for path in ("/v1/scores/s_2", "/scores/s_2"):
        answer = house.client.get(path, headers=house.headers(role, kind, scope))
        assert answer.status_code == 200
        assert not any(str(row["pd"]) in answer.text for row in ROWS.values())


def test_the_trail_tells_that_there_is_something_of_her_and_not_what(house):
    auditor = house.headers(*AUDITOR)
    answer = house.client.get("/v1/trail?kind=behind&score_id=s_2", headers=auditor)
    lines = [json.loads(line) for line in answer.text.splitlines()]
    named = [Serializer("secret").pseudonym(member) for member in ("M4", "M3", "M2", "M1")]
    assert [(one["subject"], one["score_id"], one["says"], one["fault"]) for one in lines] == [
        (name, "s_2", {}, None) for name in named
    ]
    for language, word in (("es", "Parte de una socia"), ("en", "s part")):
        page = house.client.get(f"/trail/s_2?lang={language}", headers=auditor).text
        assert word in page
        assert named[0] in page
        assert not any(str(row["pd"]) in page or str(row["loan"]) in page for row in ROWS.values())


def test_an_auditor_who_computes_it_again_is_told_that_members_were_erased(house, champion, monkeypatch):
    monkeypatch.setattr("riskscore.service.routes.trail.replay_from", lambda record, _: replay_record(record, champion))

    def again(language: str) -> str:
        answer = house.client.post(f"/trail/s_2/replay?lang={language}", headers=house.headers(*AUDITOR))
        assert answer.status_code == 200
        return answer.text

    assert "Salió igual, hasta el último dígito." in again("es")
    erase(house.records.database, "M2", reason="Lo pidió ella.")
    told = again("es")
    assert "Socias cuyos datos de este cálculo se borraron: 1. Ya no se puede repetir." in told
    assert "Salió igual" not in told
    assert "Members whose data behind it were erased: 1. It cannot be computed again." in again("en")
    assert house.client.get("/scores/s_2", headers=house.headers("officer", "all")).status_code == 200
