"""What is planted in the simulated tables for audits to find: a leak, and a proxy.

The leak is a table of the institution's own. The proxy stands in the members' table: `district` and `travel_minutes`
give a woman's mother tongue away, which is itself no cause of anything.
"""

from __future__ import annotations

from riskscore.portfolio.tables import TABLES, Column, Table

#: Calls made after arrears began, on rows whose stamps say that they were known when the score was asked for.
COLLECTION_CALLS = Table(
    "collection_calls",
    "Calls made about a loan. The system keeps the stamps of the day the file was opened and overwrites the count.",
    (
        Column("member_id", "text", references="members"),
        Column("application_id", "text", references="applications"),
        Column("calls", "int", minimum=0, doc="Number of calls."),
    ),
)

#: The contract with the simulated institution's own table.
SIMULATED_TABLES: dict[str, Table] = {**TABLES, COLLECTION_CALLS.name: COLLECTION_CALLS}
