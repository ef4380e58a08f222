"""Does the interval of a producer association's PD hold what it says? Over funds of twenty whose truth is known.

    python experiments/producer_funds/run.py --funds 1000 --json experiments/producer_funds/results.json

Prints the table of the README and writes the figures.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from exact import exact_widths
from funds import Setting, draw
from scipy.special import expit

from riskscore.liability import beta_posterior
from riskscore.modelling import Recipe
from riskscore.modelling.expert.belief import update
from riskscore.modelling.expert.candidate import SEASON, ExpertCandidate
from riskscore.modelling.expert.interval import LEVEL, base_rate_interval, told

RECIPE = Path(__file__).parents[2] / "training" / "producer_default.toml"

#: A bad season triples everybody's odds of trouble.
BAD = float(np.log(3.0))

#: Associations of a fund whose exact interval is sampled beside ours.
ROWS = 5


def settings(base_rate: float) -> tuple[Setting, ...]:
    """Return the ways in which funds come about."""
    return (
        Setting("drawn from the prior"),
        Setting("drawn from the prior, three seasons", seasons=3),
        Setting("half its base rate", base_rate=base_rate / 2),
        Setting("double its base rate", base_rate=base_rate * 2),
        Setting("a shared bad season", season_effect=BAD),
    )


def judged(
    candidate: ExpertCandidate, setting: Setting, count: int, seed: int
) -> tuple[dict[str, object], list[object]]:
    """Return how often the intervals of `count` funds held the truth."""
    prior = candidate.prior
    base, alone, own, again, width_base, width_own, funds = [], [], [], [], [], [], []
    for number in range(count):
        fund = draw(candidate, setting, np.random.default_rng([seed, number]))
        belief = update(prior, fund.cases)
        low, high = base_rate_interval(belief)
        ahead = fund.cases.levels | {SEASON: ["ahead"] * len(fund.ordinary)}
        answer = told(belief, fund.cases.z, ahead)
        base.append(low <= fund.base_rate <= high)
        bads = int(fund.cases.bad.sum())
        naive = beta_posterior(len(fund.ordinary), bads, prior_rate=prior.base_rate, prior_cases=prior.cases)
        alone.append(naive.low <= fund.base_rate <= naive.high)
        for held, season in ((own, fund.ahead), (again, BAD)):
            pd = expit(fund.ordinary + season)
            held.append(float(((answer.low <= pd) & (pd <= answer.high)).mean()))
        width_base.append(high - low)
        width_own.append(answer.high - answer.low)
        funds.append(fund)
    told_of = {
        "setting": setting.name,
        "funds": count,
        "association_coverage": _share(own),
        "base_rate_coverage": _share(base),
        "base_rate_coverage_if_cases_were_independent": _share(alone),
        "association_coverage_bad_season_ahead": _share(again),
        "association_width": float(np.mean(width_own)),
        "base_rate_width": float(np.mean(width_base)),
        "mean_bads": float(np.mean([fund.cases.bad.sum() for fund in funds])),
    }
    if setting.seasons == 1 and setting.base_rate is None and setting.season_effect is None:
        exact = exact_widths(prior, funds, rows=ROWS, level=LEVEL, seed=seed)
        first = np.array([width[:ROWS] for width in width_own])
        told_of["association_width_to_exact"] = float(first.mean() / exact["associations"].mean())
        told_of["base_rate_width_to_exact"] = float(np.mean(width_base) / exact["base_rate"].mean())
    return told_of


def _share(held: list[float]) -> dict[str, float]:
    """Return the mean over funds and its standard error: associations of one fund share their luck."""
    return {"share": float(np.mean(held)), "se": float(np.std(held) / np.sqrt(len(held)))}


def table(rows: list[dict[str, object]]) -> str:
    """Return the results as Markdown."""
    lines = [
        "| funds come from | bads of 20 | next loan's PD held | base rate held | the same, cases taken as independent "
        "| next loan's PD held, season ahead bad too | mean width, next loan | to the exact: next loan, base rate |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        shares = " | ".join(
            f"{row[name]['share']:.1%} ± {row[name]['se']:.1%}"  # type: ignore[index]
            for name in (
                "association_coverage",
                "base_rate_coverage",
                "base_rate_coverage_if_cases_were_independent",
                "association_coverage_bad_season_ahead",
            )
        )
        exact = (
            f"{row['association_width_to_exact']:.3f}, {row['base_rate_width_to_exact']:.3f}"
            if "association_width_to_exact" in row
            else ""
        )
        lines.append(
            f"| {row['setting']} | {row['mean_bads']:.2f} | {shares} | {row['association_width']:.3f} | {exact} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run every setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--funds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    candidate = Recipe.load(RECIPE).candidates[0]
    if not isinstance(candidate, ExpertCandidate):
        raise SystemExit(f"{RECIPE.name}: the first candidate is no expert prior.")
    began, rows = time.perf_counter(), []
    for setting in settings(candidate.anchor.pd):
        row = judged(candidate, setting, asked.funds, asked.seed)
        rows.append(row)
        print(f"{setting.name}: {time.perf_counter() - began:.0f} s", flush=True)
    print(table(rows))
    if asked.json:
        content = {"level": LEVEL, "seed": asked.seed, "bad_season_odds": 3.0, "rows": rows}
        aside = asked.json.with_suffix(".partial")
        aside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        aside.replace(asked.json)


if __name__ == "__main__":
    main()
