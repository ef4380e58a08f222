"""Pictures of an evaluation as bytes, for logging beside a run. Matplotlib is imported only when one is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from riskscore.evaluation.calibration import smooth_rate
from riskscore.evaluation.ranking import auc, roc_curve
from riskscore.evaluation.rates import Rate
from riskscore.evaluation.sample import Sample

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

Format = Literal["svg", "png"]
INK, ACCENT, GREY = "#1b2733", "#b4532a", "#8a949e"


def reliability_plot(
    y: npt.ArrayLike,
    pd: npt.ArrayLike,
    rates: Sequence[Rate],
    *,
    title: str = "Reliability",
    fmt: Format = "svg",
) -> bytes:
    """Draw observed against predicted: bins with clustered intervals, and the smoothed curve ICI is measured from."""
    sample = Sample.of(y, pd, probability=True)
    drawing, (axes,) = _canvas(1)
    order = np.argsort(sample.score)
    shown = order[np.unique(np.linspace(0, len(order) - 1, min(200, len(order))).astype(int))]
    predicted = np.array([rate.mean_pd for rate in rates])
    observed = np.array([rate.rate for rate in rates])
    below = observed - np.array([rate.low for rate in rates])
    above = np.array([rate.high for rate in rates]) - observed
    top = 1.05 * max(float(np.max(observed + above, initial=0.0)), float(np.max(predicted, initial=0.0)))
    axes.plot([0, top], [0, top], color=GREY, linewidth=1, linestyle="--", label="as predicted")
    axes.plot(sample.score[shown], smooth_rate(sample.y, sample.score)[shown], color=ACCENT, label="smoothed")
    axes.errorbar(
        predicted, observed, yerr=np.vstack([np.maximum(below, 0), np.maximum(above, 0)]), fmt="o", color=INK,
        markersize=4, capsize=2, label=f"bins, {rates[0].level:.0%} clustered" if rates else "bins",
    )  # fmt: skip
    axes.set(xlim=(0, top), ylim=(0, top), xlabel="predicted PD", ylabel="observed bad rate", title=title)
    axes.legend(frameon=False, fontsize=8)
    return _bytes(drawing, fmt)


def ranking_plot(y: npt.ArrayLike, pd: npt.ArrayLike, *, title: str = "Ranking", fmt: Format = "svg") -> bytes:
    """Draw the ROC curve, and the distributions of the PD among goods and bads."""
    sample = Sample.of(y, pd, probability=True)
    drawing, (left, right) = _canvas(2)
    alarm, hit = roc_curve(sample.y, sample.score)
    left.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
    left.plot(alarm, hit, color=ACCENT)
    left.set(xlabel="goods called bad", ylabel="bads found", title=f"{title}: AUC {auc(sample.y, sample.score):.3f}")
    edges = np.linspace(0.0, float(sample.score.max()) or 1.0, 31)
    for name, mass, colour in (("goods", 1.0 - sample.y, GREY), ("bads", sample.y, ACCENT)):
        right.hist(sample.score, bins=edges, weights=mass / mass.sum(), histtype="step", color=colour, label=name)
    right.set(xlabel="predicted PD", ylabel="share", title="Predictions")
    right.legend(frameon=False, fontsize=8)
    return _bytes(drawing, fmt)


def _canvas(panels: int) -> tuple[Drawing, list[Any]]:
    # A Figure with its own Agg canvas touches no global state, so a service or a test may draw at any time.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(4.6 * panels, 4.2), layout="constrained")
    FigureCanvasAgg(drawing)
    axes = drawing.subplots(1, panels, squeeze=False)
    return drawing, list(axes[0])


def _bytes(drawing: Drawing, fmt: Format) -> bytes:
    import matplotlib as mpl

    buffer = BytesIO()
    # Without a date and with a fixed salt the same figures give the same bytes.
    with mpl.rc_context({"svg.hashsalt": "riskscore"}):
        drawing.savefig(buffer, format=fmt, metadata={"Date": None} if fmt == "svg" else None)
    return buffer.getvalue()
