"""Errors that say what is wrong, where, and what to do, with every fault at once.

Every error raised on purpose is a `RiskscoreError` and also the built-in a caller would expect
(`ValueError`, `LookupError`, `RuntimeError`), so that either may be caught. None carries a person's income,
name or balance: a fault names tables, columns and keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong.

    Parameters
    ----------
    where : str
        The place: ``"payments.amount"``, ``"features/repayment.py: worst_delay"``, ``"body.amount"``.
    what : str
        What was found and what was expected, in one sentence.
    remedy : str
        What the reader can do about it.
    """

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.remedy}".rstrip()


class RiskscoreError(Exception):
    """Base of every error raised on purpose; carries all faults found.

    Parameters
    ----------
    faults : iterable of Fault
        At least one; they are kept in the order given.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @classmethod
    def of(cls, where: str, what: str, remedy: str = "") -> Self:
        """Build the error from a single fault."""
        return cls([Fault(where, what, remedy)])


class InvalidInput(RiskscoreError, ValueError):
    """A value, table, declaration or request breaks its contract."""


class NotFound(RiskscoreError, LookupError):
    """A thing asked for by name does not exist, or may not be seen by whoever asks."""


class Unreachable(RiskscoreError, ConnectionError):
    """A database that was to be read does not answer, or no longer does."""


class ArtefactError(RiskscoreError, RuntimeError):
    """A model artefact is corrupt, unaudited, or does not match the code or data it is loaded with."""


class Refused(RiskscoreError, RuntimeError):
    """The data or the gates say no: nothing is broken, and the answer is not to go on."""
