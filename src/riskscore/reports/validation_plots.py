"""The drawings of the validation report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from riskscore.evaluation import smooth_rate
from riskscore.modelling.validation.findings import Validation
from riskscore.modelling.validation.segments import Segment
from riskscore.reports.curves import Axes, Curve, Interval, Spread, curve_plot, interval_plot
from riskscore.reports.measures import Measures

#: Points of a drawn curve.
POINTS = 60


@dataclass(frozen=True, slots=True)
class ValidationPlots:
    """Draws a validation; every drawing is SVG with a title and a description, and a table stands beside it."""

    found: Validation
    measures: Measures

    def cap(self) -> Markup:
        """Draw the cumulative accuracy profile."""
        t, order = self.measures.words, self.found.order
        share, captured = order.cap
        at = np.linspace(0.0, 1.0, POINTS + 1)
        model = list(zip(at.tolist(), np.interp(at, share, captured).tolist(), strict=True))
        tenth, fifth = (self._percent(order.figures[f"capture_{one}"].value) for one in ("10", "20"))
        return curve_plot(
            "cap",
            t("validation.cap_plot"),
            t("validation.cap_says", tenth=tenth, fifth=fifth),
            [
                Curve(t("validation.cap_model"), model, 0),
                Curve(t("validation.cap_chance"), [(0.0, 0.0), (1.0, 1.0)], 5),
            ],
            Axes(1.0, t("validation.cap_unit"), t("validation.cap_below"), self._hundredths),
            highest=1.0,
        )

    def reliability(self) -> Markup:
        """Draw observed against predicted: bins with clustered intervals, and the smoothed curve."""
        t, found = self.measures.words, self.found
        bins = found.later.reliability
        last = 1.05 * max(max(one.mean_pd for one in bins), max(one.high for one in bins))
        order = np.argsort(found.pd)
        inside = order[found.pd[order] <= last]
        shown = inside[np.unique(np.linspace(0, len(inside) - 1, POINTS).astype(int))]
        smooth = smooth_rate(found.y, found.pd)
        line = [(float(found.pd[one]), float(smooth[one])) for one in shown.tolist() if smooth[one] <= last]
        met = sum(one.low <= one.mean_pd <= one.high for one in bins)
        return curve_plot(
            "reliability",
            t("validation.reliability_plot"),
            t("validation.reliability_says", inside=met),
            [
                Curve(t("validation.reliability_line"), [(0.0, 0.0), (last, last)], 5),
                Curve(t("validation.reliability_smooth"), line, 1),
            ],
            Axes(last, t("validation.reliability_unit"), t("validation.reliability_below"), self._hundredths),
            spreads=[Spread(one.mean_pd, one.rate, one.low, one.high) for one in bins],
            spread_name=t("validation.reliability_bins"),
        )

    def periods(self) -> Markup:
        """Draw observed over expected by half-year."""
        t = self.measures.words
        return level_plot(
            "periods",
            t("validation.periods_plot"),
            "period",
            self.found.periods,
            self.measures,
            self.found.champion.recipe.gates.observed_expected,
        )

    def _hundredths(self, share: float) -> str:
        return self.measures.form.number(100 * share)

    def _percent(self, share: float) -> str:
        return self.measures.form.percent(share, 0)


def level_plot(
    ident: str,
    title: str,
    variable: str,
    parts: Sequence[Segment],
    measures: Measures,
    span: tuple[float, float],
) -> Markup:
    """Draw observed over expected of parts one under another; those with too few bads say so."""
    t = measures.words
    rows = [
        Interval(measures.part(variable, one.name), None, None, None, t("validation.few"))
        if one.observed_expected is None
        else Interval(
            measures.part(variable, one.name),
            one.observed_expected.value,
            one.observed_expected.low,
            one.observed_expected.high,
            measures.figure(one.observed_expected),
        )
        for one in parts
    ]
    return interval_plot(
        ident,
        title,
        t("validation.periods_says"),
        rows,
        centre=1.0,
        span=span,
        value=lambda at: measures.form.number(at, 2),
        names=(t("validation.periods_line"), t("validation.periods_span")),
    )
