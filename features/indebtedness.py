"""Net indebtedness as it stands, and the signs of over-indebtedness that behaviour shows.

These families are for the model of over-indebtedness alone: a recipe about default may not name "indebtedness".
"""

from riskscore.catalog import Feature, FeatureSet, Formulas, Reason, days, latest

from .sources import LateInARow, PaymentsFromSavings, SacrificeFlags


class Standing(Formulas, family="indebtedness"):
    """Where the household stands when she asks; ten stands for all above it, and for no surplus."""

    net_indebtedness_now = Feature(
        "CASE WHEN service_now = 0 THEN 0 WHEN service_now IS NULL OR surplus IS NULL THEN NULL "
        "WHEN surplus <= 0 OR service_now > 10 * surplus THEN 10 ELSE service_now / nullif(surplus, 0) END",
        risk="rises",
        es="Cuotas de sus deudas de hoy frente a lo que le sobra",
        en="Instalments of today's debts against what is left over",
        basis="Net indebtedness index: Liv 2013 (Cambodia), Maurer & Pytkowska 2010 (Bosnia).",
        basis_es="Índice de endeudamiento neto: Liv 2013 (Camboya), Maurer y Pytkowska 2010 (Bosnia).",
        reason=Reason(
            "R02",
            es="Por cada 100 que le sobran al mes, las cuotas de sus deudas de hoy se llevan {value}.",
            en="For every 100 left over in a month, instalments of today's debts take {value}.",
            unit="of_100",
            at_least=0.005,
        ),
    )
    # How many such loans would fit under 70 % of what is left over, from none to ten.
    room_to_instalment = Feature(
        "CASE WHEN surplus IS NULL OR service_after IS NULL THEN NULL "
        "ELSE least(10, greatest(0, 0.70 * surplus - (service_after - instalment_m)) / nullif(instalment_m, 0)) END",
        risk="falls",
        es="Espacio para nuevas cuotas frente a la cuota pedida",
        en="Room for new instalments against the instalment asked for",
        basis="Client protection standard 4A: capacity is analysed at each cycle. The 70 % are common practice.",
        basis_es="Norma 4A de protección al cliente: la capacidad se analiza en cada ciclo. El 70 % es práctica común.",
        reason=Reason(
            "R02",
            es="Por cada 100 de la cuota que pide, le queda espacio para {value}.",
            en="For every 100 of the instalment asked for, there is room for {value}.",
            unit="of_100",
        ),
    )


class InARow(FeatureSet, source=LateInARow, subject="member", family="facts"):
    """Arrears of several periods in a row; missing where nothing was late."""

    late_in_a_row_12m = Feature(
        "count(DISTINCT id) FILTER (WHERE second.id IS NOT NULL AND third.id IS NOT NULL)",
        window=days(365),
        fact=True,
        es="Cuotas tarde con las dos siguientes también tarde, 12 meses",
        en="Instalments late with the next two late as well, 12 months",
    )


class FromSavings(FeatureSet, source=PaymentsFromSavings, subject="member", family="facts"):
    """Instalments paid out of savings; missing where there was none."""

    taken_from_savings_12m = Feature(
        "count(DISTINCT id) FILTER (WHERE settled.id IS NULL)",
        window=days(365),
        fact=True,
        es="Pagos hechos con sus ahorros, 12 meses",
        en="Payments made from her savings, 12 months",
    )


class Sacrifices(FeatureSet, source=SacrificeFlags, subject="member", family="facts"):
    """What she said of sacrifices, as a flag: told beside the figures, and never learnt from."""

    sacrifice_flag = Feature(
        "CASE WHEN answer >= scale_max THEN 1 ELSE 0 END",
        window=latest(max_age=days(365)),
        fact=True,
        es="Dijo que paga a costa de sacrificios que no acepta",
        en="Said that she repays by sacrifices she does not accept",
    )


class Signals(Formulas, family="signals"):
    """Signs that repaying costs more than was planned. No record yet is missing, and a record without the sign is 0."""

    chronic_arrears_12m = Feature(
        "CASE WHEN late_in_a_row_12m IS NOT NULL THEN late_in_a_row_12m WHEN cycle_no IS NOT NULL THEN 0 END",
        risk="rises",
        es="Atrasos de tres cuotas seguidas, 12 meses",
        en="Arrears of three instalments in a row, 12 months",
        basis="Kappel, Krauss & Lontzek 2010: over-indebtedness is chronic, several periods in a row.",
        basis_es="Kappel, Krauss y Lontzek 2010: el sobreendeudamiento es crónico, varios períodos seguidos.",
        reason=Reason(
            "R51",
            es="En 12 meses se atrasó {value} {vez|veces} en tres cuotas seguidas.",
            en="In 12 months three instalments in a row were late {value} {time|times}.",
            at_least=1,
        ),
    )
    paid_from_savings_12m = Feature(
        "CASE WHEN taken_from_savings_12m IS NOT NULL THEN taken_from_savings_12m WHEN cycle_no IS NOT NULL THEN 0 END",
        risk="rises",
        es="Cuotas pagadas con sus ahorros, 12 meses",
        en="Instalments paid from her savings, 12 months",
        basis="Schicks 2013 (Ghana): savings used to repay are a sacrifice. The last instalment, netted by rule, is "
        "left out.",
        basis_es="Schicks 2013 (Ghana): pagar con ahorros es un sacrificio. La última cuota, compensada por regla, "
        "queda fuera.",
        reason=Reason(
            "R52",
            es="En 12 meses pagó {value} {cuota|cuotas} con sus ahorros.",
            en="In 12 months {value} {instalment was|instalments were} paid from savings.",
            at_least=1,
        ),
    )
