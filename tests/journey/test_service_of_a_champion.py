"""The service on a champion and a simulated portfolio: answered, kept, replayed, and silent towards neighbours."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from riskscore.errors import InvalidInput, NotFound
from riskscore.modelling import artefact
from riskscore.modelling.recipe import Recipe
from riskscore.portfolio import TABLES, Portfolio, write_portfolio
from riskscore.project import Project
from riskscore.scoring import Policy, Scorer, ScoreRequest, Snapshot
from riskscore.service.champion_desk import ChampionDesk
from riskscore.service.context import Context
from riskscore.service.household import Household
from riskscore.service.replay import replay_record
from riskscore.service.settings import Settings
from riskscore.service.source import ChampionSource
from tests.journey.conftest import POLICY, ROOT, ask, faults_in_document
from tests.unit.service.desks import build

pytestmark = pytest.mark.slow

#: A threshold that every probability reaches.
POLICY_LOW = "[indebtedness.probability_talk_from]\nvalue = 0.0"

#: Added to what a household earns and spends alike: nothing a committee may see rests on it.
CANARY = 77_777.77


def test_over_http_it_is_the_score_of_the_library(house, desk, bodies, champion):
    scorer = Scorer(champion, Policy.parse(POLICY))
    for body in bodies[:10]:
        answered = ask(house, body)
        expected = scorer.score(desk.snapshot, ScoreRequest(**body, as_of=desk.moment)).to_dict()
        assert {name: answered[name] for name in expected} == json.loads(json.dumps(expected))


def test_every_answer_is_what_the_document_says_it_is(house, desk, bodies):
    told = [ask(house, body) for body in bodies]
    for answer in told:
        assert faults_in_document(answer) == []
    for answer in told[:20]:
        bank = desk.snapshot.bank[answer["subject"]]
        readers = (("member", "self", answer["subject"]), ("committee", "group", bank), ("auditor", "all", None))
        for reader in readers:
            read = house.client.get(f"/v1/scores/{answer['score_id']}", headers=house.headers(*reader))
            assert faults_in_document(read.json(), "GET /v1/scores/{score_id}", read.status_code) == []
            assert ("pd" in read.json()) is (reader[0] != "committee")
    assert {answer["recommendation"]["state"] for answer in told} == {"ready", "talk_first"}
    assert any(answer["what_would_change"] for answer in told)


def test_every_member_has_a_page_for_everyone_who_may_see_it(house, desk, bodies):
    officer = house.headers("officer", "all")
    for body in bodies:
        score_id = ask(house, body)["score_id"]
        bank = desk.snapshot.bank[body["subject"]]
        for headers in (
            officer,
            house.headers("member", "self", body["subject"]),
            house.headers("committee", "group", bank),
        ):
            for language in ("es", "en"):
                page = house.client.get(f"/scores/{score_id}?lang={language}", headers=headers)
                assert page.status_code == 200, page.text
                assert len(page.content) < 100_000
    stranger = house.headers("committee", "group", "SG-unknown")
    assert house.client.get(f"/scores/{score_id}", headers=stranger).status_code == 404


def test_every_score_replays_to_the_last_bit(house, bodies, champion):
    for body in bodies[:40]:
        record = house.records.get(ask(house, body)["score_id"])
        assert replay_record(record, champion).differences == ()


def test_a_score_from_before_the_matrix_replays_by_the_policy_of_its_day(house, desk, bodies, champion):
    # Under a cap of .95 only the matrix asks for a talk at a level between .75 and .95.
    loose = POLICY.replace("value = 0.70", "value = 0.95", 1)
    before = loose[: loose.index("# PD and net indebtedness after this loan, side by side")]
    then, now = Scorer(champion, Policy.of_record(before)), Scorer(champion, Policy.parse(loose))
    changed = 0
    for body in bodies:
        request = ScoreRequest(**body, as_of=desk.moment)
        answered = then.score(desk.snapshot, request).to_dict()
        for name in ("signals", "sacrifice"):  # answers did not carry them yet
            del answered["indebtedness"][name]
        today = now.score(desk.snapshot, request).to_dict()["recommendation"]["why"]
        if answered["recommendation"]["why"] == today:
            continue
        changed += 1
        assert [why["code"] for why in today][-1] in ("pd_and_level", "over_indebted")
        record = house.records.get(ask(house, body)["score_id"])
        kept = {"score_id": record.score_id, **json.loads(json.dumps(answered))}
        old = replace(record, context=Context(record.context | {"policy": before}), score=kept)
        assert replay_record(old, champion).differences == ()
    assert changed > 0


def test_a_replay_names_what_comes_out_otherwise(house, bodies, champion):
    record = house.records.get(ask(house, bodies[0])["score_id"])
    changed = replace(record, values=record.values | {"worst_delay_180d": 200.0})
    found = replay_record(changed, champion)
    assert not found.same
    assert {"pd", "score", "points.features.worst_delay_180d"} <= {one.where for one in found.differences}
    (pd,) = (one for one in found.differences if one.where == "pd")
    assert pd.answered == record.score["pd"] < pd.computed


def test_protected_traits_are_not_even_kept(house, bodies, champion):
    record = house.records.get(ask(house, bodies[0])["score_id"])
    protected = {feature.name for feature in champion.lock.features if feature.protected}
    assert protected
    assert not protected & {*record.values, *record.context["features"]}


def test_an_earlier_moment_is_answered_as_it_was_known_then(house, desk, bodies, champion, portfolio):
    earlier = desk.moment - timedelta(days=60)
    snapshot = Snapshot.build(portfolio, champion.lock, earlier)
    body = next(body for body in bodies if body["subject"] in snapshot.places)
    answered = ask(house, body | {"as_of": earlier.isoformat()})
    expected = Scorer(champion, Policy.parse(POLICY)).score(snapshot, ScoreRequest(**body, as_of=earlier))
    assert (answered["as_of"], answered["pd"]) == (earlier.isoformat(), expected.pd)
    assert replay_record(house.records.get(answered["score_id"]), champion).same


def test_limits_of_the_products_are_told_with_the_rest(house, bodies):
    body = bodies[0] | {"amount": 1e6, "currency": "XXX", "term_days": 3000}
    answer = house.client.post("/v1/scores", json=body, headers=house.headers("officer", "all"))
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["amount", "currency", "term_days"]


def test_a_frequency_that_nobody_knows_is_one_fault_with_what_is_on_offer(house, bodies):
    answer = house.client.post(
        "/v1/scores", json=bodies[0] | {"frequency": "daily"}, headers=house.headers("officer", "all")
    )
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["field"], error["remedy"]) == ("frequency", "Choose one of: fortnightly, weekly.")


def test_values_are_computed_anew_only_where_they_may_differ(desk, champion, portfolio):
    same = ChampionDesk.build(replace(champion, version="8"), POLICY, portfolio, desk)
    assert same.snapshot is desk.snapshot
    assert same.model_version == "8"


# -- neighbours -------------------------------------------------------------------------------------------------------


def with_other_secrets(portfolio: Portfolio, folder: Path) -> Portfolio:
    """Copy a portfolio with other budgets: earnings and costs both higher, so that what is left over is the same."""
    frames = {name: portfolio.table(name) for name in portfolio.manifest.rows if name in TABLES}
    frames["budgets"] = frames["budgets"].with_columns(
        (pl.col(name) + pl.lit(CANARY).cast(pl.Decimal(18, 2))).cast(pl.Decimal(18, 2))
        for name in ("business_revenue", "business_costs", "accessible_savings")
    )
    frames["obligations"] = frames["obligations"].with_columns(
        pl.lit(CANARY).cast(pl.Decimal(18, 2)).alias("balance"), pl.lit(333).cast(pl.Int64).alias("days_late")
    )
    manifest = portfolio.manifest
    return write_portfolio(
        folder,
        frames,
        currency=manifest.currency,
        country=manifest.country,
        time_zone=manifest.time_zone,
        data_date=manifest.data_date,
        complete_from=manifest.complete_from,
        tolerance=manifest.tolerance,
    )


def test_two_portfolios_that_differ_outside_the_group_are_one_to_its_committee(
    tmp_path, portfolio, desk, champion, bodies, caplog, monkeypatch
):
    monkeypatch.setattr("riskscore.service.gate.time.perf_counter", lambda: 0.0)
    other = ChampionDesk.build(champion, POLICY, with_other_secrets(portfolio, tmp_path / "portfolio"), None)
    seen, logs, told = [], [], []
    for name, one in (("plain", desk), ("other", other)):
        (tmp_path / name).mkdir()
        house = build(tmp_path / name, one)
        monkeypatch.setattr("riskscore.service.access.secrets.token_hex", lambda _: "officer")
        officer = house.headers("officer", "all")
        for body in bodies[:15]:
            assert house.client.post("/v1/scores", json=body, headers=officer).status_code == 201
        answers = []
        with caplog.at_level("DEBUG"):
            caplog.clear()
            for number, body in enumerate(bodies[:15], start=1):
                bank = one.snapshot.bank[body["subject"]]
                monkeypatch.setattr("riskscore.service.access.secrets.token_hex", lambda _, n=number: f"fixed{n}")
                committee = house.headers("committee", "group", bank)
                for path in (
                    f"/v1/scores/s_{number}",
                    f"/scores/s_{number}",
                    f"/scores/s_{number}?lang=en",
                    "/metrics",
                ):
                    answer = house.client.get(path, headers=committee)
                    answers.append((answer.status_code, sorted(answer.headers.items()), answer.content))
            logs.append([record.getMessage() for record in caplog.records if record.name == "riskscore.service"])
        seen.append(answers)
        told.append(house.records.get("s_1").values["business_revenue"])
    assert told[1] == pytest.approx(told[0] + CANARY)  # the officer's records do differ
    assert seen[0] == seen[1]
    assert logs[0] == logs[1]
    assert len(logs[0]) == 45  # every look but those at the metrics
    for text in (str(seen), str(logs)):
        assert "77777" not in text
        assert "77,777" not in text


# -- where desks come from --------------------------------------------------------------------------------------------


class Shelf:
    """A registry of a folder for each recipe that has a champion; `kept` is the members'."""

    def __init__(self, folder: Path, version: str = "1") -> None:
        self.version, self.kept = version, folder
        self.others: dict[str, Path] = {}

    def champion(self, recipe: str) -> tuple[str, Path]:
        if recipe == "member_default":
            return self.version, self.kept
        if recipe in self.others:
            return "1", self.others[recipe]
        raise NotFound.of(recipe, "It has no champion.", f"Run `riskscore train {recipe} PORTFOLIO --promote` first.")


