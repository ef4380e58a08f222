"""Training: from a portfolio to an evaluated, judged and registered model.

The model that is evaluated is the model that is registered: nothing is fitted again on more rows afterwards, so the
figures on the card are this model's own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from riskscore.errors import Fault, Refused
from riskscore.evaluation import Evaluation, evaluate
from riskscore.modelling import artefact
from riskscore.modelling.card import DataFacts, comparison, model_card
from riskscore.modelling.development import Developed, develop
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.reference import FeatureReference, Reference, score_bands
from riskscore.modelling.rows import Rows, columns_of, joined, rows_of
from riskscore.modelling.selection import Choice, Gate, choose, ici_by_chance, judge

if TYPE_CHECKING:
    from riskscore.catalog import Catalog, Lock
    from riskscore.dataset import Split, TrainingSet
    from riskscore.modelling.tracking import Registry
    from riskscore.portfolio import Portfolio

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class CandidateRun:
    """One candidate, fitted, evaluated and judged.

    Parameters
    ----------
    developed : Developed
        The model, its settings, the features it left out.
    evaluations : mapping of str to Evaluation
        ``"later"``, ``"same_groups"`` and ``"other_groups"``; the last two only where they have rows.
    gates : tuple of Gate
    folder : Path
        The artefact.
    card : str
        The model card, Markdown.
    later : Rows
        The rows the first evaluation is of.
    """

    developed: Developed
    evaluations: Mapping[str, Evaluation]
    gates: tuple[Gate, ...]
    folder: Path
    card: str
    later: Rows

    @property
    def kind(self) -> str:
        """``"woe_scorecard"`` or ``"lightgbm"``."""
        return self.developed.model.kind

    @property
    def passed(self) -> bool:
        """Whether every gate was passed."""
        return all(gate.passed for gate in self.gates)


@dataclass(frozen=True, slots=True, eq=False)
class TrainingRun:
    """What `train` returns.

    Parameters
    ----------
    recipe : Recipe
    lock : Lock
    facts : DataFacts
        What was learnt from.
    seed : int
    candidates : tuple of CandidateRun
        In the recipe's order.
    choice : Choice
        The winner's kind, and why.
    dropped : mapping of str to str
        Candidates that could not be fitted, and why.
    version : str or None
        The registry's version of the winner, where it was registered.
    """

    recipe: Recipe
    lock: Lock
    facts: DataFacts
    seed: int
    candidates: tuple[CandidateRun, ...]
    choice: Choice
    dropped: Mapping[str, str]
    version: str | None = None

    @property
    def winner(self) -> CandidateRun:
        """The candidate that was chosen."""
        return next(one for one in self.candidates if one.kind == self.choice.kind)

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The winner's gates."""
        return self.winner.gates

    @property
    def passed(self) -> bool:
        """Whether the winner may be promoted."""
        return self.winner.passed

    @property
    def folder(self) -> Path:
        """The winner's artefact."""
        return self.winner.folder

    @property
    def report(self) -> str:
        """The comparison of the candidates and the winner's card, Markdown."""
        judged = comparison(
            self.choice,
            {one.kind: one.gates for one in self.candidates},
            {one.kind: one.evaluations["later"] for one in self.candidates},
        )
        gone = "".join(f"\n`{kind}` could not be fitted: {why}\n" for kind, why in self.dropped.items())
        return f"{self.winner.card}\n{judged}{gone}"


def train(
    recipe: Recipe,
    catalog: Catalog | Lock,
    portfolio: Portfolio,
    *,
    tracking: Registry | None = None,
    seed: int = 0,
    folder: str | Path | None = None,
    progress: Told | None = None,
) -> TrainingRun:
    """Build the training set, fit every candidate, evaluate, judge, choose and register.

    Parameters
    ----------
    recipe : Recipe
    catalog : Catalog or Lock
        What is measured.
    portfolio : Portfolio
    tracking : Registry, optional
        Where the run is logged and the winner registered; it is promoted by a separate act.
    seed : int
        The same seed on the same portfolio gives the same model, unless a candidate's timeout is reached.
    folder : str or Path, optional
        Where the artefacts are written, one folder a candidate; a new temporary folder where none is given.
    progress : callable, optional
        Told each step in a few words.

    Raises
    ------
    InvalidInput
        The recipe names families or features that the lock does not have.
    Refused
        There is too little to learn from, or no candidate could be fitted.
    """
    from riskscore.catalog import Lock
    from riskscore.dataset import TrainingSet

    lock = catalog if isinstance(catalog, Lock) else catalog.lock()
    columns_of(recipe, lock)  # a recipe that does not fit the lock is told before the minutes of building
    tell = progress or _silent
    tell("features and outcomes")
    rows = TrainingSet.build(portfolio, lock, recipe.outcome, recipe.household)
    run = train_on(
        recipe, lock, rows, data_date=portfolio.manifest.data_date.isoformat(), seed=seed, folder=folder, progress=tell
    )
    if tracking is None:
        return run
    tell("registry")
    return tracking.log(run)


