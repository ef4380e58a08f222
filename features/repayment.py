"""How she has repaid so far, and how she has saved and come to meetings."""

from riskscore.catalog import Feature, FeatureSet, Formulas, Reason, cycles, days, ever

from .sources import Attendance, Instalments, Loans, LoansAndEvents, Outcomes, Payments, Savings, Trainings

_WITHDRAWN = "coalesce(sum(amount) FILTER (WHERE kind = 'withdrawal' AND event_at >= as_of - INTERVAL 60 DAY), 0)"


class Repayment(FeatureSet, source=Instalments, subject="member", family="repayment"):
    """Lateness of her instalments; one still open is as late as the moment makes it."""

    worst_delay_last_cycle = Feature(
        "max(days_late)",
        window=cycles(1),
        risk="rises",
        es="Peor atraso del último ciclo, en días",
        en="Worst delay in the last cycle, days",
        basis="Schreiner 1999, 2004 (Bolivia; recalled, not read again): arrears in the previous loan are the "
        "strongest sign.",
        basis_es="Schreiner 1999, 2004 (Bolivia; de memoria, sin releer): el atraso del préstamo anterior es la señal"
        " más fuerte.",
        reason=Reason(
            "R01",
            es="Su peor atraso del último ciclo fue de {value} {día|días}.",
            en="The worst delay of the last cycle was {value} {day|days}.",
            at_least=1,
        ),
    )
    worst_delay_3_cycles = Feature(
        "max(days_late)",
        window=cycles(3),
        risk="rises",
        es="Peor atraso de los últimos tres ciclos, en días",
        en="Worst delay in the last three cycles, days",
        basis="Schreiner 1999, 2004 (Bolivia; recalled, not read again): arrears foretell arrears. Three cycles: a "
        "cycle is only 3 to 8 months long.",
        basis_es="Schreiner 1999, 2004 (Bolivia; de memoria, sin releer): los atrasos anuncian atrasos. Tres ciclos: "
        "un ciclo dura solo de 3 a 8 meses.",
        reason=Reason(
            "R01",
            es="Su peor atraso de los últimos tres ciclos fue de {value} {día|días}.",
            en="The worst delay of the last three cycles was {value} {day|days}.",
            at_least=1,
        ),
    )
    # Of what fell due or was still open in the 180 days.
    worst_delay_180d = Feature(
        "max(days_late) FILTER (WHERE owed_in_180d)",
        window=ever(),
        risk="rises",
        es="Peor atraso en 6 meses, en días",
        en="Worst delay in 6 months, days",
        basis="Schreiner 1999, 2004 (Bolivia; recalled, not read again): arrears foretell arrears. The 180 days are "
        "a design choice.",
        basis_es="Schreiner 1999, 2004 (Bolivia; de memoria, sin releer): los atrasos anuncian atrasos. Los 180 días "
        "son una decisión de diseño.",
        reason=Reason(
            "R01",
            es="Su peor atraso en 6 meses fue de {value} {día|días}.",
            en="The worst delay in 6 months was {value} {day|days}.",
            at_least=1,
        ),
    )
    late_share_3_cycles = Feature(
        "count(*) FILTER (WHERE days_late > 0)::DOUBLE / nullif(count(*), 0)",
        window=cycles(3),
        risk="rises",
        es="Parte de las cuotas pagadas tarde, tres ciclos",
        en="Share of instalments paid late, three cycles",
        basis="Kappel, Krauss & Lontzek 2010: trouble is what lasts several periods; Schreiner 2004 (recalled) for "
        "arrears.",
        basis_es="Kappel, Krauss y Lontzek 2010: el problema es lo que dura varios períodos; Schreiner 2004 (de "
        "memoria) para los atrasos.",
        reason=Reason(
            "R01",
            es="De cada 100 cuotas suyas de los últimos tres ciclos, {value} {tuvo|tuvieron} atraso.",
            en="Of every 100 instalments of the last three cycles, {value} {was|were} late.",
            unit="of_100",
            at_least=0.005,
        ),
    )


