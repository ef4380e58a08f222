"""Does the record tell the law of the simulator, and how far is the structural model from the truth? See README.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr, ndtri

from riskscore import Portfolio, Project, TrainingSet
from riskscore.dataset import out_of_time
from riskscore.evaluation import Interval, Ranked, cluster_bootstrap
from riskscore.liability import Estimate, Record, default_correlations, infection, shares_behind
from riskscore.modelling.communal_bank.behind import members_behind, standing
from riskscore.modelling.communal_bank.ledger import falls
from riskscore.modelling.communal_bank.level import corrected_level
from riskscore.modelling.communal_bank.members import learn_members, member_requests
from riskscore.modelling.communal_bank.structure import course, estimate
from riskscore.portfolio.outcomes import member_outcomes
from riskscore.simulator import simulate, truth
from riskscore.simulator.law import Law

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The simulator's first day and the length of the period that shares a systemic factor.
START, QUARTER = date(2020, 1, 1), 91
FIGURES = ("q", "in_group", "in_bank", "of_all")


def judged_loans(portfolio: Portfolio, folder: Path) -> pl.DataFrame:
    """Return the truth about every member loan whose outcome is final, with the meeting at which a fall began."""
    told = member_outcomes(portfolio).select("application_id", "loan_id")
    loans = portfolio.table("loans").sort("known_at").unique("id", keep="first").select("disbursed_on", loan_id="id")
    banks = portfolio.table("groups").sort("known_at").unique("id", keep="first").select("branch_id", bank_id="id")
    branches = portfolio.table("branches").sort("known_at").unique("id", keep="first")
    banks = banks.join(branches.select("region", branch_id="id"), on="branch_id", how="left")
    quarter = (pl.col("disbursed_on") - pl.lit(START)).dt.total_days() // QUARTER
    began = falls(portfolio, portfolio.moment(None), days=31).select("application_id", "onset")
    return (
        truth(folder)
        .applications.join(told, on="application_id")
        .join(loans, on="loan_id", how="left")
        .join(banks, on="bank_id", how="left")
        .join(began, on="application_id", how="left")
        .with_columns(
            in_group=pl.concat_str("group_id", "cycle", separator=" "),
            in_bank=pl.concat_str("bank_id", "cycle", separator=" "),
            period=pl.concat_str("region", quarter.cast(pl.String), separator=" "),
        )
        .sort("application_id")
    )


def codes(frame: pl.DataFrame, name: str) -> Ints:
    return np.unique(frame[name].to_numpy().astype(str), return_inverse=True)[1].astype(np.int64)


def law_correlations(frame: pl.DataFrame, law: Law) -> dict[str, float]:
    """Return the correlations of defaults that the law itself has for these loans, by quadrature.

    Two loans share a factor with the part `shared` of the variance; given it, each falls directly or is pulled along,
    with the rest of the factors integrated out.
    """
    direct, group = frame["p_direct"].to_numpy(), codes(frame, "in_group")
    bank, period = codes(frame, "in_bank"), codes(frame, "period")
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)
    weights = weights / weights.sum()
    whole = law.probability(direct, group)
    deviation = np.sqrt(whole * (1 - whole))

    def pairs(values: Floats, inner: Ints, outer: Ints) -> float:
        return float((np.bincount(outer, values) ** 2).sum() - (np.bincount(inner, values) ** 2).sum()) / 2

    def given(shared: float, z: float) -> Floats:
        rest, total = law.correlation - shared, np.zeros_like(direct)
        for other, weight in zip(nodes, weights, strict=True):
            asset = np.sqrt(shared) * z + np.sqrt(rest) * other
            p = ndtr((ndtri(direct) - asset) / np.sqrt(1 - law.correlation))
            spared = np.log1p(-law.infection * p)
            total += weight * (1 - (1 - p) * np.exp(np.bincount(group, spared)[group] - spared))
        return total

    found = {}
    for name, inner, outer, shared in (
        ("of_all", bank, period, law.systemic),
        ("in_bank", group, bank, law.systemic + law.bank),
    ):
        both = sum(w * pairs(given(shared, float(z)), inner, outer) for z, w in zip(nodes, weights, strict=True))
        found[name] = (both - pairs(whole, inner, outer)) / pairs(deviation, inner, outer)
    alone = np.arange(len(direct))
    both = law.expected_pairs(direct, group)
    found["in_group"] = (both - pairs(whole, alone, group)) / pairs(deviation, alone, group)
    return found


def plain(one: Estimate) -> dict[str, float]:
    return {"value": one.value, "low": one.low, "high": one.high}


def estimators(portfolio: Portfolio, folder: Path, seed: int) -> dict[str, object]:
    """Estimate from one institution's record, given the true PDs, and set it beside the law."""
    loans, law = judged_loans(portfolio, folder), truth(folder).law
    cluster = codes(loans, "bank_id")
    record = Record.of(
        loans["bad"].cast(pl.Float64).to_numpy(),
        loans["p_bad"].to_numpy(),
        group=codes(loans, "in_group"),
        bank=codes(loans, "in_bank"),
        period=codes(loans, "period"),
        cluster=cluster,
    )
    found = default_correlations(record)
    brought = infection(
        loans["onset"].fill_null(np.nan).to_numpy(),
        group=codes(loans, "in_group"),
        bank=codes(loans, "in_bank"),
        cluster=cluster,
        window=3,
    )
    shares = shares_behind(record, q=brought.used)
    true = {"q": law.infection, **law_correlations(loans, law)}
    estimates = {
        "q": plain(brought.q),
        "in_group": plain(found.in_group),
        "in_bank": plain(found.in_bank),
        "of_all": plain(found.of_all),
    }
    return {
        "seed": seed,
        "loans": loans.height,
        "bads": int(loans["bad"].sum()),
        "true": true,
        "estimates": estimates,
        "shares": {"of_all": shares.of_all, "in_bank": shares.in_bank, "in_group": shares.in_group},
    }


