"""How a supervisor classifies a debtor by days late and what provision it asks for: data with a date, not code.

category
    What the debtor's debt is called from a first day late on; calendar days, inclusive.
specific provision
    The share of the balance a category asks for, by a table that depends on the guarantee or the use.
generic provision
    The share asked for in the first category, where nothing is late.
version
    What was in force from a day on. A past classification is repeated with the version of its day.
verified
    Whether somebody has compared the figures with the norm itself. Figures nobody has compared warn wherever they
    are loaded, and their `caution` belongs under every number they led to.

What a regulation says of a loan is information about it and never a feature of the same loan. Two countries never
share a table, and tables that circulate in public code are often wrong.
"""

from riskscore.portfolio.regulation.in_force import InForce, in_force
from riskscore.portfolio.regulation.regulation import COUNTRIES, Category, Regulation, UnverifiedRegulation

__all__ = ["COUNTRIES", "Category", "InForce", "Regulation", "UnverifiedRegulation", "in_force"]