@pytest.fixture
def place(tmp_path, champion, portfolio):
    """Settings, a shelf with the champion's artefact, and a portfolio folder of one's own."""
    folder = artefact.save(
        tmp_path / "artefact",
        model=champion.model,
        lock=champion.lock,
        recipe=champion.recipe,
        reference=champion.reference,
        card="# A champion for a test",
    )
    shutil.copytree(portfolio.path, tmp_path / "portfolio")
    (tmp_path / "mlflow.db").touch()
    settings = Settings(
        portfolio=tmp_path / "portfolio",
        records="sqlite://",
        poll_seconds=1,
        MLFLOW_TRACKING_URI=f"sqlite:///{tmp_path / 'mlflow.db'}",
    )
    source = ChampionSource(settings, Project.open(None).serving_dir)
    shelf = Shelf(folder)
    source._registry = shelf
    return source, shelf, tmp_path


def test_a_desk_is_built_of_what_the_registry_and_the_folder_hold(place, desk):
    source, _, _ = place
    built = source.build(None).member
    assert (built.recipe, built.model_version, built.moment) == ("member_default", "1", desk.moment)
    assert source.signature() == source.signature()


def test_whatever_changes_is_noticed(place):
    source, shelf, folder = place
    seen = {source.signature()}
    shelf.version = "2"
    seen.add(source.signature())
    card = shelf.kept / "card.md"
    card.write_text("# Another text of another length", "utf-8")
    seen.add(source.signature())
    manifest = folder / "portfolio" / "portfolio.json"
    manifest.write_text(manifest.read_text("utf-8") + "\n", "utf-8")
    seen.add(source.signature())
    assert len(seen) == 4


