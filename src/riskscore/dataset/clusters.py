"""Which rows may never be parted: those of one communal bank, and of one woman in whichever bank.

The key is the connected component of the graph that joins each person to every bank she ever borrowed in. Rows of one
component share members, officers, meetings and luck; a split that parts them flatters the model.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def cluster_names(asked: pl.DataFrame) -> pl.DataFrame:
    """Name the component of each bank.

    Parameters
    ----------
    asked : DataFrame
        ``bank_id, member_id`` of every application over all cycles, history included. A missing member joins nothing.

    Returns
    -------
    DataFrame
        ``bank_id, cluster``; a cluster carries the first of its banks' ids, so the name depends neither on the order
        of rows nor on which of them are looked at.
    """
    pairs = asked.select("bank_id", "member_id").unique().sort("bank_id", "member_id", nulls_last=True)
    banks = pairs["bank_id"].unique().sort()
    people = pairs["member_id"].drop_nulls().unique().sort()
    joined = pairs.drop_nulls()
    rows = banks.search_sorted(joined["bank_id"]).to_numpy().astype(np.int64)
    columns = people.search_sorted(joined["member_id"]).to_numpy().astype(np.int64) + len(banks)
    nodes = len(banks) + len(people)
    graph = coo_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(nodes, nodes))
    _, component = connected_components(graph, directed=False)
    return (
        pl.DataFrame({"bank_id": banks, "component": component[: len(banks)]})
        .with_columns(cluster=pl.col("bank_id").min().over("component"))
        .select("bank_id", "cluster")
    )
