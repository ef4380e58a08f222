"""How she repaid her earlier loans with the same lender."""

from riskscore.catalog import Feature, FeatureSet, Formulas, Reason, cycles, days, ever, latest

from .sources import Closings, EarlierLoans, FirstPayments


class Starts(FeatureSet, source=FirstPayments, subject="member", family="repayment"):
    """First payments: how late or how early, counted from the first due date.

    Late and early are two features, so that no reason ever says "minus three days late".
    """

    last_start_late = Feature(
        "greatest(days_late, 0)",
        window=latest(),
        risk="rises",
        es="Atraso al empezar a pagar, último préstamo",
        en="Delay of the first payment, last loan",
        reason=Reason(
            code="R02",
            es="Su último préstamo lo empezó a pagar {value} {día|días} después de la fecha.",
            en="She began to repay her last loan {value} {day|days} after the date.",
        ),
    )
    last_start_early = Feature(
        "greatest(-days_late, 0)",
        window=latest(),
        risk="falls",
        es="Días de adelanto al empezar a pagar, último préstamo",
        en="Days early with the first payment, last loan",
    )
    worst_start_late = Feature(
        "max(greatest(days_late, 0))",
        window=ever(),
        risk="rises",
        es="Peor atraso al empezar a pagar",
        en="Worst delay of a first payment",
        reason=Reason(
            code="R03",
            es="Su peor atraso al empezar a pagar un préstamo fue de {value} {día|días}.",
            en="Her worst delay in beginning to repay a loan was {value} {day|days}.",
        ),
    )
    mean_start_late = Feature(
        "sum(days_late)::DOUBLE / nullif(count(*), 0)",
        window=ever(),
        risk="rises",
        es="Atraso medio al empezar a pagar",
        en="Mean delay of first payments",
    )
    late_share = Feature(
        "sum(CASE WHEN days_late > 0 THEN 1 ELSE 0 END)::DOUBLE / nullif(count(*), 0)",
        window=ever(),
        risk="rises",
        es="Préstamos empezados a pagar tarde",
        en="Loans begun to be repaid late",
        reason=Reason(
            code="R04",
            es="Empezó a pagar tarde {value} de sus préstamos.",
            en="She began to repay {value} of her loans late.",
            unit="percent",
        ),
    )
    late_share_3 = Feature(
        "sum(CASE WHEN days_late > 0 THEN 1 ELSE 0 END)::DOUBLE / nullif(count(*), 0)",
        window=cycles(3),
        risk="rises",
        es="Empezados a pagar tarde, últimos tres",
        en="Begun to be repaid late, last three",
        reason=Reason(
            code="R04",
            es="De sus últimos tres préstamos empezó a pagar tarde {value}.",
            en="Of her last three loans she began to repay {value} late.",
            unit="percent",
        ),
    )


class Ends(FeatureSet, source=Closings, subject="member", family="repayment"):
    """Closings: how late against the last due date, and how long ago."""

    last_close_over = Feature(
        "greatest(days_over, 0)",
        window=latest(),
        risk="rises",
        es="Días de más hasta terminar, último préstamo",
        en="Days beyond the term, last loan",
        reason=Reason(
            code="R05",
            es="Terminó su último préstamo {value} {día|días} después del plazo.",
            en="She finished her last loan {value} {day|days} after its term.",
        ),
    )
    mean_close_over = Feature(
        "sum(days_over)::DOUBLE / nullif(count(*), 0)",
        window=cycles(5),
        risk="rises",
        es="Días de más hasta terminar, últimos cinco",
        en="Days beyond the term, last five loans",
    )
    days_since_close = Feature(
        "days_ago", window=latest(), es="Días desde que terminó el último", en="Days since she finished the last"
    )


class Experience(FeatureSet, source=EarlierLoans, subject="member", family="repayment"):
    """How long and how often she has borrowed; both directions are possible, so none is imposed."""

    loans_before = Feature("count(*)", window=ever(), es="Préstamos anteriores", en="Earlier loans")
    loans_90d = Feature("count(*)", window=days(90), es="Préstamos en 90 días", en="Loans within 90 days")
    days_known = Feature("max(age_days)", window=ever(), es="Días desde el primero", en="Days since the first loan")
    last_amount = Feature("amount", window=latest(), fact=True, es="Monto del último", en="Amount of the last loan")


class Growth(Formulas, family="repayment"):
    """What she asks for beside what she had."""

    amount_growth = Feature(
        "amount / nullif(last_amount, 0)",
        es="Monto pedido entre el anterior",
        en="Amount asked for over the last one",
        reason=Reason(
            code="R06",
            es="Pide {value} veces su último préstamo.",
            en="She asks for {value} times her last loan.",
            unit="times",
            at_least=1,
        ),
    )
