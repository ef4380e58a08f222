"""Does the record tell the law of the simulator, and how far is the structural model from the truth? See README.md."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from structural import later_loans, of_later, tables

from riskscore import Portfolio
from riskscore.liability import Estimate, Record, default_correlations, infection, shares_behind
from riskscore.modelling.communal_bank.ledger import falls
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
    parser.add_argument("--first", type=int, default=1, metavar="SEED", help="of these seeds the first")
    parser.add_argument("--structural", type=int, default=20, help="of them also for the structural model")
    parser.add_argument("--members", type=int, default=4000)
    parser.add_argument("--draws", type=int, default=2000, help="worlds a communal bank")
    parser.add_argument("--json", type=Path, help="where the results are kept")
    parser.add_argument("--keep", type=Path, help="folder of what is done; a run that was stopped goes on from there")
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        kept = options.keep or Path(home) / "kept"
        kept.mkdir(parents=True, exist_ok=True)
        for seed in seeds_of(options):
            institution(seed, options, Path(home), kept)
            found = gathered(options, kept)
            if options.json is not None:
                text = json.dumps({**found, "seconds": time.monotonic() - started}, indent=1)
                options.json.write_text(text + "\n", encoding="utf-8")
    print("| figure | law | mean estimate | sd | 90 % interval holds the law |")
    print("|---|---|---|---|---|")
    for name, one in found["summary"].items():
        print(f"| {name} | {one['true']:.4f} | {one['mean']:.4f} | {one['sd']:.4f} | {one['covered']:.0%} |")
    if "structural" in found:
        print(f"\n{tables(found['structural'])}")
    return 0


def seeds_of(options: argparse.Namespace) -> range:
    return range(options.first, options.first + options.seeds)


def institution(seed: int, options: argparse.Namespace, home: Path, kept: Path) -> None:
    """Simulate one institution and keep what is found of it, unless it is kept already."""
    name = f"{options.members}-{seed}"
    told, later = kept / f"{name}.json", kept / f"{name}-{options.draws}.parquet"
    wanted = seed in seeds_of(options)[: options.structural] and not later.exists()
    if told.exists() and not wanted:
        return
    folder = home / f"institution-{seed}"
    portfolio = simulate(folder, members=options.members, seed=seed)
    if not told.exists():
        found = estimators(portfolio, folder, seed)
        _whole(told, lambda aside: aside.write_text(json.dumps(found), encoding="utf-8"))
        q = found["estimates"]["q"]  # type: ignore[index]
        print(f"institution {seed}: q {q['value']:.3f} ({q['low']:.3f} to {q['high']:.3f})", flush=True)
    if wanted:
        loans = later_loans(portfolio, folder, seed, options.draws)
        _whole(later, loans.write_parquet)
        print(f"institution {seed}: {loans['bad'].sum():g} bads among {loans.height} later loans", flush=True)
    shutil.rmtree(folder)


def gathered(options: argparse.Namespace, kept: Path) -> dict[str, Any]:
    """Return everything that is kept for these options, over institutions."""
    seeds = seeds_of(options)
    told = [kept / f"{options.members}-{seed}.json" for seed in seeds]
    rows = [json.loads(file.read_text(encoding="utf-8")) for file in told if file.exists()]
    found = {"members": options.members, "summary": summary(rows), "institutions": rows}
    files = [kept / f"{options.members}-{seed}-{options.draws}.parquet" for seed in seeds[: options.structural]]
    later = [pl.read_parquet(file) for file in files if file.exists()]
    if later:
        found["structural"] = of_later(pl.concat(later))
    return found


def _whole(file: Path, write: Callable[[Path], object]) -> None:
    aside = file.with_name(f".{file.name}.partial")
    write(aside)
    aside.replace(file)


if __name__ == "__main__":
    sys.exit(main())
