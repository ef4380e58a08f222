"""Make an institution: draw it, run it, write its tables and, apart from them, the truth."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np

from riskscore.errors import Fault, InvalidInput
from riskscore.portfolio import Portfolio, write_portfolio
from riskscore.simulator.arrays import EPOCH
from riskscore.simulator.columns import CURRENCY
from riskscore.simulator.cycles import Run
from riskscore.simulator.frames import Streams, frames
from riskscore.simulator.institution import found
from riskscore.simulator.law import Law
from riskscore.simulator.planted import SIMULATED_TABLES
from riskscore.simulator.producer_loans import lend
from riskscore.simulator.producers import found_producers
from riskscore.simulator.scenario import COMPLETE_FROM, DATA_DATE, SCENARIOS, START, ScenarioName, make_scenario
from riskscore.simulator.tape import Tape
from riskscore.simulator.truth import write_truth

LEAST_MEMBERS = 100


def simulate(out: Path | str, *, members: int, seed: int, scenario: ScenarioName = "normal") -> Portfolio:
    """Write a simulated institution at `out`, and the truth about it beside it, at ``out.truth``.

    Six years, 2020 to 2025: two warm-up years, which are history and never samples, then four observed ones.

    Parameters
    ----------
    out : Path or str
        Folder of the portfolio; replaced where it is one.
    members : int
        Women in the institution's communal banks once all of them have formed, on the mean; at least 100. About half
        of the banks form in the first year and the rest over the next four, so that fewer are in at any moment
        before, and more have passed through in all. A place brings about seven observed loan cycles.
    seed : int
        At least 0. The same arguments write the same bytes.
    scenario : {"normal", "recession", "el_nino"}
        `recession` raises the log-odds of distress of loans asked for from 2024-07-01 on; `el_nino` raises
        restructuring as relief in the north and in farming from January to September 2024, and not distress.

    Returns
    -------
    Portfolio

    Raises
    ------
    InvalidInput
        For every argument out of range.
    """
    faults = []
    if members < LEAST_MEMBERS:
        faults.append(Fault("members", f"is {members}; at least {LEAST_MEMBERS} are needed.", "Ask for more."))
    if seed < 0:
        faults.append(Fault("seed", f"is {seed}; it must not be negative.", "Give 0 or more."))
    if scenario not in SCENARIOS:
        faults.append(Fault("scenario", f"is {scenario!r}.", f"Choose one of {', '.join(SCENARIOS)}."))
    if faults:
        raise InvalidInput(faults)

    law = Law()
    # One stream a part, so that a scenario changes what it is about and leaves the institution as it is.
    place, weather, course, *rest, aside = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(12)
    )
    house = found(members, place, start=START, end=DATA_DATE, bank_sd=law.bank_sd, group_sd=law.group_sd)
    happening = make_scenario(scenario, weather)
    tape = Tape()
    run = Run(house, happening, law, course, aside, tape)
    while run.step():
        pass
    out = Path(out)
    streams = Streams(*rest)
    orgs = found_producers(house, streams.producers)
    lent = lend(orgs, streams.lending)
    tables = frames(house, happening, tape, orgs, lent, streams)
    write_truth(out, law, tape, lent)
    return write_portfolio(
        out,
        tables,
        currency=CURRENCY,
        country="PE",
        time_zone="America/Lima",
        data_date=EPOCH + timedelta(days=DATA_DATE),
        complete_from=EPOCH + timedelta(days=COMPLETE_FROM),
        tables=SIMULATED_TABLES,
    )
