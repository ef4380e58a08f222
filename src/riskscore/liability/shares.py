"""Two correlations that are not the same number, as two types.

Members' *hidden fortunes* correlate by the shares of variance they have in common (`AssetShares`); their *defaults*
correlate far less (`DefaultCorrelations`): at a PD of 5 %, fortunes that correlate by .30 give defaults that correlate
by .0976. What draws worlds takes the first, what is estimated from a record is the second, and
`riskscore.liability.shares_behind` is the only way from one to the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from riskscore.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure read from a record, and how well the record knows it.

    Parameters
    ----------
    value, low, high : float
        `low` and `high` are the ends of the interval that holds `level`; NaN where the record cannot say.
    level : float
        In (0, 1).
    cases : int
        What it rests on: pairs, or loans.
    """

    value: float
    low: float
    high: float
    level: float
    cases: int


@dataclass(frozen=True, slots=True)
class DefaultCorrelations:
    """Correlations of two members' *defaults* beyond their own PDs, by what the two have in common.

    Parameters
    ----------
    of_all : Estimate
        Same period and region, different communal banks.
    in_bank : Estimate
        Same communal bank and cycle, different solidarity groups.
    in_group : Estimate
        Same solidarity group and cycle; it holds contagion as well as shared fortune.
    """

    of_all: Estimate
    in_bank: Estimate
    in_group: Estimate


@dataclass(frozen=True, slots=True)
class AssetShares:
    """Shares of the variance of members' hidden *fortunes*: a, b and c of the three-level Gaussian.

    Parameters
    ----------
    of_all, in_bank, in_group : float
        Common to everyone, to a communal bank in a cycle, to a solidarity group in a cycle; none below 0, below 1 in
        all. Two members of one solidarity group correlate by their sum.

    Raises
    ------
    InvalidInput
        Shares that leave no share of her own.
    """

    of_all: float
    in_bank: float
    in_group: float

    def __post_init__(self) -> None:
        shares = (self.of_all, self.in_bank, self.in_group)
        if not (min(shares) >= 0.0 and sum(shares) < 1.0):
            raise InvalidInput.of("shares", f"{shares} leaves no share of her own.", "Give shares below 1 in all.")

    @property
    def together(self) -> float:
        """Correlation of the fortunes of two members of one solidarity group."""
        return self.of_all + self.in_bank + self.in_group
