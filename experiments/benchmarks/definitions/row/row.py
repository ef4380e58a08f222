"""One member's row: 49 features of her own tables, her group and her neighbours. `row_by_hand.py` says them in SQL."""

from riskscore.catalog import Feature, FeatureSet, PeerSet, cycles, days, ever, latest, standing

from .sources import (
    Attendance,
    Budgets,
    Bureau,
    Declared,
    Instalments,
    Loans,
    LoansAndEvents,
    Members,
    Memberships,
    Outcomes,
    OwnDebts,
    Payments,
    Savings,
    Shocks,
    Trainings,
)

_LATE_SHARE = "count(*) FILTER (WHERE days_late > 0)::DOUBLE / nullif(count(*), 0)"
_ATTENDANCE = (
    "count(*) FILTER (WHERE status IN ('present', 'late'))::DOUBLE "
    "/ nullif(count(*) FILTER (WHERE status <> 'excused'), 0)"
)


class Repayment(FeatureSet, source=Instalments, subject="member", family="row"):
    """Lateness."""

    worst_delay_last_cycle = Feature("max(days_late)", window=cycles(1))
    worst_delay_3_cycles = Feature("max(days_late)", window=cycles(3))
    worst_delay_180d = Feature("max(days_late)", window=days(180))
    late_share_3_cycles = Feature(_LATE_SHARE, window=cycles(3))
    late_share_cycle = Feature(_LATE_SHARE, window=cycles(1))


class Cover(FeatureSet, source=Payments, subject="member", family="row"):
    """What others paid for her."""

    covered_by_group_share_3_cycles = Feature(
        "coalesce(sum(amount) FILTER (WHERE payer = 'group'), 0)::DOUBLE / nullif(sum(amount), 0)", window=cycles(3)
    )
    covered_payments_3_cycles = Feature("count(*) FILTER (WHERE payer = 'group')", window=cycles(3))


class Experience(FeatureSet, source=Loans, subject="member", family="row"):
    """Her loans."""

    cycles_completed = Feature("count(*)", window=ever())
    months_since_first_loan = Feature(
        "date_diff('day', min(disbursed_on), CAST(as_of AS DATE)) / 30.4375", window=ever()
    )
    previous_amount = Feature("amount", window=latest())
    largest_amount_before = Feature("max(amount)", window=ever())
    cycle_no = Feature("cycle_no", window=latest())


class Restructured(FeatureSet, source=LoansAndEvents, subject="member", family="row"):
    """Restructuring in distress."""

    restructured_24m = Feature(
        "count(happened.id) FILTER (WHERE happened.kind = 'restructured' AND happened.reason = 'distress' "
        "AND happened.event_at >= as_of - INTERVAL 730 DAY)",
        window=ever(),
    )


class EarlierOutcomes(FeatureSet, source=Outcomes, subject="member", family="row"):
    """How her earlier loans ended."""

    bad_outcomes_known = Feature("count(*) FILTER (WHERE label = 'bad')", window=ever())


class Meetings(FeatureSet, source=Attendance, subject="member", family="row"):
    """Coming to meetings."""

    attendance_rate = Feature(_ATTENDANCE, window=days(180))
    late_arrival_rate = Feature(
        "count(*) FILTER (WHERE status = 'late')::DOUBLE "
        "/ nullif(count(*) FILTER (WHERE status IN ('present', 'late')), 0)",
        window=days(180),
    )
    attendance_rate_cycle = Feature(_ATTENDANCE, window=cycles(1))


class Saving(FeatureSet, source=Savings, subject="member", family="row"):
    """Her savings."""

    savings_regularity = Feature("count(*) FILTER (WHERE kind = 'deposit')::DOUBLE * 30.4375 / 180", window=days(180))
    savings_withdrawn_60d_share = Feature(
        "coalesce(sum(amount) FILTER (WHERE kind = 'withdrawal' AND event_at >= as_of - INTERVAL 60 DAY), 0)::DOUBLE "
        "/ nullif(sum(amount) FILTER (WHERE kind = 'deposit'), 0)",
        window=ever(),
    )
    group_savings = Feature("sum(CASE WHEN kind = 'deposit' THEN amount ELSE -amount END)", window=ever())


class Training(FeatureSet, source=Trainings, subject="member", family="row"):
    """Sessions."""

    training_sessions = Feature("count(DISTINCT session_no)", window=ever())


class Business(FeatureSet, source=Members, subject="member", family="row"):
    """What the register says of her."""

    business_age_months = Feature(
        "date_diff('day', max(business_started_on), CAST(as_of AS DATE)) / 30.4375", window=standing()
    )
    sector_agricultural = Feature(
        "max(CASE WHEN sector.agricultural THEN 1 WHEN sector.agricultural IS NOT NULL THEN 0 END)", window=standing()
    )
    sector_commerce = Feature(
        "max(CASE WHEN sector_id = 'commerce' THEN 1 WHEN sector_id IS NOT NULL THEN 0 END)", window=standing()
    )
    lean_season = Feature(
        "max(CASE WHEN in_lean_month THEN 1 WHEN in_lean_month IS NOT NULL THEN 0 END)", window=standing()
    )


