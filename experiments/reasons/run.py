"""Are the reasons true? First reasons against the causes of a simulated institution, beside marks that cause none.

python experiments/reasons/run.py --json reasons.json
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from causes import SEEN, STANDS_FOR, UNSEEN
from planted import catalogue, silent, spoken, with_marks
from refits import refitting, stability
from tables import BARS, means, whole

from riskscore import Portfolio, Project, train
from riskscore.catalog import Lock
from riskscore.modelling.artefact import Champion, load
from riskscore.modelling.judging import judging
from riskscore.modelling.rows import columns_of
from riskscore.modelling.training import CandidateRun
from riskscore.scoring.group_weight import group_weight
from riskscore.scoring.reasons import Reasons
from riskscore.simulator import simulate, truth

#: Share of the later rows that are looked at, the riskiest.
RISKIEST = 0.20

Floats = np.ndarray


@dataclass(frozen=True, slots=True)
class Truths:
    """How often the feature chosen stands for a cause that is adverse in truth, one of the two largest, the largest."""

    adverse: float
    among_two: float
    largest: float


def truths(features: list[str | None], deviations: Floats) -> Truths:
    """Judge one feature a row against each seen cause's deviation from its development mean (n, causes)."""
    places = np.array([SEEN.index(STANDS_FOR[one]) if one in STANDS_FOR else -1 for one in features])
    own = np.where(places < 0, -np.inf, deviations[np.arange(len(places)), places])
    above = (deviations > own[:, None]).sum(axis=1)
    return Truths(float((own > 0).mean()), float((above < 2).mean()), float((above < 1).mean()))


def reasons_with(champion: Champion, lock: Lock) -> Reasons:
    return Reasons(lock, champion.model.features, champion.support)


def first_of(reasons: Reasons, names: tuple[str, ...], points: Floats, X: Floats) -> list[str | None]:
    return [names[place] if place >= 0 else None for place in reasons.places(points, X)[:, 0].tolist()]


def pooled_first(champion: Champion, points: Floats, X: Floats) -> list[str | None]:
    """Return the first reason where a concept weighs what its features weigh together; its largest speaks."""
    names, lock = champion.model.features, champion.lock
    told = [lock.feature(one).reason for one in names]
    codes = [None if one is None else one.code for one in told]
    found: list[str | None] = []
    reasons = reasons_with(champion, lock)
    for row, four in enumerate(reasons.places(points, X)):
        given = [place for place in four.tolist() if place >= 0]
        together = {
            place: sum(points[row, one] for one in range(len(names)) if codes[one] == codes[place]) for place in given
        }
        found.append(names[min(given, key=lambda place: together[place])] if given else None)
    return found


def one_candidate(run: CandidateRun, portfolio: Portfolio, told, policy, seed: int, refits: int) -> dict[str, object]:
    champion = load(run.folder, version=str(seed))
    judged = judging(champion, portfolio)
    rows, model, names = judged.later_rows, champion.model, champion.model.features

    def causes(ids, kinds) -> Floats:
        frame = ids.select("application_id").join(
            told.applications, on="application_id", how="left", maintain_order="left"
        )
        return frame.select([f"cause_{kind}" for kind in kinds]).to_numpy()

    riskiest = judged.pd >= np.quantile(judged.pd, 1 - RISKIEST)
    seen = (causes(judged.later.frame, SEEN) - causes(judged.train.frame, SEEN).mean(axis=0))[riskiest]
    unseen = (causes(judged.later.frame, UNSEEN) - causes(judged.train.frame, UNSEEN).mean(axis=0))[riskiest]
    X = rows.X[riskiest]
    points = model.scale.points(model.explain(X).phi)
    first = first_of(reasons_with(champion, champion.lock), names, points, X)
    alone = first_of(reasons_with(champion, silent(champion.lock)), names, points, X)
    heard = first_of(reasons_with(champion, spoken(champion.lock)), names, points, X)
    lot = np.random.default_rng(seed).integers(0, len(names), len(X))
    strongest = names[int(np.abs(points).mean(axis=0).argmax())]
    ways = {
        "first reason": first,
        "the concept's features weighed together": pooled_first(champion, points, X),
        "raw |SHAP|": [names[place] for place in np.abs(points).argmax(axis=1)],
        "the globally strongest feature": [strongest] * len(X),
        "a random feature": [names[place] for place in lot],
        "first reason, the marks without a concept": alone,
        "first reason, the marks given words": heard,
    }
    fit = refitting(run, champion.recipe, columns_of(champion.recipe, champion.lock))
    return {
        "rows": len(X),
        "auc": run.evaluations["later"]["auc"],
        "ways": {way: asdict(truths(chosen, seen)) for way, chosen in ways.items()},
        "without_reason": float(np.mean([one is None for one in first])),
        "unseen_outweighs": float((unseen.max(axis=1) > seen.max(axis=1)).mean()),
        "marks_weigh": {
            name: float(np.abs(points[:, place]).mean()) for place, name in enumerate(names) if name.startswith("mark_")
        },
        "strongest": strongest,
        "first_reasons": dict(Counter(one or "none" for one in first).most_common()),
        "wrong_because": wrong_because(first, seen),
        "stability": asdict(stability(fit, judged.train_rows, champion, X, refits, seed)),
        "group": group_weight(champion, policy, rows.X).to_dict(),
    }


def wrong_because(features: list[str | None], deviations: Floats) -> dict[str, int]:
    found: Counter[str] = Counter()
    for name, row in zip(features, deviations, strict=True):
        if name not in STANDS_FOR:
            found[f"{name}: stands for no cause"] += 1
        elif row[SEEN.index(STANDS_FOR[name])] <= 0:
            found[f"{name}: better than usual in truth"] += 1
        elif (row > row[SEEN.index(STANDS_FOR[name])]).sum() >= 2:
            found[f"{name}: two others are larger"] += 1
    return dict(found.most_common(8))


def one_seed(seed: int, members: int, refits: int) -> dict[str, object]:
    project = Project.open()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        plain = simulate(folder / "plain", members=members, seed=seed, scenario="normal")
        told = truth(plain.path)
        catalog = catalogue(project.features_dir, folder)
        portfolio = with_marks(plain, told, folder / "marked", catalog.tables, seed)
        run = train(project.recipe("member_default"), catalog, portfolio, seed=seed, folder=folder / "model")
        found = {
            one.kind: one_candidate(one, portfolio, told, project.policy(), seed, refits) for one in run.candidates
        }
    return {"seed": seed, "winner": run.winner.kind, "candidates": found}


def misses(results: list[dict]) -> list[str]:
    return [
        f"{kind}: first reason {bar} {reached:.3f}, under {BARS[bar]}"
        for kind in results[0]["candidates"]
        for bar, reached in means(results, kind, "first reason").items()
        if reached < BARS[bar]
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=1, metavar="SEED", help="of these seeds the first")
    parser.add_argument("--members", type=int, default=4000)
    parser.add_argument("--refits", type=int, default=10)
    parser.add_argument("--json", type=Path, help="write every figure to this file")
    options = parser.parse_args()
    started = time.monotonic()
    results = []
    for seed in range(options.first, options.first + options.seeds):
        results.append(one_seed(seed, options.members, options.refits))
        print(f"seed {seed}, {time.monotonic() - started:.0f} s", flush=True)
        print(whole(results[-1:]), flush=True)
    print(f"\nall {len(results)} seeds\n\n{whole(results)}\n")
    found = misses(results)
    print("\n".join(["a bar is missed:", *found]) if found else "every bar holds")
    if options.json:
        report = {"results": results, "misses": found, "seconds": time.monotonic() - started}
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
