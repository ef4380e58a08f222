"""Reading a source's columns: from what is found there to the type its mapping gives, exactly or not at all.

A value that does not fit becomes missing and is counted as unreadable; a run with unreadable values ends in faults. It
is never bent: ``2.5`` is no whole number, ``10.005`` no money, ``31/01/2026`` no date unless its format is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from riskscore.portfolio.adapters.column_types import WHOLE
from riskscore.portfolio.adapters.expressions import literal, quoted
from riskscore.portfolio.adapters.mapping import OFFSET, Source, SourceColumn
from riskscore.portfolio.kinds import DUCKDB

#: What a mapping should say of a kind that could not be read.
ADVICE: Mapping[str, str] = {
    "text": "Text and whole numbers can be read as text.",
    "int": "Write whole numbers, or read the column as double or money.",
    "money": "Write amounts with at most two decimals, or say rounded = true; decimal = ',' where that is the mark.",
    "double": "Write plain numbers; decimal = ',' where that is the mark.",
    "bool": "Write true or false, yes or no, 1 or 0; other codes are text, and compared in an expression.",
    "date": "Write dates as 2026-01-31, or give the column's format, such as '%d/%m/%Y'.",
    "timestamp": "Write moments as 2026-01-31 09:30:00, or give the column's format; zone where they carry an offset.",
}

_FLOATS = ("FLOAT", "DOUBLE")
#: A column that is missing throughout.
_NOTHING = '"NULL"'
_TRUE = "('true', 't', 'yes', 'y', 'si', 'sí', '1', '1.0')"
_FALSE = "('false', 'f', 'no', 'n', '0', '0.0')"
#: Points in a number with a decimal comma part thousands and nothing else: 1.5 is not 15.
_COMMA_NUMBER = r"[+-]?([0-9]{1,3}([.][0-9]{3})+|[0-9]+)(,[0-9]+)?"
_OFFSET_AT_END = r"(Z|[+-]\d\d(:?\d\d)?)$"


def fits(column: SourceColumn, found: str) -> bool:
    """Say whether a column of DuckDB type `found` can be read as the mapping says; text always may."""
    whole = found in WHOLE
    match column.type:
        case _ if found in ("VARCHAR", _NOTHING):
            return True
        case "text":
            return whole or found == "UUID"
        case "int" | "double":
            return whole or found in _FLOATS or found.startswith("DECIMAL")
        case "money":
            return whole or found.startswith("DECIMAL") or (column.rounded and found in _FLOATS)
        case "bool":
            return whole or found == "BOOLEAN"
        case "date":
            return found == "DATE"
        case _:
            return found.startswith("TIMESTAMP")


def present(source: Source, name: str, found: str) -> str:
    """Return the SQL of a raw column: missing where the source means missing."""
    raw = quoted(name)
    if found != "VARCHAR":
        return raw
    missing = ", ".join(literal(text) for text in ("", *source.missing))
    return f"CASE WHEN trim({raw}) NOT IN ({missing}) THEN {raw} END"


def read(source: Source, name: str, found: str, zone: str) -> str:
    """Return the SQL that reads a column of type `found`; null where a value does not fit.

    Parameters
    ----------
    source : Source
    name : str
        One of its columns.
    found : str
        The DuckDB type found.
    zone : str
        The portfolio's time zone, into which moments are converted.
    """
    column = source.columns[name]
    value = present(source, name, found)
    if found == _NOTHING:
        return f"CAST(NULL AS {DUCKDB[column.type]})"
    if found == "VARCHAR":
        return _text(column, value, source.decimal, zone)
    kind = DUCKDB[column.type]
    match column.type:
        case "int" if found not in WHOLE:
            return f"CASE WHEN {value} = floor({value}) THEN TRY_CAST({value} AS BIGINT) END"
        case "double":
            return f"CASE WHEN isfinite(CAST({value} AS DOUBLE)) THEN CAST({value} AS DOUBLE) END"
        case "money" if not fits(column, found):
            return f"CAST(NULL AS {kind})"  # a driver's float: which cent it is, the mapping has to say
        case "money":
            return _cents(column, f"TRY_CAST({value} AS DECIMAL(38, 10))")
        case "bool" if found != "BOOLEAN":
            return f"CASE {value} WHEN 1 THEN true WHEN 0 THEN false END"
        case "timestamp" if found == "TIMESTAMP WITH TIME ZONE":
            return f"timezone({literal(zone)}, {value})"
        case "timestamp" if column.zone and column.zone != OFFSET:
            return f"timezone({literal(zone)}, timezone({literal(column.zone)}, CAST({value} AS TIMESTAMP)))"
        case _:
            return f"TRY_CAST({value} AS {kind})"


def _text(column: SourceColumn, value: str, decimal: str, zone: str) -> str:
    kind, trimmed = DUCKDB[column.type], f"trim({value})"
    number = trimmed
    if decimal == ",":
        number = (
            f"CASE WHEN regexp_full_match({trimmed}, {literal(_COMMA_NUMBER)}) "
            f"THEN replace(replace({trimmed}, '.', ''), ',', '.') END"
        )
    match column.type:
        case "text":
            return value
        case "int":
            return (
                f"CASE WHEN regexp_full_match({number}, '[+-]?[0-9]+([.]0*)?') "
                f"THEN TRY_CAST(TRY_CAST({number} AS DECIMAL(38, 10)) AS {kind}) END"
            )
        case "money":
            return _cents(column, f"TRY_CAST({number} AS DECIMAL(38, 10))")
        case "double":
            read = f"TRY_CAST({number} AS DOUBLE)"
            return f"CASE WHEN isfinite({read}) THEN {read} END"
        case "bool":
            return f"CASE WHEN lower({trimmed}) IN {_TRUE} THEN true WHEN lower({trimmed}) IN {_FALSE} THEN false END"
        case "date":
            if column.format:
                return f"CAST({_strptime(trimmed, column.format)} AS DATE)"
            return (
                rf"CASE WHEN regexp_full_match({trimmed}, '\d{{4}}-\d\d?-\d\d?') THEN TRY_CAST({trimmed} AS DATE) END"
            )
        case _:
            return _moment(column, trimmed, zone)


def _cents(column: SourceColumn, exact: str) -> str:
    cents = f"TRY_CAST(round({exact}, 2) AS {DUCKDB['money']})"
    return cents if column.rounded else f"CASE WHEN {exact} = round({exact}, 2) THEN {cents} END"


def _moment(column: SourceColumn, trimmed: str, zone: str) -> str:
    # A date alone is no moment: it would pass for midnight.
    timed = f"contains({trimmed}, ':')"
    offset = f"{timed} AND regexp_matches({trimmed}, {literal(_OFFSET_AT_END)})"
    if column.format:
        read = f"CAST({_strptime(trimmed, column.format)} AS TIMESTAMP)"
    elif column.zone == OFFSET:
        # A cast to TIMESTAMP alone would drop the offset; the session's zone is UTC.
        read = f"CASE WHEN {offset} THEN CAST(TRY_CAST({trimmed} AS TIMESTAMPTZ) AS TIMESTAMP) END"
    else:
        read = f"CASE WHEN {timed} AND NOT ({offset}) THEN TRY_CAST({trimmed} AS TIMESTAMP) END"
    if column.zone is None:
        return read
    written = "UTC" if column.zone == OFFSET else column.zone
    return f"timezone({literal(zone)}, timezone({literal(written)}, {read}))"


def _strptime(value: str, formats: Sequence[str]) -> str:
    return f"try_strptime({value}, [{', '.join(literal(one) for one in formats)}])"
