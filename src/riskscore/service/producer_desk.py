"""A desk of producer associations: some twenty of them, so that each request is computed when it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self

from riskscore.errors import Fault, InvalidInput, NotFound
from riskscore.modelling.artefact import Champion
from riskscore.portfolio import Portfolio
from riskscore.scoring.producer_case import expert_of, offered_to_producers, producer_case
from riskscore.scoring.producer_facts import producer_facts
from riskscore.scoring.products import Product, choose
from riskscore.service.access import Place
from riskscore.service.champion_of import ChampionOf
from riskscore.service.context import Context
from riskscore.service.desk import Scored
from riskscore.service.directory import groups_of
from riskscore.service.kinds import PRODUCER_ASSOCIATION
from riskscore.service.producer_score import FACTS, frozen, producer_score
from riskscore.service.turnstile import AT_ONCE, Turnstile

_ASKED = ("amount", "term_days", "frequency", "purpose", "other_active_loans")


@dataclass(frozen=True, eq=False, kw_only=True)
class ProducerDesk(ChampionOf):
    """Answers about producer associations with one champion and portfolio. Use `build`.

    Parameters
    ----------
    champion : Champion
        Of an expert's scorecard.
    portfolio : Portfolio
    moment : datetime
        The portfolio's last, local, exclusive.
    products : tuple of Product
        What producer associations are offered at `moment`.
    branch : mapping of str to str
        Of each producer association.
    """

    kind: ClassVar[str] = PRODUCER_ASSOCIATION

    moment: datetime
    products: tuple[Product, ...]
    branch: Mapping[str, str]
    cold: Turnstile = field(default_factory=lambda: Turnstile(AT_ONCE), repr=False)

    @classmethod
    def build(cls, champion: Champion, portfolio: Portfolio, cold: Turnstile | None = None) -> Self:
        """Read who there is and what is on offer.

        Raises
        ------
        InvalidInput
            The champion is of another kind.
        """
        expert_of(champion)
        moment = portfolio.moment(None)
        return cls(
            champion=champion,
            portfolio=portfolio,
            moment=moment,
            products=offered_to_producers(portfolio, moment),
            branch=groups_of(portfolio, moment, PRODUCER_ASSOCIATION),
            cold=cold or Turnstile(AT_ONCE),
        )

    def place(self, subject: str) -> Place | None:
        """Return where a producer association stands, or None where none has this id."""
        if subject not in self.branch:
            return None
        return Place(subject, None, None, self.branch[subject], organisation_id=subject)

    def limit_faults(self, fields: Mapping[str, Any]) -> list[Fault]:
        """Return what the products on offer have against amount, term and frequency."""
        return self._chosen(self.products, fields)[1]

    def score(self, fields: Mapping[str, Any], as_of: datetime | None) -> Scored:
        """Answer a request whose fields are valid; None for the portfolio's last moment.

        Raises
        ------
        NotFound
            The association was not known at the moment.
        InvalidInput
            No product on offer then allows the request.
        """
        moment, subject = self.moment if as_of is None else as_of, str(fields["subject"])
        offered = self.products
        with self.cold.through():
            if moment != self.moment:
                if subject not in groups_of(self.portfolio, moment, PRODUCER_ASSOCIATION):
                    raise NotFound.of("subject", "There is no such producer association then.", "Give a later moment.")
                offered = offered_to_producers(self.portfolio, moment)
            product, faults = self._chosen(offered, fields)
            if product is None:
                raise InvalidInput(faults)
            facts = producer_facts(
                self.portfolio,
                subject,
                moment,
                product=product,
                **{name: fields[name] for name in ("amount", "term_days", "frequency")},
            )
            case = producer_case(
                self.champion,
                self.portfolio,
                moment,
                organisation=subject,
                product=product,
                **{name: fields[name] for name in _ASKED},
            )
        manifest, lock = self.portfolio.manifest, self.champion.lock
        titles = {name: lock.feature(name).title for name in self.champion.model.features}
        dimensions = {one.feature: one.dimension for one in expert_of(self.champion).scorecard.indicators}
        return Scored(
            score=producer_score(self.champion, case, subject=subject, moment=moment),
            request={**fields, "as_of": moment.isoformat()},
            values=frozen(case) | {FACTS: facts},
            context=Context(
                country=manifest.country,
                currency=manifest.currency,
                time_zone=manifest.time_zone,
                features={
                    name: {"family": dimensions[name], "es": title.es, "en": title.en} for name, title in titles.items()
                },
            ),
        )

    @staticmethod
    def _chosen(offered: tuple[Product, ...], fields: Mapping[str, Any]) -> tuple[Product | None, list[Fault]]:
        return choose(offered, **{name: fields.get(name) for name in ("amount", "term_days", "frequency")})
