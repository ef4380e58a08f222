"""The structure's column of a champion, made again from a portfolio: members' requests once, worlds once a request.

A report asks for the column several times, of other rows each time. What a champion says of a request depends on the
members behind it alone, so an answer that was given stands.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from riskscore.modelling.artefact import Champion
from riskscore.modelling.communal_bank.behind import members_behind
from riskscore.modelling.communal_bank.members import matrix_of, member_requests
from riskscore.modelling.communal_bank.settings import LiabilitySettings
from riskscore.modelling.communal_bank.structural import Structural
from riskscore.modelling.communal_bank.structure import structural_log_odds

if TYPE_CHECKING:
    from riskscore.portfolio import Portfolio


def has_structure(champion: Champion) -> bool:
    """Whether it is a structural champion, or a learnt one that carries the structure of its run."""
    return champion.structure is not None or isinstance(champion.model.margin, Structural)


def parts(champion: Champion) -> tuple[Structural, LiabilitySettings]:
    """Return the structure of a champion that has one (`has_structure`), and its section ``[liability]``."""
    margin, settings = champion.structure or champion.model.margin, champion.recipe.liability
    if not isinstance(margin, Structural) or settings is None:
        raise TypeError("this champion has no structure with its section [liability]")
    return margin, settings


class StructuralColumn:
    """The log-odds that a structural champion gives to requests of communal banks in one portfolio.

    Parameters
    ----------
    champion : Champion
    portfolio : Portfolio
    """

    def __init__(self, champion: Champion, portfolio: Portfolio) -> None:
        self._margin, self._settings = parts(champion)
        requests = member_requests(portfolio, champion.lock, self._settings)
        member = self._margin.member
        self._requests = requests.with_columns(pd=pl.Series(member.pd(matrix_of(requests, member.features))))
        self._given: dict[tuple[str, ...], float] = {}

    def of(self, frame: pl.DataFrame) -> list[float | None]:
        """Return the column of banks' requests (``application_id, bank_id, as_of``); None where no member is behind."""
        window = self._settings.request_window_days
        behind = members_behind(frame, self._requests, window_days=window)
        who = {
            str(request): tuple(members)
            for request, members in behind.group_by("request_id", maintain_order=True).agg("application_id").iter_rows()
        }
        new = [request for request, members in who.items() if (request, *members) not in self._given]
        asked = behind.filter(pl.col("request_id").is_in(new))
        for request, value in structural_log_odds(self._margin.structure, self._settings, asked).items():
            self._given[(request, *who[request])] = value
        return [
            self._given[(request, *who[request])] if request in who else None
            for request in frame["application_id"].to_list()
        ]


@lru_cache(maxsize=1)
def column_of(champion: Champion, portfolio: Portfolio) -> StructuralColumn:
    """Return the column of this champion and portfolio; the last one asked for is kept."""
    return StructuralColumn(champion, portfolio)
