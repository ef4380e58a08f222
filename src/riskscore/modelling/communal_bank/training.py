"""Training a communal bank's model: the structure from members' loans, the level from the banks' own record.

Everything is learnt from what was final before the first test moment; the later loans only judge.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from riskscore.errors import InvalidInput, Refused
from riskscore.evaluation import calibration, evaluate
from riskscore.modelling import artefact
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.card import DataFacts, Findings, model_card
from riskscore.modelling.communal_bank.behind import members_behind
from riskscore.modelling.communal_bank.card import structural_card
from riskscore.modelling.communal_bank.choice import Judged, choose_bank
from riskscore.modelling.communal_bank.gates import judge_structural, order_judged, unjudged_order
from riskscore.modelling.communal_bank.ledger import falls, payers_told
from riskscore.modelling.communal_bank.level import Belief, corrected_level, seasons
from riskscore.modelling.communal_bank.members import learn_members, member_recipe, member_requests
from riskscore.modelling.communal_bank.settings import LiabilitySettings, StructuralCandidate
from riskscore.modelling.communal_bank.structural import COLUMN, FAMILY, Structural
from riskscore.modelling.communal_bank.structure import estimate, structural_log_odds
from riskscore.modelling.development import Developed, develop
from riskscore.modelling.gates import CERTAIN, CHANCE_SHARE, Doubt, ici_by_chance, judge, judged_apart, unjudged
from riskscore.modelling.margin import Floats, Margin
from riskscore.modelling.optimism import Optimism, measure
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.reference import FeatureReference, Reference, score_bands
from riskscore.modelling.rows import Rows, columns_of, joined, rows_of
from riskscore.modelling.training import CandidateRun, TrainingRun, data_facts
from riskscore.modelling.usable import narrowed, usable, useless

if TYPE_CHECKING:
    from riskscore.catalog import Lock
    from riskscore.dataset import Split, TrainingSet
    from riskscore.portfolio import Portfolio

Told = Callable[[str], None]

_NOT_CHOSEN = "the structural model was chosen, and only what is chosen is fitted again at random rows"


def train_banks(
    recipe: Recipe, lock: Lock, portfolio: Portfolio, *, seed: int, folder: str | Path | None, tell: Told
) -> TrainingRun:
    """Do what `riskscore.modelling.train` does, for a recipe with a structural candidate, without registering.

    Raises
    ------
    InvalidInput
        The recipe names families or features that the lock does not have.
    Refused
        Too few members' bads to learn PDs from, or no pair of members that fell together.
    """
    from riskscore.dataset import TrainingSet, out_of_time

    settings = recipe.liability
    if settings is None:
        raise InvalidInput.of(recipe.name, "It has no section [liability].", "Add it; the starter's recipe shows it.")
    every = columns_of(recipe, lock)
    columns_of(member_recipe(recipe, settings), lock)  # told before the minutes of building
    tell("features and outcomes of communal banks")
    rows = TrainingSet.build(portfolio, lock, recipe.outcome)
    asked = recipe.split
    split = out_of_time(
        rows,
        test_share=asked.test_share,
        held_out_groups=asked.held_out_groups,
        embargo_days=asked.embargo_days,
        seed=seed,
        min_bads=0,
    )
    tell("structural: members' PDs")
    margin, values = _structural(recipe, settings, lock, portfolio, rows, split, seed=seed, tell=tell)
    parts = _parts(recipe, split, values)
    model = CalibratedModel(margin, {COLUMN: FAMILY}, 1.0, margin.level.shift, {}, recipe.scale)
    found = {"structural": _evaluated(_described(model, settings, parts["train"]), parts, seed)}
    dropped: dict[str, str] = {}
    bads = int(split.train.bad.sum())
    taken_out: dict[str, str] = {}
    columns = every
    for candidate in recipe.candidates:
        if isinstance(candidate, StructuralCandidate):
            continue
        if bads < recipe.min_bads:
            dropped[candidate.kind] = (
                f"{bads} external bads in the training rows, at least {recipe.min_bads} are needed: below that nothing "
                "is learnt from communal banks' own loans"
            )
            continue
        tell(f"{candidate.kind}: fit and calibration")
        given = {name: rows_of(part, every.names, recipe.first_cycle) for name, part in _named(split).items()}
        taken_out = useless(every, given["train"])
        columns = usable(recipe, every, taken_out)
        given = {name: narrowed(part, every, columns) for name, part in given.items()}
        try:
            found[candidate.kind] = _evaluated(
                develop(recipe, candidate, columns, given["train"], seed=seed), given, seed
            )
        except Refused as cause:
            dropped[candidate.kind] = str(cause)
    judged = _judged(recipe, found, seed)
    choice = choose_bank(
        {kind: one.developed.model.log_odds(one.later.X) for kind, one in judged.items()},
        judged,
        judged["structural"].later,
        seed=seed,
        dropped=dropped,
    )
    later = judged[choice.kind].evaluations["later"]
    told = unjudged(recipe.gates, later)
    if not order_judged([gate.to_dict() for gate in judged[choice.kind].gates]):
        told = (unjudged_order(recipe.gates, later), *told)
    findings = Findings(
        choice=choice,
        optimism=None if choice.kind == "structural" else _optimism(judged[choice.kind], rows, split, recipe, seed),
        useless=taken_out,
        warnings=(),
        unjudged=told,
        no_optimism=_NOT_CHOSEN if choice.kind == "structural" else "too few bads",
    )
    facts = data_facts(rows, split, parts["train"], portfolio.manifest.data_date.isoformat())
    target = Path(folder) if folder is not None else Path(tempfile.mkdtemp(prefix="riskscore-"))
    candidates = tuple(
        _written(recipe, settings, lock, one, facts, findings, folder=target, seed=seed) for one in judged.values()
    )
    return TrainingRun(recipe, lock, facts, seed, candidates, findings, dropped)


def _optimism(learnt: Judged, rows: TrainingSet, split: Split, recipe: Recipe, seed: int) -> Optimism | None:
    """Return what a random split would have claimed; None where the rows it draws hold nothing to learn from.

    Of a structural model there is none: it learns nothing from these rows but its level.
    """
    try:
        return measure(learnt.developed, rows, split, recipe.first_cycle, seed=seed)
    except Refused:
        return None


def _structural(
    recipe: Recipe,
    settings: LiabilitySettings,
    lock: Lock,
    portfolio: Portfolio,
    rows: TrainingSet,
    split: Split,
    *,
    seed: int,
    tell: Told,
) -> tuple[Structural, dict[str, float]]:
    """Return the margin, and the structure's log-odds of every request that members stand behind."""
    requests = member_requests(portfolio, lock)
    learnt = learn_members(
        recipe, lock, requests, before=split.first_test, held_out=split.held_out, like=rows, seed=seed
    )
    behind = members_behind(rows.frame, requests, window_days=settings.request_window_days)
    if behind.is_empty():
        raise Refused.of(
            "applications",
            f"No member's request stands within {settings.request_window_days} days before one of her bank's.",
            "Raise request_window_days, or bring the members' requests.",
        )
    tell("structural: correlation, contagion, severity")
    known = learnt.training.join(behind.select("application_id", "request_id"), on="application_id", how="inner")
    fallen = falls(portfolio, split.first_test, days=settings.severity_after_days)
    structure = estimate(settings, known, fallen, payers_told(portfolio, split.first_test))
    tell("structural: worlds")
    # What a member's own outcome taught her PD is not in it: of a loan that taught, the fit without her bank speaks.
    apart = behind.join(
        learnt.training.select("application_id", "pd"), on="application_id", how="left", maintain_order="left"
    )["pd"]
    behind = behind.with_columns(pd=apart.fill_null(pl.Series(learnt.pd(behind))))
    values = structural_log_odds(structure, settings, behind)
    train = split.train.frame.filter(pl.col("application_id").is_in(list(values)))
    column = np.array([values[name] for name in train["application_id"].to_list()])
    bad = train["bad"].fill_null(0).to_numpy().astype(np.float64)
    banks, season = train["cluster"].to_numpy().astype(str), seasons(train["as_of"])
    level = corrected_level(column, bad, banks, season, Belief.of(settings))
    return Structural(learnt.model, structure, level, float(column.mean())), values