@pytest.mark.parametrize(
    "name", ["model.json", "lock.json", "recipe.toml", "reference.json", "card.md", "manifest.json"]
)
def test_a_tampered_artefact_is_refused(place, name):
    source, shelf, _ = place
    path = shelf.kept / name
    path.write_bytes(path.read_bytes().replace(b"e", b"3", 1))
    found = source.build(None)
    assert found.by_recipe == {}
    assert list(found.faults) == ["member_default"]


def test_an_artefact_of_another_recipe_is_refused(place, champion):
    source, shelf, folder = place
    text = champion.recipe.text.replace('name = "member_default"', 'name = "another"')
    recipe = type(champion.recipe).parse(text)
    assert recipe.name == "another"
    shelf.kept = artefact.save(
        folder / "another",
        model=champion.model,
        lock=champion.lock,
        recipe=recipe,
        reference=champion.reference,
        card="",
    )
    found = source.build(None)
    assert found.by_recipe == {}
    assert "answers 'another'" in found.faults["member_default"]


def saved(folder: Path, champion, recipe: str) -> Path:
    """Keep the scorecard by hand under another recipe."""
    text = (ROOT / "training" / f"{recipe}.toml").read_text("utf-8").replace('offsets = ["first_loan"]', "offsets = []")
    parts = {
        "model": replace(champion.model, caps={}),
        "lock": champion.lock,
        "reference": champion.reference,
        "card": "",
    }
    return artefact.save(folder, recipe=Recipe.parse(text), **parts)


