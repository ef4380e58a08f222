"""What each role sees of a communal bank's outlook: an allow-list, built up from nothing.

It is of the bank as a whole, so its committee sees it in full, and rounded: members' budgets are in the chance that one
falls, and a figure to the cent could be solved for them. Chances are of 100, falls whole, and money in steps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from riskscore.scoring.points import largest_remainder
from riskscore.scoring.wording import whole_of_100

#: The parts of the waterfall, in the order in which they bear.
STEPS = ("by_savings", "by_group", "by_fund", "by_untold", "by_lender")


def committee(score: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a communal bank's own committee may see of `riskscore.service.bank_score.bank_score`.

    Returns
    -------
    dict
        ``of_100`` banks like it, how many would not repay all in time (0 is fewer than 1), with ``low`` and ``high``
        (None where there is no range); ``falls_of_100``, in how many of 100 cycles that many members or more fall;
        ``falls_expected``, the ``waterfall`` and what stands behind one fall (``cover``), in whole steps of ``step``;
        ``covers_falls``, and ``arrears``, once for the whole bank.
    """
    cover, step = score["cover"], step_of(score["cover"]["lent"])
    expected = score["expected_in_arrears"]
    return {
        **{name: score[name] for name in ("recipe", "subject_kind", "subject", "as_of", "basis", "requested_at")},
        "asked": dict(score["asked"]),
        "natural_frequency": dict(score["natural_frequency"]),
        **_of_100(score),
        "members": score["members"],
        "solidarity_groups": score["solidarity_groups"],
        "falls_of_100": {falls: _whole(chance) for falls, chance in score["at_least"].items()},
        "falls_expected": None if expected is None else math.floor(expected + 0.5),
        "covers_falls": score["covers_falls"],
        "step": step,
        "waterfall": None if score["waterfall"] is None else _waterfall(score["waterfall"], step),
        "cover": {
            "lent": cover["lent"],
            **{name: _stepped(cover[name], step) for name in ("one_fall", "savings", "group", "fund")},
        },
        "arrears": score["arrears"],
        "order_judged": score["order_judged"],
        "recommendation": {"state": score["recommendation"]["state"]},
        "model_version": score["model_version"],
    }


def aggregate(score: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an assistance provider may see: how often such a bank gets into trouble, and nothing under it."""
    return {
        **{name: score[name] for name in ("recipe", "subject_kind", "subject", "as_of")},
        "natural_frequency": dict(score["natural_frequency"]),
        **_of_100(score),
        "model_version": score["model_version"],
    }


def step_of(lent: float) -> float:
    """Return the step in which a bank's money is told: a power of ten, a thousandth of what is lent or less.

    Examples
    --------
    >>> step_of(12_400.0), step_of(150.0)
    (10.0, 1.0)
    """
    return float(10.0 ** max(math.floor(math.log10(max(lent, 1.0) / 1000.0)), 0))


def _of_100(score: Mapping[str, Any]) -> dict[str, int | None]:
    interval = score["pd_interval"] or {"low": None, "high": None}
    return {"of_100": _whole(score["pd"]), "low": _whole(interval["low"]), "high": _whole(interval["high"])}


def _whole(chance: float | None) -> int | None:
    return None if chance is None else whole_of_100(chance)


def _stepped(amount: float, step: float) -> float:
    return step * math.floor(amount / step + 0.5)


def _waterfall(exact: Mapping[str, float], step: float) -> dict[str, float]:
    """Return the waterfall in whole steps that still add up to what is missing."""
    total = math.floor(exact["loss"] / step + 0.5)
    shared = largest_remainder([exact[name] / step for name in STEPS], total)
    return {"loss": step * total, **{name: step * part for name, part in zip(STEPS, shared, strict=True)}}
