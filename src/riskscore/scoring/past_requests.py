"""Past requests as the policy would have answered them, each at its own moment, through the engine that serves.

The later rows of a champion carry every value of its lock as of their own moment. They stand in for a snapshot, one row
a request, so that states, ceilings and indebtedness are computed by the code that answers people. What neighbours may
come to ask of her is no part of any state and is left unknown here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit

from riskscore.dataset.spine import applications
from riskscore.errors import InvalidInput, Refused
from riskscore.modelling.artefact import Champion
from riskscore.modelling.calibrated import CalibratedModel, groups_of
from riskscore.modelling.judging import Judging
from riskscore.modelling.rows import Rows
from riskscore.portfolio import Portfolio
from riskscore.scoring.cases import Cases, Computed, Engine
from riskscore.scoring.own_record import GROUP_FAMILY
from riskscore.scoring.policy import Policy
from riskscore.scoring.products import Product, products
from riskscore.scoring.snapshot import Snapshot

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Outcomes that the policy's bands are about.
REPAYMENT = ("member_internal", "member_given")

#: Rules that rest on the PD; every other one stands whatever a model says.
PD_RULES = ("pd_missing", "pd_band")


@dataclass(frozen=True, eq=False)
class PastRequests:
    """Requests whose end is known, answered by one policy.

    Parameters
    ----------
    judging : Judging
    policy : Policy
    rows : Rows
        Those of the later rows that are here.
    frame : DataFrame
        The same rows: keys and every feature.
    computed : Computed
    whys : tuple of tuple of str
        Codes of the rules that asked for a talk first.
    ceilings : ndarray (n,)
        NaN where capacity is unknown.
    without_product : int
        Later rows left out, as the product they asked for is not on record.
    """

    judging: Judging
    policy: Policy
    rows: Rows
    frame: pl.DataFrame
    computed: Computed
    whys: tuple[tuple[str, ...], ...]
    ceilings: Floats
    without_product: int

    @classmethod
    def answer(cls, judging: Judging, portfolio: Portfolio, policy: Policy) -> PastRequests:
        """Answer the later rows by a policy.

        Raises
        ------
        InvalidInput
            The champion is not about whether a member repays.
        Refused
            No row names a product on record.
        """
        champion = judging.champion
        about_repayment(champion)
        later = judging.later.frame
        asked = applications(portfolio).select("application_id", "product_id")
        frame = later.join(asked, on="application_id", how="left", maintain_order="left")
        offered = _offered(portfolio, champion.recipe.ledger, frame)
        kept = np.array([one is not None for one in offered], dtype=bool)
        if not kept.any():
            remedy = "Hand over the table of products."
            raise Refused.of("products", "No request names a product on record.", remedy)
        frame = frame.filter(pl.Series(kept))
        engine = Engine(champion, policy)
        snapshot, cases = _as_snapshot(engine, portfolio, frame, [one for one in offered if one is not None])
        computed = engine.compute(snapshot, cases, explain=True)
        rows = judging.later_rows.at(kept)
        return cls(
            judging=judging,
            policy=policy,
            rows=rows,
            frame=frame,
            computed=computed,
            whys=tuple(tuple(why.code for why in whys) for whys in engine.whys(computed, cases, snapshot)),
            ceilings=engine.ceilings(computed, cases, snapshot),
            without_product=int((~kept).sum()),
        )

    def __len__(self) -> int:
        return len(self.whys)

    @property
    def pd(self) -> Floats:
        """Probability of bad, the neighbours' record within its cap."""
        return self.computed.pd

    @cached_property
    def own_pd(self) -> Floats:
        """Probability of bad without the neighbours' record: the one that a state rests on."""
        return np.asarray(expit(self.computed.own_log_odds))

    @cached_property
    def score(self) -> Floats:
        """Points."""
        return np.asarray(self.judging.champion.model.scale.score(self.computed.log_odds))

    @cached_property
    def ready(self) -> Bools:
        """Whether no rule asks for a talk first."""
        return np.array([not whys for whys in self.whys], dtype=bool)

    @cached_property
    def other_rules_ready(self) -> Bools:
        """Whether no rule but those on the PD asks for a talk first."""
        return np.array([not set(whys) - set(PD_RULES) for whys in self.whys], dtype=bool)

    def ready_by(self, own_pd: Floats) -> Bools:
        """Return who would be ready with other PDs, every other rule standing."""
        bounds = np.array([band.pd_below for band in self.policy.bands[:-1]])
        calm = np.array([band.state == "ready" for band in self.policy.bands])
        return np.asarray(self.other_rules_ready & calm[np.searchsorted(bounds, own_pd, side="right")])

    def reasons(self, code: str) -> Bools:
        """Return whom a rule asks to talk first."""
        return np.array([code in whys for whys in self.whys], dtype=bool)

    @property
    def nii_post(self) -> Floats:
        """Net indebtedness after the loan; NaN where it is unknown."""
        return self.computed.assessed.nii_post

    def uncapped_pd(self) -> Floats:
        """Return the PD as it would be if nothing bounded the neighbours' record."""
        return replace(self.judging.champion.model, caps={}).pd(self.rows.X)


