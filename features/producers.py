"""Producer associations: how they are run, whether they account for themselves, and who stands by them.

Figures come from some twenty of them: they serve an expert's judgement, and no model learns them alone.
"""

from riskscore.catalog import Feature, FeatureSet, Reason, days, ever, latest, standing

from .producer_sources import Accounts, Assemblies, Assistance, Associations, Registers, Statements


class Age(FeatureSet, source=Associations, subject="organisation", family="organisation"):
    """The producer association itself."""

    organisation_age_months = Feature(
        "date_diff('day', max(formed_on), CAST(as_of AS DATE)) / 30.4375",
        window=standing(),
        risk="falls",
        es="Meses de la asociación de productores",
        en="Months of the producer association",
        basis="Root Capital, five P's (Purpose, People): what has lasted. Direction by design.",
        basis_es="Root Capital, cinco P (Purpose, People): lo que ha durado. Sentido fijado por diseño.",
        reason=Reason(
            "R06",
            es="La asociación de productores tiene {value} {mes|meses}.",
            en="The producer association is {value} {month|months} old.",
        ),
    )


class Standing(FeatureSet, source=Registers, subject="organisation", family="organisation"):
    """How it stands in the registers."""

    legal_person = Feature(
        "CASE WHEN legal_person THEN 1 WHEN NOT legal_person THEN 0 END",
        window=latest(),
        risk="falls",
        es="Es persona jurídica",
        en="It is a legal person",
        basis="A gate of the lenders' own practice (FOGAL, CODESPA): who is no legal person cannot sign.",
        basis_es="Condición de la práctica de las propias entidades (FOGAL, CODESPA): quien no es persona jurídica no"
        " puede firmar.",
        reason=Reason(
            "R30",
            es="La asociación de productores no es persona jurídica.",
            en="The producer association is no legal person.",
            at_most=0,
        ),
    )
    tax_number_active = Feature(
        "CASE WHEN tax_number_active THEN 1 WHEN NOT tax_number_active THEN 0 END",
        window=latest(),
        risk="falls",
        es="Su RUC está activo",
        en="Its tax number is active",
        basis="SUNARP and SUNAT registers, as lenders ask for them.",
        basis_es="Registros de SUNARP y SUNAT, como los piden las entidades.",
        reason=Reason(
            "R30",
            es="Su número tributario (RUC o NIT) no está activo.",
            en="Its tax number is not active.",
            at_most=0,
        ),
    )
    mandate_expired = Feature(
        "CASE WHEN mandate_ends_on < CAST(as_of AS DATE) THEN 1 WHEN mandate_ends_on IS NOT NULL THEN 0 END",
        window=latest(),
        risk="rises",
        es="El mandato de su directiva está vencido",
        en="The mandate of its board has run out",
        basis="A board without a mandate cannot bind the producer association.",
        basis_es="Una directiva sin mandato no puede obligar a la asociación de productores.",
        reason=Reason(
            "R33",
            es="El mandato de la directiva está vencido.",
            en="The mandate of the board has run out.",
            at_least=1,
        ),
    )
    active_member_share = Feature(
        "CAST(active_members AS DOUBLE) / nullif(registered_members, 0)",
        window=latest(),
        risk="falls",
        es="Parte de socios activos",
        en="Share of members who are active",
        basis="Root Capital, five P's (People). Direction by design.",
        basis_es="Root Capital, cinco P (People). Sentido fijado por diseño.",
        reason=Reason(
            "R31",
            es="De cada 100 socios inscritos, {value} {está activo|están activos}.",
            en="Of every 100 registered members {value} {is|are} active.",
            unit="of_100",
        ),
    )


