"""Every kind of model that reports can judge."""

from __future__ import annotations

from collections.abc import Mapping

from riskscore.modelling.artefact import Champion
from riskscore.modelling.communal_bank.kind import CommunalBankKind, LearntBankKind
from riskscore.modelling.expert.kind import ExpertKind
from riskscore.modelling.kind import Kind

KINDS: Mapping[str, Kind] = {
    "woe_scorecard": Kind(),
    "lightgbm": Kind(),
    "structural": CommunalBankKind(),
    "expert_prior": ExpertKind(),
}

#: A learnt champion of a recipe that has a structure too.
LEARNT_BANK = LearntBankKind()


def kind_of(champion: Champion) -> Kind:
    """Return the kind of a champion."""
    if champion.recipe.liability is not None and champion.model.kind != "structural":
        return LEARNT_BANK
    return KINDS[champion.model.kind]
