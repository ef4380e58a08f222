"""Facts for the arithmetic of indebtedness and for pages. None is ever learnt from. Money is in portfolio currency."""

from riskscore.catalog import Feature, FeatureSet, Formulas, cycles, days, ever, latest, standing

from .sources import (
    Attendance,
    BudgetMonths,
    Budgets,
    Bureau,
    Declared,
    Instalments,
    Loans,
    Memberships,
    Monitoring,
    OwnDebts,
    Savings,
)

# A debt whose instalment a month cannot be told leaves the sum unknown: it is not 0.
_SERVICE = (
    "CASE WHEN count(*) FILTER (WHERE open AND service_m IS NULL) = 0 "
    "THEN coalesce(sum(service_m) FILTER (WHERE open), 0) END"
)


class Budget(FeatureSet, source=Budgets, subject="member", family="facts"):
    """The newest household budget of at most 180 days; a month's amounts."""

    business_revenue = Feature(
        "business_revenue",
        window=latest(max_age=days(180)),
        fact=True,
        es="Ventas del negocio al mes",
        en="Business revenue a month",
    )
    business_costs = Feature(
        "business_costs",
        window=latest(max_age=days(180)),
        fact=True,
        es="Gastos del negocio al mes",
        en="Business costs a month",
    )
    other_income = Feature(
        "other_income",
        window=latest(max_age=days(180)),
        fact=True,
        es="Otros ingresos del hogar al mes",
        en="Other household income a month",
    )
    household_costs = Feature(
        "household_costs",
        window=latest(max_age=days(180)),
        fact=True,
        es="Gastos del hogar al mes",
        en="Household costs a month",
    )
    accessible_savings = Feature(
        "accessible_savings",
        window=latest(max_age=days(180)),
        fact=True,
        es="Ahorros disponibles",
        en="Savings within reach",
    )
    budget_age_days = Feature(
        "date_diff('day', event_at, as_of)",
        window=latest(),
        fact=True,
        es="Días desde el último presupuesto",
        en="Days since the last budget",
    )


class DebtsDeclared(FeatureSet, source=Declared, subject="member", family="facts"):
    """Debts elsewhere as she declared them in the last 180 days, as the budget; not ended."""

    declared_service = Feature(
        _SERVICE,
        window=days(180),
        fact=True,
        es="Cuotas declaradas al mes",
        en="Instalments declared, a month",
    )
    declared_count = Feature(
        "count(*) FILTER (WHERE open)",
        window=days(180),
        fact=True,
        es="Deudas declaradas",
        en="Debts declared",
    )


class DebtsInBureau(FeatureSet, source=Bureau, subject="member", family="facts"):
    """Debts elsewhere as a bureau published them in the last 60 days, not ended."""

    bureau_service = Feature(
        _SERVICE,
        window=days(60),
        fact=True,
        es="Cuotas según la central de riesgo, al mes",
        en="Instalments in the bureau, a month",
    )
    bureau_count = Feature(
        "count(*) FILTER (WHERE open)",
        window=days(60),
        fact=True,
        es="Deudas en la central de riesgo",
        en="Debts in the bureau",
    )


class DebtsInTheGroup(FeatureSet, source=OwnDebts, subject="member", family="facts", by="loan"):
    """Her own loans from the group's internal ledger; nothing owed is 0, as the ledger is ours.

    A loan is owed while an instalment of it is unsettled. It counts with the largest of those: the last is often small.
    """

    own_service_now = Feature(
        "coalesce(sum(max(service_m)), 0)",
        window=standing(),
        fact=True,
        es="Cuotas de sus préstamos del grupo, al mes",
        en="Instalments of her group loans, a month",
    )
    # A loan with something overdue does not end with its schedule.
    own_service_after = Feature(
        "coalesce(sum(CASE WHEN max(due.due_on) > CAST(as_of AS DATE) + 14 OR min(due.due_on) < CAST(as_of AS DATE) "
        "THEN max(service_m) END), 0)",
        window=standing(),
        fact=True,
        es="Cuotas que siguen después de renovar, al mes",
        en="Instalments that go on after the renewal, a month",
    )
    outstanding = Feature(
        "coalesce(sum(sum(due.principal)), 0)",
        window=standing(),
        fact=True,
        es="Capital por pagar de sus préstamos del grupo",
        en="Principal of her group loans still to be paid",
    )


class GroupSavings(FeatureSet, source=Savings, subject="member", family="facts"):
    """Her savings with the group."""

    group_savings = Feature(
        "sum(CASE WHEN kind = 'deposit' THEN amount ELSE -amount END)",
        window=ever(),
        fact=True,
        es="Ahorro en el grupo",
        en="Savings with the group",
    )


class LastCycleSavings(FeatureSet, source=Savings, subject="member", family="facts"):
    """Movements of her savings since her last loan."""

    deposits_cycle = Feature(
        # Days, as they are set against meetings: two deposits at one of them are one.
        "count(DISTINCT CAST(event_at AS DATE)) FILTER (WHERE kind = 'deposit')",
        window=cycles(1),
        fact=True,
        es="Días con depósito de ahorro del último ciclo",
        en="Days with a savings deposit in the last cycle",
    )


class Months(FeatureSet, source=BudgetMonths, subject="member", family="facts", by="month"):
    """The months ahead, where income comes with the harvest: each as the newest form tells it."""

    months_told = Feature(
        "count(max(event_at) FILTER (WHERE ahead))",
        window=standing(),
        fact=True,
        es="Meses venideros con presupuesto",
        en="Months ahead with a budget",
    )
    months_short = Feature(
        "count(CASE WHEN max(event_at) FILTER (WHERE ahead) "
        "= max(event_at) FILTER (WHERE ahead AND income < expenses) THEN 1 END)",
        window=standing(),
        fact=True,
        es="Meses venideros en que gasta más de lo que gana",
        en="Months ahead that cost more than they bring",
    )


