"""A portfolio in which one member's record, in some tables, is what was sent about her; all else is as it was loaded.

What is sent is her whole record in the tables it names. The overlay has the views of a connection, each of them the
loaded rows without hers and her rows beside them. What is derived is derived anew for her loans alone, by the same
statements: an instalment is settled, and a loan judged, by rows of that loan and its member. Outcomes of officers and
branches are gathered anew of the communal banks she has borrowed in. Nothing is written but what settling writes aside,
and that is gone when it is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import polars as pl

from riskscore.portfolio import spill
from riskscore.portfolio.borrower import BORROWER, LEDGER, among, hers
from riskscore.portfolio.connection import BANK_OUTCOMES, LOAN_HISTORIES, LOAN_PAYMENTS, SEEN, text
from riskscore.portfolio.folder import Portfolio
from riskscore.portfolio.kinds import schema
from riskscore.portfolio.maturity_rule import MemberRule
from riskscore.portfolio.outcomes import judge
from riskscore.portfolio.settlement import settle
from riskscore.portfolio.tables import TABLES

if TYPE_CHECKING:
    import duckdb

#: DuckDB's bound for one overlay, beyond which it spills to disk.
MEMORY = "2GB"


class Overlay(Portfolio):
    """A portfolio with one member's record as it was sent. Use `overlaid`.

    Parameters
    ----------
    loaded : Portfolio
    con : DuckDBPyConnection
        With the views of `loaded`; it becomes the overlay's own.
    subject : str
        The member's id.
    sent : mapping of str to DataFrame
        By table of `BORROWER`: every version of every row of hers, with the contract's types.

    Attributes
    ----------
    loans, applications : frozenset of str
        Ids of hers: of what is loaded, and of what was sent.
    """

    def __init__(
        self, loaded: Portfolio, con: duckdb.DuckDBPyConnection, subject: str, sent: Mapping[str, pl.DataFrame]
    ) -> None:
        super().__init__(loaded.path, loaded.manifest)
        self.subject = subject
        self.sent = dict(sent)
        self._con = con
        self.loans = frozenset(self._loaded_ids("loans") | self._sent_ids("loans"))
        self.applications = frozenset(self._loaded_ids("applications") | self._sent_ids("applications"))

    def hers(self, table: str) -> str:
        """Return the SQL condition that a row of `table` is hers."""
        return hers(table, self.subject, self.loans, self.applications)

    def read(self, sql: str) -> pl.DataFrame:
        """Return what a query gives, on the loaded portfolio until `lay` was called, then on this one."""
        found: pl.DataFrame = self._con.sql(sql).pl()
        return found

    def held(self, table: str) -> pl.DataFrame:
        """Return what is loaded of her in `table`, with the contract's columns."""
        columns = ", ".join(f'"{name}"' for name in schema(TABLES[table]))
        return self.read(f'SELECT {columns} FROM "{table}" WHERE {self.hers(table)}')

    def lay(self) -> None:
        """Put what was sent in the place of what is loaded of her; to be called once."""
        con = self._con
        con.execute("CREATE SCHEMA hers")
        derived = LEDGER & set(self.sent)
        for name in BORROWER:
            if name in self.sent:
                self._keep(name)
            elif derived and name in LEDGER:
                con.execute(f'CREATE TABLE hers."{name}" AS FROM "{name}" WHERE {self.hers(name)}')
        for name in self.sent:
            self._replace(name, self.hers(name))
        if derived:
            self._derive()

    def table(self, name: str) -> pl.DataFrame:
        """Return a table, every version of every fact."""
        if name not in self.sent:
            return super().table(name)
        columns = ", ".join(f'"{column}"' for column in schema(TABLES[name]))
        return self.read(f'SELECT {columns} FROM "{name}"').cast(pl.Schema(schema(TABLES[name])))

    def connect(
        self, threads: int = 2, memory: str = MEMORY, temporary: Path | None = None
    ) -> duckdb.DuckDBPyConnection:
        """Return a connection with every view; threads and memory are those that the overlay was opened with."""
        return self._con.cursor()

    def _loaded_ids(self, table: str) -> set[str]:
        found = self._con.execute(f"SELECT DISTINCT id FROM {table} WHERE member_id = ?", [self.subject]).fetchall()
        return {row[0] for row in found}

    def _sent_ids(self, table: str) -> set[str]:
        return set(self.sent[table]["id"].to_list()) if table in self.sent else set()

    def _keep(self, name: str) -> None:
        """Make the table of her rows as they were sent; a fact's later version is the next one of hers."""
        self._con.register("sent_rows", self.sent[name].to_arrow())
        self._con.execute(
            f'CREATE TABLE hers."{name}" AS SELECT *, lead({SEEN.format(t="sent_rows")}) '
            "OVER (PARTITION BY id ORDER BY known_at) AS known_until FROM sent_rows"
        )
        self._con.unregister("sent_rows")

    def _replace(self, name: str, condition: str, schema: str = "hers") -> None:
        """Have the view `name` give the table of `schema` in the place of the rows that meet `condition`."""
        self._con.execute(f'ALTER VIEW "{name}" RENAME TO "loaded_{name}"')
        self._con.execute(
            f'CREATE VIEW "{name}" AS FROM "loaded_{name}" WHERE NOT ({condition}) '
            f'UNION ALL BY NAME FROM {schema}."{name}"'
        )

    def _derive(self) -> None:
        """Settle and judge her loans, and put both in the place of what is loaded of them."""
        with closing(self._con.cursor()) as on, TemporaryDirectory(dir=spill.folder().parent) as aside:
            # Names are looked up among her rows first: the statements are those of a portfolio of one borrower.
            on.execute("SET search_path = 'hers,main'")
            on.execute(LOAN_HISTORIES)
            on.execute(LOAN_PAYMENTS)
            settled, outcomes = Path(aside) / "settled", Path(aside) / "outcomes.parquet"
            settled.mkdir()
            settle(self, on, settled, batch=1 + self.manifest.rows.get("instalments", 0))
            on.execute(f"CREATE TABLE hers.settled_instalments AS FROM read_parquet({text(settled / '*')})")
            given = among("application_id", self.applications)
            on.execute(f"CREATE TABLE hers.outcomes_given AS FROM main.outcomes_given WHERE {given}")
            # From when on closes of books are recorded at all is a fact about the institution.
            on.execute(
                "INSERT INTO hers.loan_events BY NAME SELECT id, event_at, known_at, known_until, loan_id, kind "
                "FROM main.loan_events WHERE kind = 'books_closed' ORDER BY known_at LIMIT 1"
            )
            judge(self, on, MemberRule(), outcomes)
            on.execute(f"DELETE FROM hers.loan_events WHERE NOT ({self.hers('loan_events')})")
            on.execute(
                "CREATE TABLE hers.loan_outcomes AS SELECT id, event_at, known_at, known_until, loan_id, member_id, "
                f"group_id, bank_id, ledger, label FROM read_parquet({text(outcomes)})"
            )
        borrowed = f"({among('loan_id', self.loans)} OR {self.hers('loans')})"
        for name in ("settled_instalments", "loan_payments", "loan_outcomes"):
            self._replace(name, borrowed)
        self._gather_banks(borrowed)

    def _gather_banks(self, borrowed: str) -> None:
        """Gather anew, for officers and branches, the outcomes of the communal banks that she has borrowed in."""
        found = self._con.execute(
            f"SELECT bank_id FROM loaded_loan_outcomes WHERE {borrowed} UNION SELECT bank_id FROM hers.loan_outcomes"
        ).fetchall()
        banks = among("bank_id", {row[0] for row in found if row[0] is not None})
        with closing(self._con.cursor()) as on:
            on.execute("CREATE SCHEMA banks")
            on.execute(f"CREATE TABLE banks.loan_outcomes AS FROM main.loan_outcomes WHERE {banks}")
            on.execute(
                "CREATE TABLE banks.loans AS FROM main.loans WHERE id IN (SELECT loan_id FROM banks.loan_outcomes)"
            )
            on.execute("SET search_path = 'banks,main'")
            on.execute(f"CREATE TABLE banks.bank_outcomes AS {BANK_OUTCOMES}")
        self._replace("bank_outcomes", banks, "banks")


@contextmanager
def overlaid(
    loaded: Portfolio, subject: str, sent: Mapping[str, pl.DataFrame], *, threads: int = 2, memory: str = MEMORY
) -> Iterator[Overlay]:
    """Give the overlay of what was sent about `subject`, not laid yet, and close it with the block.

    Parameters
    ----------
    loaded : Portfolio
    subject : str
        The member's id.
    sent : mapping of str to DataFrame
        See `Overlay`.
    threads : int
    memory : str
        DuckDB's bound, such as ``"2GB"``.
    """
    with closing(loaded.connect(threads=threads, memory=memory)) as con:
        yield Overlay(loaded, con, subject, sent)