def _named(split: Split) -> dict[str, TrainingSet]:
    return {"train": split.train, "same_groups": split.same_groups, "other_groups": split.other_groups}


def _parts(recipe: Recipe, split: Split, values: Mapping[str, float]) -> dict[str, Rows]:
    """Return the structural column of each part; requests that no member stands behind have none and are left out."""
    found = {}
    for name, part in _named(split).items():
        known = part.with_rows(part.frame["application_id"].is_in(list(values)).to_numpy())
        column = pl.Series(COLUMN, [values[one] for one in known.frame["application_id"].to_list()], dtype=pl.Float64)
        found[name] = rows_of(
            type(known)(
                known.frame.with_columns(column), (COLUMN,), known.outcome, known.content_hash, known.lock_sha256
            ),
            (COLUMN,),
            recipe.first_cycle,
        )
    return found


def _described(model: CalibratedModel, settings: LiabilitySettings, training: Rows) -> Developed:
    """Wrap the structural model as a developed candidate; its doubt is what training knew of its level and slope."""
    margin = model.margin
    if not isinstance(margin, Structural):
        raise TypeError("a structural candidate has a structural margin")
    found = calibration(training.y, model.pd(training.X), clusters=training.clusters) if training.y.any() else None
    structure = margin.structure
    said = {
        "draws": float(settings.draws),
        "credibility_cases": settings.credibility_cases,
        "infection": structure.infection.value,
        "severity": structure.severity.value,
        "paid_by_savings": structure.by_savings.value,
        "paid_by_group": structure.by_group.value,
        "share_of_all": structure.shares.of_all,
        "share_in_bank": structure.shares.in_bank,
        "share_in_group": structure.shares.in_group,
        "default_correlation_in_group": structure.correlations.in_group.value,
        "default_correlation_in_bank": structure.correlations.in_bank.value,
        "structural_level": margin.level.structural,
        "prior_share": margin.level.prior_share,
    }

    def as_it_is(X: Floats, bad: Floats) -> tuple[Margin, Mapping[str, str]]:
        return margin, {}

    doubt = CERTAIN if found is None else Doubt(found.in_the_large_se, found.slope_se)
    return Developed(model, said, {}, doubt, as_it_is)


