"""Net indebtedness, headroom and the largest affordable amount: arithmetic only.

Three ratios carry similar names and may never be mixed: debt service over gross income, debt service over the surplus
(what business and household leave before debt: the *net indebtedness index* used here), and the stock of debt over
yearly income. Where income is missing the answer is UNKNOWN.
"""

from riskscore.indebtedness.assessment import Assessed, Columns, Indebtedness, assess, assess_columns
from riskscore.indebtedness.cover import Cover, peers_cover
from riskscore.indebtedness.elsewhere import owed_elsewhere
from riskscore.indebtedness.household import Budget, Debts
from riskscore.indebtedness.instalment import (
    Method,
    instalment,
    monthly_service,
    periods,
    periods_per_month,
    principal,
    rate_per_period,
    round_down,
)
from riskscore.indebtedness.policy_numbers import PolicyNumbers
from riskscore.indebtedness.ratios import LEVELS, Level
from riskscore.indebtedness.season import CashBalance, cash_balance
from riskscore.indebtedness.terms import TermColumns, Terms

__all__ = [
    "LEVELS",
    "Assessed",
    "Budget",
    "CashBalance",
    "Columns",
    "Cover",
    "Debts",
    "Indebtedness",
    "Level",
    "Method",
    "PolicyNumbers",
    "TermColumns",
    "Terms",
    "assess",
    "assess_columns",
    "cash_balance",
    "instalment",
    "monthly_service",
    "owed_elsewhere",
    "peers_cover",
    "periods",
    "periods_per_month",
    "principal",
    "rate_per_period",
    "round_down",
]
