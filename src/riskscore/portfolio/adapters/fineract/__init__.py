"""Apache Fineract, on PostgreSQL or MariaDB, as a source.

Fineract keeps the present well and the past in pieces. This adapter puts the past together again: who belonged to which
group when (`memberships`), what every schedule said before it was rewritten (`schedules`), what was paid and until when
a payment stood (`movements`). What a fork lacks, what was inferred and what differs from the core's own figures is said
in a report beside the portfolio (`report`).
"""

from riskscore.portfolio.adapters.fineract.choices import Choices, Words
from riskscore.portfolio.adapters.fineract.ingest import ingest_fineract

__all__ = ["Choices", "Words", "ingest_fineract"]