def _evaluated(developed: Developed, parts: Mapping[str, Rows], seed: int) -> Judged:
    later = joined(parts["same_groups"], parts["other_groups"])
    tests = {"later": later, "same_groups": parts["same_groups"], "other_groups": parts["other_groups"]}
    evaluations = {
        name: evaluate(
            test.y,
            developed.model.pd(test.X),
            clusters=test.clusters,
            segments={"cycle": test.cycle, "regime": test.regime},
            seed=seed,
            level=0.90,
        )
        for name, test in tests.items()
        if len(test.y)
    }
    return Judged(developed, evaluations, parts["train"], later)


def _judged(recipe: Recipe, found: Mapping[str, Judged], seed: int) -> dict[str, Judged]:
    areas = [one.evaluations["later"]["auc"] for one in found.values() if one.evaluations["later"].too_few is None]
    highest = float(max(areas, default=0.5))
    judged = {}
    for kind, one in found.items():
        rule = judge_structural if kind == "structural" else judge
        gates = rule(
            recipe.gates,
            one.evaluations["later"],
            one.evaluations.get("other_groups"),
            _chance(recipe, one, seed),
            highest_auc=highest,
        )
        judged[kind] = Judged(one.developed, one.evaluations, one.training, one.later, gates)
    return judged


def _chance(recipe: Recipe, one: Judged, seed: int) -> dict[str, float]:
    evaluation, later = one.evaluations["later"], one.later
    if evaluation.too_few is not None:
        return {}
    pd = one.developed.model.pd(later.X)
    apart = judged_apart(recipe.gates, evaluation)
    parts = [("all", np.ones(len(pd), dtype=bool), CHANCE_SHARE)]
    parts += [(value, getattr(later, variable) == value, CHANCE_SHARE / len(apart)) for variable, value, _ in apart]
    return {
        name: ici_by_chance(pd[rows], later.clusters[rows], evaluation.icc, one.developed.doubt, seed=seed, share=share)
        for name, rows, share in parts
    }


def _written(
    recipe: Recipe,
    settings: LiabilitySettings,
    lock: Lock,
    one: Judged,
    facts: DataFacts,
    findings: Findings,
    *,
    folder: Path,
    seed: int,
) -> CandidateRun:
    model = one.developed.model
    points = np.abs(recipe.scale.factor * model.explain(one.training.X).phi).mean(axis=0)
    weights = {name: float(value) for name, value in zip(model.features, points, strict=True)}
    if isinstance(model.margin, Structural):
        card = structural_card(recipe, settings, model.margin, facts, one.evaluations, one.gates, findings.choice)
        risks = {COLUMN: "rises"}
    else:
        card = model_card(recipe, lock, facts, one.developed, weights, one.evaluations, one.gates, findings)
        risks = {name: lock.feature(name).risk for name in model.features}
    reference = Reference(
        features={
            name: FeatureReference.of(one.training.X[:, column], one.later.X[:, column], risks[name])
            for column, name in enumerate(model.features)
        },
        bands=score_bands(
            recipe.scale.score(model.log_odds(one.later.X)), one.later.y, one.later.clusters.tolist(), recipe.band_edges
        ),
        metrics={
            "evaluations": {name: part.to_dict() for name, part in one.evaluations.items()},
            "gates": [gate.to_dict() for gate in one.gates],
            "findings": findings.to_dict(),
            "weights": weights,
            "seed": seed,
            "data": {name: str(getattr(facts, name)) for name in DataFacts.__slots__},
        },
    )
    home = artefact.save(folder / model.kind, model=model, lock=lock, recipe=recipe, reference=reference, card=card)
    return CandidateRun(one.developed, one.evaluations, one.gates, home, card, one.later)
