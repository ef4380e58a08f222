"""Sources that are tables or queries of a database that SQLAlchemy can reach, read in batches from a cursor."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import sqlalchemy as sa

from riskscore.errors import InvalidInput
from riskscore.portfolio.adapters.mapping import Source


class DatabaseSource:
    """A table or a query of a database. What it is told never holds the URL, which may carry a password.

    Parameters
    ----------
    name : str
        Of the source.
    source : Source
        With `url_env` and one of `table` and `query`.

    Attributes
    ----------
    found : dict of str to str
        Every column there, each with the type ``""``: drivers bring values of their own, judged as they are read.

    Raises
    ------
    InvalidInput
        Where the database or the table cannot be reached.
    """

    def __init__(self, name: str, source: Source) -> None:
        self.name = name
        self._columns = list(source.columns)
        order = [one for one in source.key if one in source.columns] or self._columns
        self._variable = str(source.url_env)
        what = source.table or "the query"
        try:
            self._engine = sa.create_engine(os.environ[self._variable])
            if source.query:
                asked = sa.text(source.query.strip().rstrip(";"))
                whole: sa.Select[Any] = sa.select(sa.literal_column("*")).select_from(asked.columns().subquery("asked"))
                with self._engine.connect() as con:
                    self.found = dict.fromkeys(con.execute(whole.where(sa.false())).keys(), "")
                relation: sa.FromClause = asked.columns(*map(sa.column, self._columns)).subquery("asked")
            else:
                schema, _, table = str(source.table).rpartition(".")
                found = sa.inspect(self._engine).get_columns(table, schema=schema or None)
                self.found = {column["name"]: "" for column in found}
                # Untyped on purpose: the driver's own values, not what a dialect makes of them.
                relation = sa.table(table, *map(sa.column, self._columns), schema=schema or None)
            self._statement = sa.select(*(relation.c[one] for one in self._columns)).order_by(
                *(relation.c[one] for one in order)
            )
        except KeyError:
            raise InvalidInput.of(
                f"sources.{name}.url_env",
                f"the environment variable {self._variable} is not set.",
                f"Set it to the database's URL: export {self._variable}=postgresql+psycopg://…",
            ) from None
        except (sa.exc.SQLAlchemyError, ImportError, ValueError) as error:
            # A driver that is not there and a port that is no number are told by no error of SQLAlchemy's own.
            raise InvalidInput.of(
                f"sources.{name}",
                f"{what} cannot be reached ({type(error).__name__}).",
                f"Check {self._variable}, that its driver is installed, and what is read there.",
            ) from None

    @property
    def fingerprint(self) -> list[object]:
        """Which database this is; neither its password nor its options, among which there may be one."""
        return [self._engine.url.set(query={}).render_as_string(hide_password=True)]

    def batches(self, skip: int, size: int) -> Iterator[pl.DataFrame]:
        """Yield the columns that are used, `size` rows at a time in the order of the key, without the first `skip`.

        Raises
        ------
        InvalidInput
            Where the database goes away.
        """
        statement = self._statement.offset(skip) if skip else self._statement
        done = skip
        try:
            with self._engine.connect() as con:
                cursor = con.execution_options(stream_results=True, yield_per=size).execute(statement)
                for rows in cursor.partitions(size):
                    yield _frame(self._columns, rows)
                    done += len(rows)
        except sa.exc.SQLAlchemyError as error:
            raise InvalidInput.of(
                f"sources.{self.name}",
                f"the database went away after {done:,} rows ({type(error).__name__}).",
                "Run the same command again: it goes on from there.",
            ) from None
        finally:
            self._engine.dispose()


#: What Polars holds as it is; all else a driver may bring (UUIDs, bytes, intervals) becomes text.
_PLAIN = {str, bool, int, float, Decimal, date, datetime}


def _frame(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    """Return rows as a frame; a column whose values are of several types becomes text, and is read as such."""
    series = []
    for place, name in enumerate(names):
        values = [row[place] for row in rows]
        kinds = {type(value) for value in values if value is not None}
        if len(kinds) > 1 or not kinds <= _PLAIN:
            values = [None if value is None else str(value) for value in values]
        series.append(pl.Series(name, values))
    return pl.DataFrame(series)