def train_on(
    recipe: Recipe,
    lock: Lock,
    rows: TrainingSet,
    *,
    data_date: str,
    seed: int = 0,
    folder: str | Path | None = None,
    progress: Told | None = None,
) -> TrainingRun:
    """Do what `train` does with a training set that stands already, without registering; see there."""
    from riskscore.dataset import out_of_time

    tell = progress or _silent
    columns = columns_of(recipe, lock)
    settings = recipe.split
    split = out_of_time(
        rows,
        test_share=settings.test_share,
        held_out_groups=settings.held_out_groups,
        embargo_days=settings.embargo_days,
        seed=seed,
        min_bads=recipe.min_bads,
    )
    parts = {
        name: rows_of(part, columns.names, recipe.first_cycle)
        for name, part in (
            ("train", split.train),
            ("same_groups", split.same_groups),
            ("other_groups", split.other_groups),
        )
    }
    facts = _facts(rows, split, parts["train"], data_date)
    target = Path(folder) if folder is not None else Path(tempfile.mkdtemp(prefix="riskscore-"))
    fitted: list[tuple[Developed, dict[str, Evaluation]]] = []
    dropped: dict[str, str] = {}
    for candidate in recipe.candidates:
        tell(f"{candidate.kind}: fit and calibration")
        try:
            developed = develop(recipe, candidate, columns, parts["train"], seed=seed)
        except Refused as cause:
            dropped[candidate.kind] = str(cause)
            continue
        tell(f"{candidate.kind}: evaluation")
        fitted.append((developed, _evaluated(developed, parts, seed)))
    if not fitted:
        raise Refused(Fault(kind, why, "No candidate could be fitted.") for kind, why in dropped.items())
    areas = [evaluations["later"]["auc"] for _, evaluations in fitted]
    candidates = [
        _judged(
            recipe, lock, developed, evaluations, parts, facts, folder=target, highest_auc=float(max(areas)), seed=seed
        )
        for developed, evaluations in fitted
    ]
    later = candidates[0].later
    choice = choose(
        {one.kind: one.passed for one in candidates},
        {one.kind: one.developed.model.log_odds(later.X) for one in candidates},
        later.y,
        later.clusters,
        seed=seed,
    )
    return TrainingRun(recipe, lock, facts, seed, tuple(candidates), choice, dropped)


def _evaluated(developed: Developed, parts: Mapping[str, Rows], seed: int) -> dict[str, Evaluation]:
    later = joined(parts["same_groups"], parts["other_groups"])
    tests = {"later": later, "same_groups": parts["same_groups"], "other_groups": parts["other_groups"]}
    return {
        name: evaluate(
            rows.y,
            developed.model.pd(rows.X),
            clusters=rows.clusters,
            segments={"cycle": rows.cycle},
            seed=seed,
            level=0.90,
        )
        for name, rows in tests.items()
        if len(rows.y)
    }


def _judged(
    recipe: Recipe,
    lock: Lock,
    developed: Developed,
    evaluations: Mapping[str, Evaluation],
    parts: Mapping[str, Rows],
    facts: DataFacts,
    *,
    folder: Path,
    highest_auc: float,
    seed: int,
) -> CandidateRun:
    model, training = developed.model, parts["train"]
    later = joined(parts["same_groups"], parts["other_groups"])
    gates = judge(
        recipe.gates,
        evaluations["later"],
        evaluations.get("other_groups"),
        _chance(later, developed, evaluations["later"], seed),
        highest_auc=highest_auc,
    )
    points = np.abs(recipe.scale.factor * model.explain(training.X).phi).mean(axis=0)
    weights = {name: float(one) for name, one in zip(model.features, points, strict=True)}
    card = model_card(recipe, lock, facts, developed, weights, evaluations, gates)
    scores = recipe.scale.score(model.log_odds(later.X))
    reference = Reference(
        features={
            name: FeatureReference.of(training.X[:, column], later.X[:, column], lock.feature(name).risk)
            for column, name in enumerate(model.features)
        },
        bands=score_bands(scores, later.y, later.clusters.tolist(), recipe.band_edges),
        metrics={
            "evaluations": {name: one.to_dict() for name, one in evaluations.items()},
            "gates": [gate.to_dict() for gate in gates],
            "weights": weights,
            "seed": seed,
            "data": {name: str(getattr(facts, name)) for name in DataFacts.__slots__},
        },
    )
    home = artefact.save(folder / model.kind, model=model, lock=lock, recipe=recipe, reference=reference, card=card)
    return CandidateRun(developed, evaluations, gates, home, card, later)


def _chance(later: Rows, developed: Developed, evaluation: Evaluation, seed: int) -> dict[str, float]:
    """Return the ICI that chance reaches, on all later rows and in each segment."""
    pd, found = developed.model.pd(later.X), {}
    for name in ("all", *np.unique(later.cycle).tolist()):
        rows = np.ones(len(pd), dtype=bool) if name == "all" else later.cycle == name
        found[name] = ici_by_chance(pd[rows], later.clusters[rows], evaluation.icc, developed.doubt, seed=seed)
    return found


def _facts(rows: TrainingSet, split: Split, training: Rows, data_date: str) -> DataFacts:
    moments, tested = split.train.frame["as_of"], rows.frame["as_of"].max()
    return DataFacts(
        fingerprint=rows.fingerprint,
        content_hash=rows.content_hash,
        lock_sha256=rows.lock_sha256,
        data_date=data_date,
        train_from=moments.min(),  # type: ignore[arg-type]
        train_to=moments.max(),  # type: ignore[arg-type]
        first_test=split.first_test,
        last_test=tested,  # type: ignore[arg-type]
        train_rows=len(training.y),
        train_bads=int(training.y.sum()),
        train_indeterminate=int((~training.decided).sum()),
        train_clusters=len(np.unique(training.clusters)),
        embargoed=split.embargoed,
        held_out=len(split.held_out),
    )


def _silent(step: str) -> None:
    """Tell nobody."""
