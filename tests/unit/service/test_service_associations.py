"""Scores of communal banks and producer associations: who may ask, who sees how much, and what nobody is told."""

from __future__ import annotations

import copy

import pytest

from riskscore.scoring.wording import of_100_producers
from riskscore.service.desks import Desks
from riskscore.service.views import bank
from riskscore.service.views.bank import step_of
from tests.unit.service.associations import (
    BANK_BODY,
    BANK_SCORE,
    PRODUCER_BODY,
    PRODUCER_SCORE,
    bank_desk,
    producer_desk,
)
from tests.unit.service.desks import BODY, PlainDesk

NOTICE = {
    "es": "Lo calculó un sistema automático. Recomienda; deciden las personas.",
    "en": "Computed by an automatic system. It recommends; people decide.",
}


@pytest.fixture
def house(make_house):
    """Three recipes in service; s_1 is of B1, s_2 of PO1, s_3 of B9, s_4 of PO9, s_5 of the member M1."""
    made = make_house(desk=Desks.of(PlainDesk(), bank_desk(), producer_desk()))
    officer = made.headers("officer", "all")
    bodies = (BANK_BODY, PRODUCER_BODY, BANK_BODY | {"subject": "B9"}, PRODUCER_BODY | {"subject": "PO9"}, BODY)
    for body in bodies:
        answer = made.client.post("/v1/scores", json=body, headers=officer)
        assert answer.status_code == 201, answer.text
    return made


def read(house, score_id, role, kind, scope=None):
    return house.client.get(f"/v1/scores/{score_id}", headers=house.headers(role, kind, scope))


# -- who sees what ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "kind", "scope"), [("officer", "branch", "N"), ("analyst", "all", None)])
def test_officers_and_analysts_see_an_outlook_whole(house, role, kind, scope):
    answer = read(house, "s_1", role, kind, scope).json()
    assert {name: answer[name] for name in BANK_SCORE} == BANK_SCORE
    assert answer["request"] == BANK_BODY | {"as_of": "2026-02-01T00:00:00"}


def test_a_committees_outlook_is_in_full_and_rounded():
    assert bank.committee(BANK_SCORE) == {
        "recipe": "group_default",
        "subject_kind": "communal_bank",
        "subject": "B1",
        "as_of": "2026-02-01T00:00:00",
        "basis": "open_request",
        "requested_at": "2026-01-28T18:00:00",
        "asked": BANK_SCORE["asked"],
        "natural_frequency": BANK_SCORE["natural_frequency"],
        "of_100": 3,
        "low": 2,
        "high": 6,
        "members": 19,
        "solidarity_groups": 4,
        "falls_of_100": {"1": 61, "2": 27, "3": 10},
        "falls_expected": 1,
        "covers_falls": 3,
        "step": 10.0,
        # 31 steps: 6.112, 15.89, 7.103, 1.001 and 1.231 of them are down to 30, and the last goes to the 15.89.
        "waterfall": {
            "loss": 310.0,
            "by_savings": 60.0,
            "by_group": 160.0,
            "by_fund": 70.0,
            "by_untold": 10.0,
            "by_lender": 10.0,
        },
        "cover": {"lent": 11400.0, "one_fall": 250.0, "savings": 50.0, "group": 140.0, "fund": 570.0},
        "arrears": {"late": 2, "members": 19},
        "order_judged": False,
        "recommendation": {"state": "ready"},
        "model_version": "2",
    }


def test_an_outlook_without_worlds_or_range_says_so_by_none():
    bare = dict.fromkeys(("pd_interval", "expected_in_arrears", "covers_falls", "waterfall", "arrears"))
    answer = bank.committee(BANK_SCORE | bare | {"at_least": {"1": None, "2": None, "3": None}})
    assert (answer["low"], answer["high"], answer["falls_expected"], answer["waterfall"]) == (None, None, None, None)
    assert answer["falls_of_100"] == {"1": None, "2": None, "3": None}


def test_an_assistance_provider_reads_an_aggregate(house):
    assert read(house, "s_1", "assistant", "group", "B1").json() == {
        "score_id": "s_1",
        "recipe": "group_default",
        "subject_kind": "communal_bank",
        "subject": "B1",
        "as_of": "2026-02-01T00:00:00",
        "natural_frequency": BANK_SCORE["natural_frequency"],
        "of_100": 3,
        "low": 2,
        "high": 6,
        "model_version": "2",
        "notice": NOTICE,
    }
    assert read(house, "s_2", "assistant", "organisation", "PO1").json() == {
        "score_id": "s_2",
        "recipe": "producer_default",
        "subject_kind": "producer_association",
        "subject": "PO1",
        "as_of": "2026-02-01T00:00:00",
        "natural_frequency": PRODUCER_SCORE["natural_frequency"],
        "of_100": 8,
        "low": 3,
        "high": 22,
        "dimensions": PRODUCER_SCORE["dimensions"],
        "model_version": "5",
        "notice": NOTICE,
    }


