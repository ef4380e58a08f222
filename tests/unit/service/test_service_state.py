"""Desks are swapped whole; what is broken is said and does not take the service down."""

from __future__ import annotations

import time

from riskscore.errors import ArtefactError, InvalidInput
from riskscore.service.state import RETRY_SECONDS
from tests.unit.service.desks import BODY, PlainDesk

CORRUPT = ArtefactError.of("model.json", "Its hash differs.", "Fetch the artefact again.")


def test_ready_says_what_is_served(house):
    answer = house.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "recipe": "member_default",
        "model_version": "3",
        "data_age_days": 2,
        "remarks": [],
        "recipes": {"member_default": "3"},
    }


def test_a_broken_artefact_at_the_start_leaves_the_process_up_and_says_why(make_house):
    house = make_house(desk=CORRUPT)
    ready = house.client.get("/readyz")
    assert (ready.status_code, ready.headers["content-type"]) == (503, "application/problem+json")
    assert ready.json()["detail"] == "model.json: Its hash differs. Fetch the artefact again."
    assert house.client.get("/livez").status_code == 200
    asked = house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    assert asked.status_code == 503
    assert asked.json()["detail"] == ready.json()["detail"]


def test_without_a_desk_the_token_is_still_asked_for_first(make_house):
    house = make_house(desk=CORRUPT)
    assert house.client.post("/v1/scores", json=BODY).status_code == 401


def test_a_new_champion_is_put_in_place(house):
    officer = house.headers("officer", "all")
    assert house.client.post("/v1/scores", json=BODY, headers=officer).json()["model_version"] == "3"
    house.source.held, house.source.mark = PlainDesk(model_version="4"), 2
    house.service.state.look()
    assert house.client.post("/v1/scores", json=BODY, headers=officer).json()["model_version"] == "4"
    assert house.client.get("/v1/scores/s_1", headers=officer).json()["model_version"] == "3"


def test_a_broken_new_champion_leaves_the_old_one_in_service_and_is_reported(house):
    house.source.held, house.source.mark = CORRUPT, 2
    house.service.state.look()
    assert house.client.get("/readyz").status_code == 503
    answer = house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    assert (answer.status_code, answer.json()["model_version"]) == (201, "3")
    house.source.held, house.source.mark = PlainDesk(model_version="5"), 3
    house.service.state.look()
    assert house.client.get("/readyz").json()["model_version"] == "5"


def test_nothing_is_built_twice_for_one_signature(house):
    house.source.held = CORRUPT
    house.service.state.look()
    assert house.client.get("/readyz").status_code == 200


def test_what_could_not_be_built_is_tried_again_later(make_house, monkeypatch):
    house = make_house(desk=CORRUPT)
    house.source.held = PlainDesk()
    house.service.state.look()
    assert house.service.state.desk is None
    monkeypatch.setattr(house.service.state, "_failed_at", house.service.state._failed_at - RETRY_SECONDS - 1)
    house.service.state.look()
    assert house.client.get("/readyz").status_code == 200


def test_an_error_nobody_foresaw_is_named_by_its_kind_alone(make_house, caplog):
    house = make_house(desk=RuntimeError("CANARY"))
    assert house.client.get("/readyz").json()["detail"].endswith("(RuntimeError).")
    assert "CANARY" not in caplog.text


def test_one_missed_look_at_a_folder_that_is_being_replaced_is_no_fault(house, monkeypatch):
    def missing():
        raise InvalidInput.of("portfolio", "there is no portfolio.json here.", "")

    with monkeypatch.context() as patch:
        patch.setattr(house.source, "signature", missing)
        house.service.state.look()
        assert house.client.get("/readyz").status_code == 200
        house.service.state.look()
        assert house.client.get("/readyz").status_code == 503
    house.service.state.look()
    assert house.client.get("/readyz").status_code == 200


def test_the_watch_swaps_by_itself(make_house):
    house = make_house()
    house.service.state._poll_seconds = 0.01
    house.service.state.start()
    try:
        house.source.held, house.source.mark = PlainDesk(model_version="7"), 2
        until = time.monotonic() + 60
        while house.service.state.desk.model_version != "7" and time.monotonic() < until:
            time.sleep(0.01)
        assert house.service.state.desk.model_version == "7"
    finally:
        house.service.state.stop()
