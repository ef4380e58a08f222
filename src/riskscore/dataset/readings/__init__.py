"""What each column of a portfolio, and each feature, says at a moment: for audits, not for fitting.

Case
    One past application with the loan it led to, its outcome where that is final, and the keys by which rows reach it.
Route
    How rows of a table reach a case: they are the case's own file, or speak of its member, group, bank, branch,
    officer, sector or product.
Reading
    One value a case: what a column said (the last row, the mean of the rows, how many rows) of what was on record by a
    moment, and what the same column said some days earlier.
"""

from riskscore.dataset.readings.cases import Cases
from riskscore.dataset.readings.columns import Route, routes, table_readings, unreached
from riskscore.dataset.readings.features import feature_readings
from riskscore.dataset.readings.reading import Reading
from riskscore.dataset.readings.references import StampedReference, stamped_references

__all__ = [
    "Cases",
    "Reading",
    "Route",
    "StampedReference",
    "feature_readings",
    "routes",
    "stamped_references",
    "table_readings",
    "unreached",
]