@pytest.mark.parametrize(
    ("pd", "count", "words"), [(0.006, 0, "fewer than 1"), (0.085, 9, "9"), (0.0837, 8, "8"), (0.0101, 1, "1")]
)
def test_the_number_of_100_is_the_one_that_the_words_say(make_house, pd, count, words):
    said = f"Of 100 producer associations like this one, {words} would not repay all in time."
    assert of_100_producers(pd)[1] == said
    desk = producer_desk(pd=pd, pd_interval={"low": 0.0044, "high": 0.125, "level": 0.9})
    house = make_house(desk=Desks.of(bank_desk(), desk))
    answer = house.client.post("/v1/scores", json=PRODUCER_BODY, headers=house.headers("officer", "all"))
    assert answer.status_code == 201
    shown = read(house, "s_1", "assistant", "organisation", "PO1").json()
    assert (shown["of_100"], shown["low"], shown["high"]) == (count, 0, 13)


@pytest.mark.parametrize(
    ("role", "kind", "scope"),
    [
        ("board", "organisation", "PO1"),
        ("lender", "organisation", "PO1"),
        ("lender", "branch", "N"),
        ("lender", "all", None),
    ],
)
def test_a_board_and_its_fund_see_the_associations_score_whole(house, role, kind, scope):
    answer = read(house, "s_2", role, kind, scope).json()
    assert {name: answer[name] for name in PRODUCER_SCORE} == PRODUCER_SCORE
    assert answer["request"] == PRODUCER_BODY | {"as_of": "2026-02-01T00:00:00"}


def test_an_auditor_reads_everything_about_nobody(house):
    for score_id, own, whole in (("s_1", "B1", BANK_SCORE), ("s_2", "PO1", PRODUCER_SCORE)):
        answer = read(house, score_id, "auditor", "all")
        told = answer.json()
        assert told["pd"] == whole["pd"]
        assert told["subject"] == told["request"]["subject"] != own
        assert f'"{own}"' not in answer.text
        assert "A-77" not in answer.text


@pytest.mark.parametrize(
    ("score_id", "role", "kind", "scope"),
    [
        # another's
        ("s_3", "committee", "group", "B1"),
        ("s_4", "board", "organisation", "PO1"),
        ("s_4", "lender", "branch", "N"),
        ("s_3", "assistant", "branch", "N"),
        ("s_3", "officer", "branch", "N"),
        # of a kind the role sees nothing of, though it lies within its scope
        ("s_1", "lender", "all", None),
        ("s_5", "lender", "all", None),
        ("s_5", "assistant", "group", "B1"),
        ("s_5", "assistant", "branch", "N"),
        ("s_1", "committee", "group", "B1"),  # it rests on budgets; her neighbours have the sheet of a meeting
        ("s_2", "committee", "group", "PO1"),
        ("s_1", "board", "organisation", "B1"),
        ("s_1", "member", "self", "B1"),
        ("s_2", "member", "self", "PO1"),
    ],
)
def test_whatever_is_not_theirs_is_one_and_the_same_404(house, score_id, role, kind, scope):
    headers = house.headers(role, kind, scope)
    for route in ("/v1/scores/{}", "/scores/{}"):
        answer = house.client.get(route.format(score_id), headers=headers)
        unknown = house.client.get(route.format("s_unknown"), headers=headers)
        assert (answer.status_code, answer.content) == (404, unknown.content)


@pytest.mark.parametrize("role", ["board", "lender", "assistant", "committee", "member"])
def test_reading_is_not_asking(house, role):
    kinds = {"board": "organisation", "lender": "organisation", "assistant": "organisation", "member": "self"}
    headers = house.headers(role, kinds.get(role, "group"), "PO1")
    for body in (BANK_BODY, PRODUCER_BODY):
        assert house.client.post("/v1/scores", json=body, headers=headers).status_code == 403


DECISION = {"who": "Ana Rojas", "role": "officer", "currency": "PEN", "decided_on": "2026-02-02"}


def decide(house, score_id, key="a" * 24, role="officer", kind="all", scope=None, **fields):
    headers = house.headers(role, kind, scope) | {"Idempotency-Key": key}
    return house.client.post(f"/v1/scores/{score_id}/decisions", json=DECISION | fields, headers=headers)