class Cover(FeatureSet, source=Payments, subject="member", family="repayment"):
    """What others paid for her: the ledger is clean, and she was not able to pay."""

    covered_by_group_share_3_cycles = Feature(
        "coalesce(sum(amount) FILTER (WHERE payer = 'group'), 0)::DOUBLE / nullif(sum(amount), 0)",
        window=cycles(3),
        risk="rises",
        es="Parte de sus pagos que puso el grupo, tres ciclos",
        en="Share of payments borne by the group, three cycles",
        basis="Joint liability hides default: the ledger is clean because others paid. Who pays for whom is part of "
        "the internal outcome.",
        basis_es="La garantía solidaria esconde la mora: el registro está limpio porque otras pagaron. Quién paga por"
        " quién es parte del resultado interno.",
        reason=Reason(
            "R09",
            es="De cada 100 de sus pagos de los últimos tres ciclos, el grupo puso {value}.",
            en="Of every 100 of the payments of the last three cycles the group bore {value}.",
            unit="of_100",
            at_least=0.005,
        ),
    )
    covered_payments_3_cycles = Feature(
        "count(*) FILTER (WHERE payer = 'group')",
        window=cycles(3),
        risk="rises",
        es="Veces que el grupo pagó por usted, tres ciclos",
        en="Times the group paid for her, three cycles",
        basis="Joint liability hides default: two covered instalments make the internal outcome bad.",
        basis_es="La garantía solidaria esconde la mora: dos cuotas cubiertas hacen malo el resultado interno.",
        reason=Reason(
            "R09",
            es="El grupo pagó por usted {value} {vez|veces} en los últimos tres ciclos.",
            en="The group paid for her {value} {time|times} in the last three cycles.",
            at_least=1,
        ),
    )


class Experience(FeatureSet, source=Loans, subject="member", family="repayment"):
    """How long she has borrowed. Cycles have no direction: experience helps, and terms fit worse as cycles go on."""

    # Ten stands for all above: who has been here longest is not unlike everyone seen before.
    cycles_completed = Feature(
        "least(count(*), 10)",
        window=ever(),
        risk="free",
        es="Préstamos anteriores con el grupo, hasta 10",
        en="Earlier loans with the group, up to 10",
        basis="Free: experience lowers risk (Schreiner 2004, recalled), and terms fit worse as cycles go on (Paxton "
        "1996, 2000, the matching problem).",
        basis_es="Libre: la experiencia baja el riesgo (Schreiner 2004, de memoria), y los plazos calzan peor con los"
        " ciclos (Paxton 1996, 2000).",
    )
    months_since_first_loan = Feature(
        "date_diff('day', min(disbursed_on), CAST(as_of AS DATE)) / 30.4375",
        window=ever(),
        risk="falls",
        es="Meses desde su primer préstamo",
        en="Months since the first loan",
        basis="Schreiner 1999, 2004 (Bolivia; recalled, not read again): time since the first loan lowers risk.",
        basis_es="Schreiner 1999, 2004 (Bolivia; de memoria, sin releer): el tiempo desde el primer préstamo baja el "
        "riesgo.",
        reason=Reason(
            "R06",
            es="Su primer préstamo fue hace {value} {mes|meses}.",
            en="The first loan was {value} {month|months} ago.",
        ),
    )


class Restructured(FeatureSet, source=LoansAndEvents, subject="member", family="repayment"):
    """Restructuring in distress. Relief under a declared emergency is never held against her."""

    restructured_24m = Feature(
        "count(happened.id) FILTER (WHERE happened.kind = 'restructured' AND happened.reason = 'distress' "
        "AND happened.event_at >= as_of - INTERVAL 730 DAY)",
        window=ever(),
        risk="rises",
        es="Préstamos reprogramados por dificultad, 24 meses",
        en="Loans restructured in distress, 24 months",
        basis="Collier, Katchova & Skees 2011 (Piura): trouble showed as restructured loans, not as late ones. "
        "Relief in an emergency is left out.",
        basis_es="Collier, Katchova y Skees 2011 (Piura): el problema se vio en préstamos reprogramados, no en "
        "atrasos. Queda fuera el alivio por emergencia.",
        reason=Reason(
            "R21",
            es="En 24 meses se le reprogramaron préstamos {value} {vez|veces} por dificultades de pago.",
            en="In 24 months loans were restructured in distress {value} {time|times}.",
            at_least=1,
        ),
    )


