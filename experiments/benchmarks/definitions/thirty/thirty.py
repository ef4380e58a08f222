"""Thirty windowed aggregates of one source, to set the engine against the same statement written by hand."""

from riskscore.catalog import Feature, FeatureSet, Source, days, ever

Instalments = Source(
    "instalments",
    table="settled_instalments",
    keys={"member": "member_id"},
    clock="due_on",
    columns={
        "days_late": "greatest(0, date_diff('day', due_on, CAST(least(coalesce(settled_at, as_of), as_of) AS DATE)))",
    },
)


class Thirty(FeatureSet, source=Instalments, subject="member", family="repayment"):
    """Six aggregates in five windows."""

    n_60 = Feature("count(*)", window=days(60))
    n_120 = Feature("count(*)", window=days(120))
    n_180 = Feature("count(*)", window=days(180))
    n_365 = Feature("count(*)", window=days(365))
    n_ever = Feature("count(*)", window=ever())
    late_60 = Feature("count(*) FILTER (WHERE days_late > 0)", window=days(60))
    late_120 = Feature("count(*) FILTER (WHERE days_late > 0)", window=days(120))
    late_180 = Feature("count(*) FILTER (WHERE days_late > 0)", window=days(180))
    late_365 = Feature("count(*) FILTER (WHERE days_late > 0)", window=days(365))
    late_ever = Feature("count(*) FILTER (WHERE days_late > 0)", window=ever())
    worst_60 = Feature("max(days_late)", window=days(60))
    worst_120 = Feature("max(days_late)", window=days(120))
    worst_180 = Feature("max(days_late)", window=days(180))
    worst_365 = Feature("max(days_late)", window=days(365))
    worst_ever = Feature("max(days_late)", window=ever())
    sum_60 = Feature("sum(days_late)", window=days(60))
    sum_120 = Feature("sum(days_late)", window=days(120))
    sum_180 = Feature("sum(days_late)", window=days(180))
    sum_365 = Feature("sum(days_late)", window=days(365))
    sum_ever = Feature("sum(days_late)", window=ever())
    due_60 = Feature("sum(amount)", window=days(60))
    due_120 = Feature("sum(amount)", window=days(120))
    due_180 = Feature("sum(amount)", window=days(180))
    due_365 = Feature("sum(amount)", window=days(365))
    due_ever = Feature("sum(amount)", window=ever())
    open_60 = Feature("count(*) FILTER (WHERE settled_at IS NULL OR settled_at >= as_of)", window=days(60))
    open_120 = Feature("count(*) FILTER (WHERE settled_at IS NULL OR settled_at >= as_of)", window=days(120))
    open_180 = Feature("count(*) FILTER (WHERE settled_at IS NULL OR settled_at >= as_of)", window=days(180))
    open_365 = Feature("count(*) FILTER (WHERE settled_at IS NULL OR settled_at >= as_of)", window=days(365))
    open_ever = Feature("count(*) FILTER (WHERE settled_at IS NULL OR settled_at >= as_of)", window=ever())
