"""A desk of communal banks: the case of every bank with a request is computed once, its outlook when asked for."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self

import polars as pl

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.modelling.artefact import Champion
from riskscore.portfolio import Portfolio
from riskscore.scoring.bank_cases import BankCase, bank_cases
from riskscore.scoring.group_facts import Measured
from riskscore.scoring.group_reading import arrears_of_banks
from riskscore.scoring.products import known
from riskscore.service.access import Place
from riskscore.service.bank_score import bank_score, frozen, of_each
from riskscore.service.champion_of import ChampionOf
from riskscore.service.context import Context
from riskscore.service.desk import Scored
from riskscore.service.directory import groups_of
from riskscore.service.kinds import COMMUNAL_BANK
from riskscore.service.turnstile import AT_ONCE, Turnstile

#: A score, what is kept with it, and what is kept of each member behind it.
_Kept = tuple[dict[str, Any], dict[str, Any], dict[str, dict[str, Any]]]


@dataclass(frozen=True, eq=False, kw_only=True)
class BankDesk(ChampionOf):
    """Answers about communal banks with one champion and portfolio. Use `build`.

    Parameters
    ----------
    champion : Champion
    portfolio : Portfolio
    moment : datetime
        The portfolio's last, local, exclusive.
    cases : mapping of str to BankCase
        Of each communal bank with a request known at `moment`.
    branch : mapping of str to str
        Of each communal bank.
    arrears : mapping of str to mapping
        ``late`` of ``members``, once for each bank, where that is known of all of them.
    """

    kind: ClassVar[str] = COMMUNAL_BANK

    moment: datetime
    cases: Mapping[str, BankCase]
    branch: Mapping[str, str]
    arrears: Mapping[str, Mapping[str, int]]
    _told: dict[tuple[str, bool], _Kept] = field(default_factory=dict, repr=False)
    cold: Turnstile = field(default_factory=lambda: Turnstile(AT_ONCE), repr=False)

    @classmethod
    def build(cls, champion: Champion, portfolio: Portfolio, cold: Turnstile | None = None) -> Self:
        """Compute the members' values behind every request.

        Raises
        ------
        InvalidInput
            The champion has no outlook; see `riskscore.scoring.bank_cases.bank_cases`.
        """
        moment = portfolio.moment(None)
        return cls(
            champion=champion,
            portfolio=portfolio,
            moment=moment,
            cases={case.bank_id: case for case in bank_cases(champion, portfolio, moment)},
            branch=groups_of(portfolio, moment, COMMUNAL_BANK),
            arrears=_arrears(portfolio, moment),
            cold=cold or Turnstile(AT_ONCE),
        )

    def place(self, subject: str) -> Place | None:
        """Return where a communal bank stands, or None where none has this id."""
        if subject not in self.branch:
            return None
        return Place(subject, None, subject, self.branch[subject])

    def limit_faults(self, fields: Mapping[str, Any]) -> list[Fault]:
        """Return nothing: what a communal bank asks for stands in the portfolio, and is not sent."""
        return []

    def outlook(self, bank_id: str, as_of: datetime | None = None, *, in_books: bool = False) -> dict[str, Any]:
        """Return a communal bank's outlook as plain values, as `riskscore.service.bank_score.bank_score` makes it.

        It is in full and unrounded: what neighbours read of it is `riskscore.service.views.bank.committee`.

        Parameters
        ----------
        bank_id : str
        as_of : datetime, optional
            Local, exclusive; the portfolio's last moment where left out.
        in_books : bool
            By what the group's own books say of its members alone: no budget, no business and no debt elsewhere of any
            of them moves it. It is what a committee of neighbours may read.

        Raises
        ------
        NotFound
            There is no such communal bank.
        InvalidInput
            No request of it was known at the moment, or no member stands behind it.
        """
        return self._scored(bank_id, as_of, in_books=in_books)[0]

    def score(self, fields: Mapping[str, Any], as_of: datetime | None) -> Scored:
        """Answer a request whose fields are valid; raises as `outlook`."""
        score, kept, behind = self._scored(fields["subject"], as_of)
        manifest = self.portfolio.manifest
        return Scored(
            score=score,
            request={"recipe": self.recipe, "subject": fields["subject"], "as_of": score["as_of"]},
            values=kept,
            context=Context(country=manifest.country, currency=manifest.currency, time_zone=manifest.time_zone),
            behind=behind,
        )

    def _scored(self, bank_id: str, as_of: datetime | None, *, in_books: bool = False) -> _Kept:
        """Return the score, and what is kept with it; of the portfolio's last moment it is computed once."""
        if bank_id not in self.branch:
            raise NotFound.of("subject", "There is no such communal bank.", "Check the id.")
        moment = self.moment if as_of is None else as_of
        if moment != self.moment:
            return self._computed(bank_id, moment, in_books=in_books)
        if (bank_id, in_books) not in self._told:  # thousands of worlds: once a desk, however often it is asked
            self._told[bank_id, in_books] = self._computed(bank_id, moment, in_books=in_books)
        return copy.deepcopy(self._told[bank_id, in_books])

    def _computed(self, bank_id: str, moment: datetime, *, in_books: bool) -> _Kept:
        case = self.cases.get(bank_id)
        if moment != self.moment:
            with self.cold.through():
                (case,) = bank_cases(self.champion, self.portfolio, moment, bank_id=bank_id) or (None,)
        if case is None:
            what = "No request of this communal bank, with members behind it, was known at the moment."
            raise InvalidInput.of(
                "subject", what, "Record its request and its members' requests, or ask of a later day."
            )
        if in_books:
            case = case.told_at_the_table()
        asked = self._asked(case.request_id, moment)
        arrears = self.arrears.get(bank_id) if moment == self.moment else _arrears(self.portfolio, moment).get(bank_id)
        score = bank_score(self.champion, case, moment=moment, asked=asked, arrears=arrears)
        return score, frozen(case, asked, arrears), of_each(case)

    def _asked(self, request_id: str, moment: datetime) -> dict[str, Any]:
        """Return the bank's own request as it is known at the moment."""
        (row,) = (
            known(self.portfolio.table("applications"), moment)
            .filter(pl.col("id") == request_id)
            .select(pl.col("amount").cast(pl.Float64), "currency", "term_days", "frequency", "purpose")
            .to_dicts()
        )
        return dict(row)


def _arrears(portfolio: Portfolio, moment: datetime) -> dict[str, dict[str, int]]:
    return {
        bank: {"late": int(found.part), "members": int(found.whole or 0)}
        for bank, found in arrears_of_banks(portfolio, moment).items()
        if isinstance(found, Measured)
    }