class LatenessNow(FeatureSet, source=Instalments, subject="member", family="facts"):
    """What fell due or was still open in the last eight weeks."""

    late_share_8_weeks = Feature(
        "count(*) FILTER (WHERE owed_in_56d AND days_late > 0)::DOUBLE "
        "/ nullif(count(*) FILTER (WHERE owed_in_56d), 0)",
        window=ever(),
        fact=True,
        es="Parte de las cuotas tarde, 8 semanas",
        en="Share of instalments late, 8 weeks",
    )


class ArrearsBegan(FeatureSet, source=Instalments, subject="member", family="facts"):
    """When lateness came in her last cycle: the timing by which trouble that spreads is told from trouble shared."""

    first_arrears_days_ago = Feature(
        "max(date_diff('day', due_on, CAST(as_of AS DATE))) FILTER (WHERE days_late > 0)",
        window=cycles(1),
        fact=True,
        es="Días desde su primera cuota tarde del último ciclo",
        en="Days since her first late instalment of the last cycle",
    )
    latest_arrears_days_ago = Feature(
        "min(date_diff('day', due_on, CAST(as_of AS DATE))) FILTER (WHERE days_late > 0)",
        window=cycles(1),
        fact=True,
        es="Días desde su última cuota tarde del último ciclo",
        en="Days since her latest late instalment of the last cycle",
    )


class Knowing(FeatureSet, source=Monitoring, subject="member", family="facts"):
    """How well she knows the others' businesses, by her own answers of a year."""

    knows_others = Feature(
        "sum(CAST(answer / nullif(scale_max, 0) AS DECIMAL(12,9)))::DOUBLE / nullif(count(answer), 0)",
        window=days(365),
        fact=True,
        es="Cuánto conoce los negocios de sus compañeras",
        en="How well she knows the others' businesses",
    )


class EarlierLoans(FeatureSet, source=Loans, subject="member", family="facts"):
    """Her loans so far."""

    previous_amount = Feature(
        "amount",
        window=latest(),
        fact=True,
        es="Monto del préstamo anterior",
        en="Amount of the last loan",
    )
    largest_amount_before = Feature(
        "max(amount)",
        window=ever(),
        fact=True,
        es="Mayor préstamo hasta ahora",
        en="Largest loan so far",
    )
    cycle_no = Feature(
        "cycle_no",
        window=latest(),
        fact=True,
        es="Número de su último ciclo",
        en="Number of her last cycle",
    )


class LastCycleMeetings(FeatureSet, source=Attendance, subject="member", family="facts"):
    """Meetings of her last cycle."""

    attendance_rate_cycle = Feature(
        "count(*) FILTER (WHERE status IN ('present', 'late'))::DOUBLE "
        "/ nullif(count(*) FILTER (WHERE status <> 'excused'), 0)",
        window=cycles(1),
        fact=True,
        es="Asistencia a reuniones del último ciclo",
        en="Attendance at meetings of the last cycle",
    )

    meetings_cycle = Feature(
        "count(*)",
        window=cycles(1),
        fact=True,
        es="Reuniones del último ciclo",
        en="Meetings of the last cycle",
    )


class LastCycleInstalments(FeatureSet, source=Instalments, subject="member", family="facts"):
    """Instalments of her last cycle."""

    late_share_cycle = Feature(
        "count(*) FILTER (WHERE days_late > 0)::DOUBLE / nullif(count(*), 0)",
        window=cycles(1),
        fact=True,
        es="Parte de las cuotas tarde, último ciclo",
        en="Share of instalments late, last cycle",
    )


class SolidarityGroup(FeatureSet, source=Memberships, subject="group", family="facts"):
    """Her solidarity group at the moment."""

    solidarity_size = Feature(
        "count(DISTINCT member_id) FILTER (WHERE here_now)",
        window=ever(),
        fact=True,
        es="Socias de su grupo solidario",
        en="Members of her solidarity group",
    )


class Household(Formulas, family="facts"):
    """What the household owes elsewhere and has left over, a month."""

    # The larger of two views of the same debts, as the scorer has it. A debt that cannot be told, or more loans in the
    # request than a view shows, leave it unknown. No view and no debt declared in the request: nothing is owed.
    outside_service = Feature(
        "CASE WHEN declared_count > 0 AND declared_service IS NULL THEN NULL "
        "WHEN bureau_count > 0 AND bureau_service IS NULL THEN NULL "
        "WHEN other_active_loans <= coalesce(greatest(declared_count, bureau_count), 0) "
        "THEN coalesce(greatest(declared_service, bureau_service), CASE WHEN other_active_loans = 0 THEN 0 END) END",
        fact=True,
        es="Cuotas con otras entidades, al mes",
        en="Instalments elsewhere, a month",
    )
    surplus = Feature(
        "business_revenue - business_costs + other_income - household_costs",
        fact=True,
        es="Lo que sobra al mes antes de las deudas",
        en="What is left over in a month, before debts",
    )
    service_now = Feature(
        "outside_service * 1.10 + own_service_now + coalesce(fund_service, 0)",
        fact=True,
        es="Cuotas de todas sus deudas de hoy, al mes",
        en="Instalments of all debts of today, a month",
    )
    # What ends before the first new instalment is left out; debts elsewhere count 10 % more, for those not told. The
    # group's fund keeps no book where nothing of it is on record.
    service_after = Feature(
        "outside_service * 1.10 + own_service_after + coalesce(fund_service, 0) + instalment_m",
        fact=True,
        es="Cuotas de todas sus deudas con este préstamo, al mes",
        en="Instalments of all debts with this loan, a month",
    )
