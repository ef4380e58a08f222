"""Worlds in which members of one communal bank fall, and who bears it in each of them.

`draw_worlds` draws direct falls from the three-level Gaussian and lets each bring down others of its solidarity group.
`bear` sends the loss of each world down the waterfall: her savings, her solidarity group, the bank's fund, the lender.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import Fault, InvalidInput
from riskscore.liability.factor import draw_falls
from riskscore.liability.shares import AssetShares

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Borne:
    """Who bears the falls of each world, in currency, and which worlds broke joint liability.

    Parameters
    ----------
    falls : ndarray of int (worlds,)
        Members who fell by themselves or by infection; who stopped because too much cover was asked is not among them.
    loss, by_savings, by_group, by_fund, by_lender : ndarray (worlds,)
        ``loss`` is the sum of the four others.
    stopped : ndarray of bool (worlds,)
        Whether, in some solidarity group, solvent members stopped paying too.
    """

    falls: Ints
    loss: Floats
    by_savings: Floats
    by_group: Floats
    by_fund: Floats
    by_lender: Floats
    stopped: Bools


def draw_worlds(direct: Floats, group: Ints, *, shares: AssetShares, q: float, draws: int, seed: int) -> Bools:
    """Draw who falls in a communal bank, (worlds, members).

    Parameters
    ----------
    direct : ndarray (members,)
        Direct probabilities (`riskscore.liability.direct_parts`), inside (0, 1).
    group : ndarray of int (members,)
        Solidarity group of each, numbered from 0.
    shares : AssetShares
        Of hidden fortunes; a correlation of defaults is another type and is refused.
    q : float
        Probability that one direct fall brings down one other of the solidarity group, in [0, 1).
    draws, seed : int

    Raises
    ------
    InvalidInput
        Every argument out of range, at once.
    """
    if not isinstance(shares, AssetShares):
        raise InvalidInput.of(
            "shares",
            f"a {type(shares).__name__} is no share of hidden fortunes.",
            "Turn correlations of defaults into shares with `shares_behind`.",
        )
    if not 0.0 <= q < 1.0:
        raise InvalidInput.of("q", f"{q!r} is outside [0, 1).", "Give a probability.")
    fell = draw_falls(
        direct,  # type: ignore[arg-type]
        np.zeros(len(direct), dtype=np.int64),  # type: ignore[arg-type]
        group,  # type: ignore[arg-type]
        shared_by_all=shares.of_all,
        shared_in_bank=shares.in_bank,
        shared_in_group=shares.in_group,
        draws=draws,
        seed=seed,
    )
    if q == 0.0:
        return fell
    sources = _by_group(fell, group)[:, group] - fell
    luck = np.random.default_rng([seed, 1]).random(fell.shape)
    return np.asarray(fell | (luck < 1.0 - (1.0 - q) ** sources))


def bear(
    fell: Bools,
    group: Ints,
    *,
    loan: Floats,
    severity: float | Floats,
    savings: Floats,
    spare: Floats,
    fund: float,
    stops_above: float,
    by_savings: float | Floats = 1.0,
    by_group: float | Floats = 1.0,
) -> Borne:
    """Send the falls of each world down the waterfall.

    Parameters
    ----------
    fell : ndarray of bool (worlds, members)
    group : ndarray of int (members,)
        Solidarity group of each, numbered from 0.
    loan : ndarray (members,)
        In currency, above 0.
    severity : float or ndarray (worlds, members)
        Share of a fallen member's loan that she does not pay herself, in [0, 1].
    savings, spare : ndarray (members,)
        Savings held against her own loan, and what she can add for others, in currency.
    fund : float
        The bank's own cover, in currency.
    stops_above : float
        Where the cover asked of a solidarity group is more than this share of the loans of those who still stand, they
        stop too (Besley and Coate): access to the next loan is worth no more to them than that.
    by_savings, by_group : float or ndarray (worlds, members)
        The most that her savings, and her group, pay of a fall, as a share of her loan in [0, 1]: what a record
        shows of earlier falls. 1 lets each pay whatever it holds.

    Raises
    ------
    InvalidInput
        Lengths that differ or a number out of range; all at once.
    """
    amounts = {"loan": loan, "savings": savings, "spare": spare}
    faults = [
        Fault(name, "it has a negative or missing amount, or another length.", "Give 0 or more for each member.")
        for name, values in amounts.items()
        if values.shape != (fell.shape[1],) or not np.all(values >= 0)
    ]
    if group.shape != (fell.shape[1],):
        faults.append(Fault("group", "it does not match the members.", "Give a number from 0 for each member."))
    most = {"severity": severity, "by_savings": by_savings, "by_group": by_group}
    shares = {name: np.asarray(one, dtype=np.float64) for name, one in most.items()}
    faults += [
        Fault(name, "it is outside [0, 1] or of another shape.", "Give a share of the loan.")
        for name, one in shares.items()
        if one.shape not in ((), fell.shape) or not np.all((one >= 0.0) & (one <= 1.0))
    ]
    if not fund >= 0.0 or not stops_above > 0.0:
        faults.append(Fault("fund, stops_above", "one is negative or missing.", "Give 0 or more, and a share above 0."))
    if faults:
        raise InvalidInput(faults)
    cost = shares["severity"] * loan
    uncovered = np.maximum(cost - np.minimum(savings, shares["by_savings"] * loan), 0.0)
    wanted = np.minimum(uncovered, shares["by_group"] * loan)
    asked = _by_group(np.where(fell, wanted, 0.0), group)
    standing = _by_group(np.where(fell, 0.0, loan), group)
    stops = (asked > stops_above * standing) & (standing > 0.0)
    out = fell | stops[:, group]
    gross, open_, asked = (_by_group(np.where(out, one, 0.0), group) for one in (cost, uncovered, wanted))
    paid = np.minimum(asked, _by_group(np.where(out, 0.0, spare), group))
    left = (open_ - paid).sum(axis=1)
    by_fund = np.minimum(left, fund)
    return Borne(
        falls=fell.sum(axis=1),
        loss=gross.sum(axis=1),
        by_savings=(gross - open_).sum(axis=1),
        by_group=paid.sum(axis=1),
        by_fund=by_fund,
        by_lender=np.maximum(left - by_fund, 0.0),
        stopped=np.asarray(stops.any(axis=1)),
    )


def _by_group(values: NDArray[np.bool_] | Floats, group: Ints) -> Floats:
    """Return the sums over each solidarity group, (worlds, groups)."""
    return np.asarray(values @ np.eye(int(group.max(initial=0)) + 1)[group])
