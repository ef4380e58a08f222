"""What the request weighs against what the household has left, and what it owes elsewhere."""

from riskscore.catalog import Feature, Formulas, Reason


class Capacity(Formulas, family="capacity"):
    """The request beside the budget, the debts and her earlier loans."""

    # Equal to the index of net indebtedness after the loan, up to 10, which stands for all above it and for no surplus.
    instalment_to_surplus = Feature(
        "CASE WHEN service_after = 0 THEN 0 WHEN service_after IS NULL OR surplus IS NULL THEN NULL "
        "WHEN surplus <= 0 OR service_after > 10 * surplus THEN 10 ELSE service_after / nullif(surplus, 0) END",
        risk="rises",
        es="Cuotas de todas sus deudas frente a lo que le sobra",
        en="Instalments of all debts against what is left over",
        basis="Net indebtedness index: Liv 2013 (Cambodia), Maurer & Pytkowska 2010 (Bosnia; repayment goes with "
        "it). Res. SBS 6941-2008: total indebtedness has to be considered.",
        basis_es="Índice de endeudamiento neto: Liv 2013 (Camboya), Maurer y Pytkowska 2010 (Bosnia; el pago va con "
        "él). Res. SBS 6941-2008: hay que considerar todo el endeudamiento.",
        reason=Reason(
            "R02",
            es="Las cuotas de todas sus deudas pesan más que lo usual frente a lo que le sobra.",
            en="Instalments of all debts weigh more than usual against what is left over.",
        ),
    )
    loans_elsewhere = Feature(
        "greatest(other_active_loans, declared_count, bureau_count)",
        risk="rises",
        es="Préstamos con otras entidades",
        en="Loans with other lenders",
        basis="Vogelgesang (Caja Los Andes, Bolivia): several loans at once, more default. Res. SBS 6941-2008: "
        "total indebtedness.",
        basis_es="Vogelgesang (Caja Los Andes, Bolivia): varios préstamos a la vez, más mora. Res. SBS 6941-2008: "
        "endeudamiento total.",
        reason=Reason(
            "R03",
            es="Tiene {value} {préstamo|préstamos} con otras entidades.",
            en="There {is|are} {value} {loan|loans} with other lenders.",
            at_least=1,
        ),
    )
    amount_growth = Feature(
        "amount / nullif(previous_amount, 0)",
        risk="rises",
        es="Monto pedido frente al préstamo anterior",
        en="Amount asked for against the last loan",
        basis="Baland et al. 2017: the largest burdens bring most default; Schreiner 2004 (recalled): larger "
        "amounts raise risk.",
        basis_es="Baland et al. 2017: las mayores cargas traen más mora; Schreiner 2004 (de memoria): montos mayores "
        "suben el riesgo.",
        reason=Reason(
            "R04",
            es="Por cada 100 de su préstamo anterior, ahora pide {value}.",
            en="For every 100 of the last loan, {value} {is|are} asked for now.",
            unit="of_100",
            at_least=0.1,
        ),
    )
    amount_to_largest_before = Feature(
        "amount / nullif(largest_amount_before, 0)",
        risk="rises",
        es="Monto pedido frente al mayor préstamo anterior",
        en="Amount asked for against the largest loan before",
        basis="Baland et al. 2017: the largest burdens bring most default. Measured against the largest loan: a "
        "design choice.",
        basis_es="Baland et al. 2017: las mayores cargas traen más mora. Medir frente al mayor préstamo es una "
        "decisión de diseño.",
        reason=Reason(
            "R04",
            es="Por cada 100 de su mayor préstamo anterior, ahora pide {value}.",
            en="For every 100 of the largest loan before, {value} {is|are} asked for now.",
            unit="of_100",
            at_least=0.1,
        ),
    )
    requested_term_days = Feature(
        "term_days",
        risk="free",
        es="Plazo pedido, en días",
        en="Term asked for, days",
        basis="Free: longer terms raise risk in Schreiner 2004 (recalled), and here terms follow cycle and season.",
        basis_es="Libre: en Schreiner 2004 (de memoria) los plazos largos suben el riesgo, y aquí el plazo sigue al "
        "ciclo y la estación.",
    )
    instalments_per_month = Feature(
        "CASE frequency WHEN 'weekly' THEN 52.0 / 12 WHEN 'fortnightly' THEN 26.0 / 12 WHEN 'twice_a_month' THEN 2 "
        "WHEN 'monthly' THEN 1 WHEN 'every_two_months' THEN 0.5 WHEN 'at_maturity' THEN 0 END",
        risk="free",
        es="Cuotas por mes",
        en="Instalments a month",
        basis="Free: a programme moves to fewer instalments as a bank consolidates (Pro Mujer Bolivia), so "
        "frequency tells of the bank too.",
        basis_es="Libre: un programa pasa a menos cuotas cuando el banco se consolida (Pro Mujer Bolivia); la "
        "frecuencia habla también del banco.",
    )
    purpose_equipment = Feature(
        "CASE WHEN purpose = 'equipment' THEN 1 WHEN purpose IS NOT NULL THEN 0 END",
        risk="free",
        es="El préstamo es para equipo",
        en="The loan is for equipment",
        basis="Free: what is known of trade credit (CSAF) does not carry over to equipment loans (Fondo FREES).",
        basis_es="Libre: lo que se sabe del crédito comercial (CSAF) no vale para préstamos de equipo (Fondo FREES).",
    )
    budget_months_old = Feature(
        "budget_age_days / 30.4375",
        risk="rises",
        es="Meses desde su último presupuesto",
        en="Months since the last budget",
        basis="Client protection standard 4A: capacity is analysed at each cycle. That an old budget is a risk is a "
        "design choice.",
        basis_es="Norma 4A de protección al cliente: la capacidad se analiza en cada ciclo. Que un presupuesto viejo "
        "sea un riesgo es una decisión de diseño.",
        reason=Reason(
            "R20",
            es="Su presupuesto familiar tiene {value} {mes|meses} de antigüedad.",
            en="The household budget is {value} {month|months} old.",
            at_least=0.5,
        ),
    )
    bureau_missing = Feature(
        "CASE WHEN bureau_count IS NOT NULL OR bureau_reports_60d > 0 THEN 0 ELSE 1 END",
        risk="free",
        es="Sin informe reciente de la central de riesgo",
        en="No recent report of a credit bureau",
        basis="Free: missing is never zero, and bureaus do not cover every lender.",
        basis_es="Libre: lo que falta nunca es cero, y las centrales no cubren a todas las entidades.",
    )


