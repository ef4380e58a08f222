"""What the law would have said had she asked otherwise: another amount, term or frequency, more saved, one debt less.

Her past, her group and what no table shows stay as they were, and so do the requests of the other women.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from riskscore.errors import InvalidInput
from riskscore.simulator.arrays import Floats, Ints, sigmoid
from riskscore.simulator.asking import bound_to_the_request
from riskscore.simulator.truth import ASKED, Truth

_SPACING = {"weekly": 7, "fortnightly": 14}


def asked_otherwise(truth: Truth, requests: pl.DataFrame) -> pl.DataFrame:
    """Return ``p_direct`` and ``p_bad`` of changed requests, in their order, each as if it were the only change.

    Parameters
    ----------
    truth : Truth
        Of an institution simulated with what it was asked for, see `riskscore.simulator.truth.ASKED`.
    requests : DataFrame
        ``application_id, amount, term_days, frequency``, and ``savings`` and ``service_less``: what she would have put
        by more with the group, and what would go less to lenders elsewhere a month; in currency.

    Raises
    ------
    InvalidInput
        The truth does not hold what was asked for, or an application or a frequency is not one of its.
    """
    told = truth.applications
    missing = [name for name in ASKED if name not in told.columns]
    if missing:
        raise InvalidInput.of("truth", f"has no {', '.join(missing)}.", "Simulate the institution again.")
    rows = requests.join(
        told.with_row_index("row"), on="application_id", how="left", maintain_order="left", suffix="_then"
    ).with_columns(spacing=pl.col("frequency").replace_strict(_SPACING, default=None, return_dtype=pl.Int64))
    if rows["row"].null_count() or rows["spacing"].null_count():
        what = "names an application that was not simulated, or a frequency that the institution does not have."
        raise InvalidInput.of("requests", what, f"Ask of its own applications: {', '.join(_SPACING)}.")

    def column(name: str) -> Ints:
        return np.asarray(rows[name].to_numpy(), dtype=np.int64)

    bound = bound_to_the_request(
        amount=_cents(rows["amount"]),
        term=column("term_days"),
        spacing=column("spacing"),
        disbursed=column("disbursed"),
        sector=column("sector"),
        surplus=rows["surplus"].to_numpy(),
        service=np.maximum(0.0, (rows["service"] - rows["service_less"]).to_numpy()),
        savings=column("savings_then") + _cents(rows["savings"]),
        previous=column("previous"),
    )
    then = np.log(rows["p_direct"].to_numpy()) - np.log1p(-rows["p_direct"].to_numpy())
    moved = sum((bound[name] - rows[f"cause_{name}"].to_numpy() for name in bound), np.zeros(rows.height))
    direct = sigmoid(then + moved)
    return pl.DataFrame({"p_direct": direct, "p_bad": _with_her_group(truth, column("row"), direct)})


def _cents(money: pl.Series) -> Ints:
    return np.asarray(np.rint(money.cast(pl.Float64).to_numpy() * 100), dtype=np.int64)


def _with_her_group(truth: Truth, row: Ints, direct: Floats) -> Floats:
    """Return each woman's probability with factors and the infection by those who asked beside her integrated out."""
    told = truth.applications.with_row_index("row")
    women_of = {
        key: part["row"].to_numpy() for key, part in told.partition_by("group_id", "cycle", as_dict=True).items()
    }
    keys = list(zip(told["group_id"].to_list(), told["cycle"].to_list(), strict=True))
    beside = [women_of[keys[place]] for place in row.tolist()]
    everyone = np.concatenate([np.zeros(0, dtype=np.int64), *beside])
    world = np.repeat(np.arange(len(row)), [len(women) for women in beside])
    herself = everyone == row[world]
    chance = np.where(herself, direct[world], told["p_direct"].to_numpy()[everyone])
    return np.asarray(truth.law.probability(chance, world)[herself])
