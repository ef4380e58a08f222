"""Champion against the truth, over several simulated institutions of one law. See README.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import lightgbm
import numpy as np
import polars as pl

from riskscore import Project, train
from riskscore.dataset import TrainingSet
from riskscore.evaluation import auc, calibration, observed_expected
from riskscore.modelling.artefact import load
from riskscore.simulator import simulate, truth

MAX_GAP = 0.015
MEAN_BAR = (0.90, 1.10)
SEED_BAR = (0.85, 1.15)
REFERENCE_SEED = 9_000


@dataclass(frozen=True, slots=True)
class Figures:
    """How one champion does on one group of applications, against the truth."""

    rows: int
    auc_champion: float
    auc_reference: float
    auc_truth: float
    slope: float
    observed_expected: float


@dataclass(frozen=True, slots=True)
class SeedResult:
    """One seed: which candidate won, and its figures."""

    seed: int
    candidate: str
    everyone: Figures
    first_cycle: Figures
    recession: Figures


def institution(folder: Path, members: int, seed: int, scenario: str) -> tuple[TrainingSet, pl.DataFrame]:
    """Simulate an institution and return its rows with the true probability beside them."""
    project = Project.open()
    portfolio = simulate(folder, members=members, seed=seed, scenario=scenario)  # type: ignore[arg-type]
    rows = TrainingSet.build(portfolio, project.catalog().lock())
    frame = rows.frame.join(
        truth(folder).applications.select("application_id", "p_bad", "first_cycle"), on="application_id", how="left"
    )
    return rows, frame


def matrix(frame: pl.DataFrame, features: tuple[str, ...]) -> np.ndarray:
    return frame.select(features).to_numpy().astype(np.float64)


def fit_reference(folder: Path, members: int, features: tuple[str, ...] | None = None) -> tuple[str, int]:
    """Fit a large LightGBM on realised outcomes and return its text and its number of cycles."""
    rows, frame = institution(folder / "reference", members, REFERENCE_SEED, "normal")
    x = matrix(frame, rows.features)
    y = (frame["label"] == "bad").to_numpy().astype(np.int64)
    held_out = np.random.default_rng(0).random(len(y)) < 0.15
    data = lightgbm.Dataset(x[~held_out], y[~held_out])
    booster = lightgbm.train(
        {
            "objective": "binary",
            "num_leaves": 31,
            "learning_rate": 0.05,
            "min_data_in_leaf": 200,
            "feature_fraction": 0.7,
            "num_threads": 2,
            "verbosity": -1,
            "seed": 0,
        },
        data,
        num_boost_round=600,
        valid_sets=[lightgbm.Dataset(x[held_out], y[held_out], reference=data)],
        callbacks=[lightgbm.early_stopping(30, verbose=False)],
    )
    return booster.model_to_string(num_iteration=booster.best_iteration), len(y)


def figures(frame: pl.DataFrame, pd: np.ndarray, reference: np.ndarray) -> Figures:
    p = frame["p_bad"].to_numpy()
    return Figures(
        rows=len(p),
        auc_champion=auc(p, pd),
        auc_reference=auc(p, reference),
        auc_truth=auc(p, p),
        slope=calibration(p, pd).slope,
        observed_expected=observed_expected(p, pd),
    )


def one_seed(seed: int, members: int, reference_text: str) -> SeedResult:
    """Train on one institution, test on a second of twice its size and on a third in recession."""
    project = Project.open()
    reference = lightgbm.Booster(model_str=reference_text)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        portfolio = simulate(folder / "train", members=members, seed=seed, scenario="normal")
        run = train(
            project.recipe("member_default"), project.catalog(), portfolio, seed=seed, folder=folder / "artefacts"
        )
        model = load(run.folder).model
        results = {}
        for name, size, scenario in (("normal", 2 * members, "normal"), ("recession", members, "recession")):
            rows, frame = institution(folder / name, size, 1_000 + seed, scenario)
            pd = model.explain(matrix(frame, model.features)).pd
            ref = np.asarray(reference.predict(matrix(frame, rows.features)))
            results[name] = figures(frame, pd, ref)
            if name == "normal":
                first = frame["first_cycle"].to_numpy()
                results["first"] = figures(frame.filter(pl.col("first_cycle")), pd[first], ref[first])
    return SeedResult(seed, run.winner.kind, results["normal"], results["first"], results["recession"])


def misses(results: list[SeedResult]) -> list[str]:
    """Say in words which bars are missed."""
    found = []
    for group in ("everyone", "first_cycle"):
        rows: list[Figures] = [getattr(result, group) for result in results]
        gap = float(np.mean([row.auc_reference - row.auc_champion for row in rows]))
        if group == "everyone" and gap > MAX_GAP:
            found.append(f"{group}: {gap:.4f} AUC under the reference, more than {MAX_GAP}")
        for measure in ("slope", "observed_expected"):
            values = [getattr(row, measure) for row in rows]
            if not MEAN_BAR[0] <= np.mean(values) <= MEAN_BAR[1]:
                found.append(f"{group}: mean {measure} {np.mean(values):.3f} outside {MEAN_BAR}")
            if group == "first_cycle":
                continue  # a seed's hundred bads in first cycles say too little to hold each to a bar; see README.md
            for result, value in zip(results, values, strict=True):
                if not SEED_BAR[0] <= value <= SEED_BAR[1]:
                    found.append(f"{group}: seed {result.seed} {measure} {value:.3f} outside {SEED_BAR}")
    return found


def table(results: list[SeedResult]) -> str:
    lines = [
        f"{'seed':>5} {'champion is':<14} {'who':<12} {'rows':>7} {'AUC':>7} {'ref.':>7} {'gap':>7}"
        f" {'truth':>7} {'gap':>7}"
        f" {'slope':>6} {'O/E':>6}"
    ]
    for result in results:
        for who in ("everyone", "first_cycle", "recession"):
            f: Figures = getattr(result, who)
            lines.append(
                f"{result.seed:>5} {result.candidate:<14} {who:<12} {f.rows:>7} {f.auc_champion:>7.4f}"
                f" {f.auc_reference:>7.4f} {f.auc_reference - f.auc_champion:>7.4f} {f.auc_truth:>7.4f}"
                f" {f.auc_truth - f.auc_champion:>7.4f} {f.slope:>6.3f} {f.observed_expected:>6.3f}"
            )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write every figure to this file")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--members", type=int, default=6_000, help="who train; twice as many test")
    parser.add_argument("--reference-members", type=int, default=52_000)
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        reference_text, cycles = fit_reference(Path(scratch), options.reference_members)
    print(f"reference: {cycles:,} cycles, {time.monotonic() - started:.0f} s", flush=True)
    # Spawned, not forked: a fork would inherit the locks of DuckDB's, Polars' and LightGBM's threads.
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(one_seed, seed, options.members, reference_text) for seed in range(1, options.seeds + 1)]
        results = [future.result() for future in futures]
    print(table(results))
    found = misses(results)
    gap = float(np.mean([r.everyone.auc_truth - r.everyone.auc_champion for r in results]))
    print(f"mean gap to the truth itself: {gap:.4f} (not barred; under 0.02 the simulator would be too easy)")
    print("\n".join(["a bar is missed:", *found]) if found else "every bar holds")
    print(f"{time.monotonic() - started:.0f} s")
    if options.json:
        report = {
            "reference_cycles": cycles,
            "seeds": [asdict(result) for result in results],
            "gap_to_truth": gap,
            "misses": found,
            "seconds": time.monotonic() - started,
        }
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
