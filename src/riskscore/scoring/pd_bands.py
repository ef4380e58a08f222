"""Bands of the probability and the state each asks for: without gap or overlap, and a later one only tightens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from riskscore.errors import Fault
from riskscore.modelling.toml_fields import Fields
from riskscore.scoring.matrix import STATES, State


@dataclass(frozen=True, slots=True)
class PdBand:
    """A span of probabilities ``pd_from <= pd < pd_below`` and the state it asks for."""

    pd_from: float
    pd_below: float
    state: State


def bands_of(tables: Sequence[Fields]) -> tuple[PdBand, ...]:
    """Read the tables ``[[bands]]``."""
    return tuple(_band(table) for table in tables)


def band_faults(bands: tuple[PdBand, ...]) -> list[Fault]:
    """Return the gaps, overlaps and loosenings of bands in the order written."""
    if not bands:
        return [Fault("bands", "There is none.", "Give bands from 0 to 1.")]
    faults = []
    if bands[0].pd_from != 0.0:
        faults.append(Fault("bands[1].pd_from", f"It starts at {bands[0].pd_from:g}.", "Start the first band at 0."))
    for number, band in enumerate(bands, start=1):
        if band.pd_from >= band.pd_below:
            faults.append(Fault(f"bands[{number}]", "It holds nothing.", "Give pd_from below pd_below."))
    for number, (before, band) in enumerate(pairwise(bands), start=2):
        span = f"{min(before.pd_below, band.pd_from):g} to {max(before.pd_below, band.pd_from):g}"
        if band.pd_from > before.pd_below:
            faults.append(Fault(f"bands[{number}].pd_from", f"Nothing is said of {span}: a gap.", "Close it."))
        if band.pd_from < before.pd_below:
            faults.append(Fault(f"bands[{number}].pd_from", f"It says {span} again: an overlap.", "Part them."))
        if STATES.index(band.state) < STATES.index(before.state):
            what = f"It is {band.state} after {before.state}: it loosens where the risk is higher."
            faults.append(Fault(f"bands[{number}].state", what, "Let a later band only tighten."))
    if bands[-1].pd_below != 1.0:
        faults.append(Fault(f"bands[{len(bands)}].pd_below", f"It ends at {bands[-1].pd_below:g}.", "End at 1."))
    return faults


def _band(table: Fields) -> PdBand:
    state = table.text("state", among=STATES)
    band = PdBand(
        table.number("pd_from", 0.0, 1.0),
        table.number("pd_below", 0.0, 1.0),
        "ready" if state == "ready" else "talk_first",
    )
    table.done()
    return band
