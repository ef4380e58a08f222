"""Three columns that go with risk and cause nothing: what a lender may well have, and nobody can give as a reason.

They are declared as such things should be. They may rank, and they have no words: a reason is a claim of a cause. The
two that are sold as a sign of one thing name the concept that they go with; the third is a sign of everything.
"""

from riskscore.catalog import Feature, FeatureSet, Source, latest
from riskscore.portfolio import Column, Table

Marks = Table(
    "marks",
    "Three marks an institution bought with each application.",
    (
        Column("application_id", "text", references="applications"),
        Column("member_id", "text", references="members"),
        Column("with_repayment", "double"),
        Column("with_capacity", "double"),
        Column("with_risk", "double"),
    ),
)

Bought = Source("marks", table="marks", keys={"member": "member_id"})


class Planted(FeatureSet, source=Bought, subject="member", family="business"):
    """The newest mark; each is 0.8 correlated with something of the truth."""

    mark_with_repayment = Feature(
        "with_repayment",
        window=latest(),
        risk="rises",
        es="Marca comprada, primera",
        en="Mark bought, first",
        concept="R01",
    )
    mark_with_capacity = Feature(
        "with_capacity",
        window=latest(),
        risk="rises",
        es="Marca comprada, segunda",
        en="Mark bought, second",
        concept="R02",
    )
    mark_with_risk = Feature(
        "with_risk", window=latest(), risk="rises", es="Marca comprada, tercera", en="Mark bought, third"
    )
