"""Producer associations: how they are run, what they harvest and sell, and whether their year carries a loan.

Every feature is of the producer association that asks (subject "organisation"). Figures come from some twenty of them:
they serve an expert's judgement, and no model learns them alone.
"""

from riskscore.catalog import Feature, FeatureSet, Formulas, Lookup, Reason, Source, days, ever, latest, standing

_KEY = {"organisation": "group_id"}

Associations = Source("producer associations", table="groups", keys={"organisation": "id"})
Registers = Source("registrations", table="registrations", keys=_KEY)
Assemblies = Source("assemblies", table="assemblies", keys=_KEY, clock="due_on")
Accounts = Source("accounts due", table="financial_statements", keys=_KEY, clock="due_on")
# The newest are those delivered last: accounts of an earlier year that come in later take their place until the next.
Statements = Source(
    "accounts delivered",
    table="financial_statements",
    keys=_KEY,
    clock="period_ends_on",
    where="delivered_on IS NOT NULL",
)
Harvests = Source("harvests", table="harvests", keys=_KEY, clock="starts_on")
Contracts = Source("contracts with buyers", table="buyer_contracts", keys=_KEY)
Promised = Source("commitments", table="commitments", keys=_KEY, clock="deliver_by")
Delivered = Source("deliveries", table="deliveries", keys=_KEY, clock="delivered_on")
Sales = Source(
    "sales",
    table="sales",
    keys=_KEY,
    columns={
        "late": "greatest(0, date_diff('day', payment_due_on, least(coalesce(paid_on, CAST(as_of AS DATE)), "
        "CAST(as_of AS DATE))))",
    },
)
# Beside each sale the products in its currency, however many: where there is none the institution does not lend in what
# was earned.
SalesAndProducts = Source(
    "sales and products",
    table="sales",
    keys=_KEY,
    lookups={"home": Lookup("products", where="home.currency = currency")},
)
Certificates = Source("certifications", table="certifications", keys=_KEY)
Assistance = Source("technical assistance", table="technical_assistance", keys=_KEY, clock="given_on")
Machines = Source("equipment", table="equipment", keys=_KEY)