def structural(portfolio: Portfolio, folder: Path, seed: int) -> pl.DataFrame:
    """Return the later loans of communal banks with what the structural model, and others, say of them."""
    project = Project.open()
    recipe, lock = project.recipe("group_default"), project.catalog().lock()
    settings = recipe.liability
    if settings is None:
        raise SystemExit("training/group_default.toml has no [liability]")
    rows = TrainingSet.build(portfolio, lock, recipe.outcome)
    asked = recipe.split
    split = out_of_time(rows, test_share=asked.test_share, held_out_groups=asked.held_out_groups, seed=0, min_bads=0)
    requests = member_requests(portfolio, lock)
    learnt = learn_members(recipe, lock, requests, before=split.first_test, held_out=split.held_out, like=rows, seed=0)
    behind = members_behind(rows.frame, requests, window_days=settings.request_window_days)
    known = learnt.training.join(behind.select("application_id", "request_id"), on="application_id")
    structure = estimate(settings, known, falls(portfolio, split.first_test, days=settings.severity_after_days))
    behind = behind.with_columns(pd=pl.Series(learnt.pd(behind))).join(
        truth(folder).applications.select("application_id", "p_bad"), on="application_id", how="left"
    )
    told = []
    for (name,), own in behind.group_by("request_id", maintain_order=True):
        pd, true = own["pd"].to_numpy(), own["p_bad"].to_numpy()
        worlds = course(structure, settings, standing(own, pd, settings))
        of_truth = course(structure, settings, standing(own, true, settings))
        told.append((str(name), worlds.pd, of_truth.pd, float(pd.sum()), 1.0 - float(np.prod(1.0 - pd))))
    names = ("application_id", "raw", "raw_of_truth", "expected_falls", "never_this")
    frame = rows.frame.select("application_id", "bank_id", "cluster", "as_of", "bad").join(
        pl.DataFrame(told, schema=names, orient="row"), on="application_id"
    )
    train = frame.filter(pl.col("application_id").is_in(split.train.frame["application_id"].implode()))
    level = corrected_level(
        logit(train["raw"].to_numpy()),
        train["bad"].fill_null(0).to_numpy().astype(np.float64),
        train["cluster"].to_numpy().astype(str),
        settings.credibility_cases,
    )
    return frame.filter(pl.col("as_of") >= split.first_test).with_columns(
        pd=pl.Series(expit(logit(frame["raw"].to_numpy()) + level.shift)).filter(frame["as_of"] >= split.first_test),
        bad=pl.col("bad").fill_null(0).cast(pl.Float64),
        cluster=pl.concat_str(pl.lit(f"{seed} "), "cluster"),
    )


