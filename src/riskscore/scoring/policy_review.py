"""What a policy does to an institution's requests: what `riskscore report policy` shows.

Every request is answered as of its own moment (`riskscore.scoring.past_requests`). Over-indebted means net indebtedness
after the loan above the policy's own bound, which is no part of any probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from riskscore.evaluation.cutoffs import Cut, Let, Swap, cutoffs, let_through, swap
from riskscore.indebtedness import LEVELS
from riskscore.modelling.judging import Judging
from riskscore.portfolio import Portfolio
from riskscore.scoring.fairness import asked_since
from riskscore.scoring.overrides import Overrides, overrides
from riskscore.scoring.past_requests import PastRequests
from riskscore.scoring.policy import WHYS, Policy

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Shares of requests whose cut-offs are shown, beside those of the policies.
QUANTILES = (0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 1.0)

#: A centre counts as new in its first two years.
NEW_CENTRE_DAYS = 730

#: Fewest requests, and communal banks, of a segment that is told of.
LEAST, LEAST_BANKS = 30, 3

Segment = Literal["everyone", "first_cycle", "repeat", "rural", "urban", "new_centre", "old_centre"]


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of the requests.

    Parameters
    ----------
    name : str
    n, banks : int
    ready : Let
        Who of them is ready, and what became of those.
    everybody : Let
        All of them: bad rate and over-indebtedness.
    told : bool
        Whether there are requests and communal banks enough.
    """

    name: Segment
    n: int
    banks: int
    ready: Let
    everybody: Let
    told: bool


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """How many states would change if the neighbours' record counted.

    Parameters
    ----------
    changed : int
        Of the states in force: 0, as they rest on her own record.
    in_capped, out_capped : int
        Who would become ready, and who would no longer be, were the record counted within its cap.
    in_uncapped, out_uncapped : int
        The same without a cap.
    """

    changed: int
    in_capped: int
    out_capped: int
    in_uncapped: int
    out_uncapped: int


@dataclass(frozen=True, slots=True)
class Ceilings:
    """How the ceiling compares with what was asked: counts of requests.

    Parameters
    ----------
    covers : int
        Ceiling at or over the amount asked.
    smaller : int
        Something smaller fits.
    nothing : int
        Not even the product's least amount fits.
    unknown : int
    ready_if_smaller : int
        Asked to talk first by the rules on amounts alone, where something smaller fits.
    """

    covers: int
    smaller: int
    nothing: int
    unknown: int
    ready_if_smaller: int


@dataclass(frozen=True, slots=True)
class Quarter:
    """A cell of probability against indebtedness."""

    state: Literal["ready", "talk_first"]
    level: str
    n: int
    ready: int
    bad: Let


@dataclass(frozen=True, eq=False)
class PolicyReview:
    """Everything the review found.

    Parameters
    ----------
    past : PastRequests
        By the policy in force.
    against : PastRequests or None
        The same requests by the other policy.
    cuts : tuple of Cut
    swap : Swap or None
        The policy in force first.
    cut_swaps : tuple of (int, int)
        For each cut-off, with all other rules as they are: who would come in, and who would go out.
    now : Let
        Who is ready by the policy in force.
    everybody : Let
    parts : tuple of Part
    rules : mapping of str to int
        Requests that each rule asks to talk first, and in ``only`` those that no other rule does.
    group_record : GroupRecord
    ceilings : Ceilings
    matrix : tuple of Quarter
    overrides : Overrides
    asked : int
    """

    past: PastRequests
    against: PastRequests | None
    cuts: tuple[Cut, ...]
    swap: Swap | None
    cut_swaps: tuple[tuple[int, int], ...]
    now: Let
    everybody: Let
    parts: tuple[Part, ...]
    rules: dict[str, tuple[int, int]]
    group_record: GroupRecord
    ceilings: Ceilings
    matrix: tuple[Quarter, ...]
    overrides: Overrides
    asked: int


def policy_review(
    judging: Judging, portfolio: Portfolio, policy: Policy, against: Policy | None = None
) -> PolicyReview:
    """Review the policy in force on a champion's later rows, and another policy against it.

    Raises
    ------
    InvalidInput
        The champion is not about members.
    Refused
        No request names a product on record.
    """
    past = PastRequests.answer(judging, portfolio, policy)
    other = None if against is None else PastRequests.answer(judging, portfolio, against)
    bad, clusters, over = past.rows.y, past.rows.clusters, over_indebted(past)
    edges = [band.pd_below for one in (policy, against) if one is not None for band in one.bands]
    cuts = sorted({*np.round(np.quantile(past.own_pd, QUANTILES[:-1]), 3).tolist(), *edges, 1.0})
    found = cutoffs(past.own_pd, past.other_rules_ready, bad, over, clusters, cuts)
    moved = [(past.own_pd < cut) & past.other_rules_ready for cut in cuts]
    return PolicyReview(
        past=past,
        against=other,
        cuts=found,
        swap=None if other is None else swap(past.ready, other.ready, bad, over, clusters),
        cut_swaps=tuple((int((one & ~past.ready).sum()), int((past.ready & ~one).sum())) for one in moved),
        now=let_through(past.ready, bad, over, clusters),
        everybody=let_through(np.ones(len(past), dtype=bool), bad, over, clusters),
        parts=tuple(_part(name, rows, past, over) for name, rows in segments(past, portfolio).items()),
        rules={code: _asked(past, code) for code in WHYS},
        group_record=_group_record(past),
        ceilings=_ceilings(past),
        matrix=tuple(_matrix(past, over)),
        overrides=overrides(portfolio, judging),
        asked=asked_since(portfolio, judging.champion.recipe.ledger, judging.first_test),
    )


