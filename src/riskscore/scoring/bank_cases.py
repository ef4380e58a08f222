"""What an outlook is computed from: a communal bank's request, the members behind it as arrays, the bank's own row.

The members stand in the order of their ids, which lie beside the arrays: no outlook reads them. Whoever keeps a case
can compute its outlook again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl
from scipy.special import expit

from riskscore.errors import InvalidInput
from riskscore.modelling.artefact import Champion
from riskscore.modelling.calibrated import CalibratedModel
from riskscore.modelling.communal_bank.behind import SERVICE_AFTER, SURPLUS, Standing, standings
from riskscore.modelling.communal_bank.column import has_structure, parts
from riskscore.modelling.communal_bank.members import matrix_of
from riskscore.modelling.communal_bank.outlook import Basis
from riskscore.modelling.margin import Floats
from riskscore.portfolio import Portfolio
from riskscore.scoring.bank_requests import bank_requests, valued_behind, valued_requests

#: Families of features that rest on the group's own books: its ledger, its meetings, its savings.
BOOKS = frozenset({"repayment"})


@dataclass(frozen=True, slots=True, eq=False)
class BankCase:
    """One communal bank's request.

    Parameters
    ----------
    request_id, bank_id : str
    basis : {"open_request", "last_cycle"}
    as_of : datetime
        When it was recorded. A last cycle is judged as of then, an open request as of the moment asked about.
    members : Standing
    row : mapping of str to float or None
        What a learnt champion reads of the bank, by feature; empty where the structure alone answers. It is of the
        group's own books.
    in_books : Standing or None
        The same members by what the group's own books say of them: how likely each falls without her budget, her
        business and her debts elsewhere, which then weigh as a member's do in the mean, and no spare capacity.
    ids : tuple of str
        The members', in the order of the arrays; none in a case made again from what was kept of it.
    """

    request_id: str
    bank_id: str
    basis: Basis
    as_of: datetime
    members: Standing
    row: Mapping[str, float | None]
    in_books: Standing | None = None
    ids: tuple[str, ...] = ()

    def told_at_the_table(self) -> BankCase:
        """Return the case as the group's own books have it: no fact from outside of them moves it.

        Raises
        ------
        ValueError
            The case was made again from what was kept of it, without the books.
        """
        if self.in_books is None:
            raise ValueError("this case was kept without what the group's own books say")
        return replace(self, members=self.in_books)


def bank_cases(
    champion: Champion, portfolio: Portfolio, moment: datetime, *, bank_id: str | None = None
) -> tuple[BankCase, ...]:
    """Return the case of every communal bank with a request known at `moment`, by bank; or of one bank alone.

    Raises
    ------
    InvalidInput
        The champion is a learnt one that was kept without the structure of its run: it has no outlook.
    """
    if not has_structure(champion):
        what = f"The champion is a {champion.model.kind} without the structure of its run: it has a PD and no outlook."
        remedy = f"Train {champion.recipe.name} again, or promote a version whose model is structural."
        raise InvalidInput.of(champion.recipe.name, what, remedy)
    margin, settings = parts(champion)
    asked = bank_requests(portfolio, moment)
    if bank_id is not None:
        asked = asked.filter(pl.col("bank_id") == bank_id)
    behind = valued_behind(portfolio, champion.lock, asked, moment, window_days=settings.request_window_days)
    X = matrix_of(behind, margin.member.features)
    pd = margin.member.pd(X)
    unknown = [pl.lit(None, dtype=pl.Float64).alias(name) for name in (SURPLUS, SERVICE_AFTER)]
    books = dict(standings(behind.with_columns(unknown), pd_in_books(margin.member, X), settings))
    rows = {} if champion.structure is None else _rows(champion, portfolio, asked, moment)
    basis = {name: (bank, how, at) for name, bank, how, at in asked.iter_rows()}
    ids = dict(behind.group_by("request_id", maintain_order=True).agg("member_id").iter_rows())
    found = [
        BankCase(
            request,
            *basis[request],
            members=members,
            row=rows.get(request, {}),
            in_books=books[request],
            ids=tuple(ids[request]),
        )
        for request, members in standings(behind, pd, settings)
    ]
    return tuple(sorted(found, key=lambda one: one.bank_id))


def pd_in_books(member: CalibratedModel, X: Floats) -> Floats:
    """Return members' PDs by the features that rest on the group's own books; the others weigh as in the mean."""
    explained = member.explain(X)
    kept = np.array([member.families[name] in BOOKS for name in explained.features], dtype=np.bool_)
    return np.asarray(expit(explained.base + explained.phi[:, kept].sum(axis=1)))


def _rows(
    champion: Champion, portfolio: Portfolio, asked: pl.DataFrame, moment: datetime
) -> dict[str, dict[str, float | None]]:
    """Return by request what the learnt model reads."""
    valued = valued_requests(portfolio, champion.lock, asked, moment)
    read = valued.select("application_id", pl.col(champion.model.features).cast(pl.Float64))
    return {str(row.pop("application_id")): row for row in read.iter_rows(named=True)}
