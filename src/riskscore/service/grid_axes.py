"""Which other amounts and terms a table of what would be otherwise shows."""

from __future__ import annotations

from collections.abc import Iterable

from riskscore.scoring import Product, ScoreRequest
from riskscore.scoring.products import choose

#: Amounts as shares of what was asked, and terms as days beside it.
SHARES, DAYS = (0.4, 0.6, 0.8, 1.0, 1.2), (-60, -30, 0, 30, 60)


def axes(offered: Iterable[Product], request: ScoreRequest, ceiling: float | None) -> tuple[list[float], list[int]]:
    """Return amounts and terms around a request that its product allows; none where no product allows the request.

    Her ceiling is among the amounts: it may lie below them all, and a table of talks alone helps nobody on the road.
    """
    product, _ = choose(offered, amount=request.amount, term_days=request.term_days, frequency=request.frequency)
    if product is None:
        return [], []
    step = product.amount_step
    amounts = {round(share * request.amount / step) * step for share in SHARES} | {request.amount}
    amounts |= {ceiling} if ceiling else set()
    terms = {request.term_days + days for days in DAYS}
    return (
        sorted(amount for amount in amounts if product.amount_min <= amount <= product.amount_max),
        sorted(term for term in terms if product.term_days_min <= term <= product.term_days_max),
    )