def over_indebted(past: PastRequests) -> Floats:
    """Return 1 where the loan leaves her over-indebted, 0 where not, NaN where it is unknown."""
    level = past.computed.assessed.level
    over = np.where(level == LEVELS.index("OVER_INDEBTED"), 1.0, 0.0)
    return np.where(level == LEVELS.index("UNKNOWN"), np.nan, over)


def segments(past: PastRequests, portfolio: Portfolio) -> dict[Segment, Bools]:
    """Return the rows of each segment; what is not recorded is in neither of a pair."""
    rural, new = _place(past.frame, portfolio)
    first = past.rows.cycle == "first"
    return {
        "everyone": np.ones(len(past), dtype=bool),
        "first_cycle": first,
        "repeat": ~first,
        "rural": rural == 1,
        "urban": rural == 0,
        "new_centre": new == 1,
        "old_centre": new == 0,
    }


def _place(frame: pl.DataFrame, portfolio: Portfolio) -> tuple[Floats, Floats]:
    """Return whether she lives rural, and whether her branch was new, as known at each moment; NaN is unknown."""
    members = portfolio.table("members").select("known_at", "rural", "branch_id", member_id="id").sort("known_at")
    opened = portfolio.table("branches").sort("known_at").unique("id", keep="last").select("opened_on", branch_id="id")
    then = (
        frame.select("member_id", "as_of")
        .join_asof(members, left_on="as_of", right_on="known_at", by="member_id", check_sortedness=False)
        .join(opened, on="branch_id", how="left", maintain_order="left")
    )
    age = (pl.col("as_of").dt.date() - pl.col("opened_on")).dt.total_days()
    told = then.select(rural=pl.col("rural").cast(pl.Float64), new=(age < NEW_CENTRE_DAYS).cast(pl.Float64))
    rural, new = (told[name].fill_null(float("nan")).to_numpy() for name in ("rural", "new"))
    return rural, new


def _part(name: Segment, rows: Bools, past: PastRequests, over: Floats) -> Part:
    n, banks = int(rows.sum()), past.frame["bank_id"].filter(pl.Series(rows)).n_unique()
    inside = (past.rows.y[rows], over[rows], past.rows.clusters[rows])
    return Part(
        name,
        n,
        banks,
        let_through(past.ready[rows], *inside),
        let_through(np.ones(n, dtype=bool), *inside),
        n >= LEAST and banks >= LEAST_BANKS,
    )


def _asked(past: PastRequests, code: str) -> tuple[int, int]:
    return int(past.reasons(code).sum()), sum(whys == (code,) for whys in past.whys)


def _group_record(past: PastRequests) -> GroupRecord:
    capped, uncapped = past.ready_by(past.pd), past.ready_by(past.uncapped_pd())
    return GroupRecord(
        int((past.ready_by(past.own_pd) != past.ready).sum()),
        int((capped & ~past.ready).sum()),
        int((past.ready & ~capped).sum()),
        int((uncapped & ~past.ready).sum()),
        int((past.ready & ~uncapped).sum()),
    )


def _ceilings(past: PastRequests) -> Ceilings:
    asked, ceiling = past.frame["amount"].cast(pl.Float64).to_numpy(), past.ceilings
    known = ~np.isnan(ceiling)
    covers, smaller = known & (ceiling >= asked - 1e-9), known & (ceiling > 0) & (ceiling < asked - 1e-9)
    amounts = np.array([bool(whys) and set(whys) <= {"above_cap", "growth"} for whys in past.whys], dtype=bool)
    return Ceilings(
        int(covers.sum()),
        int(smaller.sum()),
        int((known & (ceiling <= 0)).sum()),
        int((~known).sum()),
        int((amounts & smaller).sum()),
    )


def _matrix(past: PastRequests, over: Floats) -> list[Quarter]:
    """Cross the band of the probability with the level of indebtedness; empty cells are left out."""
    states = np.array([past.policy.band(value).state for value in past.own_pd.tolist()])
    level = past.computed.assessed.level
    cells = []
    for state in ("ready", "talk_first"):
        for code, name in enumerate(LEVELS):
            rows = (states == state) & (level == code)
            if rows.any():
                bad = let_through(rows, past.rows.y, over, past.rows.clusters)
                cells.append(Quarter(state, name, int(rows.sum()), int((rows & past.ready).sum()), bad))
    return cells
