"""Every kind of model that reports can judge."""

from __future__ import annotations

from collections.abc import Mapping

from riskscore.modelling.artefact import Champion
from riskscore.modelling.communal_bank.kind import CommunalBankKind
from riskscore.modelling.expert.kind import ExpertKind
from riskscore.modelling.kind import Kind

KINDS: Mapping[str, Kind] = {
    "woe_scorecard": Kind(),
    "lightgbm": Kind(),
    "structural": CommunalBankKind(),
    "expert_prior": ExpertKind(),
}


def kind_of(champion: Champion) -> Kind:
    """Return the kind of a champion."""
    return KINDS[champion.model.kind]
