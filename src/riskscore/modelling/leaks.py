"""The search: every column of every table and every feature, each held against the outcome by every test."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import numpy as np
import polars as pl

from riskscore.catalog import Lock
from riskscore.dataset import Figures, whole_folds
from riskscore.dataset.readings import (
    Cases,
    Reading,
    StampedReference,
    feature_readings,
    stamped_references,
    table_readings,
    unreached,
)
from riskscore.evaluation.leaks import Examined, Finding, LeakReport, Population, Sign, Thresholds, percent, signs_of
from riskscore.portfolio import TABLES, Portfolio, Table
from riskscore.portfolio.extracts import Rewritten, rewritten

FOLDS = 5
DAY = 86_400_000_000  # microseconds
#: How far apart the shares of bads and goods with a value must be to be told; share of stamps that are copies.
UNEVEN, COPIED = 0.2, 0.9
#: Tables of labels, not of facts: they are the outcome.
LABELS = ("outcomes_given",)


def find_leaks(
    portfolio: Portfolio,
    tables: Mapping[str, Table],
    lock: Lock,
    *,
    outcome: str = "member_internal",
    rule: Figures | None = None,
    features: Collection[str] | None = None,
    thresholds: Thresholds | None = None,
    earlier: Portfolio | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> LeakReport:
    """Look for columns and features that know the outcome.

    Parameters
    ----------
    portfolio : Portfolio
    tables : mapping of str to Table
        The contract with the institution's own tables and columns.
    lock : Lock
        The catalogue whose predictors are judged.
    outcome : str
        One of `riskscore.dataset.OUTCOMES`.
    rule : MemberRule, BankRule, ProducerRule or OverIndebtednessRule, optional
        The figures it is told by; the standing ones where none is given.
    features : collection of str, optional
        The features a recipe lets in; every predictor of the lock where missing.
    thresholds : Thresholds, optional
    earlier : Portfolio, optional
        An earlier extract of the same institution, whose rows must still say what they said.
    progress : callable
        Is told which table is being looked at.

    Raises
    ------
    InvalidInput
        For an unknown outcome, contradictory labels, or a table that a feature needs and that is missing.
    Refused
        Where no outcome is mature, or there are fewer communal banks than folds.
    """
    numbers = thresholds or Thresholds()
    progress("outcomes")
    cases = Cases.of(portfolio, outcome, rule, lock=lock)
    untested: list[str] = []
    proofs = tuple(_proof(one) for one in rewritten(earlier, portfolio)) if earlier else ()
    if earlier is None:
        untested.append("What rows said at the time: no earlier extract was given to compare with (--earlier).")
    if cases.left_out:
        untested.append(f"{cases.left_out:,} loans: whole communal banks are drawn until {len(cases):,} loans are in.")
    bads = int(cases.frame["bad"].sum())
    decided = int(cases.frame["bad"].is_not_null().sum())
    if bads < numbers.minimum_bads or decided - bads < numbers.minimum_bads:
        untested.insert(
            0,
            f"Everything: {bads} bads and {decided - bads} goods; with fewer than {numbers.minimum_bads} of either no "
            "relation can be told from chance.",
        )
        return LeakReport(proofs, (), tuple(untested), decided, bads)
    population = _population(cases, numbers)
    if not population.ages_can_be_compared:
        untested.append(
            f"Whether values appear only later: {int(population.young.sum())} young loans and "
            f"{int(population.settled.sum())} of the last year that are over are too few. So "
            "nothing is said either of values that are written once, with the request."
        )
    untested += [f"{name}: it names nothing that a loan has." for name in unreached(tables, portfolio.manifest.rows)]
    if not set(portfolio.manifest.rows) - set(TABLES) and not _own_columns(tables):
        untested.append("Tables and columns of the institution's own: there are none.")

    examined: list[Examined] = []
    stamps: list[StampedReference] = []
    con = portfolio.connect()
    try:
        for name in portfolio.manifest.rows:
            if name in tables and name not in LABELS:
                progress(name)
                readings = table_readings(con, cases, tables[name], days_before=numbers.days_before)
                examined += _judged(readings, population, numbers)
                stamps += stamped_references(con, tables[name])
        progress("features")
        names = tuple(feature.name for feature in lock.predictors) if features is None else features
        readings = feature_readings(con, cases, lock, names=names, days_before=numbers.days_before)
        examined += _judged(readings, population, numbers)
    finally:
        con.close()
    examined.sort(key=lambda one: (-one.auc.value, one.where))
    return LeakReport(proofs + _findings(examined, stamps), tuple(examined), tuple(untested), decided, bads)


def _population(cases: Cases, thresholds: Thresholds) -> Population:
    frame = cases.frame
    asked = frame["as_of"].to_numpy().astype("datetime64[us]").astype(np.int64)
    final = frame["final_at"].to_numpy().astype("datetime64[us]").astype(np.float64)
    final[frame["final_at"].is_null().to_numpy()] = np.nan
    end = int(np.datetime64(cases.portfolio.moment(), "us").astype(np.int64))
    bad = frame["bad"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    clusters = frame["cluster"].to_numpy().astype(str)
    return Population.of(
        bad=bad,
        clusters=clusters,
        folds=whole_folds(clusters, np.nan_to_num(bad), FOLDS, seed=0),
        days=(end - asked) / DAY,
        days_to_final=(final - asked) / DAY,
        units={
            "solidarity group": frame["group_id"].to_numpy().astype(str),
            "communal bank": frame["bank_id"].to_numpy().astype(str),
        },
        thresholds=thresholds,
    )


def _judged(readings: Iterable[Reading], population: Population, thresholds: Thresholds) -> Iterator[Examined]:
    for reading in readings:
        held = signs_of(reading.values, reading.earlier, population, thresholds)
        yield Examined(
            reading.where,
            reading.kind,
            reading.how,
            held.auc,
            held.earlier,
            held.youth.ratio if held.youth else None,
            _there(reading, population),
            held.quarters,
            held.signs,
        )


def _there(reading: Reading, population: Population) -> tuple[float, float]:
    """Return the share of the bads and of the goods for which there is a value."""
    there = reading.values.is_not_null().to_numpy()
    return float(there[population.bad == 1].mean()), float(there[population.bad == 0].mean())


def _findings(examined: list[Examined], stamps: list[StampedReference]) -> tuple[Finding, ...]:
    """Gather the signs by column; how old a row is adds nothing where the rows themselves are found."""
    best: dict[str, Examined] = {}
    for one in examined:
        if one.signs and one.where not in best:
            best[one.where] = one
    rows_found = {one.where for one in best.values() if one.kind == "rows"}
    found = [
        Finding(_named(one), one.how, one.signs, tuple(_notes(one, stamps)))
        for one in best.values()
        if not (one.kind == "stamp" and one.where.removesuffix(".event_at") in rows_found)
    ]
    found += [
        Finding(
            reference.where,
            f"the stamps of rows that name {'an' if reference.named == 'application' else 'a'} {reference.named}",
            (
                Sign(
                    "only after the date",
                    f"{reference.early:,} of {reference.rows:,} rows say they were recorded before the "
                    f"{reference.named} they name was: the stamp is not the day of recording.",
                ),
            ),
        )
        for reference in stamps
        if reference.early
    ]
    return tuple(found)


def _proof(one: Rewritten) -> Finding:
    """Say what an earlier extract said otherwise."""
    if one.column:
        return Finding(
            f"{one.table}.{one.column}",
            "the same rows in an earlier extract",
            (
                Sign(
                    "only after the date",
                    f"{one.rows:,} of {one.of:,} rows said something else in the earlier extract, under the same id "
                    "and stamp: the column is overwritten.",
                ),
            ),
        )
    return Finding(
        f"{one.table} (that there are rows)",
        "the same rows in an earlier extract",
        (
            Sign(
                "only after the date",
                f"{one.rows:,} of {one.of:,} rows are stamped within the earlier extract and were not in it; "
                f"{one.gone:,} that were in it are gone: the stamp is not the day of recording.",
            ),
        ),
    )


def _notes(one: Examined, stamps: list[StampedReference]) -> Iterator[str]:
    """Say for whom there is a value at all, and whether its stamp was copied."""
    bads, goods = one.there
    if abs(bads - goods) > UNEVEN:
        yield f"There is a value for {percent(bads)} of the loans that went bad and for {percent(goods)} of the others."
    if len(one.quarters) > 1:
        low, high = min(one.quarters), max(one.quarters)
        yield f"In single quarters it was {percent(low)} to {percent(high)} of pairs ({len(one.quarters)} quarters)."
    table = one.where.split(".")[0]
    for reference in stamps:
        if reference.where.split(".")[0] == table not in TABLES and reference.same > COPIED * reference.rows:
            yield (
                f"{reference.same:,} of {reference.rows:,} rows carry the very stamp of the {reference.named} they "
                "name: it was copied, not taken when they were written."
            )


def _named(one: Examined) -> str:
    match one.kind:
        case "feature":
            return f"feature {one.where}"
        case "rows":
            return f"{one.where} (that there are rows)"
        case _:
            return one.where


def _own_columns(tables: Mapping[str, Table]) -> bool:
    return any(
        column.name not in {standing.name for standing in TABLES[name].columns}
        for name, table in tables.items()
        if name in TABLES
        for column in table.columns
    )
