"""What a search found, in words: where, what was seen, why it matters, what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from riskscore.evaluation.report import Figure

Test = Literal["too good", "only after the date", "vanishes when re-dated"]

WHY: dict[Test, str] = {
    "too good": "What was really known before a loan does not say this much about its end.",
    "only after the date": "A model would learn from it in hindsight and find it empty on the day it is asked.",
    "vanishes when re-dated": "What says so much must have been written close to the stamp, or after it.",
}

REMEDY = (
    "Ask who writes this, when, and whether it is overwritten. Until that is answered let no feature read it; "
    "if it is written later, give every value its own row with the day it was written."
)


@dataclass(frozen=True, slots=True)
class Sign:
    """One test that a reading did not pass.

    Parameters
    ----------
    test : str
        "too good", "only after the date" or "vanishes when re-dated".
    seen : str
        What was seen, with figures and their interval.
    """

    test: Test
    seen: str


@dataclass(frozen=True, slots=True)
class Examined:
    """A reading and how it relates to the outcome.

    Parameters
    ----------
    where, kind, how
        As in the reading.
    auc, earlier : Figure
        Of the column alone, at its moment and read some days earlier; one half says nothing.
    young : Figure or None
        How many times the risk of settled loans' values those of young loans speak of; None where it cannot be told.
    there : tuple of float
        Share of the bads, and of the goods, for which there is a value at all.
    quarters : tuple of float
        Of a suspected reading: its AUC in each quarter with bads enough, the latest first.
    signs : tuple of Sign
    """

    where: str
    kind: str
    how: str
    auc: Figure
    earlier: Figure
    young: Figure | None
    there: tuple[float, float]
    quarters: tuple[float, ...]
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A column or feature that a person has to look at.

    Parameters
    ----------
    where : str
        ``"collection_calls.calls"``, a table's name for its mere rows, or ``"feature worst_delay_180d"``.
    how : str
        What was read: which rows, and what of them.
    signs : tuple of Sign
        At least one.
    notes : tuple of str
        What else was seen of it, no sign by itself.
    """

    where: str
    how: str
    signs: tuple[Sign, ...]
    notes: tuple[str, ...] = ()

    @property
    def tests(self) -> tuple[Test, ...]:
        """The tests that were not passed, each once, in the order of `signs`."""
        return tuple(dict.fromkeys(sign.test for sign in self.signs))

    @property
    def why(self) -> str:
        """Why it matters, by the first sign."""
        return WHY[self.signs[0].test]

    @property
    def remedy(self) -> str:
        """What to do."""
        return REMEDY


@dataclass(frozen=True)
class LeakReport:
    """What was looked at, what was found, and what could not be said.

    Parameters
    ----------
    findings : tuple of Finding
        The most striking first.
    examined : tuple of Examined
        Every reading that could be judged, the strongest relation first.
    untested : tuple of str
        In words: what could not be looked at, and why.
    cases, bads : int
        Decided loans, and the bads among them.
    """

    findings: tuple[Finding, ...]
    examined: tuple[Examined, ...] = field(repr=False)
    untested: tuple[str, ...]
    cases: int
    bads: int

    @property
    def strongest_unsuspected(self) -> Examined | None:
        """The strongest relation that no test objects to: what an honest column can do here."""
        return next((one for one in self.examined if not one.signs), None)
