"""What may be tried: amounts and terms of the product asked for, few enough for one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskscore.scoring.score import NOTHING_LEFT
from riskscore.words import Format, Words

#: Most amounts and most terms: together one grid of 200.
MOST_AMOUNTS, MOST_TERMS = 20, 10

#: Days between two terms.
_TERM_STEP = {"weekly": 14, "fortnightly": 14, "twice_a_month": 15}
_MONTH = 30


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that may be chosen, as it is sent and as people read it."""

    value: float
    shown: str
    asked: bool


@dataclass(frozen=True, slots=True)
class TrialSection:
    """Amounts and terms, each in order; none where the record does not tell what was on offer.

    `nothing_left` is the index of indebtedness from which on nothing is left for instalments.
    """

    amounts: tuple[Choice, ...] = ()
    terms: tuple[Choice, ...] = ()
    nothing_left: float = NOTHING_LEFT


def trial_section(
    request: Mapping[str, Any], products: Sequence[Mapping[str, Any]], words: Words, form: Format
) -> TrialSection:
    """Return what may be tried of a request, within the product that it was for."""
    amount, term = float(request["amount"]), int(request["term_days"])
    offer = next((one for one in products if _allows(one, amount, term, request["frequency"])), None)
    if offer is None:
        return TrialSection()
    amounts = _spread(_from(offer["amount_min"], offer["amount_max"], offer["amount_step"]), amount, MOST_AMOUNTS)
    days = _TERM_STEP.get(request["frequency"], _MONTH)
    terms = _spread(_from(offer["term_days_min"], offer["term_days_max"], days), term, MOST_TERMS)
    return TrialSection(
        tuple(Choice(one, form.money(one), one == amount) for one in amounts),
        tuple(Choice(int(one), words("request.days", days=int(one)), one == term) for one in terms),
    )


def _allows(product: Mapping[str, Any], amount: float, term: int, frequency: str) -> bool:
    return (
        product["amount_min"] <= amount <= product["amount_max"]
        and product["term_days_min"] <= term <= product["term_days_max"]
        and frequency in product["frequencies"]
    )


def _from(low: float, high: float, step: float) -> list[float]:
    """Return the multiples of `step` from `low` to `high`, and both ends."""
    first, last = -(-low // step), high // step
    return sorted({float(low), float(high), *(round(n * step, 2) for n in range(int(first), int(last) + 1))})


def _spread(values: list[float], asked: float, most: int) -> list[float]:
    """Return at most `most` values evenly apart, with both ends and the one asked for among them."""
    if len(values) > most - 1:
        last = len(values) - 1
        values = [values[round(place * last / (most - 2))] for place in range(most - 1)]
    return sorted({*values, asked})


def point_tried(asked: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a point of the grid as `tried_lines` tells it: amount and term of what was asked, and what was found."""
    return {
        "amount": asked["amount"],
        "term_days": asked["term_days"],
        "score": found["score"],
        "grade": found["grade"],
        "state": found["recommendation"]["state"],
        "nii_post": found["indebtedness"]["nii_post"],
        "off_support": bool(found["data_quality"]["off_support"]),
    }


def tried_lines(point: Mapping[str, Any], words: Words, form: Format) -> tuple[str, ...]:
    """Return what a point of the grid says, as the sliders say it."""
    lines = [
        words(
            "try.sentence",
            amount=form.money(point["amount"]),
            term=words("request.days", days=point["term_days"]),
            score=round(point["score"]),
            grade=point["grade"],
        ),
        words("try.ready" if point["state"] == "ready" else "try.talk"),
    ]
    index = point["nii_post"]
    if index is not None:
        left = index < NOTHING_LEFT
        lines.append(words("try.share", count=round(100 * index)) if left else words("try.nothing_left"))
    if point["off_support"]:
        lines.append(words("try.unlike"))
    return tuple(lines)
