"""What an institution may argue about in a communal bank's outlook: the section ``[liability]`` of a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from riskscore.modelling.maturity import SECTION, rule_of
from riskscore.modelling.toml_fields import Fields
from riskscore.portfolio.maturity_rule import MemberRule


@dataclass(frozen=True, slots=True)
class Assumption:
    """A number that no record of the institution gave.

    Parameters
    ----------
    value : float
    verified : bool
        Whether the institution has checked it.
    source : str
        Where it comes from.
    """

    value: float
    verified: bool
    source: str


@dataclass(frozen=True, slots=True)
class StructuralCandidate:
    """The structural model: members' PDs, correlation, contagion, the waterfall. Its settings are ``[liability]``."""

    kind: Literal["structural"] = "structural"


@dataclass(frozen=True, slots=True)
class MemberSettings:
    """How members' PDs are learnt within the run: a scorecard on the internal ledger.

    Parameters
    ----------
    families, exclude, offsets : tuple of str
        As in ``[features]`` and ``[calibration]`` of a member recipe.
    first_cycle : str
        A feature that is missing for a first loan.
    min_bads : int
        Fewest members' bads to learn from.
    max_bins : int
    min_iv, ridge : float
    maturity : MemberRule
        The maturity rule of members' outcomes, those that teach the scorecard and those that the record of falls is of.
    """

    families: tuple[str, ...]
    exclude: tuple[str, ...]
    offsets: tuple[str, ...]
    first_cycle: str
    min_bads: int
    max_bins: int
    min_iv: float
    ridge: float
    maturity: MemberRule


#: Each assumption with the range it must lie in (the low end may be excluded), and what it says.
ASSUMPTIONS: Mapping[str, tuple[float, float]] = {
    "severity": (0.01, 1.0),
    "savings_cover": (0.0, 1.0),
    "group_cover": (0.0, 1.0),
    "infection": (0.0, 0.9),
    "cap": (0.01, 1.0),
    "horizon": (0.0, 1.0),
    "willingness": (0.0, 5.0),
    "stops_above": (0.01, 100.0),
    "fund_share": (0.0, 1.0),
    "bank_correlation": (0.0, 0.9),
    "season_correlation": (0.0, 0.9),
    "talk_first_from": (0.001, 1.0),
}


@dataclass(frozen=True, slots=True)
class LiabilitySettings:
    """The section ``[liability]``.

    Parameters
    ----------
    request_window_days : int
        A member's request this many days or less before her bank's stands behind it.
    infection_window : int
        Meetings within which a fall counts as brought by another.
    severity_after_days : int
        The severity rule: what a member had not paid herself so many days after it fell due counts as not paid by her.
        31 is the external outcome's own rule; a great number counts what she never paid.
    cover_falls : float
        Falls that ``savings_cover`` and ``group_cover`` are worth beside those of the record.
    credibility_cases : float
        Loans of communal banks after which the record of bads weighs as much as the structure: k of Z = n / (n + k).
    draws, seed : int
        Worlds a communal bank, and where they start.
    members : MemberSettings
    assumptions : mapping of str to Assumption
        ``severity`` and ``infection`` stand in where the record cannot say, ``savings_cover`` and ``group_cover``
        (shares of what is missing of a fall that savings and group pay) where it does not tell who paid; where it does,
        its own shares are drawn towards them. ``cap`` of what is left over a month may
        go to instalments (headroom is what is left of that); ``horizon`` is the share of the term over which headroom
        can help; ``willingness`` the share of her own loan that a member would add for others at most;
        ``stops_above`` the cover asked, as a share of the loans of those who stand, above which they stop too;
        ``fund_share`` the bank's own fund as a share of what it borrows; ``bank_correlation`` and
        ``season_correlation`` the least correlation of external defaults of two loans of one bank, and of two banks in
        one season, that the level's interval allows for; ``talk_first_from`` the PD from which a request is talked over
        first.
    """

    request_window_days: int
    infection_window: int
    severity_after_days: int
    cover_falls: float
    credibility_cases: float
    draws: int
    seed: int
    members: MemberSettings
    assumptions: Mapping[str, Assumption]

    def value(self, name: str) -> float:
        """Return an assumption's value."""
        return self.assumptions[name].value


def structural_candidate(table: Fields) -> StructuralCandidate:
    """Read a ``[[candidates]]`` table of kind ``structural``, which has no field beside."""
    return StructuralCandidate()


def liability_settings(table: Fields) -> LiabilitySettings:
    """Read ``[liability]``; faults are gathered in the table."""
    members = table.table("members")
    learnt = MemberSettings(
        families=members.texts("families"),
        exclude=members.texts("exclude", default=()),
        offsets=members.texts("offsets", default=()),
        first_cycle=members.text("first_cycle"),
        min_bads=members.whole("min_bads", 1, 10**9),
        max_bins=members.whole("max_bins", 2, 20),
        min_iv=members.number("min_iv", 0.0, 1.0),
        ridge=members.number("ridge", 0.0, 1e6),
        maturity=rule_of(members.table(SECTION), MemberRule) if SECTION in members.content else MemberRule(),
    )
    members.done()
    settings = LiabilitySettings(
        request_window_days=table.whole("request_window_days", 0, 366),
        infection_window=table.whole("infection_window", 1, 52),
        severity_after_days=table.whole("severity_after_days", 0, 36_500),
        cover_falls=table.number("cover_falls", 0.0, 1e9, above_low=True),
        credibility_cases=table.number("credibility_cases", 0.0, 1e9, above_low=True),
        draws=table.whole("draws", 500, 1_000_000),
        seed=table.whole("seed", 0, 2**31),
        members=learnt,
        assumptions={name: _assumption(table.table(name), low, high) for name, (low, high) in ASSUMPTIONS.items()},
    )
    table.done()
    return settings


def _assumption(table: Fields, low: float, high: float) -> Assumption:
    found = Assumption(
        value=table.number("value", low, high), verified=table.flag("verified"), source=table.text("source")
    )
    table.done()
    return found
