"""Outcomes, only where they are final: an open loan is neither good nor bad.

A row is *mature* when its outcome was known by the portfolio's data date. What happened sooner, a bad instalment in the
second week, may not bring a row in early: bads show before goods do, and a set of early outcomes would be all bad.
"""

from __future__ import annotations

import polars as pl

from riskscore.errors import Fault, InvalidInput, Refused
from riskscore.portfolio import Portfolio

LABELS = ("good", "bad", "indeterminate")
SHOWN = 10

#: Tables without which no loan's outcome is computed.
RESTS_ON = ("applications", "loans", "instalments")


def with_outcomes(rows: pl.DataFrame, outcomes: pl.DataFrame, portfolio: Portfolio) -> pl.DataFrame:
    """Keep the mature rows and add ``label``, ``bad`` and ``final_at``.

    Parameters
    ----------
    rows : DataFrame
        A spine.
    outcomes : DataFrame
        ``application_id, label, final_at``: one row a decided application.
    portfolio : Portfolio
        Its data date is the moment at which an outcome must be known.

    Returns
    -------
    DataFrame
        ``label`` is good, bad or indeterminate; ``bad`` 0, 1, or missing for the indeterminate; ``final_at`` the moment
        the label was known.

    Raises
    ------
    InvalidInput
        Where an application has two outcomes, an unknown label, or an outcome known before it was asked for.
    Refused
        Where no outcome is mature.
    """
    known = outcomes.select("application_id", "label", "final_at").join(
        rows.select("application_id", "as_of"), on="application_id", how="inner"
    )
    faults = [
        *_named(known.filter(pl.col("application_id").is_duplicated()), "has more than one outcome.", "Keep the last."),
        *_named(
            known.filter(~pl.col("label").is_in(LABELS).fill_null(value=False)),
            "has a label that is none.",
            f"Use one of {', '.join(LABELS)}.",
        ),
        *_named(
            known.filter((pl.col("final_at") <= pl.col("as_of")).fill_null(value=True)),
            "has an outcome that was known before the loan was asked for.",
            "Give the moment at which the outcome was final.",
        ),
    ]
    if faults:
        raise InvalidInput(faults)
    mature = known.filter(pl.col("final_at") <= portfolio.moment(None)).drop("as_of")
    if mature.is_empty():
        bare = [name for name in RESTS_ON if portfolio.table(name).is_empty()]
        what = f"None of {rows.height} applications has a final outcome by {portfolio.manifest.data_date}."
        if bare:
            told = f"{what} No rows are in {', '.join(bare)}, and outcomes rest on them."
            raise Refused.of("outcomes", told, "Bring these tables, or the labels you have in outcomes_given.")
        remedy = "Wait until the first loans are over, or bring the labels you have in outcomes_given."
        raise Refused.of("outcomes", what, remedy)
    code = pl.col("label").replace_strict({"good": 0, "bad": 1, "indeterminate": None}, return_dtype=pl.Int8)
    return rows.join(mature, on="application_id", how="inner", maintain_order="left").with_columns(bad=code)


def _named(found: pl.DataFrame, what: str, remedy: str) -> list[Fault]:
    ids = found["application_id"].unique().sort().to_list()
    faults = [Fault(f"outcomes: {name}", what, remedy) for name in ids[:SHOWN]]
    if len(ids) > SHOWN:
        faults.append(Fault("outcomes", f"{len(ids) - SHOWN} more: an application {what}", remedy))
    return faults
