"""Training a communal bank's model: the structure from members' loans, the level from the banks' own record.

Everything is learnt from what was final before the first test moment; the later loans only judge.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from riskscore.errors import InvalidInput, Refused
from riskscore.modelling.card import Findings
from riskscore.modelling.communal_bank.choice import Judged, choose_bank
from riskscore.modelling.communal_bank.gates import order_judged, unjudged_order
from riskscore.modelling.communal_bank.judgement import evaluated, with_gates
from riskscore.modelling.communal_bank.learning import Told, developed, learn_structure, structural_rows
from riskscore.modelling.communal_bank.members import member_recipe
from riskscore.modelling.communal_bank.settings import StructuralCandidate
from riskscore.modelling.communal_bank.writing import written
from riskscore.modelling.development import develop
from riskscore.modelling.gates import unjudged
from riskscore.modelling.optimism import Optimism, measure
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.rows import columns_of, rows_of
from riskscore.modelling.training import TrainingRun, data_facts
from riskscore.modelling.usable import narrowed, usable, useless

if TYPE_CHECKING:
    from riskscore.catalog import Lock
    from riskscore.dataset import Split, TrainingSet
    from riskscore.portfolio import Portfolio

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
    rows = TrainingSet.build(portfolio, lock, recipe.outcome, recipe.rule)
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
    structure, values = learn_structure(recipe, settings, lock, portfolio, rows, split, seed=seed, tell=tell)
    parted = {"train": split.train, "same_groups": split.same_groups, "other_groups": split.other_groups}
    parts = structural_rows(recipe, parted, values)
    found = {"structural": evaluated(developed(structure, recipe, settings, parts["train"]), parts, seed)}
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
        given = {name: rows_of(part, every.names, recipe.first_cycle) for name, part in parted.items()}
        taken_out = useless(every, given["train"])
        columns = usable(recipe, every, taken_out)
        given = {name: narrowed(part, every, columns) for name, part in given.items()}
        try:
            found[candidate.kind] = evaluated(
                develop(recipe, candidate, columns, given["train"], seed=seed), given, seed
            )
        except Refused as cause:
            dropped[candidate.kind] = str(cause)
    judged = with_gates(recipe, found, seed)
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
        written(recipe, settings, lock, one, structure, facts, findings, folder=target, seed=seed)
        for one in judged.values()
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
