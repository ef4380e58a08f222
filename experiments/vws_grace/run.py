"""Do the four others in her group tell anything about her loan, beyond what she says of herself?

    python experiments/vws_grace/run.py --data DIR [--json FILE] [--keep DIR]

DIR holds ``loans.csv``. The portfolio is made by ``mapping.toml``, the features by the catalogue (``features/``), the
others' with herself left out. Groups stay whole in every fold; intervals draw whole groups.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskscore import Catalog, RiskscoreError, TrainingSet
from riskscore.catalog import Lock
from riskscore.dataset import group_folds
from riskscore.errors import Refused
from riskscore.evaluation import Figure, Ranked, auc_difference, cluster_bootstrap
from riskscore.liability import moment_correlation
from riskscore.modelling.recipe import ScorecardCandidate
from riskscore.modelling.woe import fit_scorecard
from riskscore.portfolio import Portfolio
from riskscore.portfolio.adapters.plain_tables import ingest_tables

Floats = NDArray[np.float64]

HERE = Path(__file__).parent
FAMILIES = {"her own": ("her own",), "with the others": ("her own", "group")}
FOLDS, REPEATS, SEED, DRAWS = 5, 10, 2007, 2000

#: Fixed beforehand: 40 bads cannot choose among settings.
RIDGE = 0.1
SCORECARD = ScorecardCandidate(max_bins=3, min_iv=0.02, ridge=1.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with loans.csv")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--keep", type=Path, help="leave the portfolio in this folder")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            figures = run(asked.data, asked.keep or Path(scratch))
        except RiskscoreError as error:
            print(error, file=sys.stderr)
            return 1
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    return 0


def run(data: Path, work: Path) -> dict[str, object]:
    portfolio, _ = ingest_tables(HERE / "mapping.toml", work / "portfolio", data)
    assert isinstance(portfolio, Portfolio)  # noqa: S101 - no dry run
    lock = Catalog.from_folder(HERE / "features").lock()
    rows = TrainingSet.build(portfolio, lock, "member_given")
    bads, groups = int(rows.bad.sum()), len(set(rows.clusters))
    touched = len(set(rows.clusters[rows.bad == 1]))
    print(f"{len(rows)} loans in {groups} groups, {bads} bads, all of them in {touched} groups\n")

    grace = rows.frame["grace"].to_numpy() == 1
    print("How strongly the women of one group fall together (correlation of two outcomes, 95 % interval by groups)")
    together = {
        name: correlation(rows.bad[chosen], rows.clusters[chosen])
        for name, chosen in (("all", grace | ~grace), ("with grace", grace), ("without grace", ~grace))
    }
    for name, one in together.items():
        print(f"  {name:16s}{one.value:6.2f}   {one.low:.2f} to {one.high:.2f}")
    print("  The others' outcomes are not known when her loan is made, so none of this is a feature.\n")

    print(f"Ranking loans of groups not seen: {REPEATS} times {FOLDS} folds of whole groups (AUC, 95 % by groups)")
    ablation: dict[str, object] = {}
    scored: dict[str, Floats] = {}
    for kind in ("ridge logistic", "scorecard"):
        for title, families in FAMILIES.items():
            scored[title] = predicted(rows, lock, families, kind)
            one = area(rows, scored[title])
            print(f"  {kind + ', ' + title:34s}{one.value:6.3f}   {one.low:.3f} to {one.high:.3f}")
            ablation[f"{kind}, {title}"] = _as_json(one)
        gain = auc_difference(
            rows.bad, scored["with the others"], scored["her own"],
            clusters=rows.clusters, replicates=DRAWS, seed=SEED,
        )  # fmt: skip
        print(f"  {'the others add':34s}{gain.value:+6.3f}   {gain.low:+.3f} to {gain.high:+.3f}")
        ablation[f"{kind}, gain"] = _as_json(gain)
        print(f"  {verdict(gain, bads, touched)}\n")
        if kind == "ridge logistic":
            audited = scored["with the others"]
    audit(data, rows, audited)
    print(
        "Grace was given by lot, so its effect on repayment is causal here, and no other feature's is. A model learnt\n"
        "from a file without such a lot does not say what a change of terms would do."
    )
    return {
        "loans": len(rows), "groups": groups, "bads": bads, "groups_with_bads": touched,
        "correlation": {name: _as_json(one) for name, one in together.items()}, "auc": ablation,
    }  # fmt: skip


def correlation(bad: Floats, clusters: NDArray[np.str_]) -> Figure:
    """Return the moment estimate of the correlation within groups, with an interval that draws whole groups."""
    codes = np.unique(clusters, return_inverse=True)[1]
    sizes, falls = np.bincount(codes), np.bincount(codes, bad).astype(np.int64)

    def drawn(weights: Floats) -> float:
        times = weights[np.unique(codes, return_index=True)[1]].astype(np.int64)
        try:
            return moment_correlation(list(np.repeat(sizes, times)), list(np.repeat(falls, times)))
        except Refused:  # nobody fell in this draw
            return np.nan

    around = cluster_bootstrap(drawn, clusters, replicates=DRAWS, seed=SEED)
    return Figure(moment_correlation(list(sizes), list(falls)), around.low, around.high)


def predicted(rows: TrainingSet, lock: Lock, families: tuple[str, ...], kind: str) -> Floats:
    """Return each loan's mean log-odds over the repeats, always from models that did not see her group."""
    names = tuple(one.name for one in lock.predictors if one.family in families)
    X = rows.frame.select(pl.col(name).cast(pl.Float64).fill_null(np.nan) for name in names).to_numpy()
    total = np.zeros(len(rows))
    for repeat in range(REPEATS):
        fold = group_folds(rows, FOLDS, SEED + repeat)
        for number in range(FOLDS):
            test = fold == number
            total[test] += fitted(X[~test], rows.bad[~test], X[test], names, kind)
    return total / REPEATS


