"""Beyond what rows showed, on the side where risk may be higher, a score has no range: for any excess."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskscore.catalog import Catalog
from riskscore.modelling.reference import FeatureReference
from riskscore.scoring import Policy, Scorer, ScoreRequest, Snapshot, latest_applications
from riskscore.simulator import simulate
from tests.unit.scoring.conftest import champion_of

ROOT = Path(__file__).parents[2]

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: value + 0.0)
COLUMNS = st.lists(NUMBERS, min_size=1, max_size=12).map(np.array)


@given(training=COLUMNS, later=COLUMNS, excess=st.floats(1e-3, 1e9), risk=st.sampled_from(("rises", "falls", "free")))
def test_the_risky_side_is_never_supported(training, later, excess, risk) -> None:
    known = FeatureReference.of(training, later, risk)
    both = np.concatenate([training, later])
    above, below = float(both.max()) + excess, float(both.min()) - excess
    low, high = known.bounds
    assert (above <= high) == (risk == "falls")
    assert (below >= low) == (risk == "rises")
    assert all(low <= value <= high for value in both.tolist())
    assert known.missing_share == 0.0


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """A scorer whose support is that of made-up rows, a snapshot, and one request."""
    portfolio = simulate(tmp_path_factory.mktemp("support") / "portfolio", members=120, seed=4)
    lock = Catalog.from_folder(ROOT / "features").lock()
    champion = champion_of(lock)
    draw = np.random.default_rng(1)
    support = {
        name: FeatureReference.of(draw.uniform(0, 5, 50), draw.uniform(0, 5, 50), lock.feature(name).risk)
        for name in champion.model.features
    }
    support = {name: replace(one, missing_share=0.1) for name, one in support.items()}
    champion = replace(champion, reference=replace(champion.reference, features=support))
    snapshot = Snapshot.build(portfolio, lock)
    latest = latest_applications(portfolio, snapshot.as_of).drop_nulls("other_active_loans")
    row = latest.filter(latest["member_id"].is_in(list(snapshot.places))).row(0, named=True)
    fields = ("amount", "term_days", "frequency", "other_active_loans")
    body = {"recipe": "member_default", "subject": row["member_id"], "currency": "USD", "purpose": "other"}
    request = ScoreRequest.read(body | {name: row[name] for name in fields}, snapshot, recipe="member_default")
    return Scorer(champion, Policy.load(ROOT / "serving" / "policy.toml")), snapshot, request, support


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(("worst_delay_180d", "peer_late_share", "lean_season")), excess=st.floats(1e-3, 1e6))
def test_a_row_beyond_the_risky_end_has_no_interval(scored, name, excess) -> None:
    scorer, snapshot, request, support = scored
    values = snapshot.values.copy()
    values[:, snapshot.names.index(name)] = support[name].high + excess  # risk rises with each of them
    score = scorer.score(replace(snapshot, values=values), request)
    assert name in score.data_quality.off_support
    assert score.band is None
    assert score.to_dict()["pd_interval"] is None
