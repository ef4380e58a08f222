"""What a record of members' loans says of joint liability, and the worlds that follow from it for one communal bank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import logit

from riskscore.errors import Refused
from riskscore.liability import (
    AssetShares,
    Borne,
    DefaultCorrelations,
    Estimate,
    FallSteps,
    Record,
    bear,
    covered_share,
    default_correlations,
    direct_parts,
    draw_worlds,
    fall_steps,
    infection,
    severity,
    shares_behind,
)
from riskscore.modelling.communal_bank.behind import Standing, standings
from riskscore.modelling.communal_bank.settings import Assumption, LiabilitySettings

#: Coverage of every interval here.
LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class Structure:
    """How falls come together and what a fall costs; estimated, or assumed where the record cannot say.

    Parameters
    ----------
    shares : AssetShares
        Of hidden fortunes, infection taken out.
    correlations : DefaultCorrelations
        Of defaults, as estimated.
    infection, severity : Estimate
        With an interval; of 0 cases, without one, where it is the recipe's assumption.
    by_savings, by_group : Estimate
        Share of what was missing that her savings, and her group, paid; of 0 cases where no payment tells.
    steps : FallSteps
        Equally likely falls: most are paid by others, some by nobody.
    """

    shares: AssetShares
    correlations: DefaultCorrelations
    infection: Estimate
    severity: Estimate
    by_savings: Estimate
    by_group: Estimate
    steps: FallSteps

    @property
    def q(self) -> float:
        """Infection to compute with, never below 0."""
        return float(np.clip(self.infection.value, 0.0, 0.95))

    @property
    def group_told(self) -> bool:
        """Whether payments show what groups pay, so that no budget is asked what they could."""
        return self.by_group.cases > 0


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What the worlds of one communal bank come to.

    Parameters
    ----------
    pd : float
        Share of worlds in which something is left for the lender, kept off 0 and 1 by half a world.
    borne : Borne
    """

    pd: float
    borne: Borne


def estimate(
    settings: LiabilitySettings, training: pl.DataFrame, falls: pl.DataFrame, told: frozenset[str]
) -> Structure:
    """Estimate the structure from members' loans that were final.

    Parameters
    ----------
    settings : LiabilitySettings
    training : DataFrame
        Rows of `member_requests` with ``pd`` that did not see their outcome, and ``request_id``, the bank's request
        they stand behind: that is their bank and cycle.
    falls : DataFrame
        As `riskscore.modelling.communal_bank.ledger.falls` returns those that ended bad.
    told : frozenset of str
        Payers that the record tells of.

    Raises
    ------
    Refused
        No pair of members fell together: nothing can be said of correlation.
    """
    rows = training.join(falls, on="application_id", how="left", maintain_order="left")
    bank = rows["request_id"].to_numpy().astype(str)
    group = np.char.add(np.char.add(bank, " "), rows["group_id"].to_numpy().astype(str))
    cluster = rows["cluster"].to_numpy().astype(str)
    fell = rows["bad"].fill_null(0).to_numpy().astype(np.float64)
    # A bank of one cycle lies in one period: that of its first request of the cycle.
    period = rows.select(pl.col("period").first().over("request_id"))["period"].to_numpy().astype(str)
    record = Record.of(fell, rows["pd"].to_numpy(), group=group, bank=bank, period=period, cluster=cluster)
    correlations = default_correlations(record, level=LEVEL, seed=settings.seed)
    onset = np.where(fell > 0, rows["onset"].fill_null(np.nan).to_numpy().astype(np.float64), np.nan)
    try:
        found = infection(
            onset,
            group=group,
            bank=bank,
            cluster=cluster,
            window=settings.infection_window,
            level=LEVEL,
            seed=settings.seed,
        ).q
    except Refused:
        found = _assumed(settings.assumptions["infection"])
    bad = rows.filter(pl.col("owed") > 0, pl.col("bad") == 1)
    shares = shares_behind(record, q=float(np.clip(found.value, 0.0, 0.95)))
    return Structure(shares, correlations, found, *_cost_of_falls(settings, bad, told))


