"""The drawings of the portfolio report."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from string import ascii_uppercase

import polars as pl
from markupsafe import Markup

from riskscore.portfolio.arrears import PortfolioAtRisk
from riskscore.portfolio.overview import Overview
from riskscore.portfolio.restructurings import EVENTS
from riskscore.portfolio.standing import Standing
from riskscore.reports.axes import Mark
from riskscore.reports.plots import Scale, Series, bar_plot, line_plot, map_plot
from riskscore.words import Format, Words

#: The three ways to count a portfolio at risk, by their field.
WAYS = ("at_risk", "with_restructured", "with_write_offs")

#: Cohorts drawn: the latest complete ones, and the latest that are not.
COMPLETE, INCOMPLETE = 6, 3

#: Where a darker step of the map begins: shares of what was lent.
SHADES = (0.0025, 0.01, 0.02, 0.05)


@dataclass(frozen=True, slots=True)
class Shock:
    """A shock as the report marks it; no regions or sector: all of them."""

    letter: str
    kind: str
    regions: tuple[str, ...]
    sector: str | None
    starts_on: date
    ends_on: date | None


def shocks_shown(found: Overview) -> tuple[Shock, ...]:
    """Return the shocks of the months shown with their letters; one that struck several regions at once is one."""
    begin, end = found.months[0].as_of.date(), found.as_of.date()
    shown = found.shocks.filter(
        (pl.col("starts_on") < end) & (pl.col("ends_on").is_null() | (pl.col("ends_on") >= begin))
    )
    alike = shown.group_by("kind", "sector_name", "starts_on", "ends_on", maintain_order=True).agg("region")
    return tuple(
        Shock(
            letter=ascii_uppercase[number % 26] + ("" if number < 26 else str(number // 26)),
            kind=kind,
            regions=tuple(sorted({region for region in regions if region})) if all(regions) else (),
            sector=sector,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        for number, (kind, sector, starts_on, ends_on, regions) in enumerate(alike.rows())
    )


@dataclass(frozen=True, slots=True)
class PortfolioPlots:
    """Draws an overview in one language; every drawing is SVG with a title and a description."""

    found: Overview
    words: Words
    form: Format

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The shocks over the months shown."""
        moments = [month.as_of for month in self.found.months]
        return tuple(
            Mark(
                shock.letter,
                _position(moments, shock.starts_on),
                _position(moments, shock.ends_on + timedelta(days=1)) if shock.ends_on else len(moments) - 1.0,
            )
            for shock in shocks_shown(self.found)
        )

    def at_risk(self, days: int) -> Markup:
        """Draw the portfolio at risk at each month end, counted in three ways."""
        months = self.found.months
        series = [
            Series(self.words(f"par.{way}"), tuple(_par(month, days, way) for month in months), style)
            for style, way in enumerate(WAYS)
        ]
        first = next((value for value in series[0].values if value is not None), None)
        return line_plot(
            f"par{days}",
            self.words("par.plot", days=days),
            self.words("par.plot_says", first=self._share(first), last=self._share(series[0].values[-1]))
            + f" {self._highest(series[1])}",
            series,
            self._by_month(self.words("unit.of_balance"), months),
            marks=self.marks,
        )

    def balance(self) -> Markup:
        """Draw the outstanding balance at each month end."""
        months = self.found.months
        values = tuple(float(month.par30.balance) if month.par30 else None for month in months)
        thousand = max((value or 0 for value in values), default=0) >= 10_000
        unit = self.words("unit.thousand" if thousand else "unit.money", currency=self.found.currency)
        scaled = tuple(value / 1000 if value is not None and thousand else value for value in values)
        scale = self._by_month(unit, months)
        return line_plot(
            "balance",
            self.words("balance.plot"),
            self.words("balance.plot_says"),
            [Series(self.words("balance.name"), scaled, 0)],
            Scale(unit, lambda value: self.form.number(value, 0 if value == int(value) else 1), scale.steps),
            marks=self.marks,
        )

    def events(self) -> Markup:
        """Draw what was restructured, called and written off in each month, as a share of the balance then."""
        months = self.found.months[1:]
        series = [
            Series(self.words(f"event.{event}"), values, style)
            for style, event in enumerate(EVENTS)
            if any(values := tuple(self.event_share(month, event) for month in months))
        ]
        return bar_plot(
            "events",
            self.words("event.plot"),
            " ".join(self._highest(one) for one in series) or self.words("event.none"),
            series,
            self._by_month(self.words("unit.of_balance"), months),
            marks=self.marks,
        )

    def event_share(self, month: Standing, event: str) -> float | None:
        """Return the balance of what became known in a month over the whole; None where there is no balance."""
        if month.par30 is None:
            return None
        rows = self.found.events.filter((pl.col("as_of") == month.as_of) & (pl.col("event") == event))
        return float(rows["amount"].sum()) / float(month.par30.balance)

    def curves(self, days: int, *, complete: bool) -> Markup | None:
        """Draw the share of each cohort ever so late by week on book; None where no cohort is of the kind asked for."""
        cohorts = self.found.cohorts.filter((pl.col("complete") == complete) & ~pl.col("few"))["quarter"]
        cohorts = cohorts.tail(COMPLETE if complete else INCOMPLETE).reverse()
        table = self.found.curves[days]
        series = [
            Series(self.quarter(quarter), tuple(table.filter(pl.col("quarter") == quarter)["share"]), style)
            for style, quarter in enumerate(cohorts)
        ]
        if not series:
            return None
        # One pair of axes for what is complete and what is not, whichever cohorts are drawn.
        last = int(table["week"].max() or 0)  # type: ignore[arg-type]
        highest = float(table["share"].max() or 0.0)  # type: ignore[arg-type]
        every = max(1, round(last / 5))
        kind = "complete" if complete else "incomplete"
        return line_plot(
            f"ever{days}-{kind}",
            self.words(f"vintage.plot_{kind}", days=days),
            " ".join(f"{one.name}: {self._share(one.values[-1])}." for one in series),
            series,
            Scale(
                self.words("unit.of_loans"),
                self._tick,
                [(week, str(week)) for week in range(0, last + 1, every)],
                self.words("vintage.weeks"),
            ),
            highest=highest,
            last=last,
            open_ended=not complete,
        )

    def calendar(self) -> Markup:
        """Draw where each cohort stood at each month end, with the shocks."""
        months = self.found.months
        place = {month.as_of: number for number, month in enumerate(months)}
        rows: list[tuple[str, list[float | None]]] = []
        for (quarter,), cells in self.found.calendar.group_by("quarter", maintain_order=True):
            line: list[float | None] = [None] * len(months)
            for as_of, share in cells.select("as_of", "share").rows():
                line[place[as_of]] = share
            rows.append((self.quarter(quarter), line))
        edges = [self.form.percent(bound, _decimals(bound)) for bound in SHADES]
        shades = [
            self.words("calendar.below", share=edges[0]),
            *(self.words("calendar.from", share=low, below=high) for low, high in pairwise(edges)),
            self.words("calendar.above", share=edges[-1]),
        ]
        scale = self._by_month(self.words("unit.of_lent"), months)
        return map_plot(
            "calendar",
            self.words("calendar.plot"),
            self.words("calendar.plot_says"),
            rows,
            scale,
            bounds=SHADES,
            shades=shades,
            marks=self.marks,
        )

    def quarter(self, first_day: object) -> str:
        """Return a quarter's name by its first day."""
        if not isinstance(first_day, date):
            raise TypeError("quarter: a date")
        return self.words("unit.quarter", number=(first_day.month + 2) // 3, year=first_day.year)

    def _by_month(self, unit: str, months: Sequence[Standing]) -> Scale:
        last = len(months) - 1
        steps = [(number, self.form.month(months[number].last_day)) for number in range(last, -1, -8)]
        return Scale(unit, self._tick, steps)

    def _highest(self, one: Series) -> str:
        found = [(value, number) for number, value in enumerate(one.values) if value is not None]
        if not found:
            return ""
        value, number = max(found)
        months = self.found.months[-len(one.values) :]
        return self.words(
            "unit.highest", name=one.name, value=self._share(value), month=self.form.month(months[number].last_day)
        )

    def _tick(self, value: float) -> str:
        return self.form.percent(value, _decimals(value))

    def _share(self, value: float | None) -> str:
        return self.words("unit.no_figure") if value is None else self.form.percent(value)


def _par(month: Standing, days: int, way: str) -> float | None:
    par: PortfolioAtRisk | None = month.par30 if days == 30 else month.par90
    value: float | None = getattr(par, way) if par is not None else None
    return value


def _decimals(share: float) -> int:
    """Return how many decimals a round percentage needs."""
    return next((places for places in (0, 1) if abs(share * 100 - round(share * 100, places)) < 1e-9), 2)


def _position(moments: Sequence[datetime], day: date) -> float:
    """Return where a day falls among the moments, in steps."""
    at = datetime(day.year, day.month, day.day)
    if at <= moments[0]:
        return 0.0
    if at >= moments[-1]:
        return len(moments) - 1.0
    after = bisect_right(moments, at)
    return after - 1 + (at - moments[after - 1]) / (moments[after] - moments[after - 1])
