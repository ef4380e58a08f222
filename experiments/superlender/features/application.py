"""What stands in the application itself: the baseline that history has to beat."""

from riskscore.catalog import Feature, FeatureSet, Formulas, Reason, days, latest

from .sources import Offers


class OnTheForm(FeatureSet, source=Offers, subject="member", family="application"):
    """The lender's own form, not older than thirty days when the score is asked for."""

    loan_number = Feature("loan_number", window=latest(days(30)), es="Número de préstamo", en="Loan number")
    price = Feature(
        "total_due::DOUBLE / nullif(amount::DOUBLE, 0) - 1",
        window=latest(days(30)),
        risk="rises",
        es="Costo del préstamo",
        en="Cost of the loan",
        reason=Reason(
            code="R01",
            es="El préstamo cuesta {value} de lo que pide.",
            en="The loan costs {value} of what she asks for.",
            unit="percent",
        ),
    )
    referred = Feature(
        "CASE WHEN referred THEN 1 ELSE 0 END", window=latest(days(30)), es="Vino recomendada", en="Was referred"
    )


class Asked(Formulas, family="application"):
    """The request's own fields."""

    amount_asked = Feature("amount", es="Monto pedido", en="Amount asked for")
    term_asked = Feature("term_days", es="Plazo en días", en="Term in days")
