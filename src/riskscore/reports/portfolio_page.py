"""The portfolio report: every figure of an overview in words, tables and drawings.

Whoever reads it manages the institution. No member is named, and no solidarity group or communal bank is singled out:
what is too small to be shown never reaches this module as a figure (`riskscore.portfolio.cells`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from riskscore.portfolio.arrears import BUCKETS, PortfolioAtRisk
from riskscore.portfolio.cells import MINIMUM_BANKS, MINIMUM_BORROWERS
from riskscore.portfolio.concentration import Cell, Concentration
from riskscore.portfolio.manifest import Manifest
from riskscore.portfolio.overview import Overview
from riskscore.portfolio.restructurings import EVENTS
from riskscore.portfolio.standing import Standing
from riskscore.reports.page import Reports
from riskscore.reports.plots import shade
from riskscore.reports.portfolio_plots import WAYS, PortfolioPlots, Shock, shocks_shown
from riskscore.words import Format, Words

#: Where a darker step of the roll-rate table begins.
ROLL_SHADES = (0.001, 0.05, 0.25, 0.5, 0.75)

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A row of a concentration: its name, its share as a number for the bar, and what is written."""

    name: str
    width: float
    cells: Row


@dataclass(frozen=True, slots=True)
class Roll:
    """A row of the roll rates: the bucket, and for each bucket the step of darkness and the percentage."""

    name: str
    cells: tuple[tuple[int, str], ...]