@pytest.mark.parametrize(("score_id", "asked"), [("s_1", 11_400.0), ("s_2", 9_000.0)])
def test_who_lends_decides_on_an_associations_loan(house, score_id, asked):
    whole = decide(house, score_id, amount_approved=asked)
    assert (whole.status_code, whole.json()["result"], whole.json()["overrides"]) == (201, "approved", False)
    assert house.client.get(whole.headers["Location"], headers=house.headers("officer", "all")).json() == whole.json()
    # It was ready: less than it asked for goes against the recommendation, and is owed a reason.
    unsaid = decide(house, score_id, key="b" * 24, amount_approved=asked - 1)
    assert [one["field"] for one in unsaid.json()["errors"]] == ["reason"]
    less = decide(house, score_id, key="b" * 24, amount_approved=asked - 1, reason="Hubo mala cosecha.")
    assert (less.status_code, less.json()["result"], less.json()["overrides"]) == (201, "reduced", True)


def test_more_than_it_asked_for_another_currency_and_its_own_committee_are_refused(house):
    answer = decide(house, "s_1", role="officer", amount_approved=11_400.01, currency="BOB")
    assert sorted(one["field"] for one in answer.json()["errors"]) == ["amount_approved", "currency"]
    own = house.client.post(
        "/v1/scores/s_1/decisions",
        json=DECISION | {"role": "committee", "amount_approved": 1.0},
        headers=house.headers("officer", "all") | {"Idempotency-Key": "c" * 24},
    )
    assert "role" in [one["field"] for one in own.json()["errors"]]


@pytest.mark.parametrize(
    ("score_id", "role", "kind", "scope", "status"),
    [
        ("s_1", "committee", "group", "B1", 404),  # it rests on every member's budget
        ("s_2", "board", "organisation", "PO1", 403),
        ("s_2", "lender", "all", None, 403),
    ],
)
def test_whom_it_is_lent_to_does_not_decide(house, score_id, role, kind, scope, status):
    assert decide(house, score_id, role=role, kind=kind, scope=scope, amount_approved=1.0).status_code == status


def test_every_sighting_is_on_record(house):
    read(house, "s_2", "board", "organisation", "PO1")
    assert [(one.role, one.action) for one in house.records.sightings("s_2")] == [
        ("board", "read"),
        ("officer", "asked"),
    ]


# -- asking -----------------------------------------------------------------------------------------------------------


def test_a_bank_is_asked_about_by_its_id_alone(house):
    officer = house.headers("officer", "all")
    answer = house.client.post("/v1/scores", json=BANK_BODY | {"amount": 100.0}, headers=officer)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "amount"
    assert error["remedy"] == "Remove it; there are: recipe, subject, as_of."


