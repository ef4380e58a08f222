"""Every relation a source may name, with its columns as DuckDB types.

The tables of the contract come from the portfolio, each with ``known_until`` (when the fact's next version was known;
missing while the row stands). Relations that the portfolio derives for its readers are listed with their columns, and
*placements* is derived here: where each member belongs, with the communal bank above her solidarity group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from riskscore.portfolio.tables import TABLES, Table

Columns = Mapping[str, str]

DUCKDB_TYPES = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "money": "DECIMAL(18,2)",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}

_VERSIONS = {"id": "VARCHAR", "event_at": "TIMESTAMP", "known_at": "TIMESTAMP", "known_until": "TIMESTAMP"}
_LOAN = {"loan_id": "VARCHAR", "member_id": "VARCHAR", "group_id": "VARCHAR", "bank_id": "VARCHAR", "ledger": "VARCHAR"}


def _of_table(table: Table) -> dict[str, str]:
    return {column.name: DUCKDB_TYPES[column.kind] for column in table.all_columns} | {"known_until": "TIMESTAMP"}


#: Relations that `Portfolio.connect` derives.
DERIVED: dict[str, Columns] = {
    "settled_instalments": {
        **_VERSIONS,
        **_LOAN,
        "cycle_no": "BIGINT",
        "frequency": "VARCHAR",
        "loan_disbursed_on": "DATE",
        "number": "BIGINT",
        "is_last": "BOOLEAN",
        "due_on": "DATE",
        "amount": "DECIMAL(18,2)",
        "principal": "DECIMAL(18,2)",
        "periods_per_month": "DOUBLE",
        "settled_at": "TIMESTAMP",
    },
    "loan_payments": {
        **_of_table(TABLES["payments"]),
        **_LOAN,
        "cycle_no": "BIGINT",
        "loan_disbursed_on": "DATE",
    },
    "loan_histories": {**_of_table(TABLES["loans"]), "bank_id": "VARCHAR"},
    "loan_outcomes": {**_VERSIONS, **_LOAN, "label": "VARCHAR"},
    "bank_outcomes": {
        **_VERSIONS,
        "bank_id": "VARCHAR",
        "officer_id": "VARCHAR",
        "branch_id": "VARCHAR",
        "judged": "BIGINT",
        "bad": "BIGINT",
    },
}

#: A membership is seen with the group's parent as both were known: the knowledge intervals of the two intersect.
PLACEMENTS_SQL = """
SELECT m.id, m.member_id, m.group_id, coalesce(g.parent_id, g.id) AS bank_id, m.valid_from, m.valid_to,
       greatest(m.event_at, g.event_at) AS event_at, greatest(m.known_at, g.known_at) AS known_at,
       least(m.known_until, g.known_until) AS known_until
FROM memberships AS m
JOIN groups AS g
  ON g.id = m.group_id
 AND greatest(m.known_at, g.known_at) < least(coalesce(m.known_until, TIMESTAMP '9999-12-31'),
                                              coalesce(g.known_until, TIMESTAMP '9999-12-31'))
""".strip()

PLACEMENTS: Columns = {
    "id": "VARCHAR",
    "member_id": "VARCHAR",
    "group_id": "VARCHAR",
    "bank_id": "VARCHAR",
    "valid_from": "DATE",
    "valid_to": "DATE",
    "event_at": "TIMESTAMP",
    "known_at": "TIMESTAMP",
    "known_until": "TIMESTAMP",
}

#: Fields of a request, as formulas see them. ``instalment_m`` is the requested loan's service a month.
REQUEST: Columns = {
    "amount": "DOUBLE",
    "term_days": "DOUBLE",
    "frequency": "VARCHAR",
    "purpose": "VARCHAR",
    "other_active_loans": "DOUBLE",
    "instalment_m": "DOUBLE",
}


def relations(own: Iterable[Table] = ()) -> dict[str, Columns]:
    """Return every relation by name: the contract's, the derived ones, and the institution's `own` tables."""
    tables = {table.name: _of_table(table) for table in (*TABLES.values(), *own)}
    return {**tables, **DERIVED, "placements": PLACEMENTS}
