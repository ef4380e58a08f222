"""What a rule of the policy may measure: a closed list, each with its range, its direction and who may read it.

A rule that a committee reads measures what the group itself recorded, and the group as a whole. Whatever rests on a
member's facts from outside the group, or is about one member alone, is for her officer: she hears it first, in private.
No protected trait is on the list, age among them, and nothing that is past and can no longer change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from riskscore.portfolio.forbidden import forbidden, parts, protected
from riskscore.portfolio.tables import TABLES

Layer = Literal["group", "member", "loan"]
Kind = Literal["share", "ratio", "whole", "amount"]
Audience = Literal["committee", "officer"]

LAYERS: tuple[Layer, ...] = ("group", "member", "loan")
AUDIENCES: tuple[Audience, ...] = ("committee", "officer")

#: A place between numbers: just before a value (0) or just after it (1). What is between two of them is a span.
Cut = tuple[Fraction | float, int]

#: A business younger than this is starting.
STARTING_DAYS = 365

#: Meetings of so many days count.
ATTENDANCE_DAYS = 180

#: A request without a loan is open for so long.
OPEN_DAYS = 56

#: Of a first cycle there is nothing to measure: a first loan has no last one.
NEVER_IN_FIRST_CYCLE = frozenset({"request_to_last_loan"})

#: Parts of a name that speak of what no coming payment can change.
_PAST = frozenset(
    {"ever", "past", "previous", "worst", "before", "former", "history", "historial", "restructured", "refinanced"}
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that can be measured.

    Parameters
    ----------
    name : str
    layer : {"group", "member", "loan"}
        Of whom: the communal bank, one member, or the loan one member asks for.
    kind : {"share", "ratio", "whole", "amount"}
        ``share`` is a part of a whole, ``ratio`` one amount over another, ``whole`` a count or days, ``amount`` is in
        the portfolio's currency.
    risk : {"rises", "falls", "free"}
        Which way is riskier; ``free`` where both too little and too much may be.
    own : bool
        The group recorded it itself, and it is about the group as a whole: a committee may read it.
    low : Cut
        Where its range begins.
    high : Cut
        Where its range ends.
    doc : str
    """

    name: str
    layer: Layer
    kind: Kind
    risk: Literal["rises", "falls", "free"]
    own: bool
    low: Cut
    high: Cut
    doc: str


_END: Cut = (math.inf, 0)
_ZERO: Cut = (Fraction(0), 0)
_ABOVE_ZERO: Cut = (Fraction(0), 1)
_ONE: Cut = (Fraction(1), 0)
_THROUGH_ONE: Cut = (Fraction(1), 1)

MEASURES: dict[str, Measure] = {
    one.name: one
    for one in (
        Measure("group_size", "group", "whole", "free", True, _ONE, _END, "Members of the communal bank."),
        Measure(
            "largest_to_smallest_request",
            "group",
            "ratio",
            "rises",
            True,
            _ONE,
            _END,
            "The largest amount asked for, over the smallest.",
        ),
        Measure(
            "share_in_arrears",
            "group",
            "share",
            "rises",
            True,
            _ZERO,
            _THROUGH_ONE,
            "Members with an instalment of the internal ledger past its day, of all.",
        ),
        Measure(
            "share_in_first_cycle",
            "group",
            "share",
            "rises",
            True,
            _ZERO,
            _THROUGH_ONE,
            "Members without any loan of the internal ledger so far, of all.",
        ),
        Measure(
            "share_attended",
            "group",
            "share",
            "falls",
            True,
            _ZERO,
            _THROUGH_ONE,
            f"Marks of members present or late, of all but those excused, in {ATTENDANCE_DAYS} days.",
        ),
        Measure(
            "share_starting_business",
            "group",
            "share",
            "rises",
            False,
            _ZERO,
            _THROUGH_ONE,
            f"Members whose business is younger than {STARTING_DAYS} days, of all.",
        ),
        Measure(
            "share_with_loans_elsewhere",
            "group",
            "share",
            "rises",
            False,
            _ZERO,
            _THROUGH_ONE,
            "Those who declare another loan in parallel, of all who ask.",
        ),
        Measure("loans_elsewhere", "member", "whole", "rises", False, _ZERO, _END, "Other loans that she declares."),
        Measure(
            "request_to_last_loan",
            "loan",
            "ratio",
            "rises",
            False,
            _ABOVE_ZERO,
            _END,
            "The amount asked for, over her last loan's.",
        ),
        Measure("amount", "loan", "amount", "rises", False, _ABOVE_ZERO, _END, "The amount asked for."),
        Measure("term_days", "loan", "whole", "free", False, _ONE, _END, "Days until the last instalment."),
        Measure(
            "savings_to_request",
            "loan",
            "ratio",
            "falls",
            False,
            _ZERO,
            _END,
            "Her savings with the group, over the amount asked for.",
        ),
    )
}


def refusal(name: str) -> str | None:
    """Return why a rule may not measure what is called `name`; None where nothing speaks against it.

    Examples
    --------
    >>> refusal("age_band")
    'age is protected: no rule may rest on it.'
    >>> refusal("worst_delay")
    'It is past, and nothing she does can change it.'
    >>> refusal("share_of_one_district")
    'district is protected: no rule may rest on it.'
    """
    said = f" {' '.join(parts(name))} "
    columns = (column.name for table in TABLES.values() for column in table.columns if column.protected)
    kept = next((one for one in columns if f" {' '.join(parts(one))} " in said), None)
    trait = "age" if " age " in said else protected(name) or kept
    if trait is not None:
        return f"{trait} is protected: no rule may rest on it."
    if (why := forbidden(name)) is not None:
        return f"{why[0].upper()}{why[1:]}."
    return "It is past, and nothing she does can change it." if _PAST & set(parts(name)) else None