class Resilience(Formulas, family="resilience"):
    """What a bad season, a single source of income or lean months would do."""

    # A fifth off the business's margin, as the index under stress has it, without what neighbours may ask of her.
    instalment_to_surplus_bad_season = Feature(
        "CASE WHEN service_after = 0 THEN 0 WHEN service_after IS NULL OR surplus IS NULL THEN NULL "
        "WHEN surplus - 0.2 * abs(business_revenue - business_costs) <= 0 "
        "OR service_after > 10 * (surplus - 0.2 * abs(business_revenue - business_costs)) THEN 10 "
        "ELSE service_after / nullif(surplus - 0.2 * abs(business_revenue - business_costs), 0) END",
        risk="rises",
        es="Cuotas frente a lo que sobra en una mala temporada",
        en="Instalments against what is left over in a bad season",
        basis="Client protection principles: capacity at each cycle, with a margin. The fifth is a design choice.",
        basis_es="Principios de protección al cliente: capacidad en cada ciclo, con un margen. La quinta parte es una"
        " decisión de diseño.",
        reason=Reason(
            "R02",
            es="En una mala temporada sus cuotas pesarían más que lo usual frente a lo que le sobra.",
            en="In a bad season instalments would weigh more than usual against what is left over.",
        ),
    )
    income_concentration = Feature(
        "CASE WHEN business_revenue >= business_costs "
        "THEN greatest(business_revenue - business_costs, other_income) "
        "/ nullif(business_revenue - business_costs + other_income, 0) END",
        risk="rises",
        es="Parte del mayor de sus dos ingresos",
        en="Share of the larger of two incomes",
        basis="Klein 2015: diversified shocks help. The business against the rest of the household: no more is told.",
        basis_es="Klein 2015: diversificar los golpes ayuda. El negocio frente al resto del hogar: no se cuenta más.",
        reason=Reason(
            "R28",
            es="De cada 100 que entran al hogar, {value} vienen de un solo ingreso: el negocio o los otros.",
            en="Of every 100 the household earns, {value} come from one income: the business or the others.",
            unit="of_100",
            at_least=0.5,
        ),
    )
    months_short_ahead = Feature(
        "CASE WHEN months_told > 0 THEN months_short END",
        risk="rises",
        es="Meses venideros en que gasta más de lo que gana",
        en="Months ahead that cost more than they bring",
        basis="Crops with one harvest: a year's average hides the months before it.",
        basis_es="Cultivos de una cosecha: el promedio del año esconde los meses de antes.",
        reason=Reason(
            "R12",
            es="Según su presupuesto, en {value} de los meses que vienen gastará más de lo que gana.",
            en="By the budget, {value} of the months ahead will cost more than they bring.",
            at_least=1,
        ),
    )
    facts_missing = Feature(
        "CASE WHEN surplus IS NULL THEN 1 ELSE 0 END + CASE WHEN outside_service IS NULL THEN 1 ELSE 0 END "
        "+ CASE WHEN group_savings IS NULL THEN 1 ELSE 0 END + CASE WHEN business_age_months IS NULL THEN 1 ELSE 0 END",
        risk="rises",
        es="Datos que faltan: presupuesto, deudas, ahorros, negocio",
        en="Facts that are missing: budget, debts, savings, business",
        basis="What is not known is told as such. Mild, by design.",
        basis_es="Lo que no se sabe se dice como tal. Suave, por diseño.",
        reason=Reason(
            "R20",
            es="{Falta|Faltan} {value} de cuatro datos: presupuesto, deudas, ahorros, negocio.",
            en="{value} of four facts {is|are} missing: budget, debts, savings, business.",
            at_least=1,
        ),
    )
