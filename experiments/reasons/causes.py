"""Which cause of the simulator's law each feature stands for, and why; written down before anything was measured.

A feature stands for a cause where it measures the thing that the law reads (`riskscore.simulator.asking.causes`), with
whatever noise. One that only goes with risk stands for none, and a reason it gives counts as wrong, as does one of no
cause of the law at all: late arrivals, training, the age of a budget, whether the others attend, a shock that is over.
"""

from __future__ import annotations

#: What the tables show, more or less well.
SEEN = (
    "repayment",
    "peers",
    "capacity",
    "request",
    "savings",
    "attendance",
    "experience",
    "business",
    "season",
    "shock",
)

#: What no table shows.
UNSEEN = ("member", "trouble", "group", "bank")

STANDS_FOR: dict[str, str] = {
    # The law reads the share she paid late, her worst delay and what the group covered.
    "worst_delay_last_cycle": "repayment",
    "worst_delay_3_cycles": "repayment",
    "worst_delay_180d": "repayment",
    "late_share_3_cycles": "repayment",
    "covered_by_group_share_3_cycles": "repayment",
    "covered_payments_3_cycles": "repayment",
    # A fall shows as late or covered instalments, which is what the law remembers of it.
    "bad_outcomes_known": "repayment",
    "restructured_24m": "repayment",
    # The law reads the others' late and covered instalments, and nothing else of them.
    "peer_late_share": "peers",
    "peer_worst_delay": "peers",
    "peer_covered_share": "peers",
    "peer_bad_outcome_share": "peers",
    # The law reads all instalments over what is left; loans elsewhere are a part of them.
    "instalment_to_surplus": "capacity",
    "loans_elsewhere": "capacity",
    # The law reads growth over the last amount; the largest so far is nearly always the last.
    "amount_growth": "request",
    "amount_to_largest_before": "request",
    # The law reads savings over the amount; regular deposits and withdrawals make that up.
    "savings_to_loan": "savings",
    "savings_regularity": "savings",
    "savings_withdrawn_60d_share": "savings",
    "attendance_rate": "attendance",
    # The law has a term for the first loan and one for their number.
    "first_loan": "experience",
    "months_since_first_loan": "experience",
    "business_age_months": "business",
    "lean_season": "season",
    "shock_active": "shock",
}
