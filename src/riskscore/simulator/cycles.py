"""The run of an institution, one cycle of every communal bank at a time.

Banks do not touch one another, so that cycle number k of all banks is one step, each on its own dates: who leaves and
who joins, the papers, the request, the law, repayment, the group's book, and the state that the next cycle inherits.
"""

from __future__ import annotations

import numpy as np

from riskscore.simulator import households, meetings, people, sacrifice
from riskscore.simulator.arrays import Bools, Floats, Ints, sigmoid
from riskscore.simulator.asking import (
    AMOUNT_LEAST,
    AMOUNT_STEP,
    RATE,
    Asking,
    causes,
    instalment_of,
    principal_of,
    requested,
)
from riskscore.simulator.external import lend_to_banks
from riskscore.simulator.institution import Institution
from riskscore.simulator.law import CAUSES, Law
from riskscore.simulator.people import Places
from riskscore.simulator.repayment import GOOD, GROUP, NEVER, RELIEF, SAVINGS, Loans, Repayment, repay
from riskscore.simulator.scenario import DATA_DATE, START, Scenario
from riskscore.simulator.tape import Tape, at

WEEKLY_TERMS = np.array([98, 112, 112, 126, 140])
FORTNIGHTLY_TERMS = np.array([126, 140, 168, 168, 196, 224])
PURPOSE_SHARE = np.array([0.72, 0.12, 0.12, 0.04])
#: Chance that the committee cuts an amount by a tenth; by lot, so that the cut says nothing here.
CUT = 0.06
#: Days after a late instalment of a woman with unpaid debt that her state remembers as her worst.
UNPAID_DAYS = 45
WITHDRAWAL = 1