def test_over_indebtedness_stands_beside_and_may_only_tighten(place, champion, bodies, tmp_path):
    source, shelf, _ = place
    alone = source.build(None)
    signature = source.signature()
    shelf.others["over_indebtedness"] = saved(tmp_path / "beside", champion, "over_indebtedness")
    assert source.signature() != signature
    both = source.build(alone)
    assert both.faults == {}
    assert both.versions == {"member_default": "1", "over_indebtedness": "1"}
    assert both.member.snapshot is alone.member.snapshot
    household = both.member.household.champion
    other = replace(both.member, household=replace(both.member.household, own=both.member.snapshot))
    threshold = Policy.parse(POLICY).value("indebtedness.probability_talk_from")
    low = POLICY.replace("[indebtedness.probability_talk_from]\nvalue = 0.35", POLICY_LOW)
    lenient = Household.build(household, Policy.parse(low), champion.lock, both.member.portfolio)
    moved = 0
    for number, body in enumerate(bodies):
        plain, beside = alone.member.score(body, None), both.member.score(body, None)
        told = beside.score["over_indebtedness"]
        for name in plain.score:
            if name != "recommendation":
                assert plain.score[name] == beside.score[name]
        was, now = plain.score["recommendation"], beside.score["recommendation"]
        likely = told["probability"] is not None and told["probability"] >= threshold
        assert now["state"] == ("talk_first" if likely else was["state"])
        assert now["ceiling"] == was["ceiling"]
        assert [why["code"] for why in now["why"]][len(was["why"]) :] == ["likely_over_indebted"] * likely
        if was["state"] == "ready" and told["probability"] is not None:
            request = ScoreRequest(**body, as_of=both.member.moment)
            (found,) = lenient.tighten([plain.score], both.member.snapshot, [request])
            assert found["recommendation"]["state"] == "talk_first"
            moved += 1
        if number % 8 == 0:  # once with one row of values, once with a row for each champion
            for name, desk in (("one", both.member), ("two", other)):
                (tmp_path / f"{name}{number}").mkdir()
                house = build(tmp_path / f"{name}{number}", desk)
                answer = ask(house, body)
                assert "over_indebtedness" in answer
                assert faults_in_document(answer) == []
                record = house.records.get(answer["score_id"])
                assert any("." in value for value in record.values) == (name == "two")
                assert replay_record(record, desk.champion, household).differences == ()
                committee = house.headers("committee", "group", desk.snapshot.bank[body["subject"]])
                assert "over_indebtedness" not in house.client.get("/v1/scores/s_1", headers=committee).text
    assert moved > 0


def test_while_what_stands_beside_cannot_be_read_the_members_desk_stays(place, champion, tmp_path):
    source, shelf, _ = place
    alone = source.build(None)
    shelf.others["over_indebtedness"] = saved(tmp_path / "beside", champion, "over_indebtedness")
    (shelf.others["over_indebtedness"] / "model.json").write_text("{}", "utf-8")
    found = source.build(alone)
    assert found.member is alone.member
    assert list(found.faults) == ["member_default"]
    assert source.build(None).member is None


def test_a_broken_champion_of_another_recipe_leaves_the_members_desk_alone(place, champion, tmp_path):
    source, shelf, _ = place
    alone = source.build(None)
    shelf.others["group_default"] = tmp_path / "nowhere"
    found = source.build(alone)
    assert found.member is alone.member
    assert list(found.by_recipe) == ["member_default"]
    assert list(found.faults) == ["group_default"]


def test_a_portfolio_that_is_not_there_is_named(place):
    source, _, folder = place
    shutil.rmtree(folder / "portfolio")
    with pytest.raises(InvalidInput, match=r"portfolio\.json"):
        source.signature()
    nowhere = ChampionSource(source._settings.model_copy(update={"portfolio": None}), Project.open(None).serving_dir)
    nowhere._registry = source._registry
    with pytest.raises(InvalidInput, match="RISKSCORE_PORTFOLIO"):
        nowhere.signature()


def test_a_registry_that_is_not_there_is_not_made(place):
    source, _, folder = place
    (folder / "mlflow.db").unlink()
    with pytest.raises(NotFound, match="riskscore train member_default"):
        source.signature()
    assert not (folder / "mlflow.db").exists()