class Meetings(FeatureSet, source=Assemblies, subject="organisation", family="organisation"):
    """General assemblies due in two years: not held is not on time."""

    assembly_on_time_share = Feature(
        "count(*) FILTER (WHERE held_on <= due_on)::DOUBLE / nullif(count(*), 0)",
        window=days(730),
        risk="falls",
        es="Asambleas celebradas a tiempo, 2 años",
        en="Assemblies held on time, 2 years",
        basis="Root Capital (People); registers of cooperatives. Direction by design.",
        basis_es="Root Capital (People); registros de cooperativas. Sentido fijado por diseño.",
        reason=Reason(
            "R31",
            es="De cada 100 asambleas de 2 años, {value} {se celebró|se celebraron} a tiempo.",
            en="Of every 100 assemblies of 2 years {value} {was|were} held on time.",
            unit="of_100",
        ),
    )
    assembly_attendance = Feature(
        "sum(present) FILTER (WHERE entitled IS NOT NULL)::DOUBLE "
        "/ nullif(sum(entitled) FILTER (WHERE present IS NOT NULL), 0)",
        window=days(730),
        risk="falls",
        es="Asistencia a asambleas, 2 años",
        en="Attendance at assemblies, 2 years",
        basis="Root Capital (People). Direction by design.",
        basis_es="Root Capital (People). Sentido fijado por diseño.",
        reason=Reason(
            "R07",
            es="A sus asambleas de 2 años {asistió|asistieron} {value} de cada 100 socios.",
            en="The assemblies of 2 years were attended by {value} of every 100 members.",
            unit="of_100",
        ),
    )


class Reporting(FeatureSet, source=Accounts, subject="organisation", family="organisation"):
    """Accounts due in three years."""

    accounts_on_time_share = Feature(
        "count(*) FILTER (WHERE delivered_on <= due_on)::DOUBLE / nullif(count(*), 0)",
        window=days(1095),
        risk="falls",
        es="Estados financieros entregados a tiempo, 3 años",
        en="Accounts delivered on time, 3 years",
        basis="Root Capital: reporting requirements. Direction by design.",
        basis_es="Root Capital: requisitos de informe. Sentido fijado por diseño.",
        reason=Reason(
            "R18",
            es="Entregó a tiempo {value} de cada 100 estados financieros de 3 años.",
            en="It delivered {value} of every 100 accounts of 3 years on time.",
            unit="of_100",
        ),
    )


