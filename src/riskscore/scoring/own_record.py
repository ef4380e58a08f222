"""A member's log-odds with and without her neighbours' record: the state of a request rests on the second alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riskscore.modelling.calibrated import CalibratedModel, groups_of

Floats = NDArray[np.float64]

#: The family whose record is the neighbours': it never turns her state.
GROUP_FAMILY = "group"


class OwnRecord:
    """Parts a model's log-odds into what is hers and what is her neighbours'.

    Parameters
    ----------
    model : CalibratedModel
    """

    def __init__(self, model: CalibratedModel) -> None:
        self._model = model
        present = (*model.caps, GROUP_FAMILY)
        self._families = tuple(one for one in dict.fromkeys(present) if one in model.families.values())
        self._groups = groups_of(model.features, model.families, self._families)
        self.group_columns = list(groups_of(model.features, model.families, (GROUP_FAMILY,))[0])

    def without_group(self, log_odds: Floats, phi: Floats) -> Floats:
        """Return explained log-odds (n,) less the group's contributions, `phi` being (n, k)."""
        return np.asarray(log_odds - phi[:, self.group_columns].sum(axis=1))

    def log_odds(self, X: Floats) -> tuple[Floats, Floats]:
        """Return log-odds of bad (n,) with everything, and without the neighbours' record; nothing is explained."""
        model = self._model
        parts = model.margin.parts(X, self._groups)
        total = model.a * parts[:, 0] + model.b
        own = total.copy()
        for column, family in enumerate(self._families, start=1):
            part = model.a * parts[:, column]
            if family in model.caps:
                limit = model.caps[family] / model.scale.factor
                part = np.clip(part, -limit, limit)
            total = total + part
            if family != GROUP_FAMILY:
                own = own + part
        for column, shift in model.shifts(X):
            total = total + shift
            if column not in self.group_columns:
                own = own + shift
        return total, own
