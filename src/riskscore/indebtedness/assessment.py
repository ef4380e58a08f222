"""One request weighed against one household: before, after, and in a bad season.

The number a decision rests on is `Indebtedness.nii_post`. It leaves out what ends before the new loan's first
instalment (the loan being renewed, above all) and adds the loan asked for; `nii_now` is for monitoring.
Nothing here knows a probability of default, and no probability of default knows any of this.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import Fault, InvalidInput
from riskscore.indebtedness.cover import Cover
from riskscore.indebtedness.household import Budget, Debts
from riskscore.indebtedness.instalment import round_down
from riskscore.indebtedness.policy_numbers import PolicyNumbers
from riskscore.indebtedness.ratios import LEVELS, Level, headroom, levels, net_indebtedness, stressed_surplus
from riskscore.indebtedness.terms import TermColumns, Terms

Floats = NDArray[np.float64]

#: An index this close to the cap is at the cap: the room left by binary fractions.
EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of many households, one entry each, in currency a month; NaN is missing.

    `amount` is the loan asked for, in currency; `cover` and `cover_one_stops` are what neighbours may ask of her.
    """

    business_revenue: Floats
    business_costs: Floats
    other_income: Floats
    household_costs: Floats
    own_now: Floats
    own_after: Floats
    outside: Floats
    amount: Floats
    cover: Floats
    cover_one_stops: Floats


@dataclass(frozen=True, slots=True)
class Assessed:
    """`Indebtedness` in columns: one entry a household; `level` and `level_now` are codes into `LEVELS`."""

    surplus: Floats
    instalment: Floats
    service_now: Floats
    service_post: Floats
    nii_now: Floats
    nii_post: Floats
    nii_stress: Floats
    nii_stress_with_cover: Floats
    nii_stress_one_stops: Floats
    headroom: Floats
    largest_amount: Floats
    level: NDArray[np.int64]
    level_now: NDArray[np.int64]

    def only(self, rows: NDArray[np.intp]) -> Assessed:
        """Return what was found for some households."""
        return Assessed(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


@dataclass(frozen=True, slots=True)
class Indebtedness:
    """What was found for one household. None is unknown; an index on no surplus at all is infinite.

    Parameters
    ----------
    level, level_now : str
        By `nii_post` and by `nii_now`: NO_DEBT, SOLVENT, AT_RISK, OVER_INDEBTED or UNKNOWN. For reports.
    above_cap : bool or None
        Whether `nii_post` is above the policy's cap: what a page's state rests on.
    surplus : float or None
        Currency a month, before any debt.
    instalment : float
        Of the loan asked for, each period.
    service_now, service_post : float or None
        All debts' service a month, with the haircut on those elsewhere.
    nii_now, nii_post : float or None
        Service / surplus.
    nii_stress, nii_stress_with_cover, nii_stress_one_stops : float or None
        After the shock; with the neighbours' expected cover; when one neighbour stops.
    headroom : float or None
        Room for a new instalment under the cap, currency a month.
    largest_amount : float or None
        The largest principal that fits, rounded down to the product's step.
    missing : tuple of str
        Which facts are not there.
    """

    level: Level
    level_now: Level
    above_cap: bool | None
    surplus: float | None
    instalment: float
    service_now: float | None
    service_post: float | None
    nii_now: float | None
    nii_post: float | None
    nii_stress: float | None
    nii_stress_with_cover: float | None
    nii_stress_one_stops: float | None
    headroom: float | None
    largest_amount: float | None
    missing: tuple[str, ...] = ()


def assess_columns(columns: Columns, terms: Terms | TermColumns, numbers: PolicyNumbers) -> Assessed:
    """Assess many requests, each on its own terms or all on the same; ``columns.amount`` overrides ``terms.amount``."""
    margin = columns.business_revenue - columns.business_costs
    surplus = margin + columns.other_income - columns.household_costs
    outside = columns.outside * (1.0 + numbers.haircut)
    existing = columns.own_after + outside
    each = columns.amount * terms.price
    now, post = columns.own_now + outside, existing + each * terms.per_month
    nii_now, nii_post = net_indebtedness(now, surplus), net_indebtedness(post, surplus)
    stressed = stressed_surplus(surplus, margin, numbers.shock)
    room = headroom(surplus, existing, numbers.cap)
    largest = room / terms.per_month / terms.price
    bands = {"at_risk_above": numbers.at_risk_above, "over_above": numbers.over_above}
    return Assessed(
        surplus=surplus,
        instalment=each,
        service_now=now,
        service_post=post,
        nii_now=nii_now,
        nii_post=nii_post,
        nii_stress=net_indebtedness(post, stressed),
        nii_stress_with_cover=net_indebtedness(post + columns.cover, stressed),
        nii_stress_one_stops=net_indebtedness(post + columns.cover_one_stops, stressed),
        headroom=room,
        largest_amount=round_down(largest, terms.amount_step),
        level=levels(nii_post, post, **bands),
        level_now=levels(nii_now, now, **bands),
    )


def assess(
    budget: Budget, debts: Debts, terms: Terms, numbers: PolicyNumbers, cover: Cover | None = None
) -> Indebtedness:
    """Assess one request.

    Parameters
    ----------
    budget : Budget
    debts : Debts
    terms : Terms
    numbers : PolicyNumbers
    cover : Cover, optional
        What neighbours may ask of her; nothing where it is left out.

    Raises
    ------
    InvalidInput
        A debt or a part of the budget is negative; all at once.

    Examples
    --------
    >>> found = assess(
    ...     Budget(900, 500, 200, 300), Debts(86.6667, 0, 114.1667), Terms(290, 112, "weekly", 0.03, "declining"),
    ...     PolicyNumbers())
    >>> found.level, round(found.headroom, 2)
    ('SOLVENT', 84.42)
    >>> assess(Budget(None, 500, 200, 300), Debts(0, 0, 0), Terms(290, 112, "weekly", 0.03, "flat"),
    ...     PolicyNumbers()).level
    'UNKNOWN'
    """
    given = {field.name: getattr(part, field.name) for part in (budget, debts) for field in fields(part)}
    faults = [
        Fault(name, "it is negative.", "Give 0 or more, or nothing where it is not known.")
        for name, value in given.items()
        if value is not None and value < 0
    ]
    if faults:
        raise InvalidInput(faults)
    known = {name: np.asarray(np.nan if value is None else value, dtype=np.float64) for name, value in given.items()}
    extra = cover or Cover()
    found = assess_columns(
        Columns(
            **known,
            amount=np.asarray(terms.amount, dtype=np.float64),
            cover=np.asarray(extra.expected, dtype=np.float64),
            cover_one_stops=np.asarray(extra.one_stops, dtype=np.float64),
        ),
        terms,
        numbers,
    )

    def number(value: Floats) -> float | None:
        plain = float(value)
        return None if np.isnan(plain) else plain

    nii_post = number(found.nii_post)
    return Indebtedness(
        level=LEVELS[int(found.level)],
        level_now=LEVELS[int(found.level_now)],
        above_cap=None if nii_post is None else nii_post > numbers.cap + EXACT,
        surplus=number(found.surplus),
        instalment=float(found.instalment),
        service_now=number(found.service_now),
        service_post=number(found.service_post),
        nii_now=number(found.nii_now),
        nii_post=nii_post,
        nii_stress=number(found.nii_stress),
        nii_stress_with_cover=number(found.nii_stress_with_cover),
        nii_stress_one_stops=number(found.nii_stress_one_stops),
        headroom=number(found.headroom),
        largest_amount=number(found.largest_amount),
        missing=tuple(name for name, value in given.items() if value is None),
    )
