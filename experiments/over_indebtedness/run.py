"""A model of over-indebtedness on institutions whose truth is known. See README.md."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import polars as pl
from scipy.stats import spearmanr

from riskscore import Project, train
from riskscore.dataset import TrainingSet, member_cycles
from riskscore.evaluation import auc
from riskscore.modelling import artefact
from riskscore.modelling.censoring import censoring
from riskscore.modelling.judging import judging
from riskscore.simulator import simulate, truth

SHOWN = ("auc", "slope", "observed_expected", "ici", "brier_skill")


def figures(members: int, seed: int, scenario: str) -> dict[str, Any]:
    """Simulate, train, and compare with what happened and with the truth."""
    project = Project.open()
    recipe, catalog = project.recipe("over_indebtedness"), project.catalog()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        portfolio = simulate(Path(folder) / "p", members=members, seed=seed, scenario=scenario)  # type: ignore[arg-type]
        run = train(recipe, catalog, portfolio, seed=0, folder=Path(folder) / "models")
        champion = artefact.load(run.folder)
        left = censoring(champion.model, champion.lock, portfolio, champion.recipe.household)
        judged = judging(champion, portfolio)
        cycles = member_cycles(portfolio, champion.lock, champion.recipe.household)
        signs = (
            cycles.filter(label="bad").select(pl.col("by_debt", "by_arrears", "by_sacrifice").sum()).row(0, named=True)
        )
        beside = against_the_truth(judged.later, judged.pd, cycles, truth(Path(folder) / "p").applications)
        later = run.winner.evaluations["later"]
        return {
            "scenario": scenario,
            "members": members,
            "seed": seed,
            "winner": run.choice.kind,
            "passed": run.passed,
            "failed_gates": [gate.words for gate in run.gates if not gate.passed],
            "cycles": asdict(left),
            "signs": signs,
            "train_rows": run.facts.train_rows,
            "train_bads": run.facts.train_bads,
            "later_rows": len(judged.later),
            "later_bads": later.bads,
            "later": {name: later.figures[name].to_dict() for name in SHOWN},
            "truth": beside,
            "seconds": round(time.perf_counter() - began),
        }


def against_the_truth(
    later: TrainingSet, pd: np.ndarray, cycles: pl.DataFrame, applications: pl.DataFrame
) -> dict[str, float]:
    """Compare on the later rows that came back: the truth is of the sign "debt" alone, and of true figures."""
    rows = (
        later.frame.select("application_id")
        .with_columns(p=pl.Series(pd))
        .join(cycles.filter("renewed").select("application_id", "by_debt"), on="application_id")
        .join(applications.select("application_id", "p_over_indebted"), on="application_id")
    )
    model, true, passed = (rows[name].to_numpy().astype(float) for name in ("p", "p_over_indebted", "by_debt"))
    return {
        "rows": rows.height,
        "passed_one": float(passed.mean()),
        "true_mean": float(true.mean()),
        "auc_of_debt_by_the_truth": float(auc(passed, true)),
        "auc_of_debt_by_the_model": float(auc(passed, model)),
        "rank_correlation": float(spearmanr(model, true).statistic),
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--members", type=int, default=4000)
    asked.add_argument("--seed", type=int, default=5)
    asked.add_argument("--scenarios", nargs="+", default=["normal", "recession"])
    asked.add_argument("--json", type=Path, default=Path(__file__).with_name("results.json"))
    given = asked.parse_args()
    results = [figures(given.members, given.seed, scenario) for scenario in given.scenarios]
    given.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    for one in results:
        cycles, later, beside = one["cycles"], one["later"], one["truth"]
        counts = ", ".join(f"{cycles[name]:,} {name}" for name in ("bad", "good", "indeterminate", "censored"))
        print(f"{one['scenario']}: {counts}; passed its gates: {one['passed']}")
        shown = ", ".join(
            f"{name} {later[name]['value']:.3f} ({later[name]['low']:.3f} to {later[name]['high']:.3f})"
            for name in SHOWN[:3]
        )
        print(f"  {one['winner']}, {one['later_rows']:,} later rows with {one['later_bads']:,.0f} bads: {shown}")
        band = ", ".join(f"{name} {cycles[name]:.3f}" for name in ("observed", "if_good", "if_bad", "if_alike"))
        print(f"  rate {band}")
        print("  " + ", ".join(f"{name} {value:.3f}" for name, value in beside.items() if name != "rows"))


if __name__ == "__main__":
    main()
