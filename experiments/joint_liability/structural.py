"""The structural model on later loans of communal banks, beside cheaper ways to order them and beside the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit, logit

from riskscore import Portfolio, Project, TrainingSet
from riskscore.dataset import out_of_time
from riskscore.evaluation import Interval, Ranked, auc_difference, cluster_bootstrap
from riskscore.modelling.communal_bank.behind import Standing, members_behind, standings
from riskscore.modelling.communal_bank.ledger import falls, payers_told
from riskscore.modelling.communal_bank.level import Belief, corrected_level, seasons
from riskscore.modelling.communal_bank.members import learn_members, member_requests
from riskscore.modelling.communal_bank.settings import LiabilitySettings
from riskscore.modelling.communal_bank.structure import Structure, course, estimate
from riskscore.simulator import truth

LEVEL = 0.90

#: Ways to order banks, and what each is. The first is the model; the last is printed to show how wrong it is.
WAYS: Mapping[str, str] = {
    "pd": "the structural model",
    "assumed_cover": "the same worlds, savings and spare capacity counted whether the record shows it or not",
    "fund_alone": "the same worlds, no savings and no group counted",
    "expected_falls": "expected number of falls",
    "share_of_lent": "expected share of what is lent that is with a member who falls",
    "pd_of_truth": "the structural model given the true PDs of members",
    "fund_alone_of_truth": "no savings and no group counted, given the true PDs",
    "share_of_lent_of_truth": "expected share with a member who falls, given the true PDs",
    "never_this": "`1 - prod(1 - p)`",
}

#: Each of the first held against each of the second: is the waterfall's order worth anything, and its cover?
AGAINST = (
    ("pd", "expected_falls"),
    ("pd", "share_of_lent"),
    ("pd", "assumed_cover"),
    ("pd", "fund_alone"),
    ("pd_of_truth", "share_of_lent_of_truth"),
    ("pd_of_truth", "fund_alone_of_truth"),
    ("pd_of_truth", "pd"),
)

BANDS = (0.0, 0.01, 0.02, 0.05, 1.0)


def later_loans(portfolio: Portfolio, folder: Path, seed: int, draws: int) -> pl.DataFrame:
    """Return the later loans with their outcome, the model's PD, and what orders them in `WAYS`.

    What is learnt is learnt as `riskscore train group_default` does it, from what was final before the first test
    moment; nothing is learnt from these loans.
    """
    project = Project.open()
    recipe, lock = project.recipe("group_default"), project.catalog().lock()
    if recipe.liability is None:
        raise SystemExit("training/group_default.toml has no [liability]")
    settings = replace(recipe.liability, draws=draws)
    rows = TrainingSet.build(portfolio, lock, recipe.outcome, recipe.rule)
    asked = recipe.split
    split = out_of_time(rows, test_share=asked.test_share, held_out_groups=asked.held_out_groups, seed=0, min_bads=0)
    requests = member_requests(portfolio, lock, settings)
    learnt = learn_members(recipe, lock, requests, before=split.first_test, held_out=split.held_out, like=rows, seed=0)
    behind = members_behind(rows.frame, requests, window_days=settings.request_window_days)
    known = learnt.training.join(behind.select("application_id", "request_id"), on="application_id")
    fallen = falls(portfolio, split.first_test, days=settings.severity_after_days, rule=settings.members.maturity)
    structure = estimate(settings, known, fallen, payers_told(portfolio, split.first_test))
    behind = behind.with_columns(pd=pl.Series(learnt.pd(behind))).join(
        truth(folder).applications.select("application_id", "p_bad"), on="application_id", how="left"
    )
    train = split.train.frame
    last = rows.frame.filter(pl.col("as_of") >= split.first_test)
    taught, judged = ([str(one) for one in part["application_id"]] for part in (train, last))
    members = {str(name): own for (name,), own in behind.group_by("request_id", maintain_order=True)}
    raw = {
        name: _pd(structure, settings, _standing(members[name], "pd", settings)) for name in taught if name in members
    }
    train = train.filter(pl.col("application_id").is_in(list(raw)))
    level = corrected_level(
        logit(np.array([raw[name] for name in train["application_id"]])),
        train["bad"].fill_null(0).to_numpy().astype(np.float64),
        train["cluster"].to_numpy().astype(str),
        seasons(train["as_of"]),
        Belief.of(settings),
    )
    told = [
        {"application_id": name, **_ways(structure, settings, members[name], level.shift)}
        for name in judged
        if name in members
    ]
    return last.join(pl.DataFrame(told), on="application_id").select(
        "application_id",
        "structural",
        *WAYS,
        bad=pl.col("bad").fill_null(0).cast(pl.Float64),
        cluster=pl.concat_str(pl.lit(f"{seed} "), "cluster"),
    )


def _ways(structure: Structure, settings: LiabilitySettings, own: pl.DataFrame, shift: float) -> dict[str, float]:
    found: dict[str, float] = {}
    bare = _covered(structure, 0.0)
    for name, ending in (("pd", ""), ("p_bad", "_of_truth")):
        members = _standing(own, name, settings)
        found[f"pd{ending}"] = _pd(structure, settings, members)
        found[f"fund_alone{ending}"] = _pd(bare, settings, members)
        found[f"share_of_lent{ending}"] = float(members.pd @ members.loan / members.loan.sum())
    found["assumed_cover"] = _pd(_covered(structure, 1.0), settings, _standing(own, "pd", settings))
    pd = own["pd"].to_numpy()
    found["structural"] = found["pd"]
    found["pd"] = float(expit(logit(found["pd"]) + shift))
    return {**found, "expected_falls": float(pd.sum()), "never_this": 1.0 - float(np.prod(1.0 - pd))}


def _covered(structure: Structure, most: float) -> Structure:
    """Return the structure with savings and groups paying up to `most` of a loan, by savings and budgets."""
    every = (most,) * len(structure.steps.missing)
    untold = replace(structure.by_group, cases=0)
    return replace(structure, by_group=untold, steps=replace(structure.steps, by_savings=every, by_group=every))


def _standing(own: pl.DataFrame, pd: str, settings: LiabilitySettings) -> Standing:
    ((_, members),) = standings(own, own[pd].to_numpy(), settings)
    return members


def _pd(structure: Structure, settings: LiabilitySettings, members: Standing) -> float:
    return course(structure, settings, members).pd


def of_later(later: pl.DataFrame) -> dict[str, object]:
    """Return what the pooled later loans say: level by band of PD, the AUC of each way, and paired differences."""
    y, clusters = later["bad"].to_numpy(), later["cluster"].to_numpy().astype(str)
    areas, differences = {}, []
    for name in WAYS:
        ranked = Ranked(y, later[name].to_numpy())
        around: Interval = cluster_bootstrap(ranked.auc, clusters, level=LEVEL, seed=0)
        areas[name] = {"auc": ranked.auc(), "low": around.low, "high": around.high}
    for one, other in AGAINST:
        gain = auc_difference(y, later[one].to_numpy(), later[other].to_numpy(), clusters=clusters, level=LEVEL)
        differences.append({"of": one, "less": other, "value": gain.value, "low": gain.low, "high": gain.high})
    bands = []
    for low, high in pairwise(BANDS):
        some = later.filter((pl.col("pd") >= low) & (pl.col("pd") < high))
        told = {"loans": some.height, "bads": float(some["bad"].sum()), "expected": float(some["pd"].sum())}
        bands.append({"from": low, "to": high, **told})
    return {
        "institutions": later["cluster"].str.split(" ").list.first().n_unique(),
        "loans": later.height,
        "bads": float(y.sum()),
        "expected": float(later["pd"].sum()),
        "structural_expected": float(later["structural"].sum()),
        "never_this_expected": float(later["never_this"].sum()),
        "auc": areas,
        "differences": differences,
        "bands": bands,
    }


def tables(found: Mapping[str, Any]) -> str:
    """Return what `of_later` found as Markdown."""
    lines = ["| ordered by | AUC (90 % interval) |", "|---|---|"]
    lines += [f"| {WAYS[name]} | {_shown(one, 'auc', '.3f')} |" for name, one in found["auc"].items()]
    lines += ["", "| AUC of | less that of | difference (90 % interval, paired) |", "|---|---|---|"]
    lines += [
        f"| {WAYS[one['of']]} | {WAYS[one['less']]} | {_shown(one, 'value', '+.3f')} |" for one in found["differences"]
    ]
    lines += ["", "| PD | loans | bads | expected |", "|---|---|---|---|"]
    lines += [
        f"| {one['from']:.0%} to {one['to']:.0%} | {one['loans']:,} | {one['bads']:g} | {one['expected']:.1f} |"
        for one in found["bands"]
    ]
    lines.append(f"| all | {found['loans']:,} | {found['bads']:g} | {found['expected']:.1f} |")
    return "\n".join(lines)


def _shown(one: Mapping[str, Any], name: str, how: str) -> str:
    return f"{one[name]:{how}} ({one['low']:{how}} to {one['high']:{how}})"
