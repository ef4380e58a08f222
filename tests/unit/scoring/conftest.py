"""A simulated institution, the starter's features, and a scorecard written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscore.catalog import Catalog, Lock
from riskscore.modelling.artefact import Champion
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.reference import Band, FeatureReference, Reference
from riskscore.modelling.scorecard import Bins, Scorecard
from riskscore.portfolio import Portfolio
from riskscore.scoring import Policy, Scorer, ScoreRequest, Snapshot, latest_applications
from riskscore.simulator import simulate

ROOT = Path(__file__).parents[3]

#: Splits, weights of evidence by bin, of the missing bin and in the mean, and the coefficient.
BINS = {
    "worst_delay_180d": ((1.0, 8.0), (0.6, -0.4, -1.5), -0.2, 0.1, -0.9),
    "instalment_to_surplus": ((0.5, 0.75, 1.0), (0.7, 0.0, -0.6, -1.2), -0.5, 0.0, -0.8),
    "amount_growth": ((1.2, 1.6), (0.2, -0.2, -0.8), 0.0, 0.05, -0.7),
    "loans_elsewhere": ((1.0, 3.0), (0.3, -0.1, -0.7), 0.0, 0.0, -0.6),
    "peer_late_share": ((0.05, 0.2), (0.9, -0.1, -1.4), 0.0, 0.1, -0.9),
    "lean_season": ((0.5,), (0.1, -0.3), 0.0, 0.0, -0.5),
}
MEDIANS = {
    "worst_delay_180d": 0.0,
    "instalment_to_surplus": 0.45,
    "amount_growth": 1.1,
    "loans_elsewhere": 0.0,
    "peer_late_share": 0.05,
    "lean_season": 0.0,
}
HIGHEST = {"worst_delay_180d": 400.0, "loans_elsewhere": 12.0, "lean_season": 1.0, "peer_late_share": 1.0}


@pytest.fixture(scope="session")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return simulate(tmp_path_factory.mktemp("scoring") / "portfolio", members=150, seed=11)


@pytest.fixture(scope="session")
def lock() -> Lock:
    return Catalog.from_folder(ROOT / "features").lock()


def champion_of(lock: Lock, names: tuple[str, ...] = tuple(BINS), *, alpha: float = -2.6) -> Champion:
    families = {feature.name: feature.family for feature in lock.predictors}
    bins = []
    for name in names:
        splits, woe, missing, mean, beta = BINS[name]
        counts = (100,) * (len(woe) + 1)
        bins.append(Bins(name, splits, woe, missing, mean, beta, counts, counts))
    text = (ROOT / "training" / "member_default.toml").read_text("utf-8")
    recipe = Recipe.parse(text.replace('offsets = ["first_loan"]', "offsets = []"))  # the scorecard below has none
    assert recipe.offsets == ()
    caps = {"group": 20.0} if any(families[name] == "group" for name in names) else {}
    return Champion(
        model=CalibratedModel(
            Scorecard(names, alpha, tuple(bins)), {name: families[name] for name in names}, 1.0, 0.0, caps
        ),
        lock=lock,
        recipe=recipe,
        reference=Reference(
            features={
                name: FeatureReference(MEDIANS[name], MEDIANS[name], 0.0, HIGHEST.get(name, 10.0), 0.2)
                for name in names
            },
            bands=(
                Band(None, 560.0, 300, 60, 40, 0.20, 0.15, 0.26, 0.9),
                Band(560.0, None, 900, 54, 60, 0.06, 0.04, 0.09, 0.9),
            ),
            metrics={},
        ),
        card="",
        manifest_sha256="f" * 64,
        version="7",
    )


@pytest.fixture(scope="session")
def champion(lock: Lock) -> Champion:
    return champion_of(lock)


@pytest.fixture(scope="session")
def other_champion(lock: Lock) -> Champion:
    """Two features of six, and far higher risk for all."""
    return champion_of(lock, ("worst_delay_180d", "lean_season"), alpha=1.0)


@pytest.fixture(scope="session")
def policy() -> Policy:
    return Policy.load(ROOT / "serving" / "policy.toml")


@pytest.fixture(scope="session")
def scorer(champion: Champion, policy: Policy) -> Scorer:
    return Scorer(champion, policy)


@pytest.fixture(scope="session")
def snapshot(portfolio: Portfolio, lock: Lock) -> Snapshot:
    return Snapshot.build(portfolio, lock)


@pytest.fixture(scope="session")
def asked(portfolio: Portfolio, snapshot: Snapshot):
    """Every current member's latest application, as it would be asked again."""
    latest = latest_applications(portfolio, snapshot.as_of)
    return latest.filter(latest["member_id"].is_in(list(snapshot.places))).drop_nulls("other_active_loans")


@pytest.fixture(scope="session")
def body_of(snapshot: Snapshot):
    """Turn a past application into the body of a request."""

    def body(row, **changes):
        fields = ("amount", "term_days", "frequency", "purpose", "other_active_loans")
        asked = {name: row[name] for name in fields}
        return {"recipe": "member_default", "subject": row["member_id"], "currency": "USD", **asked, **changes} | {
            "purpose": changes.get("purpose", row["purpose"] or "other")
        }

    return body


@pytest.fixture(scope="session")
def request_of(snapshot: Snapshot, body_of):
    return lambda row, **changes: ScoreRequest.read(body_of(row, **changes), snapshot, recipe="member_default")


@pytest.fixture(scope="session")
def scores(scorer: Scorer, snapshot: Snapshot, asked, request_of):
    return {row["member_id"]: scorer.score(snapshot, request_of(row)) for row in asked.iter_rows(named=True)}
