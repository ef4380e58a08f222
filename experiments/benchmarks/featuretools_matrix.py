"""The ten aggregates of `definitions/payments/` by featuretools; runs in an environment of its own.

``featuretools_matrix.py PAYMENTS.csv MOMENTS.csv OUT.csv`` writes a row for each moment and prints the seconds that
the computing alone took.
"""

import sys
import time
import warnings

warnings.simplefilter("ignore")

import featuretools as ft  # noqa: E402
import pandas as pd  # noqa: E402

#: Name in the definitions, and featuretools' primitive; a window is one call each.
AGGREGATES = {"count": "count", "sum": "sum", "max": "max", "min": "min", "mean": "mean"}
WINDOWS = {"180": "180 days", "ever": None}


def main(payments_file: str, moments_file: str, out: str) -> None:
    payments = pd.read_csv(payments_file, parse_dates=["seen"])
    moments = pd.read_csv(moments_file, parse_dates=["as_of"])
    entities = ft.EntitySet("bank")
    entities.add_dataframe(payments, "payments", index="id", time_index="seen")
    members = pd.DataFrame({"member_id": moments["member_id"].unique()})
    entities.add_dataframe(members, "members", index="member_id")
    entities.add_relationship("members", "member_id", "payments", "member_id")
    features = ft.dfs(
        entityset=entities,
        target_dataframe_name="members",
        agg_primitives=list(AGGREGATES.values()),
        trans_primitives=[],
        features_only=True,
    )
    cutoffs = moments.rename(columns={"as_of": "time"})
    started = time.perf_counter()
    found = {
        suffix: ft.calculate_feature_matrix(
            features, entities, cutoff_time=cutoffs, training_window=window, cutoff_time_in_index=True
        )
        for suffix, window in WINDOWS.items()
    }
    took = time.perf_counter() - started
    columns = {
        f"{name}_{suffix}": matrix["COUNT(payments)" if name == "count" else f"{name.upper()}(payments.cents)"]
        for suffix, matrix in found.items()
        for name in AGGREGATES
    }
    pd.DataFrame(columns).reset_index().to_csv(out, index=False)
    print(took)


if __name__ == "__main__":
    main(*sys.argv[1:])
