"""What the loan asked for would cost a month, for many applications at once.

The arithmetic is `riskscore.indebtedness`'s own: terms repeat, so the cost of borrowing 1 is computed once for each set
of terms and multiplied by the amounts.
"""

from __future__ import annotations

from typing import cast

import polars as pl

from riskscore.indebtedness import Method, instalment, periods, periods_per_month, rate_per_period

TERMS = ("frequency", "term_days", "rate_per_30_days", "method")


def monthly_instalments(asked: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """Add ``instalment_m``: instalment times instalments a month, in the portfolio's currency.

    Parameters
    ----------
    asked : DataFrame
        ``product_id, as_of, amount, term_days, frequency``.
    products : DataFrame
        Every version of each product; the one known at the moment counts.

    Returns
    -------
    DataFrame
        `asked` in its order, with ``instalment_m`` (Float64), missing where no product was known.
    """
    prices = products.sort("known_at", "event_at").select("known_at", "rate_per_30_days", "method", product_id="id")
    priced = (
        asked.with_row_index("row")
        .sort("as_of", maintain_order=True)
        .join_asof(
            prices, left_on="as_of", right_on="known_at", by="product_id", strategy="backward", check_sortedness=False
        )
    )
    terms = priced.select(TERMS).drop_nulls().unique()
    costs = [cost_of_one(frequency, days, rate, method) for frequency, days, rate, method in terms.iter_rows()]
    per_unit = terms.with_columns(pl.Series("of_one", costs, dtype=pl.Float64))
    return (
        priced.join(per_unit, on=TERMS, how="left", maintain_order="left")
        .with_columns(instalment_m=pl.col("amount") * pl.col("of_one"))
        .sort("row")
        .select(*asked.columns, "instalment_m")
    )


def cost_of_one(frequency: str, term_days: float, rate_per_30_days: float, method: str) -> float:
    """Return what a loan of 1 costs a month on these terms.

    Examples
    --------
    >>> round(100 * cost_of_one("monthly", 91.3125, 0.03, "flat"), 2)
    36.38
    """
    rate = rate_per_period(rate_per_30_days, frequency, term_days)
    each = instalment(1.0, rate, periods(term_days, frequency), cast(Method, method))
    return float(each) * periods_per_month(frequency, term_days)
