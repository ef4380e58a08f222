"""Training of an expert prior: from a portfolio to a belief, with the answers that it would have given on the day.

Some twenty cases cannot be split: each one is *answered* by what was known on its day, the prior and the outcomes that
were final by then, and *teaches* once its own outcome is. The answers to the later cases are judged. The belief that is
registered is the last link of that chain: it knows every outcome, and none of them before its time was answered.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import expit

from riskscore.errors import Fault, InvalidInput
from riskscore.evaluation import evaluate
from riskscore.evaluation.report import MINIMUM_BADS
from riskscore.modelling import artefact
from riskscore.modelling.boosting import grouped_folds
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.card import DataFacts, Findings
from riskscore.modelling.development import Developed
from riskscore.modelling.expert.belief import Belief, Cases, Mode, design_of, mode_after, update
from riskscore.modelling.expert.candidate import ExpertCandidate, faults_beside
from riskscore.modelling.expert.card import expert_card, notes
from riskscore.modelling.expert.conflict import prior_conflict
from riskscore.modelling.expert.conformal import misses
from riskscore.modelling.expert.interval import told
from riskscore.modelling.expert.margin import ExpertMargin
from riskscore.modelling.expert.points import dimension_points, expert_log_odds, points_of
from riskscore.modelling.expert.pools import levels_of
from riskscore.modelling.gates import CERTAIN, Gate, judge
from riskscore.modelling.margin import Floats
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.reference import FeatureReference, Reference, score_bands
from riskscore.modelling.rows import Rows
from riskscore.modelling.selection import Choice

if TYPE_CHECKING:
    from riskscore.catalog import Lock
    from riskscore.dataset import TrainingSet
    from riskscore.evaluation import Evaluation
    from riskscore.modelling.training import TrainingRun
    from riskscore.portfolio import Portfolio

#: Coverage of every interval on the card.
LEVEL = 0.90


def train_expert(
    recipe: Recipe,
    lock: Lock,
    portfolio: Portfolio,
    *,
    seed: int,
    folder: str | Path | None,
    progress: Callable[[str], None],
) -> TrainingRun:
    """Move the prior by every final outcome, judge the answers of the day, and write the artefact.

    Raises
    ------
    InvalidInput
        The recipe has another candidate beside, holds associations out, or does not fit the lock; every fault at once.
    Refused
        No outcome is final yet.
    """
    from riskscore.dataset import TrainingSet

    candidate = _only(recipe, lock)
    progress("features and outcomes")
    rows = TrainingSet.build(portfolio, lock, recipe.outcome, recipe.rule)
    levels = levels_of(portfolio, rows.frame)
    return train_on_cases(
        recipe,
        lock,
        rows,
        levels,
        candidate,
        data_date=portfolio.manifest.data_date.isoformat(),
        seed=seed,
        folder=Path(folder) if folder is not None else Path(tempfile.mkdtemp(prefix="riskscore-")),
        progress=progress,
    )


def train_on_cases(
    recipe: Recipe,
    lock: Lock,
    rows: TrainingSet,
    levels: dict[str, list[str]],
    candidate: ExpertCandidate,
    *,
    data_date: str,
    seed: int,
    folder: Path,
    progress: Callable[[str], None],
) -> TrainingRun:
    """Do what `train_expert` does with rows that stand already; see there."""
    from riskscore.modelling.training import CandidateRun, TrainingRun

    arrays = _rows(rows, candidate.features)
    points = points_of(candidate.indicators, arrays.X)
    z = expert_log_odds(
        candidate.anchor,
        candidate.dimensions,
        dimension_points(candidate.dimensions, candidate.indicators, points),
    )
    progress("the answers of each day")
    pd = answers_of_the_day(recipe, candidate, rows, z, levels)
    progress("belief")
    decided = arrays.decided
    belief = update(candidate.prior, _cases(z, levels, arrays.y, decided), seed=seed)
    margin = ExpertMargin(candidate, tuple(float(one) for one in points.mean(axis=0)), belief)
    model = CalibratedModel(
        margin, {name: lock.feature(name).family for name in candidate.features}, 1.0, 0.0, recipe.caps, recipe.scale
    )
    conflict = prior_conflict(
        candidate.prior,
        z[decided],
        _of(levels, decided),
        int(arrays.y[decided].sum()),
        below=candidate.conflict_below,
        seed=seed,
    )
    count = max(1, round(len(rows) * recipe.split.test_share))
    last = np.arange(len(rows)) >= len(rows) - count
    later = arrays.at(last)
    evaluation = evaluate(
        later.y,
        pd[last],
        clusters=later.clusters,
        segments={"cycle": later.cycle},
        seed=seed,
        level=LEVEL,
        minimum_bads=max(recipe.gates.min_bads, MINIMUM_BADS),
    )
    gates = _gates(recipe, candidate, belief, evaluation, _sign_checks(recipe, candidate, arrays, z, levels, seed))
    settings = {
        "cases": belief.n,
        "bads": belief.bads,
        "base_rate": belief.base_rate,
        "prior_base_rate": candidate.anchor.pd,
        "conflict_p": conflict.p,
        "sampled": belief.sampled,
    }
    developed = Developed(model, settings, {}, CERTAIN)
    facts = _facts(rows, arrays, last, data_date)
    spread = np.abs(recipe.scale.factor * margin.contributions(arrays.X)).mean(axis=0)
    weights = {name: float(one) for name, one in zip(candidate.features, spread, strict=True)}
    calibration = misses(pd, arrays.y, rows.frame["group_id"].to_list())
    answers = told(belief, z, levels)
    card = expert_card(recipe, lock, facts, margin, weights, conflict, answers, evaluation, gates)
    words = "expert_prior is the only candidate: so few cases can move a judgement and not make one."
    warnings = (conflict.words("en"),) if conflict.found else ()
    findings = Findings(Choice(model.kind, words), None, {}, warnings, ())
    reference = Reference(
        features={
            name: FeatureReference.of(arrays.X[:, column], arrays.X[:0, column], lock.feature(name).risk)
            for column, name in enumerate(candidate.features)
        },
        bands=score_bands(
            recipe.scale.score(np.log(pd[last] / (1.0 - pd[last]))), later.y, later.clusters.tolist(), recipe.band_edges
        ),
        metrics={
            "evaluations": {"later": evaluation.to_dict()},
            "gates": [gate.to_dict() for gate in gates],
            "weights": weights,
            "seed": seed,
            "data": {name: str(getattr(facts, name)) for name in DataFacts.__slots__},
            "findings": findings.to_dict(),
            "conflict": conflict.to_dict(),
            "conformal": list(calibration),
        },
    )
    home = artefact.save(folder / model.kind, model=model, lock=lock, recipe=recipe, reference=reference, card=card)
    run = CandidateRun(
        developed, {"later": evaluation}, gates, home, card, later, notes(margin, conflict, answers), pd[last]
    )
    return TrainingRun(recipe, lock, facts, seed, (run,), findings, {})


def answers_of_the_day(
    recipe: Recipe,
    candidate: ExpertCandidate,
    rows: TrainingSet,
    z: Floats,
    levels: dict[str, list[str]],
) -> Floats:
    """Return the PD of each row by the prior and the outcomes that were final on its day (n,)."""
    decided, bad = rows.fit_rows, rows.bad
    ends = rows.final_at + np.timedelta64(recipe.split.embargo_days, "D")
    pd = np.empty(len(rows))
    modes: dict[bytes, Mode] = {}
    for row, moment in enumerate(rows.as_of):
        known = decided & (ends < moment)
        if known.tobytes() not in modes:
            modes[known.tobytes()] = mode_after(candidate.prior, _cases(z, levels, bad, known))
        mode, own = modes[known.tobytes()], {pool: [of[row]] for pool, of in levels.items()}
        pd[row] = expit(design_of(candidate.prior, mode.levels, z[row : row + 1], own) @ mode.at)[0]
    return pd


def _only(recipe: Recipe, lock: Lock) -> ExpertCandidate:
    candidate = next(one for one in recipe.candidates if isinstance(one, ExpertCandidate))
    faults = faults_beside(recipe, candidate, lock)
    if len(recipe.candidates) > 1:
        remedy = "Leave the expert's scorecard alone in its recipe."
        faults.append(Fault(recipe.at("candidates"), "A judgement is held against no fitted model.", remedy))
    if recipe.split.held_out_groups > 0:
        what = "So few associations can spare none: each is answered before it teaches."
        faults.append(Fault(recipe.at("split.held_out_groups"), what, "Make it 0."))
    if faults:
        raise InvalidInput(faults)
    return candidate


def _rows(rows: TrainingSet, features: tuple[str, ...]) -> Rows:
    frame = rows.frame
    values = frame.select(features).fill_null(np.nan).to_numpy().astype(np.float64)
    again = frame.select(pl.col("group_id").is_first_distinct())["group_id"].to_numpy()
    return Rows(
        X=np.ascontiguousarray(values.reshape(frame.height, len(features))),
        y=rows.bad,
        decided=rows.fit_rows,
        clusters=rows.clusters,
        cycle=np.where(again, "first", "repeat"),
        regime=rows.regimes,
    )


def _of(levels: dict[str, list[str]], rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> dict[str, list[str]]:
    return {pool: [one for one, kept in zip(own, rows, strict=True) if kept] for pool, own in levels.items()}


def _cases(
    z: Floats, levels: dict[str, list[str]], bad: Floats, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Cases:
    return Cases(z[rows], _of(levels, rows), bad[rows])


def _sign_checks(
    recipe: Recipe, candidate: ExpertCandidate, rows: Rows, z: Floats, levels: dict[str, list[str]], seed: int
) -> Floats:
    """Return the coefficients (fits, dimensions) of all cases, and without each fold of whole associations."""
    fits = [rows.decided]
    folds = min(recipe.calibration_folds, len(np.unique(rows.clusters)))
    if folds >= 2 and 0 < rows.y.sum() < len(rows.y):
        for train, _ in grouped_folds(rows.y, rows.clusters, folds, seed=seed):
            kept = np.zeros(len(rows.y), dtype=np.bool_)
            kept[train] = True
            fits.append(kept & rows.decided)
    count = len(candidate.dimensions)
    return np.array([mode_after(candidate.prior, _cases(z, levels, rows.y, kept)).at[1 : 1 + count] for kept in fits])


def _gates(
    recipe: Recipe, candidate: ExpertCandidate, belief: Belief, later: Evaluation, coefficients: Floats
) -> tuple[Gate, ...]:
    lowest = float(coefficients.min())
    gates = [
        Gate(
            "directions",
            lowest > 0.0,
            lowest,
            f"Lowest coefficient of a dimension {lowest:.2f} in {len(coefficients)} fits that leave associations out, "
            "above 0: more points never mean more risk.",
        ),
        Gate(
            "posterior",
            belief.sampled >= candidate.minimum_sampled,
            belief.sampled,
            f"Share of the posterior's draws that count {belief.sampled:.2f}, at least {candidate.minimum_sampled:g}.",
        ),
    ]
    if later.too_few is not None:
        words = f"{later.bads:g} bads among the later answers, too few for an AUC or a slope: none is judged."
        return (*gates, Gate("bads", True, later.bads, words))
    area = later.figures["auc"].value
    return (*gates, *judge(recipe.gates, later, None, _no_chance(later), highest_auc=area))


def _no_chance(later: Evaluation) -> dict[str, float]:
    """What chance may do to the ICI is not allowed for: the answers of the day come from as many beliefs as days."""
    return {"all": 0.0, **dict.fromkeys(later.segments.get("cycle", {}), 0.0)}


def _facts(
    rows: TrainingSet, arrays: Rows, last: np.ndarray[tuple[int], np.dtype[np.bool_]], data_date: str
) -> DataFacts:
    moments = rows.frame["as_of"].to_list()
    first_test: datetime = moments[int(np.flatnonzero(last)[0])]
    return DataFacts(
        fingerprint=rows.fingerprint,
        content_hash=rows.content_hash,
        lock_sha256=rows.lock_sha256,
        data_date=data_date,
        train_from=moments[0],
        train_to=moments[-1],
        first_test=first_test,
        last_test=moments[-1],
        train_rows=len(rows),
        train_bads=int(arrays.y.sum()),
        train_indeterminate=int((~arrays.decided).sum()),
        train_clusters=len(np.unique(arrays.clusters)),
        embargoed=0,
        held_out=0,
    )