def fitted(X: Floats, bad: Floats, unseen: Floats, names: tuple[str, ...], kind: str) -> Floats:
    """Fit one model and return the log-odds of rows it has not seen."""
    if kind == "scorecard":
        card = fit_scorecard(X, bad, names, dict.fromkeys(names, "free"), SCORECARD).scorecard
        return card.parts(unseen, ()).sum(axis=1)
    model = make_pipeline(
        SimpleImputer(strategy="mean", add_indicator=True), StandardScaler(), LogisticRegression(C=RIDGE, max_iter=500)
    )
    log_odds: Floats = model.fit(X, bad).decision_function(unseen)
    return log_odds


def area(rows: TrainingSet, score: Floats) -> Figure:
    ranked = Ranked(rows.bad, score)
    around = cluster_bootstrap(ranked.auc, rows.clusters, replicates=DRAWS, seed=SEED)
    return Figure(ranked.auc(), around.low, around.high)


def verdict(gain: Figure, bads: int, touched: int) -> str:
    """Return the sentence that the figures allow."""
    few = f"{bads} bads in {touched} groups are about {touched} independent events, not {bads}"
    if gain.low > 0:
        return f"{few}: on these the others help, and a second sample has to say so too."
    if gain.high < 0:
        return f"{few}: on these the others' columns mislead; more columns than the events can carry."
    return f"{few}: whether the others' answers help cannot be told from this file."


def audit(data: Path, rows: TrainingSet, score: Floats) -> None:
    """Print how the score falls on traits that may weigh on nobody: read from the file, as no portfolio holds them."""
    columns = ["Age_C", "miss_Age_C", "Married_C", "miss_Married_C", "Muslim_C", "miss_Muslim_C"]
    file = data / "loans.csv"
    traits = pl.read_csv(file, columns=columns).with_row_index("line", offset=1).with_columns(
        application_id=pl.format("woman-{}", pl.col("line").cast(pl.String).str.zfill(3))
    )  # fmt: skip
    both = rows.frame.select("application_id", "bad").with_columns(score=score).join(traits, on="application_id")
    middle = both.filter(pl.col("miss_Age_C") == 0)["Age_C"].median()
    print("Audit: traits that no feature sees (mean risk in the model's order, 0.5 is the middle of all)")
    ranked = both.with_columns(rank=pl.col("score").rank() / both.height)
    for name, trait, condition in (
        ("married", "Married_C", pl.col("Married_C") == 1),
        ("not married", "Married_C", pl.col("Married_C") == 0),
        ("Muslim", "Muslim_C", pl.col("Muslim_C") == 1),
        ("not Muslim", "Muslim_C", pl.col("Muslim_C") == 0),
        (f"over {middle:.0f} years", "Age_C", pl.col("Age_C") > middle),
        (f"up to {middle:.0f} years", "Age_C", pl.col("Age_C") <= middle),
    ):
        part = ranked.filter((pl.col(f"miss_{trait}") == 0) & condition)
        bads = int(part["bad"].cast(pl.Int64).sum())
        if part.height < 50 or bads < 5:
            print(f"  {name:16s}too few to say anything")
        else:
            print(f"  {name:16s}{part.height:5d} women {bads:4d} bads   mean rank {part['rank'].mean():.2f}")
    print()


def _as_json(one: Figure) -> dict[str, float]:
    return {"value": one.value, "low": one.low, "high": one.high}


if __name__ == "__main__":
    raise SystemExit(main())