class Surroundings(FeatureSet, source=Shocks, subject="member", family="row"):
    """What reaches her from outside."""

    shock_active = Feature("max(CASE WHEN active THEN 1 ELSE 0 END)", window=standing())


class Budget(FeatureSet, source=Budgets, subject="member", family="row"):
    """The newest budget."""

    business_revenue = Feature("business_revenue", window=latest(max_age=days(180)))
    business_costs = Feature("business_costs", window=latest(max_age=days(180)))
    other_income = Feature("other_income", window=latest(max_age=days(180)))
    household_costs = Feature("household_costs", window=latest(max_age=days(180)))
    accessible_savings = Feature("accessible_savings", window=latest(max_age=days(180)))
    budget_age_days = Feature("date_diff('day', event_at, as_of)", window=latest())


class DebtsDeclared(FeatureSet, source=Declared, subject="member", family="row"):
    """Debts she declares."""

    declared_service = Feature("coalesce(sum(service_m) FILTER (WHERE open), 0)", window=ever())
    declared_count = Feature("count(*) FILTER (WHERE open)", window=ever())


class DebtsInBureau(FeatureSet, source=Bureau, subject="member", family="row"):
    """Debts a bureau knows."""

    bureau_service = Feature("coalesce(sum(service_m) FILTER (WHERE open), 0)", window=days(60))
    bureau_count = Feature("count(*) FILTER (WHERE open)", window=days(60))


class DebtsInTheGroup(FeatureSet, source=OwnDebts, subject="member", family="row"):
    """Her own loans."""

    own_service_now = Feature("coalesce(sum(service_m) FILTER (WHERE due.is_last), 0)", window=standing())
    own_service_after = Feature(
        "coalesce(sum(service_m) FILTER (WHERE due.is_last AND due.due_on > CAST(as_of AS DATE) + 14), 0)",
        window=standing(),
    )
    outstanding = Feature("coalesce(sum(due.principal) FILTER (WHERE due.settled_at IS NULL), 0)", window=standing())


class Place(FeatureSet, source=Memberships, subject="member", family="row"):
    """Her time in the bank."""

    months_in_bank = Feature(
        "date_diff('day', min(valid_from) FILTER (WHERE here_now), CAST(as_of AS DATE)) / 30.4375", window=standing()
    )


class Group(FeatureSet, source=Memberships, subject="group", family="row"):
    """Her solidarity group."""

    solidarity_size = Feature("count(DISTINCT member_id) FILTER (WHERE here_now)", window=ever())


class Bank(FeatureSet, source=Memberships, subject="bank", family="row"):
    """Her communal bank."""

    bank_size = Feature("count(DISTINCT member_id) FILTER (WHERE here_now)", window=ever())
    dropout_share = Feature(
        "count(DISTINCT member_id) FILTER (WHERE here_this_year AND NOT here_now)::DOUBLE "
        "/ nullif(count(DISTINCT member_id) FILTER (WHERE here_this_year), 0)",
        window=ever(),
    )


class Neighbours(PeerSet, peers="bank", family="row"):
    """The others of her communal bank."""

    peer_late_share = Feature(
        "sum(CAST(late_share_cycle AS DECIMAL(12,9)))::DOUBLE / nullif(count(late_share_cycle), 0)"
    )
    peer_worst_delay = Feature(
        # Not least(x, 90), which is 90 where x is missing.
        "sum(CAST(CASE WHEN worst_delay_last_cycle > 90 THEN 90 ELSE worst_delay_last_cycle END "
        "AS DECIMAL(12,3)))::DOUBLE "
        "/ nullif(count(worst_delay_last_cycle), 0)"
    )
    peer_covered_share = Feature(
        "sum(CAST(covered_by_group_share_3_cycles AS DECIMAL(12,9)))::DOUBLE "
        "/ nullif(count(covered_by_group_share_3_cycles), 0)"
    )
    peer_bad_outcome_share = Feature(
        "count(*) FILTER (WHERE bad_outcomes_known > 0)::DOUBLE "
        "/ nullif(count(*) FILTER (WHERE bad_outcomes_known IS NOT NULL), 0)"
    )
    peer_attendance = Feature("sum(CAST(attendance_rate AS DECIMAL(12,9)))::DOUBLE / nullif(count(attendance_rate), 0)")
    new_member_share = Feature("count(*) FILTER (WHERE months_in_bank < 6)::DOUBLE / nullif(count(months_in_bank), 0)")
