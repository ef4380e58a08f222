"""`producer_default`: the expert's word alone and after the loans of one fund, against the truth of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from answer import Answer

from riskscore import Project, train
from riskscore.catalog import values
from riskscore.dataset import spine
from riskscore.modelling import artefact
from riskscore.modelling.expert.belief import Cases, update
from riskscore.modelling.expert.interval import told
from riskscore.modelling.expert.margin import ExpertMargin
from riskscore.modelling.expert.pools import levels_of
from riskscore.simulator import simulate, truth

#: Its fund does not grow with the village banks beside it, so these are few.
MEMBERS = 300


def producer_default(
    scratch: Path, seed: int, *, sizes: Sequence[int], scenarios: Sequence[str], learn: int, ask: int
) -> Iterator[Answer]:
    """Yield both beliefs' answers; a fund has some fifty loans, so neither sizes nor numbers of members count here."""
    project = Project.open()
    recipe = project.recipe("producer_default")
    run = train(recipe, project.catalog(), simulate(scratch / "past", members=MEMBERS, seed=seed), folder=scratch / "a")
    champion = artefact.load(run.folder)
    margin = champion.model.margin
    if not isinstance(margin, ExpertMargin):
        raise TypeError("producer_default is an expert's scorecard")
    prior = margin.scorecard.prior
    alone = update(
        prior,
        Cases(np.zeros((0, len(margin.scorecard.dimensions))), dict.fromkeys(prior.pools, ()), np.zeros(0)),
    )
    for scenario in scenarios:
        portfolio = simulate(scratch / scenario, members=MEMBERS, seed=1_000 + seed, scenario=scenario)
        asked = spine(portfolio, subject="group", ledger="external", borrower="producer_association")
        found = values(portfolio, champion.lock, asked)
        x = found.select(margin.features).fill_null(np.nan).to_numpy().astype(np.float64)
        p = asked.join(truth(portfolio.path).producers, on="application_id", how="left", maintain_order="left")["p_bad"]
        for model, belief, cases in (("the expert alone", alone, 0), ("after a fund's loans", margin.belief, None)):
            answer = told(belief, margin.z(x), levels_of(portfolio, asked))
            yield Answer(
                size=margin.belief.n if cases is None else cases,
                scenario=scenario,
                model=model,
                bads=margin.belief.bads if cases is None else 0,
                p=p.to_numpy(),
                pd=answer.pd,
                low=answer.low,
                high=answer.high,
            )