class LastYear(FeatureSet, source=Statements, subject="organisation", family="organisation"):
    """The newest accounts delivered, of a year that ended at most two years ago."""

    debt_service_cover = Feature(
        "(ebitda - taxes - maintenance_investment) / nullif(debt_service, 0)",
        window=latest(max_age=days(730)),
        risk="falls",
        es="Cobertura del servicio de la deuda",
        en="Debt service cover",
        basis="DSCR = (EBITDA - taxes - maintenance investment) / debt service; practice asks for 1.2 [not verified].",
        basis_es="DSCR = (EBITDA - impuestos - inversión de mantenimiento) / servicio de deuda; la práctica pide 1.2 "
        "[no verificado].",
        reason=Reason(
            "R19",
            es="Lo que generó en su último año cerrado alcanza menos que lo usual para sus cuotas.",
            en="What the last closed year brought covers less of its instalments than usual.",
        ),
    )
    current_ratio = Feature(
        "current_assets / nullif(current_liabilities, 0)",
        window=latest(max_age=days(730)),
        risk="falls",
        es="Razón corriente",
        en="Current ratio",
        basis="Accounting practice: what is at hand against what falls due.",
        basis_es="Práctica contable: lo que hay a mano frente a lo que vence.",
        reason=Reason(
            "R32",
            es="Por cada 100 de pasivo corriente, tiene {value} de activo corriente.",
            en="For every 100 of current liabilities, current assets are {value}.",
            unit="of_100",
        ),
    )
    equity_ratio = Feature(
        "equity / nullif(total_assets, 0)",
        window=latest(max_age=days(730)),
        risk="falls",
        es="Patrimonio frente a activos",
        en="Equity against assets",
        basis="Accounting practice: what is its own of what it has.",
        basis_es="Práctica contable: lo propio frente a lo que tiene.",
        reason=Reason(
            "R32",
            es="Por cada 100 de activos, su patrimonio es de {value}.",
            en="For every 100 of assets, equity is {value}.",
            unit="of_100",
        ),
    )
    cash_cycle_days = Feature(
        "365 * (inventory / nullif(cost_of_sales, 0) + receivables / nullif(revenue, 0) "
        "- payables / nullif(cost_of_sales, 0))",
        window=latest(max_age=days(730)),
        risk="rises",
        es="Ciclo de caja, en días",
        en="Cash cycle, days",
        basis="Days of inventory + days receivable - days payable.",
        basis_es="Días de inventario + días por cobrar - días por pagar.",
        reason=Reason(
            "R32",
            es="Su dinero tarda {value} {día|días} en volver, desde que compra hasta que cobra.",
            en="Its money takes {value} {day|days} to come back, from buying to being paid.",
            at_least=1,
        ),
    )
    member_advances_overdue_share = Feature(
        "member_advances_overdue / nullif(member_advances, 0)",
        window=latest(max_age=days(730)),
        risk="rises",
        es="Parte vencida de los adelantos a socios",
        en="Share of advances to members that is overdue",
        basis="Internal credit: what members owe it is what it owes with. Direction by design.",
        basis_es="Crédito interno: con lo que le deben las socias y socios paga lo que debe. Sentido fijado por "
        "diseño.",
        reason=Reason(
            "R09",
            es="De cada 100 en adelantos a socios, {value} {está vencido|están vencidos}.",
            en="Of every 100 advanced to members {value} {is|are} overdue.",
            unit="of_100",
            at_least=0.005,
        ),
    )
    accounts_months_old = Feature(
        "date_diff('day', period_ends_on, CAST(as_of AS DATE)) / 30.4375",
        window=latest(),
        risk="rises",
        es="Meses desde el cierre de sus últimos estados financieros",
        en="Months since the end of the year of its newest accounts",
        basis="As-of rules: accounts of more than two years are missing, and how old they are stays known.",
        basis_es="Reglas de fecha: cuentas de más de dos años faltan, y su antigüedad sigue a la vista.",
        reason=Reason(
            "R20",
            es="Sus últimos estados financieros tienen {value} {mes|meses} de antigüedad.",
            en="Its newest accounts are {value} {month|months} old.",
            at_least=0.5,
        ),
    )


class Helped(FeatureSet, source=Assistance, subject="organisation", family="organisation"):
    """Technical assistance before the request. What comes of it is measured after the loan and is no feature."""

    assistance_active = Feature(
        "CASE WHEN count(*) FILTER (WHERE given_on >= CAST(as_of AS DATE) - 183) > 0 THEN 1 ELSE 0 END",
        window=ever(),
        risk="falls",
        es="Recibe asistencia técnica",
        en="It receives technical assistance",
        basis="CODESPA, Fondo FREES: credit with technical assistance. Weak, self-selected.",
        basis_es="CODESPA, Fondo FREES: crédito con asistencia técnica. Débil: quien la recibe se elige a sí misma.",
        reason=Reason(
            "R37",
            es="Hace más de seis meses que no recibe asistencia técnica.",
            en="No technical assistance for more than six months.",
            at_most=0,
        ),
    )
    alliances_12m = Feature(
        "count(DISTINCT provider) FILTER (WHERE given_on >= CAST(as_of AS DATE) - 365)",
        window=ever(),
        risk="falls",
        es="Entidades que la asisten, 12 meses",
        en="Organisations that assist it, 12 months",
        basis="CODESPA, Fondo FREES: alliances. Weak, self-selected.",
        basis_es="CODESPA, Fondo FREES: alianzas. Débil: quien las hace se elige a sí misma.",
        reason=Reason(
            "R37",
            es="En 12 meses recibió asistencia de {value} {entidad|entidades}.",
            en="In 12 months {value} {organisation|organisations} assisted it.",
        ),
    )
