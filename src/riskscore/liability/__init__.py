"""Joint liability: correlated members and the waterfall of losses. Arithmetic only.

A communal bank's PD is never ``1 - prod(1 - p)``: members fall together (`beta_binomial`, `vasicek`, `draw_falls`),
one may bring down the next (`infectious`, `draw_worlds`), and savings, neighbours and the bank's fund stand before the
lender (`group_pd`, `external_shortfall`, `bear`). What a record says of it is estimated with intervals:
`default_correlations`, `infection`, `severity`, `covered_share`; `shares_behind` turns correlations of defaults into
shares of hidden fortune, which are another number and another type. What cover may cost one member a month is
`riskscore.indebtedness.peers_cover`.
"""

from riskscore.liability.behind import shares_behind
from riskscore.liability.contagion import direct_part, expected_falls, infectious
from riskscore.liability.correlation import default_correlation, moment_correlation
from riskscore.liability.direct import direct_parts, whole_parts
from riskscore.liability.distributions import at_least, beta_binomial, binomial, conditional_rate, vasicek
from riskscore.liability.factor import draw_falls
from riskscore.liability.few_cases import Posterior, beta_posterior, zero_falls_upper
from riskscore.liability.infection import Infection, infection
from riskscore.liability.pairs import Record, default_correlations
from riskscore.liability.severity import FallSteps, covered_share, fall_steps, severity
from riskscore.liability.shares import AssetShares, DefaultCorrelations, Estimate
from riskscore.liability.waterfall import external_shortfall, falls_to_break, group_pd
from riskscore.liability.worlds import Borne, bear, draw_worlds

__all__ = [
    "AssetShares",
    "Borne",
    "DefaultCorrelations",
    "Estimate",
    "FallSteps",
    "Infection",
    "Posterior",
    "Record",
    "at_least",
    "bear",
    "beta_binomial",
    "beta_posterior",
    "binomial",
    "conditional_rate",
    "covered_share",
    "default_correlation",
    "default_correlations",
    "direct_part",
    "direct_parts",
    "draw_falls",
    "draw_worlds",
    "expected_falls",
    "external_shortfall",
    "fall_steps",
    "falls_to_break",
    "group_pd",
    "infection",
    "infectious",
    "moment_correlation",
    "severity",
    "shares_behind",
    "vasicek",
    "whole_parts",
    "zero_falls_upper",
]