class Refinanced(FeatureSet, source=LoansAndEvents, subject="member", family="signals"):
    """Loans rewritten in a year, for whatever reason but a declared emergency."""

    refinancings_12m = Feature(
        "count(happened.id) FILTER (WHERE happened.kind = 'restructured' "
        "AND coalesce(happened.reason, 'other') IN ('distress', 'other') "
        "AND happened.event_at >= as_of - INTERVAL 365 DAY)",
        window=ever(),
        risk="rises",
        es="Préstamos refinanciados, 12 meses",
        en="Loans refinanced, 12 months",
        basis="Two refinancings in a year are a sign of over-indebtedness (client protection practice). Relief in an "
        "emergency is left out.",
        basis_es="Dos refinanciaciones en un año son señal de sobreendeudamiento (práctica de protección al cliente)."
        " Queda fuera el alivio por emergencia.",
        reason=Reason(
            "R21",
            es="En 12 meses se le refinanciaron préstamos {value} {vez|veces}.",
            en="In 12 months loans were refinanced {value} {time|times}.",
            at_least=1,
        ),
    )


class EarlierOutcomes(FeatureSet, source=Outcomes, subject="member", family="repayment"):
    """How her earlier loans ended, from the day that was known."""

    bad_outcomes_known = Feature(
        "count(*) FILTER (WHERE label = 'bad')",
        window=ever(),
        risk="rises",
        es="Préstamos anteriores que terminaron mal",
        en="Earlier loans that ended badly",
        basis="Schreiner 1999, 2004 (Bolivia; recalled, not read again): arrears in earlier loans; counted from the "
        "day that was known.",
        basis_es="Schreiner 1999, 2004 (Bolivia; de memoria, sin releer): atrasos en préstamos anteriores; cuentan "
        "desde el día en que se supo.",
        reason=Reason(
            "R01",
            es="De sus préstamos anteriores, {value} {terminó|terminaron} con problemas de pago.",
            en="Of the earlier loans, {value} ended with trouble to repay.",
            at_least=1,
        ),
    )


class Meetings(FeatureSet, source=Attendance, subject="member", family="repayment"):
    """Coming to meetings, where instalments fall due."""

    attendance_rate = Feature(
        "count(*) FILTER (WHERE status IN ('present', 'late'))::DOUBLE "
        "/ nullif(count(*) FILTER (WHERE status <> 'excused'), 0)",
        window=days(180),
        risk="falls",
        es="Asistencia a reuniones en 6 meses",
        en="Attendance at meetings in 6 months",
        basis="FINCA Peru: who pays badly stops coming to the meetings. The direction is a design choice.",
        basis_es="FINCA Perú: quien paga mal deja de venir a las reuniones. El sentido es una decisión de diseño.",
        reason=Reason(
            "R07",
            es="Vino a {value} de cada 100 reuniones en 6 meses.",
            en="She came to {value} of every 100 meetings in 6 months.",
            unit="of_100",
        ),
    )
    late_arrival_rate = Feature(
        "count(*) FILTER (WHERE status = 'late')::DOUBLE "
        "/ nullif(count(*) FILTER (WHERE status IN ('present', 'late')), 0)",
        window=days(180),
        risk="rises",
        es="Llegadas tarde a reuniones en 6 meses",
        en="Late arrivals at meetings in 6 months",
        basis="Design choice: instalments fall due at the meeting.",
        basis_es="Decisión de diseño: las cuotas vencen en la reunión.",
        reason=Reason(
            "R07",
            es="Llegó tarde a {value} de cada 100 reuniones a las que vino en 6 meses.",
            en="She came late to {value} of every 100 meetings she attended in 6 months.",
            unit="of_100",
            at_least=0.005,
        ),
    )


