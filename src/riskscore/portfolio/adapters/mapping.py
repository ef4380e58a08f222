"""A mapping: which of an institution's own tables and columns become which of the contract's. Written in TOML.

Terms
-----
source
    A file (CSV, CSV packed with gzip, Parquet) or a table or query of a database, with the columns that are used and
    their types. What is not listed is not read. Each source has one column more, ``line_no``, the number of its row.
view
    A SELECT over sources and earlier views, in DuckDB's dialect: where rows have to be joined, summed up or unfolded.
derivation
    How rows of one source or view become rows of one table. A table may have several; a source may serve several.
cell
    What stands in one column: an expression over the source's columns, a constant, or a code that is looked up.
clocks
    ``event_at`` and either ``known_at``, an expression over what the source recorded, or ``known_rule``, a rule over
    the same columns and ``event``, where the source keeps no time of recording. What follows from a rule is marked as
    inferred. A date stands for its first instant in ``event_at`` and for its last microsecond in ``known_at``.

This module reads the form; `riskscore.portfolio.adapters.binding` says whether it fits the contract and the sources.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from riskscore.errors import Fault, InvalidInput
from riskscore.portfolio.manifest import Manifest
from riskscore.portfolio.tables import Kind

Scalar = str | int | float | bool | date | datetime

#: Of a source or a view: it names a relation, and a folder while an ingestion is under way.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]

#: Offsets stand in the values themselves: ``2026-01-31T09:30:00-05:00``.
OFFSET = "offset"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class SourceColumn(_Part):
    """One column of a source, as it is read.

    Parameters
    ----------
    type : {"text", "int", "money", "double", "bool", "date", "timestamp"}
    format : list of str
        For dates and moments written as text, in strptime's directives; the first that fits. Default ISO 8601.
    zone : str or None
        Of a timestamp: the zone it is written in, or ``"offset"`` where each value carries its own. It is converted
        into the portfolio's. Without one it is local already.
    rounded : bool
        Of money: round to cents, half away from zero. Without it a float, or a third decimal, is a fault.
    pseudonym : str or None
        What the identifier names (``"member"``): it is replaced by its pseudonym before anything is stored.
    """

    type: Kind
    format: Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)] = []
    zone: str | None = None
    rounded: bool = False
    pseudonym: str | None = Field(None, pattern="^[a-z][a-z_]*$")


class Source(_Part):
    """A table as the institution has it.

    Parameters
    ----------
    file : str or None
        Below the data folder: ``.csv``, ``.csv.gz`` or ``.parquet``.
    url_env : str or None
        The environment variable that holds the SQLAlchemy URL of a database, so that no password stands in a mapping.
    table, query : str or None
        What is read there: a table, or a SELECT in the database's own dialect.
    columns : mapping of str to SourceColumn
        Those that are used.
    key : list of str
        Columns that name a row; two rows of one key are a fault.
    missing : list of str
        Texts that mean missing, beside the empty text.
    delimiter, encoding : str
        Of a CSV file.
    decimal : str
        Of numbers written as text.
    """

    file: str | None = None
    url_env: str | None = None
    table: str | None = None
    query: str | None = None
    columns: dict[str, Annotated[SourceColumn, BeforeValidator(lambda v: {"type": v} if isinstance(v, str) else v)]] = (
        Field(min_length=1)
    )
    key: list[str] = []
    missing: list[str] = []
    delimiter: str = Field(",", min_length=1, max_length=1)
    encoding: Literal["utf-8", "utf-16", "latin-1"] = "utf-8"
    decimal: Literal[".", ","] = "."


class View(_Part):
    """A SELECT over sources and earlier views."""

    sql: str


class Cell(_Part):
    """What stands in one column: ``{from = EXPRESSION}``, ``{constant = VALUE}``, or a code looked up.

    Parameters
    ----------
    expression : str or None
        Over the columns of the source, in DuckDB's dialect.
    constant : scalar or None
    codes : str, mapping or None
        What each code means, or the name of a list under ``[codes]``. A code that is not in it is a fault.
    """

    expression: str | None = Field(None, alias="from")
    constant: Scalar | None = None
    codes: str | dict[str, Scalar] | None = None


class Drop(_Part):
    """Rows to leave out, and why; counted in the report."""

    when: str
    because: str = Field(min_length=1)


_AsCell = Annotated[Cell, BeforeValidator(lambda v: {"from": v} if isinstance(v, str) else v)]


class Derivation(BaseModel):
    """How rows of one source become rows of one table; every other field is a column of the table.

    Parameters
    ----------
    source : str or None
        ``from``: a source or a view; without one there is a single row, of constants.
    drop : list of Drop
        The first that holds is counted.
    known_rule : str or None
        In the place of ``known_at``.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, _AsCell]

    source: str | None = Field(None, alias="from")
    drop: list[Drop] = []
    known_rule: str | None = None

    @property
    def cells(self) -> dict[str, Cell]:
        """What stands in each column, by the column's name."""
        return self.__pydantic_extra__


