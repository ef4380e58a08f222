"""The structural model as a margin: everything it takes to compute a communal bank's outlook, in one JSON table.

Its one column is the structure's own log-odds of an external default; the calibration of `CalibratedModel` moves its
level (``a`` is 1). Members' PDs come from a scorecard that is part of it, so an artefact needs no other model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from riskscore.liability import AssetShares, DefaultCorrelations, Estimate, FallSteps
from riskscore.modelling.calibrated import CalibratedModel, Offset
from riskscore.modelling.communal_bank.structure import Structure
from riskscore.modelling.margin import Floats, Groups
from riskscore.modelling.scale import ScoreScale
from riskscore.modelling.scorecard import Scorecard

#: The one column of a structural model, and its family.
COLUMN, FAMILY = "structural_log_odds", "liability"


@dataclass(frozen=True, slots=True)
class Level:
    """What the record of communal banks' loans did to the level.

    Parameters
    ----------
    loans, bads : int
        Of the training rows.
    effective : float
        Loans that would say as much if neither bank nor season were shared; `loans` over the design effect.
    structural : float
        Mean PD of the structure over them.
    mean, low, high : float
        After the record, with the 90 % interval.
    prior_share : float
        1 - Z: how much of it is the structure's.
    shift, shift_low, shift_high : float
        What takes the structure's log-odds there.
    """

    loans: int
    bads: int
    effective: float
    structural: float
    mean: float
    low: float
    high: float
    prior_share: float
    shift: float
    shift_low: float
    shift_high: float


@dataclass(frozen=True, eq=False)
class Structural:
    """A structural candidate.

    Parameters
    ----------
    member : CalibratedModel
        Members' PDs: a scorecard with its calibration.
    structure : Structure
    level : Level
    mean : float
        Mean log-odds of the structure over the training rows.
    """

    member: CalibratedModel
    structure: Structure
    level: Level
    mean: float

    @property
    def kind(self) -> str:
        """``"structural"``."""
        return "structural"

    @property
    def features(self) -> tuple[str, ...]:
        """The one column."""
        return (COLUMN,)

    @property
    def base(self) -> float:
        """The mean margin of the training rows."""
        return self.mean

    def contributions(self, X: Floats) -> Floats:
        """Return the column less its mean (n, 1)."""
        return np.asarray(X - self.mean)

    def parts(self, X: Floats, groups: Groups) -> Floats:
        """Return the margin as the one part it has (n, 1); no group of its column can be apart."""
        return np.asarray(X[:, :1].copy())

    def to_json(self) -> dict[str, Any]:
        """Return plain values for ``model.json``; NaN, an interval that is not known, is null."""
        return {
            "kind": self.kind,
            "mean": self.mean,
            "member": member_json(self.member),
            "structure": {
                "shares": asdict(self.structure.shares),
                "correlations": {
                    name: _estimate_json(getattr(self.structure.correlations, name))
                    for name in DefaultCorrelations.__slots__
                },
                "infection": _estimate_json(self.structure.infection),
                "severity": _estimate_json(self.structure.severity),
                "by_savings": _estimate_json(self.structure.by_savings),
                "by_group": _estimate_json(self.structure.by_group),
                "steps": {name: list(one) for name, one in asdict(self.structure.steps).items()},
            },
            "level": asdict(self.level),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Build it from `to_json`'s values, which `audit` has checked."""
        found = content["structure"]
        structure = Structure(
            shares=AssetShares(**found["shares"]),
            correlations=DefaultCorrelations(
                **{name: _estimate(found["correlations"][name]) for name in DefaultCorrelations.__slots__}
            ),
            infection=_estimate(found["infection"]),
            severity=_estimate(found["severity"]),
            by_savings=_estimate(found["by_savings"]),
            by_group=_estimate(found["by_group"]),
            steps=FallSteps(**{name: tuple(one) for name, one in found["steps"].items()}),
        )
        return cls(member_model(content["member"]), structure, Level(**content["level"]), content["mean"])


def member_json(model: CalibratedModel) -> dict[str, Any]:
    """Return the members' model in the shape of ``model.json``."""
    if not isinstance(model.margin, Scorecard):
        raise TypeError(f"members' PDs come from a scorecard, not from a {type(model.margin).__name__}")
    return {
        "features": list(model.features),
        "families": {name: model.families[name] for name in model.features},
        "a": model.a,
        "b": model.b,
        "caps": {},
        "offsets": {name: asdict(one) for name, one in model.offsets.items()},
        "scale": asdict(model.scale),
        "margin": model.margin.to_json(),
    }


def member_model(content: Mapping[str, Any]) -> CalibratedModel:
    """Build the members' model from `member_json`'s values."""
    return CalibratedModel(
        margin=Scorecard.from_json(content["margin"]),
        families=content["families"],
        a=content["a"],
        b=content["b"],
        caps=content["caps"],
        scale=ScoreScale(**content["scale"]),
        offsets={name: Offset(**one) for name, one in content["offsets"].items()},
    )


def _estimate_json(one: Estimate) -> dict[str, float | int | None]:
    return {name: None if value != value else value for name, value in asdict(one).items()}


def _estimate(content: Mapping[str, Any]) -> Estimate:
    value, low, high = (float("nan") if content[name] is None else content[name] for name in ("value", "low", "high"))
    return Estimate(value, low, high, content["level"], content["cases"])