class Run:
    """One institution under way: `step` until it returns false, then read the `tape`."""

    def __init__(
        self,
        house: Institution,
        scenario: Scenario,
        law: Law,
        rng: np.random.Generator,
        aside: np.random.Generator,
        tape: Tape,
    ) -> None:
        self.house, self.scenario, self.law, self.rng, self.tape = house, scenario, law, rng, tape
        #: For what must not move the course of things: debts borne by sacrifice, and the outlook on them.
        self.aside = aside
        self.places = Places(len(house.place_group))
        self.cycle = 0
        self.closed = house.bank_formed.copy()
        self.ask = house.bank_formed + rng.integers(10, 25, len(house.bank_formed))
        quarters = (DATA_DATE - START) // 91 + 3
        self.systemic = rng.standard_normal((quarters, int(house.branch_region.max()) + 1))

    def step(self) -> bool:
        """Run the next cycle of every bank that still asks before the data end; return whether there was one."""
        running = self.ask <= DATA_DATE
        if not running.any():
            return False
        self.cycle += 1
        self._turnover(running)
        self._lend(self._asking(running))
        return True

    def _turnover(self, running: Bools) -> None:
        house, places, rng = self.house, self.places, self.rng
        bank = house.place_bank
        gone = people.leave(rng, self.tape, house, self.law, places, running[bank], self.closed[bank])
        chance = people.REFILL if self.cycle > 1 else people.FIRST_FILL
        free = (places.person < 0) & ~gone & running[bank]
        taken = np.flatnonzero(free & (rng.random(places.count) < chance))
        people.join(rng, self.tape, house, self.law, places, taken, self.ask[bank[taken]] - 1)

    def _asking(self, running: Bools) -> Asking:
        """Draw each bank's dates, move its calendar on, and return the women who ask."""
        rng, house = self.rng, self.house
        banks = len(self.ask)
        consolidated = self.cycle > house.bank_consolidates
        term = np.where(consolidated, rng.choice(FORTNIGHTLY_TERMS, banks), rng.choice(WEEKLY_TERMS, banks))
        spacing = np.where(consolidated, 14, 7)
        earliest = self.ask + 2
        # 1970-01-01 was a Thursday: (day + 3) % 7 is 0 on a Monday.
        disbursed = earliest + (house.bank_weekday - (earliest + 3)) % 7
        closes = disbursed + term + rng.integers(7, 19, banks)
        becomes = np.flatnonzero(running & (self.cycle == house.bank_consolidates + 1))
        self.tape.add("consolidations", bank=becomes, on=disbursed[becomes], event=at(self.ask[becomes], 9))

        place = np.flatnonzero((self.places.person >= 0) & running[house.place_bank])
        group = house.place_group[place]
        bank = house.group_bank[group]
        asking = Asking(
            place=place,
            group=group,
            bank=bank,
            region=house.branch_region[house.bank_branch[bank]],
            ask=self.ask[bank],
            disbursed=disbursed[bank],
            closes=closes[bank],
            term=term[bank],
            spacing=spacing[bank],
            count=(term // spacing)[bank],
        )
        self.closed = np.where(running, closes, self.closed)
        self.ask = np.where(running, closes + 1 + rng.integers(0, 13, banks), self.ask)
        return asking

    def _lend(self, asking: Asking) -> None:
        rng, places, law = self.rng, self.places, self.law
        place = asking.place
        households.live_on(rng, places, place, asking.ask)
        shock = self.scenario.log_odds(asking.region, places.sector[place], asking.ask)
        sacrifice.strain(self.aside, places, place, asking.ask, shock)
        declared = households.write_papers(rng, self.aside, self.tape, places, place, asking.ask)
        amount = requested(rng, places, place)
        adds = causes(self.house, self.scenario, places, asking, amount)
        direct = np.clip(sigmoid(law.intercept + np.sum(list(adds.values()), axis=0)), 1e-6, 1 - 1e-6)
        borrows = rng.random(len(place)) >= law.withdrawal
        bad, infected = self._fate(asking, direct, borrows)
        application = self._write_request(asking, amount, declared)
        _, local = np.unique(asking.group, return_inverse=True)
        p_bad = law.probability(direct, local)
        self.tape.add(
            "truth",
            application=application,
            person=places.person[place],
            group=asking.group,
            bank=asking.bank,
            cycle=np.full(len(place), self.cycle),
            asked=at(asking.ask, 10),
            p_direct=direct,
            p_bad=p_bad,
            net_indebtedness=households.owed_of(places, place) / households.surplus_of(places, place),
            p_over_indebted=sacrifice.outlook(self.aside, law, places, place, asking.closes + 7, p_bad, shock),
            bad=bad,
            infected=infected,
            borrows=borrows,
            first_cycle=places.loans[place] == 0,
            cents=amount,
            term=asking.term,
            spacing=asking.spacing,
            disbursed=asking.disbursed,
            sector=places.sector[place],
            surplus=households.surplus_of(places, place),
            service=households.service_of(places, place),
            savings=places.savings[place],
            previous=np.where(places.loans[place] > 0, places.amount[place], 0),
            **{f"cause_{name}": adds[name] for name in CAUSES},
        )
        cut = np.rint(amount * 0.9 / AMOUNT_STEP).astype(np.int64) * AMOUNT_STEP
        granted = np.maximum(AMOUNT_LEAST, np.where(rng.random(len(place)) < CUT, cut, amount))
        self._repay(asking.only(borrows), application[borrows], bad[borrows], infected[borrows], granted[borrows])
        places.trouble[place] = (
            law.trouble_keep * places.trouble[place]
            + law.trouble_fall * bad
            + law.trouble_sd * rng.standard_normal(len(place))
        )

    def _fate(self, asking: Asking, direct: Floats, borrows: Bools) -> tuple[Bools, Bools]:
        """Draw the factors of the cycle, who falls, and who of them because of a neighbour."""
        rng, house = self.rng, self.house
        quarter = (asking.disbursed - START) // 91
        falls, pulled = self.law.realise(
            rng,
            direct,
            asking.group,
            systemic=self.systemic[quarter, asking.region],
            bank_factor=rng.standard_normal(len(house.bank_branch))[asking.bank],
            group_factor=rng.standard_normal(len(house.group_bank))[asking.group],
            borrows=borrows,
        )
        return falls | pulled, pulled

    def _write_request(self, asking: Asking, amount: Ints, declared: Ints) -> Ints:
        purpose = np.searchsorted(np.cumsum(PURPOSE_SHARE)[:-1], self.rng.random(len(amount)), side="right")
        return self.tape.add(
            "applications",
            person=self.places.person[asking.place],
            group=asking.group,
            cents=amount,
            term=asking.term,
            spacing=asking.spacing,
            purpose=purpose,
            declared=declared,
            event=at(asking.ask, 10),
            known=at(asking.ask, 10),
        )

    def _repay(self, asking: Asking, application: Ints, bad: Bools, pulled: Bools, amount: Ints) -> None:
        rng, house, places, tape = self.rng, self.house, self.places, self.tape
        place, person = asking.place, self.places.person[asking.place]
        instalment = instalment_of(amount, asking.term, asking.count, RATE)
        hidden = house.group_effect[asking.group] + house.bank_effect[asking.bank]
        repayment = repay(
            rng,
            Loans(
                disbursed=asking.disbursed,
                count=asking.count,
                spacing=asking.spacing,
                closes=asking.closes,
                instalment=instalment,
                savings=places.savings[place],
                group=asking.group,
                falls=bad,
                pulled=pulled,
                relief=self.scenario.relief(
                    rng, asking.region, places.sector[place], asking.disbursed, asking.disbursed + asking.term
                ),
                lateness=-3.1 + 0.9 * places.punctual[place] + 0.9 * hidden + 0.5 * places.trouble[place],
            ),
        )
        places.loans[place] += 1
        loan = tape.add(
            "loans",
            application=application,
            person=person,
            group=asking.group,
            cycle=places.loans[place],
            cents=amount,
            disbursed=asking.disbursed,
            term=asking.term,
            spacing=asking.spacing,
            closes=asking.closes,
            way=repayment.way,
            rewritten=repayment.rewritten,
            leaves_debt=repayment.leaves_debt,
        )
        row, column = np.nonzero(repayment.inside)
        tape.add(
            "instalments",
            loan=loan[row],
            number=column + 1,
            due=repayment.due[repayment.inside],
            due_rewritten=repayment.due_rewritten[repayment.inside],
            cents=instalment[row],
            principal=principal_of(amount, asking.count)[row, column],
            paid=repayment.paid[repayment.inside],
            payer=repayment.payer[repayment.inside],
        )
        self._keep_book(asking, repayment, amount, instalment)
        self._carry_on(place, repayment, amount)
        banks, settled = lend_to_banks(
            rng,
            tape,
            asking=asking,
            repayment=repayment,
            amount=amount,
            instalment=instalment,
            fund=house.bank_fund,
            cycle=self.cycle,
        )
        # A bank that owes the institution gets no new loan.
        self.ask[banks] = np.maximum(self.ask[banks], settled + 1)

    def _keep_book(self, asking: Asking, repayment: Repayment, amount: Ints, instalment: Ints) -> None:
        """Write meetings, training and savings, and move the savings themselves."""
        rng, places, tape = self.rng, self.places, self.tape
        place, person = asking.place, self.places.person[asking.place]
        unreliable = -2.9 + 0.6 * places.punctual[place] + 0.4 * places.trouble[place]
        places.attended[place] = meetings.attend(
            rng, tape, repayment, person=person, group=asking.group, unreliable=unreliable
        )
        meetings.train(rng, tape, repayment, person=person, first=places.loans[place] == 1)
        thrift = np.clip(1.0 - 0.18 * places.effect[place] / self.law.member_sd, 0.4, 1.6)
        put_aside = meetings.save(rng, tape, repayment, person=person, goal=amount // 8, thrift=thrift)
        seized = ((repayment.payer == SAVINGS) & repayment.inside).sum(axis=1) * instalment
        places.savings[place] += put_aside - seized

        spends = (rng.random(len(place)) < 0.18) & (places.savings[place] > 1000)
        share = rng.uniform(0.2, 0.7, len(place))
        takes = np.where(spends, (places.savings[place] * share / 10).astype(np.int64) * 10, 0)
        places.savings[place] -= takes
        some = takes > 0
        tape.add(
            "savings",
            person=person[some],
            kind=np.full(int(some.sum()), WITHDRAWAL),
            cents=takes[some],
            event=at(asking.closes[some], 9),
            known=at(asking.closes[some], 18),
        )

    def _carry_on(self, place: Ints, repayment: Repayment, amount: Ints) -> None:
        """Set what the next cycle inherits of this one's repayment."""
        places, inside = self.places, repayment.inside
        days = np.where(repayment.paid == NEVER, UNPAID_DAYS, repayment.paid - repayment.due_rewritten)
        days = np.where(inside, np.maximum(days, 0), 0)
        count = inside.sum(axis=1)
        late = (days > 0).sum(axis=1) / count
        covered = ((repayment.payer == GROUP) & inside & (repayment.paid != NEVER)).sum(axis=1) / count
        kept = np.where(places.loans[place] == 1, 0.0, 0.5)
        places.late[place] = kept * places.late[place] + (1.0 - kept) * late
        places.covered[place] = kept * places.covered[place] + (1.0 - kept) * covered
        places.worst[place] = np.maximum(0.5 * places.worst[place], days.max(axis=1))
        places.amount[place] = amount
        places.fell[place] = (repayment.way != GOOD) & (repayment.way != RELIEF)
        places.left_debt[place] = repayment.leaves_debt
