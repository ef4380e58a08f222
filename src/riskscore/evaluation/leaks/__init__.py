"""Leaks: columns and features that know what became of a loan, although their stamps say that they were known before.

A table's stamps are a claim. Nobody can see from one extract when a value was really written, so the claim is held
against what the values themselves tell. Four signs, each with an interval that draws whole communal banks:

too good
    Alone it tells bads from goods better than anything known before a loan plausibly can; or the rates of whole groups
    agree with it more closely than chance would let any forecast.
only after the date
    Loans that are over carry values that go with trouble, and loans just paid out carry hardly any; or rows name what
    did not exist on the day of their stamp.
vanishes when re-dated
    Read some days earlier it has lost most of its relation, and no young loan vouches for it.

Arrays in, words out: `riskscore.modelling.leaks` reads a portfolio and runs the search.

A finding is a reason to ask how a column is written. It is no proof against it, and its absence is no proof for it.
"""

from riskscore.evaluation.leaks.finding import Examined, Finding, LeakReport, Sign
from riskscore.evaluation.leaks.population import Population
from riskscore.evaluation.leaks.signs import percent, signs_of
from riskscore.evaluation.leaks.thresholds import Thresholds

__all__ = ["Examined", "Finding", "LeakReport", "Population", "Sign", "Thresholds", "percent", "signs_of"]