class Age(FeatureSet, source=Associations, subject="organisation", family="organisation"):
    """The producer association itself."""

    organisation_age_months = Feature(
        "date_diff('day', max(formed_on), CAST(as_of AS DATE)) / 30.4375",
        window=standing(),
        risk="falls",
        es="Meses de la asociación de productores",
        en="Months of the producer association",
        basis="Root Capital, five P's (Purpose, People): what has lasted. Direction by design.",
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
        reason=Reason(
            "R31",
            es="De los socios inscritos, el {value} está activo.",
            en="Of the registered members {value} are active.",
            unit="percent",
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
        reason=Reason(
            "R31",
            es="De sus asambleas de 2 años, el {value} se celebró a tiempo.",
            en="Of the assemblies of 2 years {value} were held on time.",
            unit="percent",
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
        reason=Reason(
            "R07",
            es="A sus asambleas de 2 años asistió el {value} de los socios.",
            en="The assemblies of 2 years were attended by {value} of the members.",
            unit="percent",
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
        reason=Reason(
            "R18",
            es="De sus estados financieros de 3 años, el {value} se entregó a tiempo.",
            en="Of the accounts of 3 years {value} were delivered on time.",
            unit="percent",
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
        reason=Reason(
            "R32",
            es="Su activo corriente es {value} veces su pasivo corriente.",
            en="Current assets are {value} times current liabilities.",
            unit="times",
        ),
    )
    equity_ratio = Feature(
        "equity / nullif(total_assets, 0)",
        window=latest(max_age=days(730)),
        risk="falls",
        es="Patrimonio frente a activos",
        en="Equity against assets",
        basis="Accounting practice: what is its own of what it has.",
        reason=Reason(
            "R32",
            es="Su patrimonio equivale al {value} de sus activos.",
            en="Equity equals {value} of assets.",
            unit="percent",
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
        reason=Reason(
            "R09",
            es="De los adelantos a socios, el {value} está vencido.",
            en="Of the advances to members {value} is overdue.",
            unit="percent",
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
        reason=Reason(
            "R20",
            es="Sus últimos estados financieros tienen {value} {mes|meses} de antigüedad.",
            en="Its newest accounts are {value} {month|months} old.",
            at_least=0.5,
        ),
    )


class Crops(FeatureSet, source=Harvests, subject="organisation", family="facts"):
    """Harvests under way and ahead, and what a hectare gave."""

    # While one goes on there is nothing to wait for.
    days_to_harvest = Feature(
        "min(greatest(0, date_diff('day', CAST(as_of AS DATE), starts_on))) "
        "FILTER (WHERE ends_on >= CAST(as_of AS DATE))",
        window=standing(),
        fact=True,
        es="Días hasta la próxima cosecha",
        en="Days to the next harvest",
    )
    expected_kg_ahead = Feature(
        "sum(CAST(expected_kg AS DECIMAL(18,3))) FILTER (WHERE ends_on >= CAST(as_of AS DATE) "
        "AND starts_on < CAST(as_of AS DATE) + 365)",
        window=standing(),
        fact=True,
        es="Kilos que espera cosechar en un año",
        en="Kilograms it expects to harvest in a year",
    )
    yield_last_year = Feature(
        "sum(CAST(harvested_kg AS DECIMAL(18,3))) FILTER (WHERE hectares > 0 AND ends_on > CAST(as_of AS DATE) - 365)"
        "::DOUBLE / nullif(sum(CAST(hectares AS DECIMAL(18,3))) FILTER (WHERE harvested_kg IS NOT NULL "
        "AND ends_on > CAST(as_of AS DATE) - 365), 0)",
        window=standing(),
        fact=True,
        es="Kilos por hectárea, último año",
        en="Kilograms a hectare, last year",
    )
    yield_before = Feature(
        "sum(CAST(harvested_kg AS DECIMAL(18,3))) FILTER (WHERE hectares > 0 AND ends_on <= CAST(as_of AS DATE) - 365 "
        "AND ends_on > CAST(as_of AS DATE) - 1095)::DOUBLE / nullif(sum(CAST(hectares AS DECIMAL(18,3))) "
        "FILTER (WHERE harvested_kg IS NOT NULL AND ends_on <= CAST(as_of AS DATE) - 365 "
        "AND ends_on > CAST(as_of AS DATE) - 1095), 0)",
        window=standing(),
        fact=True,
        es="Kilos por hectárea, los dos años anteriores",
        en="Kilograms a hectare, the two years before",
    )


class Contracted(FeatureSet, source=Contracts, subject="organisation", family="facts"):
    """What buyers have agreed to take in the year ahead."""

    contracted_kg_ahead = Feature(
        "sum(CAST(quantity_kg AS DECIMAL(18,3))) FILTER (WHERE valid_to >= CAST(as_of AS DATE) "
        "AND valid_from < CAST(as_of AS DATE) + 365)",
        window=standing(),
        fact=True,
        es="Kilos con contrato para el año que viene",
        en="Kilograms under contract for the year ahead",
    )


class Commitments(FeatureSet, source=Promised, subject="organisation", family="facts"):
    """What was promised for two years."""

    committed_kg_2y = Feature(
        "sum(CAST(quantity_kg AS DECIMAL(18,3)))",
        window=days(730),
        fact=True,
        es="Kilos comprometidos, 2 años",
        en="Kilograms committed, 2 years",
    )


class Deliveries(FeatureSet, source=Delivered, subject="organisation", family="facts"):
    """What came in."""

    delivered_kg_2y = Feature(
        "sum(CAST(quantity_kg AS DECIMAL(18,3)))",
        window=days(730),
        fact=True,
        es="Kilos entregados, 2 años",
        en="Kilograms delivered, 2 years",
    )


class Quality(FeatureSet, source=Delivered, subject="organisation", family="organisation"):
    """What of it was refused."""

    rejection_share_2y = Feature(
        "sum(CAST(rejected_kg AS DECIMAL(18,3)))::DOUBLE "
        "/ nullif(sum(CAST(quantity_kg AS DECIMAL(18,3))) FILTER (WHERE rejected_kg IS NOT NULL), 0)",
        window=days(730),
        risk="rises",
        es="Parte de lo entregado que se rechazó, 2 años",
        en="Share of deliveries that was refused, 2 years",
        basis="Root Capital (Protection): quality keeps buyers. Direction by design.",
        reason=Reason(
            "R38",
            es="De lo entregado en 2 años se rechazó el {value}.",
            en="Of what was delivered in 2 years {value} was refused.",
            unit="percent",
            at_least=0.005,
        ),
    )


class Collecting(FeatureSet, source=Sales, subject="organisation", family="organisation"):
    """How buyers pay."""

    buyer_days_late = Feature(
        "sum(late) FILTER (WHERE payment_due_on < CAST(as_of AS DATE))::DOUBLE "
        "/ nullif(count(late) FILTER (WHERE payment_due_on < CAST(as_of AS DATE)), 0)",
        window=days(730),
        risk="rises",
        es="Días que tardan de más sus compradores, 2 años",
        en="Days its buyers pay late, 2 years",
        basis="Root Capital (Payment): who pays whom, when. Direction by design.",
        reason=Reason(
            "R34",
            es="En promedio, sus compradores pagan {value} {día|días} tarde.",
            en="On average its buyers pay {value} {day|days} late.",
            at_least=0.5,
        ),
    )


class Currencies(FeatureSet, source=SalesAndProducts, subject="organisation", family="organisation"):
    """In what currency buyers pay."""

    foreign_sales_share = Feature(
        "count(DISTINCT id) FILTER (WHERE home.id IS NULL)::DOUBLE / nullif(count(DISTINCT id), 0)",
        window=days(730),
        risk="rises",
        es="Parte de sus ventas en otra moneda que sus préstamos",
        en="Share of its sales in another currency than its loans",
        basis="Currency mismatch: instalments do not fall with the currency that is earned.",
        reason=Reason(
            "R35",
            es="El {value} de sus ventas es en una moneda en que la institución no presta.",
            en="{value} of its sales are in a currency that the institution does not lend in.",
            unit="percent",
            at_least=0.005,
        ),
    )


class Buyers(FeatureSet, source=Sales, subject="organisation", family="organisation", by="buyer_id"):
    """How much rests on one buyer: the sum of squared shares of quantity."""

    buyer_concentration = Feature(
        "sum(CAST(sum(CAST(quantity_kg AS DECIMAL(14,2))) AS DECIMAL(14,2)) "
        "* CAST(sum(CAST(quantity_kg AS DECIMAL(14,2))) AS DECIMAL(14,2)))::DOUBLE "
        "/ nullif(sum(sum(CAST(quantity_kg AS DECIMAL(14,2))))::DOUBLE "
        "* sum(sum(CAST(quantity_kg AS DECIMAL(14,2))))::DOUBLE, 0)",
        window=days(730),
        risk="rises",
        es="Concentración en pocos compradores, 2 años",
        en="Concentration on few buyers, 2 years",
        basis="Herfindahl index of buyers; Root Capital (Payment). Direction by design.",
        reason=Reason(
            "R15",
            es="Sus ventas están más concentradas en pocos compradores que lo usual.",
            en="Sales are more concentrated on few buyers than usual.",
        ),
    )


class Certified(FeatureSet, source=Certificates, subject="organisation", family="facts"):
    """The certificate that lasts longest."""

    certified_days_left = Feature(
        "max(date_diff('day', CAST(as_of AS DATE), valid_to))",
        window=standing(),
        fact=True,
        es="Días que le quedan a su certificación",
        en="Days left of its certificate",
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
        reason=Reason(
            "R37",
            es="En 12 meses recibió asistencia de {value} {entidad|entidades}.",
            en="In 12 months {value} {organisation|organisations} assisted it.",
        ),
    )


class Owned(FeatureSet, source=Machines, subject="organisation", family="facts"):
    """Machines that work."""

    equipment_value = Feature(
        "sum(value) FILTER (WHERE working)",
        window=standing(),
        fact=True,
        es="Valor de sus equipos en uso",
        en="Value of its equipment in use",
    )


class YearAhead(Formulas, family="organisation"):
    """The request beside the season, the contracts and the record."""

    due_before_harvest_share = Feature(
        "CASE WHEN days_to_harvest > term_days THEN 1 ELSE days_to_harvest / nullif(term_days, 0) END",
        risk="rises",
        es="Parte del plazo que cae antes de la cosecha",
        en="Share of the term that lies before the harvest",
        basis="ASFI: the repayment plan follows the productive cycle. Direction by design.",
        reason=Reason(
            "R12",
            es="El {value} del plazo cae antes de la próxima cosecha.",
            en="{value} of the term lies before the next harvest.",
            unit="percent",
            at_least=0.005,
        ),
    )
    contract_cover = Feature(
        "contracted_kg_ahead / nullif(expected_kg_ahead, 0)",
        risk="falls",
        es="Parte de la cosecha esperada que tiene contrato",
        en="Share of the expected harvest under contract",
        basis="CSAF: trade credit rests on contracts; equipment loans do less. Direction by design.",
        reason=Reason(
            "R17",
            es="De la cosecha que espera, el {value} tiene contrato.",
            en="Of the harvest it expects {value} is under contract.",
            unit="percent",
        ),
    )
    # Who writes down what was promised writes down what came: nothing delivered of it is 0, and no promise is missing.
    side_selling_share = Feature(
        "CASE WHEN delivered_kg_2y > committed_kg_2y THEN 0 "
        "ELSE 1 - coalesce(delivered_kg_2y, 0) / nullif(committed_kg_2y, 0) END",
        risk="rises",
        es="Parte de lo comprometido que no se entregó, 2 años",
        en="Share of commitments that was not delivered, 2 years",
        basis="Side selling = 1 - delivered / committed. Direction by design.",
        reason=Reason(
            "R16",
            es="De lo comprometido en 2 años no se entregó el {value}.",
            en="Of what was committed in 2 years {value} was not delivered.",
            unit="percent",
            at_least=0.005,
        ),
    )
    yield_trend = Feature(
        "yield_last_year / nullif(yield_before, 0) - 1",
        risk="falls",
        es="Rendimiento por hectárea frente a los dos años anteriores",
        en="Yield a hectare against the two years before",
        basis="Root Capital (Protection). Direction by design.",
        reason=Reason(
            "R39",
            es="Su rendimiento por hectárea bajó un {value} frente a los dos años anteriores.",
            en="Yield a hectare fell by {value} against the two years before.",
            unit="fall",
            at_most=-0.005,
        ),
    )
    certified_through_term = Feature(
        "CASE WHEN certified_days_left >= term_days THEN 1 WHEN certified_days_left IS NOT NULL THEN 0 END",
        risk="falls",
        es="Certificación vigente hasta el fin del plazo",
        en="Certified until the end of the term",
        basis="Certified premiums carry the price; a certificate that lapses takes it away. Direction by design.",
        reason=Reason(
            "R36",
            es="Su certificación no alcanza hasta el fin del plazo del préstamo.",
            en="Its certificate does not last until the end of the loan's term.",
            at_most=0,
        ),
    )
    equipment_to_amount = Feature(
        "equipment_value / nullif(amount, 0)",
        risk="free",
        es="Equipos en uso frente al préstamo pedido",
        en="Equipment in use against the loan asked for",
        basis="CODESPA, Fondo FREES lends half for equipment, trade lenders hardly any: nothing carries over.",
    )
