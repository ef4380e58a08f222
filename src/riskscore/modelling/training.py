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

from riskscore.errors import Refused
from riskscore.evaluation import Evaluation
from riskscore.modelling import artefact
from riskscore.modelling.card import DataFacts, Findings, comparison, model_card
from riskscore.modelling.contenders import Contender, fit_all, judge_all
from riskscore.modelling.development import Developed
from riskscore.modelling.directions import against_the_rows
from riskscore.modelling.expert.candidate import ExpertCandidate
from riskscore.modelling.gates import Gate, unjudged
from riskscore.modelling.margin import Floats
from riskscore.modelling.optimism import measure
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.reference import FeatureReference, Reference, score_bands
from riskscore.modelling.rows import Rows, columns_of, joined, known_outcome, rows_of
from riskscore.modelling.selection import Choice
from riskscore.modelling.usable import narrowed, usable, useless

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
    notes : tuple of str
        What else is said of it after training, a sentence each.
    later_pd : ndarray (n,) or None
        What was answered for `later` on the day, where that was not this model; its own PDs where missing.
    """

    developed: Developed
    evaluations: Mapping[str, Evaluation]
    gates: tuple[Gate, ...]
    folder: Path
    card: str
    later: Rows
    notes: tuple[str, ...] = ()
    later_pd: Floats | None = None

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
    findings : Findings
        The choice and why, what a random split would have claimed, what people should look at.
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
    findings: Findings
    dropped: Mapping[str, str]
    version: str | None = None

    @property
    def choice(self) -> Choice:
        """The winner's kind, and why."""
        return self.findings.choice

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
        The recipe names families or features that the lock does not have, or rows name a table that has none.
    Refused
        There is too little to learn from, or no candidate could be fitted.
    Unreachable
        The registry does not answer: before anything is built, or at the end, with the model whole in its folder.
    """
    from riskscore.catalog import Lock
    from riskscore.dataset import TrainingSet
    from riskscore.portfolio.parents import require_parents

    lock = catalog if isinstance(catalog, Lock) else catalog.lock()
    # A recipe that fits neither the outcomes nor the lock is told before the minutes of building.
    known_outcome(recipe)
    require_parents(portfolio)
    if tracking is not None:
        tracking.reach()
    if any(isinstance(candidate, ExpertCandidate) for candidate in recipe.candidates):
        from riskscore.modelling.expert.training import train_expert

        run = train_expert(recipe, lock, portfolio, seed=seed, folder=folder, progress=progress or _silent)
        return run if tracking is None else tracking.log(run)
    columns_of(recipe, lock)
    tell = progress or _silent
    if recipe.liability is not None:
        from riskscore.modelling.communal_bank.training import train_banks

        run = train_banks(recipe, lock, portfolio, seed=seed, folder=folder, tell=tell)
    else:
        tell("features and outcomes")
        rows = TrainingSet.build(portfolio, lock, recipe.outcome, recipe.rule)
        day = portfolio.manifest.data_date.isoformat()
        run = train_on(recipe, lock, rows, data_date=day, seed=seed, folder=folder, progress=tell)
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
    tell = progress or _silent
    every = columns_of(recipe, lock)
    split = _split(recipe, rows, seed)
    parts = {
        name: rows_of(part, every.names, recipe.first_cycle)
        for name, part in (
            ("train", split.train),
            ("same_groups", split.same_groups),
            ("other_groups", split.other_groups),
        )
    }
    taken_out = useless(every, parts["train"])
    columns = usable(recipe, every, taken_out)
    parts = {name: narrowed(part, every, columns) for name, part in parts.items()}
    later = joined(parts["same_groups"], parts["other_groups"])
    fitted, dropped = fit_all(recipe, columns, parts, later, seed, tell)
    gates, choice = judge_all(recipe, columns, fitted, later, seed=seed)
    tell(f"{choice.kind}: what a random split would have claimed")
    try:
        optimism = measure(fitted[choice.kind].developed, rows, split, recipe.first_cycle, seed=seed)
    except Refused:
        optimism = None  # the rows drawn hold nothing to learn from
    findings = Findings(
        choice=choice,
        optimism=optimism,
        useless=taken_out,
        warnings=against_the_rows(columns, parts["train"]),
        unjudged=unjudged(recipe.gates, fitted[choice.kind].evaluations["later"]),
    )
    facts = data_facts(rows, split, parts["train"], data_date)
    target = Path(folder) if folder is not None else Path(tempfile.mkdtemp(prefix="riskscore-"))
    candidates = tuple(
        _written(recipe, lock, one, gates[kind], parts["train"], later, facts, findings, folder=target, seed=seed)
        for kind, one in fitted.items()
    )
    return TrainingRun(recipe, lock, facts, seed, candidates, findings, dropped)


def _split(recipe: Recipe, rows: TrainingSet, seed: int) -> Split:
    """Split, and refuse training rows that nothing can be learnt from, naming the recipe's line."""
    from riskscore.dataset import out_of_time

    settings = recipe.split
    split = out_of_time(
        rows,
        test_share=settings.test_share,
        held_out_groups=settings.held_out_groups,
        embargo_days=settings.embargo_days,
        seed=seed,
        min_bads=0,
    )
    bads, decided = split.train.bad.sum(), split.train.fit_rows.sum()
    field = "min_bads" if 0 < bads < decided else "outcome"
    split.train.require(recipe.min_bads, where=f"{recipe.at(field)}: training rows")
    return split


def _written(
    recipe: Recipe,
    lock: Lock,
    fitted: Contender,
    gates: tuple[Gate, ...],
    training: Rows,
    later: Rows,
    facts: DataFacts,
    findings: Findings,
    *,
    folder: Path,
    seed: int,
) -> CandidateRun:
    """Write a candidate's artefact with its card."""
    developed, evaluations = fitted.developed, fitted.evaluations
    model = developed.model
    points = np.abs(recipe.scale.factor * model.explain(training.X).phi).mean(axis=0)
    weights = {name: float(one) for name, one in zip(model.features, points, strict=True)}
    card = model_card(recipe, lock, facts, developed, weights, evaluations, gates, findings)
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
            "findings": findings.to_dict(),
            "weights": weights,
            "seed": seed,
            "data": {name: str(getattr(facts, name)) for name in DataFacts.__slots__},
        },
    )
    home = artefact.save(folder / model.kind, model=model, lock=lock, recipe=recipe, reference=reference, card=card)
    return CandidateRun(developed, evaluations, gates, home, card, later)


def data_facts(rows: TrainingSet, split: Split, training: Rows, data_date: str) -> DataFacts:
    """Return what a run learnt from and was tested on."""
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