def course(structure: Structure, settings: LiabilitySettings, members: Standing) -> Course:
    """Draw the worlds of one communal bank; the same members and settings give the same worlds, whoever else is asked.

    Members' PDs hold infection already, so worlds start from their direct parts.
    """
    q = structure.q
    direct = direct_parts(members.pd, members.group, shared=structure.shares.together, q=q)
    fell = draw_worlds(direct, members.group, shares=structure.shares, q=q, draws=settings.draws, seed=settings.seed)
    luck = np.random.default_rng([settings.seed, 2]).integers(0, len(structure.steps.missing), fell.shape)
    borne = _borne(structure, settings, members, fell, luck)
    hits = int((borne.by_lender > 0.0).sum())
    return Course((hits + 0.5) / (settings.draws + 1.0), borne)


def one_fall(structure: Structure, settings: LiabilitySettings, members: Standing) -> Borne:
    """Send one fall alone down the same waterfall: each member's with each step of the record, one a row.

    What comes of a row is one member's; only means over all rows may leave the computation of an outlook.
    """
    steps = len(structure.steps.missing)
    fell = np.repeat(np.eye(len(members.pd), dtype=np.bool_), steps, axis=0)
    step = np.broadcast_to(np.tile(np.arange(steps), len(members.pd))[:, None], fell.shape)
    return _borne(structure, settings, members, fell, step)


def fund_of(settings: LiabilitySettings, members: Standing) -> float:
    """Return the bank's own fund, in currency."""
    return settings.value("fund_share") * float(members.loan.sum())


def _borne(
    structure: Structure,
    settings: LiabilitySettings,
    members: Standing,
    fell: NDArray[np.bool_],
    step: NDArray[np.int64],
) -> Borne:
    """Send falls down the waterfall; `step` says which fall of the record each is (worlds, members)."""
    steps, stops_above = structure.steps, settings.value("stops_above")
    return bear(
        fell,
        members.group,
        loan=members.loan,
        severity=np.asarray(steps.missing)[step],
        savings=members.savings,
        # Where payments show what groups pay, they are the limit, until more is asked than the next loan is worth.
        spare=stops_above * members.loan if structure.group_told else members.spare,
        fund=fund_of(settings, members),
        stops_above=stops_above,
        by_savings=np.asarray(steps.by_savings)[step],
        by_group=np.asarray(steps.by_group)[step],
    )


def structural_log_odds(structure: Structure, settings: LiabilitySettings, behind: pl.DataFrame) -> dict[str, float]:
    """Return by request the structure's log-odds of an external default.

    Parameters
    ----------
    structure : Structure
    settings : LiabilitySettings
    behind : DataFrame
        Rows of `members_behind` with ``pd``. A request that nobody stands behind is in no row, and has none.
    """
    return {
        request: float(logit(course(structure, settings, members).pd))
        for request, members in standings(behind, behind["pd"].to_numpy(), settings)
    }


def _cost_of_falls(
    settings: LiabilitySettings, bad: pl.DataFrame, told: frozenset[str]
) -> tuple[Estimate, Estimate, Estimate, FallSteps]:
    """Return severity, what savings and group paid of it, and the steps; assumed where the record does not tell."""
    believed = {"savings": settings.assumptions["savings_cover"], "group": settings.assumptions["group_cover"]}
    owed, own, cluster = (bad[name].to_numpy() for name in ("owed", "own", "cluster"))
    missing, banks = owed - own, cluster.astype(str)
    try:
        lost = severity(owed, own, cluster=banks, level=LEVEL, seed=settings.seed)
    except Refused:
        lost = _assumed(settings.assumptions["severity"])
        owed, own, missing = np.array([1.0]), np.array([1.0 - lost.value]), np.array([lost.value])
        told = frozenset()
    shares, paid = [], []
    for payer, before in believed.items():
        share, amount = _assumed(before), before.value * missing
        if payer in told and missing.any():
            covered = np.clip(bad[f"by_{payer}"].to_numpy(), 0.0, missing)  # sums of cents differ in the last digit
            share = covered_share(
                covered,
                missing,
                cluster=banks,
                before=before.value,
                before_cases=settings.cover_falls,
                level=LEVEL,
                seed=settings.seed,
            )
            z = share.cases / (share.cases + settings.cover_falls)
            amount = z * covered + (1.0 - z) * before.value * missing
        shares.append(share)
        paid.append(amount)
    return lost, shares[0], shares[1], fall_steps(owed, own, paid[0], paid[1])


def _assumed(one: Assumption) -> Estimate:
    return Estimate(one.value, np.nan, np.nan, LEVEL, 0)
