"""What the ingestion has to say beside the portfolio: what was inferred, left out, missing, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sort = Literal["inferred", "left out", "missing", "cannot be seen"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about the portfolio.

    Parameters
    ----------
    sort : {"inferred", "left out", "missing", "cannot be seen"}
    subject : str
        The table of the portfolio or of the core.
    rows : int or None
        How many it concerns; None where nothing is counted.
    what : str
        One sentence: what was done and why.
    """

    sort: Sort
    subject: str
    rows: int | None
    what: str


class Findings:
    """Findings as they are made; a count of 0 is no finding."""

    def __init__(self) -> None:
        self.listed: list[Finding] = []

    def add(self, sort: Sort, subject: str, rows: int | None, what: str) -> None:
        """Note a finding, unless it concerns no row."""
        if rows is None or rows > 0:
            self.listed.append(Finding(sort, subject, rows, what))