def test_a_bank_without_a_request_is_told_with_its_remedy(house):
    answer = house.client.post(
        "/v1/scores", json=BANK_BODY | {"subject": "B0"}, headers=house.headers("officer", "all")
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["remedy"] == "Record its request."


def test_everything_wrong_with_a_producers_request_is_told_at_once(house):
    body = PRODUCER_BODY | {"currency": "BOB", "frequency": "daily", "amount": -1, "as_of": "2031-01-01"}
    del body["other_active_loans"]
    answer = house.client.post("/v1/scores", json=body, headers=house.headers("officer", "all"))
    assert answer.status_code == 422
    errors = {error["field"]: error["remedy"] for error in answer.json()["errors"]}
    assert sorted(errors) == ["amount", "as_of", "currency", "frequency", "other_active_loans"]
    assert errors["other_active_loans"].startswith("Ask its board how many loans it has elsewhere")


@pytest.mark.parametrize(
    "body", [BANK_BODY | {"subject": "B404"}, PRODUCER_BODY | {"subject": "M1"}, BANK_BODY | {"subject": "B9"}]
)
def test_an_unknown_subject_and_one_of_another_branch_are_not_found(house, body):
    answer = house.client.post("/v1/scores", json=body, headers=house.headers("officer", "branch", "N"))
    assert answer.status_code == 404


def test_a_recipe_without_a_champion_is_not_served(make_house):
    house = make_house(desk=Desks.of(PlainDesk(), bank_desk()))
    body = BODY | {"recipe": "producer_default"}
    answer = house.client.post("/v1/scores", json=body, headers=house.headers("officer", "all"))
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["message"] == "No champion of this recipe is served."
    assert error["remedy"] == "Use 'member_default' or 'group_default'."


def test_without_a_members_champion_the_others_are_served(make_house):
    house = make_house(desk=Desks.of(bank_desk()))
    officer = house.headers("officer", "all")
    assert house.client.post("/v1/scores", json=BANK_BODY, headers=officer).status_code == 201
    answer = house.client.post("/v1/scores", json=BODY, headers=officer)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["remedy"] == "Use 'group_default'."
    assert house.client.get("/readyz").json()["recipes"] == {"group_default": "2"}


def test_one_broken_champion_leaves_the_others_in_service_and_is_reported(house):
    before = house.service.state.desks.by_recipe
    swapped = {"member_default": PlainDesk(model_version="4"), "group_default": before["group_default"]}
    house.source.held = Desks(swapped, faults={"group_default": "model.json: Its hash differs."})
    house.source.mark = 2
    house.service.state.look()
    ready = house.client.get("/readyz")
    assert (ready.status_code, ready.json()["detail"]) == (503, "model.json: Its hash differs.")
    officer = house.headers("officer", "all")
    assert house.client.post("/v1/scores", json=BANK_BODY, headers=officer).json()["model_version"] == "2"
    assert house.client.post("/v1/scores", json=BODY, headers=officer).json()["model_version"] == "4"


# -- pages, models, register ------------------------------------------------------------------------------------------


def test_the_page_of_a_communal_bank_for_who_assists_it_is_plain(house):
    page = house.client.get("/scores/s_1?lang=es", headers=house.headers("assistant", "group", "B1"))
    assert page.status_code == 200
    assert "Pueden ser entre 2 y 6." in page.text
    assert "/v1/" not in page.text
    assert "%" not in page.text.partition("<body")[2]
    assert "Lista para decidir" not in page.text


def test_models_are_for_those_who_look_after_them(house):
    for role in ("officer", "analyst", "auditor"):
        answer = house.client.get("/v1/models", headers=house.headers(role, "all"))
        assert [one["recipe"] for one in answer.json()["models"]] == [
            "group_default",
            "member_default",
            "producer_default",
        ]
    for role, kind, scope in (("committee", "group", "B1"), ("board", "organisation", "PO1"), ("member", "self", "M1")):
        assert house.client.get("/v1/models", headers=house.headers(role, kind, scope)).status_code == 403
    assert house.client.get("/v1/models").status_code == 401


def test_the_register_is_for_everybody_with_a_token(house):
    for role, kind, scope in (("member", "self", "M1"), ("committee", "group", "B1"), ("lender", "all", None)):
        answer = house.client.get("/v1/register?lang=en", headers=house.headers(role, kind, scope))
        assert answer.status_code == 200
        assert [one["versions"]["model"] for one in answer.json()["systems"]] == ["2", "3", "5"]
        assert answer.headers["content-language"] == "en"
    assert house.client.get("/v1/register").status_code == 401


def test_the_step_of_money_follows_what_is_lent():
    assert [step_of(lent) for lent in (0.0, 150.0, 1_000.0, 11_400.0, 250_000.0)] == [1.0, 1.0, 1.0, 10.0, 100.0]


def test_two_outlooks_that_round_alike_are_one_to_the_committee():
    """To a committee nothing is left of a cent, and of a chance no more than a whole of 100."""
    other = copy.deepcopy(BANK_SCORE)
    other |= {"pd": 0.0348, "structural_pd": 0.0777, "grade": "CANARY", "expected_loss": 77.77, "stops": 0.77}
    other["at_least"] = {"1": 0.6149, "2": 0.2651, "3": 0.1049}
    other["in_arrears"] = [0.7777, 0.2223]
    other["waterfall"] |= {"by_savings": 60.01, "by_group": 160.02}
    other["cover"] |= {"one_fall": 252.0, "savings": 51.0, "group": 139.0, "spare_untold": 7777}
    assert bank.committee(BANK_SCORE) == bank.committee(other)


def test_she_reads_the_outlook_of_her_own_group_by_its_own_books(house):
    answer = house.client.get("/scores/s_5?lang=es", headers=house.headers("member", "self", "M1"))
    assert answer.status_code == 200
    for said in (
        "Cómo se ve el grupo entero",
        "De 100 bancos comunales parecidos, 3 no pagarían todo a tiempo.",
        "El grupo puede cubrir 3 caídas.",
        "Aquí no se cuenta lo que cada una dijo fuera del grupo.",
    ):
        assert said in answer.text, said
    officer = house.client.get("/scores/s_5?lang=es", headers=house.headers("officer", "all"))
    assert "Cómo se ve el grupo entero" not in officer.text  # it stands on the meeting's sheet


def test_a_member_without_a_group_or_a_model_of_groups_reads_none(make_house):
    made = make_house(desk=Desks.of(PlainDesk()))
    assert made.client.post("/v1/scores", json=BODY, headers=made.headers("officer", "all")).status_code == 201
    page = made.client.get("/scores/s_1?lang=es", headers=made.headers("member", "self", "M1"))
    assert page.status_code == 200
    assert "Todavía no hay un modelo en uso para el grupo entero." in page.text
    made.service.state._desks = None
    page = made.client.get("/scores/s_1?lang=es", headers=made.headers("member", "self", "M1"))
    assert page.status_code == 200
    assert "Cómo se ve el grupo entero" not in page.text
