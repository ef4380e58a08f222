"""Expected and observed bads of loans that matured since a champion's training, counted by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime

import polars as pl
import pytest

from riskscore.catalog import Catalog
from riskscore.evaluation.rates import jeffreys
from riskscore.modelling.artefact import Champion
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.reference import Reference
from riskscore.modelling.scorecard import Bins, Scorecard
from riskscore.modelling.validation.since_training import SinceTraining, since_training
from riskscore.portfolio import write_portfolio
from tests.unit.modelling.conftest import ROOT

START, ASKED = datetime(2024, 1, 1), datetime(2024, 9, 2, 10)
TRAINED_TO = "2024-12-31"

DECLARED = """
from riskscore.catalog import *

Asked = Source("asked", table="applications", keys={"member": "member_id"})

class Repayment(FeatureSet, source=Asked, family="repayment"):
    first_loan = Feature("max(amount)", window=ever(), risk="rises", es="pidió", en="asked",
        reason=Reason("R01", es="Pidió {value}.", en="She asked for {value}."))
"""


def logit(pd: float) -> float:
    return math.log(pd / (1 - pd))


@pytest.fixture(scope="module")
def champion(tmp_path_factory) -> Champion:
    """A member who once asked for 500 or more gets 0.40, one who asked for less 0.05, a first loan 0.10."""
    folder = tmp_path_factory.mktemp("features")
    (folder / "declared.py").write_text(DECLARED, encoding="utf-8")
    woe = (-logit(0.05), -logit(0.40))
    own = Bins("first_loan", (500.0,), woe, -logit(0.10), 0.0, -1.0, (1, 1, 1), (1, 1, 1))
    recipe = Recipe.parse((ROOT / "training" / "member_default.toml").read_text("utf-8"))
    return Champion(
        model=CalibratedModel(Scorecard(("first_loan",), 0.0, (own,)), {"first_loan": "repayment"}, 1.0, 0.0, {}),
        lock=Catalog.from_folder(folder).lock(),
        recipe=replace(recipe, outcome="member_given", maturity=None, first_cycle="first_loan", offsets=()),
        reference=Reference(features={}, bands=(), metrics={"seed": 0, "data": {"data_date": TRAINED_TO}}),
        card="",
        manifest_sha256="f" * 64,
        version="7",
    )


def allowing(champion: Champion, min_bads: int) -> Champion:
    return replace(champion, recipe=replace(champion.recipe, gates=replace(champion.recipe.gates, min_bads=min_bads)))


#: Members 1 to 5 of each of three banks ask for a second loan; of each bank, members 1 and 2 had asked for 600 before,
#: and the others for 300: 3 x (2 x 0.40 + 3 x 0.05) = 2.85 bads are expected.
SINCE = [(bank, number) for bank in (1, 2, 3) for number in (1, 2, 3, 4, 5)]
EVEN = {(1, 1): "bad", (2, 1): "bad", (2, 3): "bad", (3, 2): "bad", (3, 4): "indeterminate"}


def portfolio(
    folder, labels=EVEN, *, final=datetime(2025, 3, 3), rows=SINCE, data_date=date(2025, 6, 30), still_open=True
):
    """Write first loans, all good and known before training ended, and second loans that are final later."""
    groups = [(f"B{one}", None, "communal_bank") for one in (1, 2, 3)]
    groups += [(f"S{one}", f"B{one}", "solidarity_group") for one in (1, 2, 3)]
    asked, labelled = [], []
    for bank, number in rows:
        name = f"M{bank}{number}"
        before = 600 if number < 3 else 300
        asked.append((f"A{name}", name, f"S{bank}", before, datetime(2024, 2, 1, 10)))
        asked.append((f"Z{name}", name, f"S{bank}", 400, ASKED))
        labelled.append((f"A{name}", "good", datetime(2024, 7, 1)))
        labelled.append((f"Z{name}", labels.get((bank, number), "good"), final))
    # Asked for and not over yet: neither good nor bad.
    if still_open:
        asked.append(("ZOPEN", "M11", "S1", 400, datetime(2025, 5, 5, 10)))
    stamps = {"event_at": START, "known_at": START}
    return write_portfolio(
        folder / "portfolio",
        {
            "groups": pl.DataFrame(groups, schema=["id", "parent_id", "kind"], orient="row").with_columns(
                **{name: pl.lit(at) for name, at in stamps.items()}, branch_id=pl.lit("BR"), formed_on=START.date()
            ),
            "applications": pl.DataFrame(
                asked, schema=["id", "member_id", "group_id", "amount", "event_at"], orient="row"
            ).with_columns(
                known_at="event_at",
                product_id=pl.lit("P"),
                ledger=pl.lit("internal"),
                currency=pl.lit("USD"),
                term_days=pl.lit(112),
                frequency=pl.lit("weekly"),
                other_active_loans=pl.lit(0),
            ),
            "outcomes_given": pl.DataFrame(
                labelled, schema=["application_id", "label", "known_at"], orient="row"
            ).with_columns(id="application_id", event_at="known_at"),
        },
        currency="USD",
        country="PE",
        time_zone="America/Lima",
        data_date=data_date,
    )


def test_expected_and_observed_are_those_counted_by_hand(champion, tmp_path):
    found = since_training(allowing(champion, 4), portfolio(tmp_path))
    assert (found.matured, found.clusters, found.observed) == (15, 3, 4)  # an indeterminate end counts as not bad
    assert found.expected == pytest.approx(2.85)
    assert found.answer == "held"
    assert found.ratio is not None
    assert found.ratio.value == pytest.approx(4 / 2.85)
    # Bads fall evenly over the banks: Jeffreys' interval of 4 in 15, as if nobody shared anything.
    assert [found.low, found.high] == pytest.approx([15 * end for end in jeffreys(4, 15)])


def test_by_grade_where_the_numbers_allow(champion, tmp_path):
    grades = since_training(allowing(champion, 4), portfolio(tmp_path)).grades
    # Grade B holds nine women of three banks, and E six.
    assert [(one.name, one.n, one.bads, round(one.n * one.pd, 9)) for one in grades] == [
        ("B", 9, 1, 0.45),
        ("E", 6, 3, 2.4),
    ]
    # Of nine at 0.05 not even twice the risk would be noticed: no alarm says nothing.
    assert [one.light for one in grades] == ["too_few", "green"]


def test_bads_of_one_bank_say_less_than_as_many_strangers(champion, tmp_path):
    together = {(1, number): "bad" for number in (1, 2, 3, 4)}
    found = since_training(allowing(champion, 4), portfolio(tmp_path, together))
    assert (found.observed, found.expected) == (4, pytest.approx(2.85))
    assert found.low < 15 * 0.11
    assert found.high > 15 * 0.60


def test_a_level_off_beyond_chance_is_said(champion, tmp_path):
    # Two thirds of every bank are bad, where a fifth was expected.
    bads = {(bank, number): "bad" for bank in (1, 2, 3) for number in (1, 3, 4)}
    assert since_training(allowing(champion, 4), portfolio(tmp_path, bads)).answer == "more"


def test_fewer_bads_than_the_recipe_asks_for_are_too_few_to_say(champion, tmp_path):
    found = since_training(allowing(champion, 5), portfolio(tmp_path))
    assert (found.answer, found.ratio, found.grades) == ("too_few", None, ())
    assert (found.minimum_bads, found.matured, found.observed) == (5, 15, 4)
    assert champion.recipe.gates.min_bads == 60


def test_none_matured_on_the_portfolio_of_its_training(champion, tmp_path):
    own = portfolio(tmp_path, data_date=date(2024, 12, 31), final=datetime(2024, 12, 30), rows=SINCE, still_open=False)
    assert since_training(champion, own) == SinceTraining("none", date(2024, 12, 31), date(2024, 12, 31), 60)


def test_none_matured_where_all_were_final_by_the_last_day_of_training(champion, tmp_path):
    found = since_training(champion, portfolio(tmp_path, final=datetime(2024, 12, 31, 12)))
    assert (found.answer, found.matured) == ("none", 0)
    assert (found.to_dict()["matured"], found.to_dict()["observed"]) == (0, None)


def test_nothing_is_told_of_a_few_people(champion, tmp_path):
    found = since_training(champion, portfolio(tmp_path, rows=[(1, 1), (1, 2), (2, 1), (3, 1)]))
    assert found.to_dict() == {
        "answer": "withheld",
        "trained_to": "2024-12-31",
        "data_date": "2025-06-30",
        "minimum_bads": 60,
        "matured": None,
        "clusters": None,
        "expected": None,
        "observed": None,
        "low": None,
        "high": None,
        "level": 0.9,
        "observed_expected": None,
        "grades": [],
    }
