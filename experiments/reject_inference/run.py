"""What inferring the outcomes of the rejected does, where the outcomes are known and only hidden. See README.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import lightgbm
import numpy as np
import polars as pl
from scipy.special import logit
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskscore import Project
from riskscore.dataset import TrainingSet
from riskscore.evaluation import auc, brier, calibration, observed_expected
from riskscore.simulator import simulate

METHODS = ("accepted only", "fuzzy augmentation", "reweighting", "oracle")
WORLDS = ("rule reads the features", "rule knows more")

#: Weight of what the rule knows of the outcome itself beyond the features, in standard deviations of its score.
HIDDEN = 0.75

#: Share of the columns that the rule reads, so that it is not the model itself.
READ = 0.5

LARGEST, TEST_SHARE, LEAST_CHANCE = 5_000, 0.3, 0.05


@dataclass(frozen=True)
class Sample:
    """Rows with every outcome known; `groups` stay whole in a split."""

    name: str
    X: np.ndarray
    y: np.ndarray
    groups: np.ndarray


@dataclass(frozen=True, slots=True)
class Result:
    """One method in one world: means over repeats, and what it gains over fitting the accepted alone."""

    set: str
    world: str
    accepted: float
    model: str
    method: str
    auc: float
    gain: float
    gain_sd: float
    brier: float
    observed_expected: float
    slope: float
    auc_rejected: float
    oe_rejected: float


def public_sets(folder: Path) -> Iterator[Sample]:
    for path in sorted(folder.glob("*.csv.gz")):
        frame = pl.read_csv(path, infer_schema_length=None)
        y = frame["bad"].cast(pl.Float64).to_numpy()
        columns = [
            one.cast(pl.Float64).fill_null(np.nan).to_numpy() if one.dtype.is_numeric() else _codes(one, y)
            for one in frame.drop("bad")
            if not (one.dtype.is_integer() and one.n_unique() == frame.height)
        ]
        X = np.column_stack([column if column.ndim == 2 else column[:, None] for column in columns])
        yield Sample(path.name.removesuffix(".csv.gz"), X, y, np.arange(len(y)))


def _codes(column: pl.Series, y: np.ndarray) -> np.ndarray:
    return column.cast(pl.String).fill_null("").to_frame().to_dummies().to_numpy().astype(np.float64)


def simulated(members: int, seed: int) -> Sample:
    with tempfile.TemporaryDirectory() as scratch:
        portfolio = simulate(Path(scratch) / "portfolio", members=members, seed=seed)
        rows = TrainingSet.build(portfolio, Project.open().catalog().lock())
        return Sample("simulated village bank", rows.X, rows.bad, rows.clusters)


def logistic() -> Any:
    imputer = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    return make_pipeline(imputer, StandardScaler(), LogisticRegression(C=0.1, max_iter=100, solver="newton-cholesky"))


def fit_logistic(X: np.ndarray, y: np.ndarray, w: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    model = logistic()
    model.fit(X, y, logisticregression__sample_weight=w)
    return lambda rows: model.predict_proba(rows)[:, 1]


def fit_trees(X: np.ndarray, y: np.ndarray, w: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    settings = {
        "objective": "binary",
        "num_leaves": 8,
        "learning_rate": 0.05,
        "min_data_in_leaf": max(20, int(0.01 * w.sum())),
        "feature_fraction": 0.7,
        "num_threads": 1,
        "verbosity": -1,
        "deterministic": True,
        "seed": 0,
    }
    booster = lightgbm.train(settings, lightgbm.Dataset(X, y, weight=w), num_boost_round=120)
    return lambda rows: np.asarray(booster.predict(rows))


MODELS = {"logistic": fit_logistic, "lightgbm": fit_trees}


def accepted_by(sample: Sample, world: str, rate: float, draw: np.random.Generator) -> np.ndarray:
    """Return whom an earlier lender would have accepted: by half of the columns, fitted on a tenth of the rows."""
    n, k = sample.X.shape
    read = draw.permutation(k)[: max(2, int(READ * k))]
    some = draw.permutation(n)[: max(300, n // 10)]
    rule = fit_logistic(sample.X[some][:, read], sample.y[some], np.ones(len(some)))
    score = logit(np.clip(rule(sample.X[:, read]), 1e-6, 1 - 1e-6))
    score = (score - score.mean()) / score.std() + draw.normal(0, 0.5, n)
    if world == "rule knows more":
        score = score + HIDDEN * (sample.y - sample.y.mean())
    return score <= np.quantile(score, rate)


def fitted(method: str, fit: Any, X: np.ndarray, y: np.ndarray, accepted: np.ndarray) -> Any:
    """Fit one method; the outcomes of the rejected are read by the oracle alone."""
    ones = np.ones(len(y))
    if method == "oracle":
        return fit(X, y, ones)
    known = fit(X[accepted], y[accepted], ones[accepted])
    if method == "accepted only":
        return known
    if method == "fuzzy augmentation":
        chance = known(X[~accepted])
        return fit(
            np.vstack([X[accepted], X[~accepted], X[~accepted]]),
            np.concatenate([y[accepted], np.ones(len(chance)), np.zeros(len(chance))]),
            np.concatenate([ones[accepted], chance, 1 - chance]),
        )
    propensity = fit_logistic(X, accepted.astype(float), ones)(X[accepted])
    weights = 1.0 / np.clip(propensity, LEAST_CHANCE, 1.0)
    return fit(X[accepted], y[accepted], weights * len(weights) / weights.sum())


def measured(y: np.ndarray, pd: np.ndarray, rejected: np.ndarray) -> dict[str, float]:
    some = rejected & np.isfinite(pd)
    both = 0 < y[some].sum() < some.sum()
    return {
        "auc": auc(y, pd),
        "brier": brier(y, pd),
        "observed_expected": observed_expected(y, pd),
        "slope": calibration(y, np.clip(pd, 1e-6, 1 - 1e-6)).slope,
        "auc_rejected": auc(y[some], pd[some]) if both else float("nan"),
        "oe_rejected": observed_expected(y[some], pd[some]) if some.any() else float("nan"),
    }


def run(sample: Sample, rates: tuple[float, ...], repeats: int) -> Iterator[Result]:
    draw = np.random.default_rng(0)
    if len(sample.y) > LARGEST and len(np.unique(sample.groups)) == len(sample.y):
        kept = np.sort(draw.permutation(len(sample.y))[:LARGEST])
        sample = Sample(sample.name, sample.X[kept], sample.y[kept], sample.groups[kept])
    for world in WORLDS:
        for rate in rates:
            found: dict[tuple[str, str], list[dict[str, float]]] = {}
            for repeat in range(repeats):
                draw = np.random.default_rng(1_000 * repeat + int(100 * rate))
                accepted = accepted_by(sample, world, rate, draw)
                split = GroupShuffleSplit(1, test_size=TEST_SHARE, random_state=repeat)
                train, test = next(split.split(sample.X, sample.y, sample.groups))
                for model, fit in MODELS.items():
                    for method in METHODS:
                        predict = fitted(method, fit, sample.X[train], sample.y[train], accepted[train])
                        figures = measured(sample.y[test], predict(sample.X[test]), ~accepted[test])
                        found.setdefault((model, method), []).append(figures)
            for (model, method), figures in found.items():
                base = np.array([one["auc"] for one in found[model, "accepted only"]])
                gains = np.array([one["auc"] for one in figures]) - base
                means = {name: float(np.nanmean([one[name] for one in figures])) for name in figures[0]}
                yield Result(
                    set=sample.name,
                    world=world,
                    accepted=rate,
                    model=model,
                    method=method,
                    gain=float(gains.mean()),
                    gain_sd=float(gains.std(ddof=1)) if len(gains) > 1 else float("nan"),
                    **means,
                )


def table(results: list[Result]) -> str:
    heads = ("set", "rule", "accepted", "model", "method", "AUC", "gain (sd)", "O/E", "slope")
    heads += ("AUC, rejected", "O/E, rejected")
    rows = [
        f"| {one.set} | {one.world} | {one.accepted:.0%} | {one.model} | {one.method} | {one.auc:.4f} "
        f"| {one.gain:+.4f} ({one.gain_sd:.4f}) | {one.observed_expected:.3f} | {one.slope:.3f} "
        f"| {one.auc_rejected:.4f} | {one.oe_rejected:.3f} |"
        for one in results
    ]
    return "\n".join([f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *rows])


def verdicts(results: list[Result]) -> list[str]:
    """Say, for each method, in how many settings it gained or lost AUC by more than two sds, and its level."""
    told = []
    for world in WORLDS:
        for method in METHODS[1:]:
            some = [one for one in results if one.method == method and one.world == world]
            better = sum(one.gain > 2 * one.gain_sd for one in some)
            worse = sum(one.gain < -2 * one.gain_sd for one in some)
            gain = float(np.mean([one.gain for one in some]))
            told.append(
                f"{world}, {method}: mean gain {gain:+.4f} AUC, better in {better} and worse in {worse} of {len(some)} "
                f"settings; mean observed/expected {_level(some):.2f}"
            )
        base = [one for one in results if one.method == "accepted only" and one.world == world]
        told.append(f"{world}, accepted only: mean observed/expected {_level(base):.2f}")
    return told


def _level(results: list[Result]) -> float:
    """Return the geometric mean of observed over expected, on everyone."""
    return float(np.exp(np.mean([np.log(one.observed_expected) for one in results])))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write every figure to this file")
    parser.add_argument("--data", type=Path, help="folder with *.csv.gz that have a `bad` column")
    parser.add_argument("--members", type=int, default=3_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--accepted", type=float, nargs="+", default=[0.5, 0.8])
    options = parser.parse_args()
    started = time.monotonic()
    data = options.data or _beside()
    samples = [simulated(options.members, seed=1)]
    if data is None:
        print("no public sets: set RISKSCORE_DATA or --data; the simulated institution alone is run")
    else:
        samples += list(public_sets(data))
    results = []
    for sample in samples:
        results += list(run(sample, tuple(options.accepted), options.repeats))
        print(f"{sample.name}: {len(sample.y):,} rows, {sample.y.mean():.1%} bad", flush=True)
    print(table(results))
    told = verdicts(results)
    print("\n".join(told))
    seconds = time.monotonic() - started
    print(f"{seconds:.0f} s")
    if options.json:
        report = {"results": [asdict(one) for one in results], "verdicts": told, "seconds": seconds}
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def _beside() -> Path | None:
    root = os.environ.get("RISKSCORE_DATA")
    folder = Path(root) / "benchmarks" if root else Path(__file__).parents[2].parent / "shared" / "data" / "benchmarks"
    return folder if folder.is_dir() else None


if __name__ == "__main__":
    sys.exit(main())
