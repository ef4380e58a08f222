"""Features declared once, compiled to SQL as of a moment, and locked.

A *feature* is a function from (subject, moment) to a number, using only what had happened before that moment and was
known by then. A *source* is a table as features read it, with a clock on which windows count. A *peer* is another
member of the same communal bank, or solidarity group, at the moment. A *formula* is a feature over other features and
the fields of a request. A *lock* is the whole catalogue as data, which a model ships with.
"""

from __future__ import annotations

from riskscore.catalog.catalogue import Catalog
from riskscore.catalog.declare import Feature, FeatureSet, Formulas, Lookup, PeerSet, Source
from riskscore.catalog.formulas import formula_values, formulas_reading, with_request
from riskscore.catalog.lock import Lock, LockedFeature
from riskscore.catalog.run import member_values, values
from riskscore.catalog.windows import Window, cycles, days, ever, latest, standing
from riskscore.catalog.words import Reason, Words

__all__ = [
    "Catalog",
    "Feature",
    "FeatureSet",
    "Formulas",
    "Lock",
    "LockedFeature",
    "Lookup",
    "PeerSet",
    "Reason",
    "Source",
    "Window",
    "Words",
    "cycles",
    "days",
    "ever",
    "formula_values",
    "formulas_reading",
    "latest",
    "member_values",
    "standing",
    "values",
    "with_request",
]
