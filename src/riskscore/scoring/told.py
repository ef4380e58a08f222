"""What a score tells beside its points: net indebtedness, and what is missing, old or unlike anything seen before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from riskscore.indebtedness import LEVELS
from riskscore.scoring.cases import Cases, Computed, Engine
from riskscore.scoring.score import DataQuality, DebtFacts
from riskscore.scoring.signals import sacrifice_shown, signals_shown
from riskscore.scoring.snapshot import Snapshot

_FACTS = ("business_revenue", "business_costs", "other_income", "household_costs")

#: A member's values by name; None is missing.
Own = Mapping[str, float | None]


def debts_told(
    engine: Engine, snapshot: Snapshot, cases: Cases, found: Computed, own: Sequence[Own]
) -> list[DebtFacts]:
    """Return net indebtedness of each case; `own` are the members' values."""
    assessed, cap = found.assessed, engine.policy.numbers.cap
    held = snapshot.values[cases.places]

    def fact(name: str) -> NDArray[np.float64]:
        return engine.fact(held, name)

    def numbers(values: NDArray[np.float64]) -> list[float | None]:
        return [None if value != value else value for value in values.tolist()]

    columns = {
        name: numbers(getattr(assessed, name))
        for name in (
            "surplus",
            "service_now",
            "service_post",
            "nii_now",
            "nii_post",
            "nii_stress",
            "nii_stress_with_cover",
            "nii_stress_one_stops",
            "headroom",
            "largest_amount",
        )
    }
    above = [None if index is None else index > cap + 1e-9 for index in columns["nii_post"]]
    signals, sacrifice = signals_shown(fact, found.formulas), sacrifice_shown(fact)
    return [
        DebtFacts(
            level=LEVELS[int(assessed.level[row])],
            level_now=LEVELS[int(assessed.level_now[row])],
            instalment=float(assessed.instalment[row]),
            **{name: column[row] for name, column in columns.items()},
            above_cap=above[row],
            cap=cap,
            missing=_missing(found, row, values),
            signals={name: shown[row] for name, shown in signals.items()},
            sacrifice=sacrifice[row],
        )
        for row, values in enumerate(own)
    ]


def quality_told(engine: Engine, found: Computed, row: int, own: Own) -> DataQuality:
    """Return what is missing, old or off the support of one case."""
    values = found.X[row].tolist()
    features, supported = engine.champion.model.features, engine.champion.supported(found.X[[row]])[0].tolist()
    missing = (
        *_missing(found, row, own),
        *(name for name, value in zip(features, values, strict=True) if value != value),
    )
    age = own.get("budget_age_days")
    old = age is not None and age > engine.policy.value("data.budget_old_after_days")
    return DataQuality(
        missing=tuple(dict.fromkeys(missing)),
        stale=("budget_age_days",) if old else (),
        off_support=tuple(name for name, inside in zip(features, supported, strict=True) if not inside),
    )


def _missing(found: Computed, row: int, own: Own) -> tuple[str, ...]:
    """Return which parts of her budget are not known."""
    elsewhere = ("outside_service",) if np.isnan(found.outside[row]) else ()
    return (*(name for name in _FACTS if own.get(name) is None), *elsewhere)