def about_repayment(champion: Champion) -> None:
    """Refuse a champion that the policy does not answer by.

    Raises
    ------
    InvalidInput
        It is not about whether a member repays.
    """
    recipe = champion.recipe
    if recipe.subject == "member" and recipe.outcome in REPAYMENT:
        return
    what = f"The policy answers members by the risk that they do not repay; {recipe.name!r} asks "
    remedy = f"Read `riskscore report validation {recipe.name}` and `riskscore report register {recipe.name}` instead"
    if recipe.of_household:
        what += "whether a member becomes over-indebted, which no band of the policy is about."
        remedy += "; how risk and over-indebtedness meet is on the policy page of a recipe on repayment."
    else:
        what += f"about the subject {recipe.subject!r}."
        remedy += "; this report is for a recipe on whether a member repays."
    raise InvalidInput.of("recipe", what, remedy)


def own_pd(model: CalibratedModel, X: Floats) -> Floats:
    """Return a model's PD without the neighbours' record, as the engine has it."""
    explanation = model.explain(X)
    columns = list(groups_of(model.features, model.families, (GROUP_FAMILY,))[0])
    return np.asarray(expit(explanation.log_odds - explanation.phi[:, columns].sum(axis=1)))


def _offered(portfolio: Portfolio, ledger: str, frame: pl.DataFrame) -> list[Product | None]:
    """Return the product of each request as it was known when it was made."""
    table = portfolio.table("products")
    stamps = np.unique(np.concatenate([table[name].to_numpy().astype("datetime64[us]") for name in _CLOCKS]))
    moments = frame["as_of"].to_numpy().astype("datetime64[us]")
    epochs = np.searchsorted(stamps, moments, side="left")
    known: dict[int, dict[str, Product]] = {}
    found: list[Product | None] = []
    for epoch, moment, product in zip(epochs.tolist(), frame["as_of"].to_list(), frame["product_id"], strict=True):
        if epoch not in known:
            known[epoch] = {one.id: one for one in products(portfolio, moment, ledger=ledger)}
        found.append(known[epoch].get(product))
    return found


_CLOCKS = ("event_at", "known_at")


def _as_snapshot(
    engine: Engine, portfolio: Portfolio, frame: pl.DataFrame, offered: list[Product]
) -> tuple[Snapshot, Cases]:
    n = frame.height
    moment: datetime = frame["as_of"].max()  # type: ignore[assignment]
    values = frame.select(pl.col(engine.names).cast(pl.Float64).fill_null(float("nan"))).to_numpy()
    snapshot = Snapshot(
        as_of=moment,
        manifest=portfolio.manifest,
        lock_sha256=engine.champion.lock.sha256,
        names=engine.names,
        values=np.ascontiguousarray(values, dtype=np.float64),
        places={},
        group={},
        bank={},
        products=(),
        others_uncovered=np.full(n, np.nan),
        others=np.zeros(n, dtype=np.int64),
    )
    numbers = {
        name: frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for name in ("amount", "term_days", "other_active_loans")
    }
    cases = Cases(
        places=np.arange(n, dtype=np.int64),
        amount=numbers["amount"],
        term_days=numbers["term_days"],
        frequency=frame["frequency"].to_list(),
        purpose=frame["purpose"].to_list(),
        other_active_loans=numbers["other_active_loans"],
        products=offered,
    )
    return snapshot, cases
