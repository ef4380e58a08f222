"""Whether a score weighs on people for what they are: measured by protected trait, on rows whose end is known.

Every term, before a name is exported; nothing here makes a model fair, and no name says so.

Ready
    The policy's word that a request can be decided; the other is *talk first*. It is the favourable one.
Selection rate, adverse impact ratio (AIR)
    Share ready of a group, and that share over the reference group's.
Equal opportunity
    Share ready among those who then repaid, less the reference's.
Gap of wrong readiness (the false positive rate, with *ready* as the positive)
    Share ready among those who then did not repay, less the reference's.
Calibration within a group
    Bads observed over those its PDs expected.
Standardised mean difference (SMD)
    Mean score less the reference's, in pooled standard deviations.
Proxy
    A column that tells a protected trait in communal banks it was not fitted on.
Less discriminatory alternative
    The same model without a proxy: what it costs in AUC, and what becomes of the ratios.
Not computable
    All rows are of one group. It is the answer for sex in a portfolio of women, and never a ratio of 1.
"""

from riskscore.evaluation.fairness.alternatives import Alternative, alternatives
from riskscore.evaluation.fairness.attribute import Attribute
from riskscore.evaluation.fairness.intersections import Cell, intersections
from riskscore.evaluation.fairness.measures import AttributeFindings, GroupFindings, Judged, audit
from riskscore.evaluation.fairness.proxies import Proxy, ProxySearch, search_proxies, suspects
from riskscore.evaluation.fairness.ratio import Gap, Ratio, Standard, difference, impact_ratio

__all__ = [
    "Alternative",
    "Attribute",
    "AttributeFindings",
    "Cell",
    "Gap",
    "GroupFindings",
    "Judged",
    "Proxy",
    "ProxySearch",
    "Ratio",
    "Standard",
    "alternatives",
    "audit",
    "difference",
    "impact_ratio",
    "intersections",
    "search_proxies",
    "suspects",
]
