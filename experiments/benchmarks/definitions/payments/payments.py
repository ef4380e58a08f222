"""Ten aggregates that featuretools can express too: of the latest version of each payment, by when it was recorded."""

from riskscore.catalog import Feature, FeatureSet, Source, days, ever

Payments = Source(
    "payments",
    table="loan_payments",
    keys={"member": "member_id"},
    clock="known_at",
    where="known_until IS NULL",
    columns={"cents": "CAST(amount * 100 AS BIGINT)"},
)

_MEAN = "sum(cents)::DOUBLE / nullif(count(cents), 0)"


class Ten(FeatureSet, source=Payments, subject="member", family="repayment"):
    """Five aggregates in two windows."""

    count_180 = Feature("count(*)", window=days(180))
    sum_180 = Feature("sum(cents)", window=days(180))
    max_180 = Feature("max(cents)", window=days(180))
    min_180 = Feature("min(cents)", window=days(180))
    mean_180 = Feature(_MEAN, window=days(180))
    count_ever = Feature("count(*)", window=ever())
    sum_ever = Feature("sum(cents)", window=ever())
    max_ever = Feature("max(cents)", window=ever())
    min_ever = Feature("min(cents)", window=ever())
    mean_ever = Feature(_MEAN, window=ever())