class Saving(FeatureSet, source=Savings, subject="member", family="repayment"):
    """Her savings with the group."""

    # Of what she would hold without it: what she has left, and what she took out.
    savings_withdrawn_60d_share = Feature(
        f"{_WITHDRAWN}::DOUBLE "
        f"/ nullif(sum(CASE WHEN kind = 'deposit' THEN amount ELSE -amount END) + {_WITHDRAWN}, 0)",
        window=ever(),
        risk="rises",
        es="Parte de sus ahorros retirada en 60 días",
        en="Share of savings withdrawn in 60 days",
        basis="Schicks 2013 (Ghana) reads over-indebtedness from sacrifices; that savings drawn down are one is a "
        "design choice.",
        basis_es="Schicks 2013 (Ghana) lee el sobreendeudamiento en los sacrificios; que retirar ahorros sea uno es "
        "una decisión de diseño.",
        reason=Reason(
            "R05",
            es="Por cada 100 que tenía ahorrados, retiró {value} en 60 días.",
            en="For every 100 saved, {value} {was|were} withdrawn in 60 days.",
            unit="of_100",
            at_least=0.005,
        ),
    )


class Training(FeatureSet, source=Trainings, subject="member", family="repayment"):
    """Sessions on credit."""

    training_sessions = Feature(
        "count(DISTINCT session_no)",
        window=ever(),
        risk="falls",
        es="Sesiones de capacitación en crédito",
        en="Training sessions on credit",
        basis="FINCA Peru trial (J-PAL summary): better practices and retention, no effect on profit; de la Huerta "
        "2010: training raises repayment. Weak, and who attends selects herself.",
        basis_es="Ensayo de FINCA Perú (resumen de J-PAL): mejores prácticas y permanencia, sin efecto en la "
        "ganancia; de la Huerta 2010: la capacitación eleva el pago. Débil, y quien asiste se elige a sí "
        "misma.",
        reason=Reason(
            "R44",
            es="Asistió a {value} {sesión|sesiones} de capacitación en crédito.",
            en="She attended {value} training {session|sessions} on credit.",
        ),
    )


class SavingAgainstLoan(Formulas, family="repayment"):
    """Her savings beside what she asks for."""

    savings_to_loan = Feature(
        "group_savings / nullif(amount, 0)",
        risk="falls",
        es="Ahorro frente al préstamo pedido",
        en="Savings against the loan asked for",
        basis="De la Huerta 2010 (Thai village funds): compulsory savings raise repayment.",
        basis_es="De la Huerta 2010 (fondos de aldeas de Tailandia): el ahorro obligatorio eleva el pago.",
        reason=Reason(
            "R05",
            es="Por cada 100 que pide, tiene {value} de ahorro en el grupo.",
            en="For every 100 asked for, savings with the group are {value}.",
            unit="of_100",
        ),
    )
    # No deposit in a cycle is 0 for a woman whose savings are on record, and missing where no savings are recorded.
    savings_regularity = Feature(
        "CASE WHEN group_savings IS NOT NULL AND meetings_cycle > 0 "
        "THEN least(1, coalesce(deposits_cycle, 0) / nullif(meetings_cycle, 0)) END",
        risk="falls",
        es="Reuniones del último ciclo con depósito de ahorro",
        en="Meetings of the last cycle with a savings deposit",
        basis="De la Huerta 2010 (Thai village funds): savings that are asked for raise repayment. Regularity is a "
        "design choice.",
        basis_es="De la Huerta 2010 (fondos de aldeas de Tailandia): el ahorro que se pide eleva el pago. La "
        "regularidad es una decisión de diseño.",
        reason=Reason(
            "R05",
            es="Depositó ahorro en {value} de cada 100 reuniones de su último ciclo.",
            en="Savings were deposited at {value} of every 100 meetings of the last cycle.",
            unit="of_100",
        ),
    )


class FirstLoan(Formulas, family="repayment"):
    """That she has no record yet, said once: what a record would hold is missing then, and missing is neutral."""

    first_loan = Feature(
        "CASE WHEN cycle_no IS NULL THEN 1 ELSE 0 END",
        risk="free",
        es="Su primer préstamo con el grupo",
        en="The first loan with the group",
        basis="Missing is never zero: without a record she is like nobody, and that is said once. No direction is "
        "claimed.",
        basis_es="Lo que falta nunca es cero: sin historia no se parece a nadie, y eso se dice una vez. No se afirma "
        "un sentido.",
        reason=Reason(
            "R06",
            es="Es su primer préstamo con el grupo.",
            en="It is the first loan with the group.",
            at_least=1,
        ),
    )
