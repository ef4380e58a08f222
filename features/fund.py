"""Loans from the group's own fund: debts like any other, and a sign where one loan repays another."""

from riskscore.catalog import Feature, FeatureSet, Formulas, Reason, cycles, days, standing

from .sources import FundLoans, PaymentsAndFundLoans


class FundDebt(FeatureSet, source=FundLoans, subject="member", family="facts"):
    """What she owes the group's fund."""

    fund_balance = Feature(
        "sum(CASE WHEN owed THEN balance ELSE 0 END)",
        window=standing(),
        fact=True,
        es="Lo que debe al fondo del grupo",
        en="Owed to the group's fund",
    )
    fund_service = Feature(
        "sum(service_m)",
        window=standing(),
        fact=True,
        es="Cuotas al fondo del grupo, al mes",
        en="Instalments to the group's fund, a month",
    )


class FundRecord(FeatureSet, source=FundLoans, subject="member", family="fund"):
    """How she repaid the group's fund."""

    fund_worst_delay_2_cycles = Feature(
        "max(days_late)",
        window=cycles(2),
        risk="rises",
        es="Peor atraso con el fondo del grupo, dos ciclos, en días",
        en="Worst delay with the group's fund, two cycles, days",
        basis="Schreiner 1999, 2004 (Bolivia): arrears on the last loan tell most. The fund's book is a ledger too.",
        basis_es="Schreiner 1999, 2004 (Bolivia): el atraso del último préstamo es lo que más dice. El libro del "
        "fondo también es un registro.",
        reason=Reason(
            "R09",
            es="Su peor atraso con el fondo del grupo, en dos ciclos, fue de {value} {día|días}.",
            en="The worst delay with the group's fund, in two cycles, was {value} {day|days}.",
            at_least=1,
        ),
    )


class LoanToRepay(FeatureSet, source=PaymentsAndFundLoans, subject="member", family="fund"):
    """A loan taken to pay another: the ledger is clean, and she was not able to pay."""

    loans_to_repay_12m = Feature(
        "count(DISTINCT fresh.id) FILTER (WHERE settled.id IS NOT NULL)",
        window=days(365),
        risk="rises",
        es="Préstamos del fondo del grupo junto a un pago, 12 meses",
        en="Loans of the group's fund beside a payment, 12 months",
        basis="Gonzalez 2008 (Bolivia): to repay by costly means is over-indebtedness. The seven days before an "
        "overdue or last instalment is paid are a design choice; a loan beside a regular payment is no such sign.",
        basis_es="Gonzalez 2008 (Bolivia): pagar por medios costosos es sobreendeudamiento. Los siete días antes de "
        "pagar una cuota vencida o la última son una decisión de diseño; un préstamo junto a un pago normal "
        "no es señal.",
        reason=Reason(
            "R27",
            es="En 12 meses tomó {value} {préstamo|préstamos} del fondo del grupo en días cercanos a un pago.",
            en="In 12 months {value} {loan|loans} of the group's fund {was|were} taken within days of a payment.",
            at_least=1,
        ),
    )


class FundAgainstLoan(Formulas, family="fund"):
    """The fund's loans beside what she asks for."""

    fund_balance_to_amount = Feature(
        "fund_balance / nullif(amount, 0)",
        risk="rises",
        es="Lo que debe al fondo del grupo frente al préstamo pedido",
        en="Owed to the group's fund against the loan asked for",
        basis="Pro Mujer, FINCA Peru: loans of the internal account are debts of the member. Res. SBS 6941-2008: total "
        "indebtedness.",
        basis_es="Pro Mujer, FINCA Perú: los préstamos de la cuenta interna son deudas de la socia. Res. SBS "
        "6941-2008: endeudamiento total.",
        reason=Reason(
            "R26",
            es="Por cada 100 que pide, debe {value} al fondo del grupo.",
            en="For every 100 asked for, {value} {is|are} owed to the group's fund.",
            unit="of_100",
            at_least=0.005,
        ),
    )