def portfolio_report(found: Overview, manifest: Manifest, *, folder: Path, language: str) -> str:
    """Return the portfolio report as one HTML document without scripts or external assets.

    Parameters
    ----------
    found : Overview
    manifest : Manifest
        Of the portfolio: its country decides on points and commas, its hash names the data.
    folder : Path
        ``serving/reports`` of a project: templates, style and words.
    language : {"es", "en"}
    """
    reports = Reports(folder, language)
    page = PortfolioPage(found, reports.words, Format(language, manifest.country, found.currency))
    return reports.render("portfolio.html", page=page, plots=page.plots, portfolio_hash=manifest.content_hash[:12])


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    """What ``portfolio.html`` shows, ready to be written out."""

    found: Overview
    words: Words
    form: Format

    @property
    def plots(self) -> PortfolioPlots:
        """The drawings."""
        return PortfolioPlots(self.found, self.words, self.form)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the report is about: ledger, day, currency, country, borrowers and balance."""
        found = self.found
        return (
            (self.words("about.ledger"), self.words(f"ledger.{found.ledger}")),
            (self.words("about.as_of"), self.form.day(found.now.last_day.isoformat())),
            (self.words("about.data_date"), self.form.day(found.data_date.isoformat())),
            (self.words("about.currency"), found.currency),
            (self.words(f"about.borrowers_{found.ledger}"), self.form.number(found.now.borrowers)),
            (self.words("about.balance"), self._balance(found.now)),
        )

    @property
    def sentence(self) -> str:
        """The portfolio at risk in words, restructured loans too, and what it was a year before."""
        par = self.found.now.par30
        if par is None or par.at_risk is None:
            return self.words("par.undefined")
        told = self.words("par.sentence", count=self.form.number(100 * par.at_risk, 2), currency=self.found.currency)
        if par.with_restructured is not None:
            told += " " + self.words("par.restructured_too", count=self.form.number(100 * par.with_restructured, 2))
        before = self.found.months[-13]
        if before.par30 is not None and before.par30.at_risk is not None:
            share, day = self.form.percent(before.par30.at_risk), self.form.day(before.last_day.isoformat())
            told += " " + self.words("par.year_before", share=share, day=day)
        return told

    @property
    def ratios(self) -> tuple[Row, ...]:
        """PAR30 and PAR90, counted in three ways."""
        return tuple(
            (name, *self._ways(par)) for name, par in (("PAR30", self.found.now.par30), ("PAR90", self.found.now.par90))
        )

    @property
    def write_off_ratio(self) -> str:
        """What was written off in 12 months over the mean balance."""
        return self.share(self.found.write_off_ratio)

    @property
    def ledgers(self) -> tuple[Row, ...]:
        """Both ledgers side by side, a column each: name, borrowers, balance, PAR30 in three ways. Never added."""
        heads = (
            "",
            self.words("two_ledgers.borrowers"),
            self.words("about.balance"),
            "PAR30",
            self.words("two_ledgers.with_restructured"),
            self.words("two_ledgers.with_write_offs"),
        )
        columns = [
            (self.words(f"ledger.{name}"), self.form.number(one.borrowers), self._balance(one), *self._ways(one.par30))
            for name, one in self.found.ledgers.items()
        ]
        return tuple(zip(heads, *columns, strict=True))

    @property
    def covered(self) -> str:
        """How much of what was paid on members' loans others bore; empty where nothing was paid."""
        if self.found.covered is None:
            return ""
        return self.words("two_ledgers.covered", share=self.form.percent(self.found.covered))

    @property
    def months(self) -> tuple[Row, ...]:
        """Each month end: balance, PAR30 and PAR90 in three ways."""
        return tuple(
            (self.form.month(month.last_day), self._balance(month), *self._ways(month.par30), *self._ways(month.par90))
            for month in self.found.months
        )

    @property
    def events_recorded(self) -> bool:
        """Whether the portfolio records restructurings and write-offs at all."""
        return all(missing.what != "loan_events" for missing in self.found.unrecorded)

    @property
    def event_names(self) -> Row:
        """The kinds of event that happened in the months shown."""
        return tuple(event for event in EVENTS if event in self.found.events["event"].unique())

    @property
    def event_months(self) -> tuple[tuple[str, tuple[Row, ...]], ...]:
        """Each month's events: loans, and their balance as a share of all."""
        rows = []
        for month in self.found.months[1:]:
            here = self.found.events.filter(pl.col("as_of") == month.as_of)
            counts = dict(here.select("event", "loans").iter_rows())
            rows.append(
                (
                    self.form.month(month.last_day),
                    tuple(
                        (self.form.number(counts.get(event, 0)), self.share(self.plots.event_share(month, event)))
                        for event in self.event_names
                    ),
                )
            )
        return tuple(rows)

    @property
    def shocks(self) -> tuple[tuple[str, str], ...]:
        """The letter of each shock, and what, where and when it was."""
        return tuple((shock.letter, self._told(shock)) for shock in shocks_shown(self.found))

    @property
    def cohorts(self) -> tuple[tuple[bool, Row], ...]:
        """Each cohort that began in the last three years: whether it is complete, and its row."""
        return tuple(
            (
                row["complete"],
                (
                    self.plots.quarter(row["quarter"]),
                    self.form.number(row["loans"]),
                    *(self.share(row[name]) for name in ("ever15", "ever31", "restructured", "written_off")),
                ),
            )
            for row in self.found.cohorts.tail(12).iter_rows(named=True)
        )

    @property
    def calendar(self) -> tuple[Row, tuple[Row, ...]]:
        """The map as a table: the cohorts, and a row for each month end."""
        table = self.found.calendar
        quarters = list(table["quarter"].unique(maintain_order=True))
        cells = {(quarter, as_of): share for quarter, as_of, share in table.iter_rows()}
        rows = [
            (
                self.form.month(month.last_day),
                *(
                    "" if (quarter, month.as_of) not in cells else self.share(cells[quarter, month.as_of])
                    for quarter in quarters
                ),
            )
            for month in self.found.months
        ]
        return tuple(self.plots.quarter(quarter) for quarter in quarters), tuple(rows)

    @property
    def buckets(self) -> Row:
        """The names of the buckets, in order."""
        return tuple(self._bucket(name) for name in BUCKETS)

    @property
    def rolls(self) -> tuple[Roll, ...]:
        """The roll rates, a row for each bucket that held a balance and is large enough."""
        if self.found.rolls is None:
            return ()
        return tuple(
            Roll(
                self._bucket(row["from"]),
                tuple(
                    (shade(row[name], ROLL_SHADES), self.form.number(100 * row[name], 1) if row[name] else "")
                    for name in BUCKETS
                ),
            )
            for row in self.found.rolls.rates.iter_rows(named=True)
        )

    @property
    def rolls_withheld(self) -> str:
        """The buckets whose row is too small to be shown, in words; empty where there is none."""
        if self.found.rolls is None or not self.found.rolls.withheld:
            return ""
        return self.words("rolls.withheld", buckets=", ".join(map(self._bucket, self.found.rolls.withheld)))

    def shares(self, of: Concentration) -> tuple[Share, ...]:
        """Return the rows of a concentration."""
        return tuple(
            Share(
                self._name(cell),
                round(100 * cell.share, 1),
                (
                    self.form.percent(cell.share, 1),
                    self.share(cell.at_risk),
                    self.share(cell.with_restructured if self.events_recorded else None),
                ),
            )
            for cell in of.cells
        )

    def hhi(self, of: Concentration) -> str:
        """Return the index of a concentration in words; empty where it has none."""
        if of.hhi is None:
            return ""
        alike = self.form.number(1 / of.hhi, 1)
        return self.words("concentration.hhi", hhi=self.form.number(of.hhi, 3), alike=alike)

    @property
    def small(self) -> str:
        """The rule for small cells."""
        return self.words("concentration.small", borrowers=MINIMUM_BORROWERS, banks=MINIMUM_BANKS)

    @property
    def unrecorded(self) -> Sequence[str]:
        """What the portfolio does not hold, in words; the default figure is always among them."""
        told = [
            self.words(f"missing.{one.what}", count=self.form.number(one.count), share=self.form.percent(one.share, 1))
            for one in self.found.unrecorded
        ]
        return (*told, self.words("missing.default_rate"))

    def share(self, value: float | None) -> str:
        """Return a share as a percentage; a dash where there is no figure."""
        return "–" if value is None else self.form.percent(value)

    def _ways(self, par: PortfolioAtRisk | None) -> Row:
        return tuple(self.share(getattr(par, way) if par is not None else None) for way in WAYS)

    def _balance(self, one: Standing) -> str:
        return "–" if one.par30 is None else self.form.money(round(float(one.par30.balance)))

    def _bucket(self, name: str) -> str:
        key = f"bucket.{name.replace(' ', '_')}"
        return self.words(key) if key in self.words.texts else name.replace("-", "–")

    def _name(self, cell: Cell) -> str:
        if cell.kind != "named":
            return self.words(f"concentration.{cell.kind}")
        key = f"shock.{cell.name}"
        return self.words(key) if key in self.words.texts else cell.name

    def _told(self, shock: Shock) -> str:
        where = ", ".join(shock.regions) or self.words("shock.everywhere")
        until = self.form.day(shock.ends_on.isoformat()) if shock.ends_on else self.words("shock.still")
        span = self.words("shock.span", start=self.form.day(shock.starts_on.isoformat()), end=until)
        return ": ".join((self.words(f"shock.{shock.kind}"), "; ".join(filter(None, (where, shock.sector, span)))))
