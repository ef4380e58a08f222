"""What a credit bureau reports. It ages from its publication: after 60 days it is missing, and its age is told."""

from riskscore.catalog import Feature, FeatureSet, Formulas, Reason, days, latest

from .sources import BureauReports


class Report(FeatureSet, source=BureauReports, subject="member", family="facts"):
    """Balances of two reports, half a year apart, and the newest one's age."""

    bureau_balance = Feature(
        "balance",
        window=latest(max_age=days(60)),
        fact=True,
        es="Deuda total según la central de riesgo",
        en="Total debt in the bureau",
    )
    bureau_balance_6m_ago = Feature(
        "balance",
        window=latest(max_age=days(245), ago=days(180)),
        fact=True,
        es="Deuda total hace 6 meses según la central de riesgo",
        en="Total debt in the bureau 6 months ago",
    )
    bureau_age_days = Feature(
        "date_diff('day', published_on, CAST(as_of AS DATE))",
        window=latest(),
        fact=True,
        es="Días desde el último informe de la central de riesgo",
        en="Days since the last report of a bureau",
    )
    bureau_reports_60d = Feature(
        "count(*)",
        window=days(60),
        fact=True,
        es="Informes de la central de riesgo, 60 días",
        en="Reports of a bureau, 60 days",
    )


class BureauRecord(FeatureSet, source=BureauReports, subject="member", family="bureau"):
    """The newest report of at most 60 days, and the worst of a year."""

    bureau_lenders = Feature(
        "lenders",
        window=latest(max_age=days(60)),
        risk="rises",
        es="Entidades a las que debe, según la central de riesgo",
        en="Lenders she owes, by the bureau",
        basis="Vogelgesang (Caja Los Andes, Bolivia): several loans at once, more default. More lenders in an area is "
        "another matter and may lower it.",
        basis_es="Vogelgesang (Caja Los Andes, Bolivia): varios préstamos a la vez, más mora. Que haya más entidades "
        "en una zona es otra cosa y puede bajarla.",
        reason=Reason(
            "R03",
            es="La central de riesgo muestra deudas con {value} {entidad|entidades}.",
            en="The bureau shows debts with {value} {lender|lenders}.",
            at_least=1,
        ),
    )
    bureau_worst_category_12m = Feature(
        "max(worst_category)",
        window=days(365),
        risk="rises",
        es="Peor calificación en la central de riesgo, 12 meses",
        en="Worst category in the bureau, 12 months",
        basis="Res. SBS 11356-2008: categories by days late, 0 normal to 4 loss.",
        basis_es="Res. SBS 11356-2008: categorías por días de atraso, de 0 normal a 4 pérdida.",
        reason=Reason(
            "R23",
            es="Su peor calificación en la central de riesgo, en 12 meses, fue {value}; 0 es la mejor.",
            en="The worst category in the bureau, in 12 months, was {value}; 0 is the best.",
            at_least=1,
        ),
    )
    bureau_inquiries_3m = Feature(
        "inquiries_3m",
        window=latest(max_age=days(60)),
        risk="rises",
        es="Consultas de otras entidades en 3 meses",
        en="Inquiries by lenders in 3 months",
        basis="Practice of bureaus: who asks at many doors. Direction by design.",
        basis_es="Práctica de las centrales: quién toca muchas puertas. Sentido fijado por diseño.",
        reason=Reason(
            "R24",
            es="Otras entidades consultaron su historial {value} {vez|veces} en 3 meses.",
            en="Lenders asked the bureau for the record {value} {time|times} in 3 months.",
            at_least=1,
        ),
    )
    bureau_leaves_out_ngos = Feature(
        "CASE WHEN covers_ngos THEN 0 WHEN NOT covers_ngos THEN 1 END",
        window=latest(max_age=days(60)),
        risk="free",
        es="La central de riesgo no cubre a las ONG",
        en="The bureau does not cover lenders that are NGOs",
        basis="Client protection principles: debts that no bureau shows have to be allowed for.",
        basis_es="Principios de protección al cliente: hay que contar con deudas que ninguna central muestra.",
    )


class BureauFormulas(Formulas, family="bureau"):
    """How the debt moved, and how old the news is."""

    bureau_debt_growth_6m = Feature(
        "bureau_balance / nullif(bureau_balance_6m_ago, 0) - 1",
        risk="rises",
        es="Crecimiento de su deuda en el sistema, 6 meses",
        en="Growth of the debt in the system, 6 months",
        basis="Client protection practice: growth of 50 % and more is dangerous.",
        basis_es="Práctica de protección al cliente: crecer 50 % o más es peligroso.",
        reason=Reason(
            "R25",
            es="En 6 meses su deuda en el sistema creció {value} por cada 100 que debía.",
            en="In 6 months the debt in the system grew by {value} for every 100 owed.",
            unit="of_100",
            at_least=0.005,
        ),
    )
    bureau_months_old = Feature(
        "bureau_age_days / 30.4375",
        risk="rises",
        es="Meses desde el último informe de la central de riesgo",
        en="Months since the last report of a bureau",
        basis="As-of rules: a report of more than 60 days is missing, and how old it is stays known.",
        basis_es="Reglas de fecha: un informe de más de 60 días falta, y su antigüedad sigue a la vista.",
        reason=Reason(
            "R20",
            es="El último informe de la central de riesgo tiene {value} {mes|meses} de antigüedad.",
            en="The last report of the bureau is {value} {month|months} old.",
            at_least=0.5,
        ),
    )