def of_later(later: pl.DataFrame) -> dict[str, object]:
    """Return what the pooled later loans say: level by band of PD, and the AUC of each way to order banks."""
    y, clusters = later["bad"].to_numpy(), later["cluster"].to_numpy().astype(str)
    areas = {}
    for name in ("pd", "raw_of_truth", "expected_falls", "never_this"):
        ranked = Ranked(y, later[name].to_numpy())
        around: Interval = cluster_bootstrap(ranked.auc, clusters, level=0.90, seed=0)
        areas[name] = {"auc": ranked.auc(), "low": around.low, "high": around.high}
    bands = []
    for low, high in ((0.0, 0.01), (0.01, 0.02), (0.02, 0.05), (0.05, 1.0)):
        some = later.filter((pl.col("pd") >= low) & (pl.col("pd") < high))
        bands.append(
            {
                "from": low,
                "to": high,
                "loans": some.height,
                "bads": float(some["bad"].sum()),
                "expected": float(some["pd"].sum()),
            }
        )
    return {
        "loans": later.height,
        "bads": float(y.sum()),
        "expected": float(later["pd"].sum()),
        "structural_expected": float(later["raw"].sum()),
        "never_this_expected": float(later["never_this"].sum()),
        "auc": areas,
        "bands": bands,
    }


def summary(rows: list[Mapping[str, object]]) -> dict[str, dict[str, float]]:
    """Return for each figure its mean truth and estimate, and how often the interval holds the truth."""
    found = {}
    for name in FIGURES:
        true = np.array([row["true"][name] for row in rows])  # type: ignore[index]
        told = [row["estimates"][name] for row in rows]  # type: ignore[index]
        value, low, high = (np.array([one[end] for one in told]) for end in ("value", "low", "high"))
        found[name] = {
            "true": float(true.mean()),
            "mean": float(value.mean()),
            "sd": float(value.std(ddof=1)) if len(value) > 1 else 0.0,
            "covered": float(((low <= true) & (true <= high)).mean()),
        }
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="institutions for the estimators")
    parser.add_argument("--structural", type=int, default=5, help="of them also for the structural model")
    parser.add_argument("--members", type=int, default=4000)
    parser.add_argument("--json", type=Path, help="where the results are kept")
    options = parser.parse_args()
    started, rows, later = time.monotonic(), [], []
    with tempfile.TemporaryDirectory() as home:
        for seed in range(1, options.seeds + 1):
            folder = Path(home) / f"institution-{seed}"
            portfolio = simulate(folder, members=options.members, seed=seed)
            rows.append(estimators(portfolio, folder, seed))
            if seed <= options.structural:
                later.append(structural(portfolio, folder, seed))
            told = rows[-1]["estimates"]
            q = told["q"]  # type: ignore[index]
            print(f"institution {seed}: q {q['value']:.3f} ({q['low']:.3f} to {q['high']:.3f})", flush=True)
            # Kept as it goes: what was measured is not lost where the run is stopped.
            found: dict[str, object] = {"members": options.members, "summary": summary(rows), "institutions": rows}
            if later:
                found["structural"] = of_later(pl.concat(later))
            _keep(options.json, found, time.monotonic() - started)
    print("| figure | law | mean estimate | sd | 90 % interval holds the law |")
    print("|---|---|---|---|---|")
    for name, one in found["summary"].items():  # type: ignore[attr-defined]
        print(f"| {name} | {one['true']:.4f} | {one['mean']:.4f} | {one['sd']:.4f} | {one['covered']:.0%} |")
    if later:
        print(json.dumps(found["structural"], indent=1))
    print(f"{time.monotonic() - started:.0f} s")
    return 0


def _keep(file: Path | None, found: Mapping[str, object], seconds: float) -> None:
    if file is not None:
        file.write_text(json.dumps({**found, "seconds": seconds}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
