"""Joint liability: correlated members and the waterfall of losses. Arithmetic only.

A communal bank's PD is never ``1 - prod(1 - p)``: members fall together (`beta_binomial`, `vasicek`, `draw_falls`),
one may bring down the next (`infectious`), and savings, neighbours and the bank's fund stand before the lender
(`group_pd`, `external_shortfall`). What cover may cost one member a month is `riskscore.indebtedness.peers_cover`.
"""

from riskscore.liability.contagion import direct_part, expected_falls, infectious
from riskscore.liability.correlation import default_correlation, moment_correlation
from riskscore.liability.distributions import at_least, beta_binomial, binomial, conditional_rate, vasicek
from riskscore.liability.factor import draw_falls
from riskscore.liability.few_cases import Posterior, beta_posterior, zero_falls_upper
from riskscore.liability.waterfall import external_shortfall, falls_to_break, group_pd

__all__ = [
    "Posterior",
    "at_least",
    "beta_binomial",
    "beta_posterior",
    "binomial",
    "conditional_rate",
    "default_correlation",
    "direct_part",
    "draw_falls",
    "expected_falls",
    "external_shortfall",
    "falls_to_break",
    "group_pd",
    "infectious",
    "moment_correlation",
    "vasicek",
    "zero_falls_upper",
]