class Mapping(_Part):
    """A mapping file as written. Read one with `read_mapping`.

    Parameters
    ----------
    portfolio : mapping
        currency, country, time_zone, data_date, and where known complete_from and tolerance: see `Manifest`.
    sources, views : mapping by name
    codes : mapping of str to mapping
        Lists of codes that several columns share.
    tables : mapping of str to list of Derivation
    """

    portfolio: dict[str, Any]
    sources: dict[Name, Source] = {}
    views: dict[Name, View] = {}
    codes: dict[str, dict[str, Scalar]] = {}
    tables: dict[str, Annotated[list[Derivation], BeforeValidator(lambda v: [v] if isinstance(v, dict) else v)]] = (
        Field(min_length=1)
    )

    def manifest(self) -> Manifest:
        """Return what the portfolio says of itself; `InvalidInput` names every fault at once."""
        known = {"currency", "country", "time_zone", "data_date", "complete_from", "tolerance"}
        faults = [
            Fault(f"portfolio.{name}", "is no field of a portfolio.", f"The fields are {', '.join(sorted(known))}.")
            for name in self.portfolio
            if name not in known
        ]
        given: dict[str, Any] = {name: self.portfolio.get(name) for name in known}
        try:
            manifest = Manifest.of(**given, where="portfolio")
        except InvalidInput as error:
            raise InvalidInput([*faults, *error.faults]) from None
        if faults:
            raise InvalidInput(faults)
        return manifest


def read_mapping(path: Path | str) -> Mapping:
    """Read the form of a mapping file.

    Raises
    ------
    InvalidInput
        Naming every field that is missing, unknown or of the wrong kind, at once.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InvalidInput.of(str(path), f"cannot be read ({error.strerror}).", "Name the mapping file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput.of(path.name, f"is no TOML: {error}.", "Correct it there.") from error
    try:
        return Mapping.model_validate(content)
    except ValidationError as error:
        raise InvalidInput(
            _fault(dict(detail)) for detail in error.errors(include_url=False, include_context=False)
        ) from error


#: What each table of a mapping may say, by the kind of table; columns of a derivation are judged by the contract.
_KNOWN = {
    "sources": tuple(name for name in Source.model_fields),
    "columns": tuple(name for name in SourceColumn.model_fields),
    "views": tuple(View.model_fields),
    "tables": ("from", "constant", "codes"),
    "": tuple(Mapping.model_fields),
}


def _fault(detail: dict[str, Any]) -> Fault:
    place = [str(part) for part in detail["loc"]]
    where = ".".join(place)
    if detail["type"] == "extra_forbidden":
        kind = "columns" if "columns" in place[:-1] else place[0] if len(place) > 1 else ""
        near = get_close_matches(place[-1], _KNOWN.get(kind, ()), 1)
        return Fault(
            where,
            "is no field of a mapping.",
            f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(_KNOWN.get(kind, ()))}.",
        )
    if place[-1] == "[key]":
        return Fault(".".join(place[:-1]), "is no name.", "Use letters, digits and underscores, a letter first.")
    if detail["type"] == "missing":
        return Fault(where, "is missing.", "Add it; docs/ingest-tables.md shows every field.")
    return Fault(where, f"is not valid: {detail['msg']}.", "docs/ingest-tables.md shows how it is written.")
