"""The run of an institution, one cycle of every communal bank at a time.

Banks do not touch one another, so that cycle number k of all banks is one step, each on its own dates: who leaves and
who joins, the papers, the request, the law, repayment, the group's book, and the state that the next cycle inherits.
"""

from __future__ import annotations

import numpy as np

from riskscore.simulator import external, households, meetings, people
from riskscore.simulator.arrays import Bools, Floats, Ints, months_of
from riskscore.simulator.institution import SECTORS, Institution
from riskscore.simulator.law import CAUSES, Law
from riskscore.simulator.people import Places
from riskscore.simulator.repayment import GOOD, GROUP, NEVER, RELIEF, Loans, Repayment, repay
from riskscore.simulator.scenario import DATA_DATE, START, Scenario
from riskscore.simulator.tape import Tape, at

WEEKLY_TERMS = np.array([98, 112, 112, 126, 140])
FORTNIGHTLY_TERMS = np.array([126, 140, 168, 168, 196, 224])
#: Flat interest per 30 days on a member's loan and on the bank's.
RATE, EXTERNAL_RATE = 0.025, 0.02
AMOUNT_STEP, AMOUNT_LEAST, AMOUNT_MOST = 10_00, 100_00, 1_000_00
GROWTH_MOST = 2.0
PURPOSE_SHARE = np.array([0.72, 0.12, 0.12, 0.04])


class Run:
    """One institution under way: `step` until it returns false, then read the `tape`."""

    def __init__(self, house: Institution, scenario: Scenario, law: Law, rng: np.random.Generator, tape: Tape) -> None:
        self.house, self.scenario, self.law, self.rng, self.tape = house, scenario, law, rng, tape
        self.places = Places(len(house.place_group))
        banks = len(house.bank_branch)
        self.cycle = 0
        self.closed = house.bank_formed.copy()
        self.ask = house.bank_formed + rng.integers(10, 25, banks)
        quarters = (DATA_DATE - START) // 91 + 3
        self.systemic = rng.standard_normal((quarters, int(house.branch_region.max()) + 1))

    def step(self) -> bool:
        """Run the next cycle of every bank that still asks before the data end; return whether there was one."""
        running = self.ask <= DATA_DATE
        if not running.any():
            return False
        self.cycle += 1
        self._turnover(running)
        who = np.flatnonzero((self.places.person >= 0) & running[self.house.place_bank])
        calendar = self._calendar(running)
        self._lend(who, calendar)
        return True

    def _calendar(self, running: Bools) -> dict[str, Ints]:
        """Draw each bank's dates: disbursement at a meeting, spacing, number of instalments, close, next request."""
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
        dates = {
            "ask": self.ask.copy(),
            "disbursed": disbursed,
            "term": term,
            "spacing": spacing,
            "count": term // spacing,
            "closes": closes,
        }
        self.closed = np.where(running, closes, self.closed)
        self.ask = np.where(running, closes + 1 + rng.integers(0, 13, banks), self.ask)
        return dates

    def _turnover(self, running: Bools) -> None:
        house, places, rng = self.house, self.places, self.rng
        bank = house.place_bank
        gone = people.leave(rng, self.tape, house, self.law, places, running[bank], self.closed[bank])
        chance = people.REFILL if self.cycle > 1 else 0.93
        free = (places.person < 0) & ~gone & running[bank]
        taken = np.flatnonzero(free & (rng.random(places.count) < chance))
        joined = self.ask[bank[taken]] - 1
        people.join(rng, self.tape, house, self.law, places, taken, joined)

    def _lend(self, who: Ints, dates: dict[str, Ints]) -> None:
        rng, house, places, law, tape = self.rng, self.house, self.places, self.law, self.tape
        group = house.place_group[who]
        bank = house.group_bank[group]
        region = house.branch_region[house.bank_branch[bank]]
        ask, term, spacing = dates["ask"][bank], dates["term"][bank], dates["spacing"][bank]

        households.live_on(rng, places, who, ask)
        declared = households.write_papers(rng, tape, places, who, ask)
        amount = self._request(who)
        count = term // spacing
        instalment = _instalment(amount, term, count, RATE)
        causes = self._causes(who, ask, region, amount, instalment, spacing, dates["disbursed"][bank], term)
        log_odds = law.intercept + sum(causes.values())
        direct = np.clip(1.0 / (1.0 + np.exp(-log_odds)), 1e-6, 1 - 1e-6)
        _, local = np.unique(group, return_inverse=True)
        probability = law.probability(direct, local)

        borrows = rng.random(len(who)) >= law.withdrawal
        quarter = (dates["disbursed"][bank] - START) // 91
        falls, pulled = law.realise(
            rng,
            direct,
            local,
            systemic=self.systemic[quarter, region],
            bank_factor=rng.standard_normal(len(house.bank_branch))[bank],
            group_factor=rng.standard_normal(len(house.group_bank))[group],
            borrows=borrows,
        )
        bad = falls | pulled
        purpose = np.searchsorted(np.cumsum(PURPOSE_SHARE)[:-1], rng.random(len(who)), side="right")
        application = tape.add(
            "applications",
            person=places.person[who],
            group=group,
            cents=amount,
            term=term,
            spacing=spacing,
            purpose=purpose,
            declared=declared,
            event=at(ask, 10),
            known=at(ask, 10),
        )
        tape.add(
            "truth",
            application=application,
            person=places.person[who],
            group=group,
            bank=bank,
            cycle=np.full(len(who), self.cycle),
            asked=at(ask, 10),
            p_direct=direct,
            p_bad=probability,
            bad=bad,
            infected=pulled,
            borrows=borrows,
            first_cycle=places.loans[who] == 0,
            **{f"cause_{name}": causes[name] for name in CAUSES},
        )
        keep = np.flatnonzero(borrows)
        cut = np.where(
            rng.random(len(who)) < 0.06, np.rint(amount * 0.9 / AMOUNT_STEP).astype(np.int64) * AMOUNT_STEP, amount
        )
        granted = np.maximum(AMOUNT_LEAST, cut)
        self._repay(who[keep], application[keep], bad[keep], granted[keep], dates)
        places.trouble[who] = (
            law.trouble_keep * places.trouble[who]
            + law.trouble_fall * bad
            + law.trouble_sd * rng.standard_normal(len(who))
        )

    def _request(self, who: Ints) -> Ints:
        """Draw the amounts asked for, in cents: after a fall less, else a growing sequence, bold at times."""
        rng, places = self.rng, self.places
        surplus = households.surplus_of(places, who)
        start = np.exp(rng.normal(5.45, 0.3, len(who))) * (surplus / 250.0) ** 0.25 * 100
        bold = rng.random(len(who)) < 0.16
        growth = np.exp(np.where(bold, rng.uniform(0.3, 0.68, len(who)), rng.normal(0.12, 0.12, len(who))))
        growth = np.where(places.fell[who], np.minimum(growth, 1.0) * 0.85, growth)
        asked = np.where(places.loans[who] == 0, start, places.amount[who] * np.minimum(growth, GROWTH_MOST))
        asked = np.clip(asked, AMOUNT_LEAST, AMOUNT_MOST)
        return (asked / AMOUNT_STEP).astype(np.int64) * AMOUNT_STEP

    def _causes(
        self,
        who: Ints,
        ask: Ints,
        region: Ints,
        amount: Ints,
        instalment: Ints,
        spacing: Ints,
        disbursed: Ints,
        term: Ints,
    ) -> dict[str, Floats]:
        """Return what each cause adds to the log-odds of a direct fall, in the state of the moment she asks."""
        places, house = self.places, self.house
        group = house.place_group[who]
        bank = house.group_bank[group]
        first = places.loans[who] == 0
        old = ~first
        late, worst, covered = places.late[who], places.worst[who], places.covered[who]

        # Her neighbours' record: the mean over the other women of the communal bank who have one.
        shown = (late + 2.0 * covered) * old
        others = np.bincount(bank, weights=old)[bank] - old
        mean = (np.bincount(bank, weights=shown)[bank] - shown) / np.maximum(1, others)
        monthly = instalment / 100 * np.where(spacing == 7, 52 / 12, 26 / 12)
        burden = (households.service_of(places, who) + monthly) / households.surplus_of(places, who)
        growth = np.log(amount / np.where(first, amount, places.amount[who]))
        lean = np.zeros(len(who))
        for month in range(8):
            falls_due = months_of(disbursed + np.minimum(term, month * 30 + 30))
            in_lean = np.array([[m in s.lean_months for m in range(13)] for s in SECTORS])
            lean += in_lean[places.sector[who], falls_due] / 8
        age = np.maximum(0, ask - places.business_from[who]) / 365.25
        saved = np.minimum(0.6, places.savings[who] / amount)
        missed = np.where(first, 0.0, 0.93 - np.nan_to_num(places.attended[who], nan=0.93))
        return {
            "repayment": old * (2.2 * (late - 0.08) + 0.40 * (np.log1p(worst) - 1.5) + 3.0 * (covered - 0.01)),
            "peers": np.where(others > 0, 4.0 * (mean - 0.10), 0.0),
            "capacity": 1.9 * (np.clip(burden, 0.0, 1.5) - 0.6),
            "request": 1.3 * (growth - 0.10) * old,
            "savings": -1.5 * (saved - 0.15) * old,
            "attendance": 1.6 * missed,
            "experience": 0.35 * first
            - 0.05 * np.minimum(places.loans[who], 4)
            + 0.05 * np.maximum(0, places.loans[who] - 6),
            "business": np.array([s.log_odds for s in SECTORS])[places.sector[who]] - 0.40 * (np.log1p(age) - 1.5),
            "season": 0.6 * lean,
            "shock": self.scenario.log_odds(region, places.sector[who], ask),
            "member": places.effect[who].copy(),
            "trouble": places.trouble[who].copy(),
            "group": house.group_effect[group],
            "bank": house.bank_effect[bank],
        }

    def _repay(self, who: Ints, application: Ints, bad: Bools, amount: Ints, dates: dict[str, Ints]) -> None:
        rng, house, places, tape, law = self.rng, self.house, self.places, self.tape, self.law
        group = house.place_group[who]
        bank = house.group_bank[group]
        region = house.branch_region[house.bank_branch[bank]]
        disbursed, term = dates["disbursed"][bank], dates["term"][bank]
        spacing, count, closes = dates["spacing"][bank], dates["count"][bank], dates["closes"][bank]
        instalment = _instalment(amount, term, count, RATE)
        hidden = house.group_effect[group] + house.bank_effect[bank]
        lateness = -3.1 + 0.9 * places.punctual[who] + 0.9 * hidden + 0.5 * places.trouble[who]
        relief = self.scenario.relief(rng, region, places.sector[who], disbursed, disbursed + term)
        repayment = repay(
            rng,
            Loans(disbursed, count, spacing, closes, instalment, places.savings[who], bad, relief, lateness),
        )
        places.loans[who] += 1
        loan = tape.add(
            "loans",
            application=application,
            person=places.person[who],
            group=group,
            cycle=places.loans[who].copy(),
            cents=amount,
            instalment=instalment,
            disbursed=disbursed,
            term=term,
            spacing=spacing,
            closes=closes,
            way=repayment.way,
            rewritten=repayment.rewritten,
            leaves_debt=repayment.leaves_debt,
        )
        _write_ledger(tape, repayment, loan, amount, instalment, count)

        person = places.person[who]
        unreliable = -2.9 + 0.6 * places.punctual[who] + 0.4 * places.trouble[who]
        attended = meetings.attend(rng, tape, repayment, person=person, group=group, unreliable=unreliable)
        thrift = np.clip(1.0 - 0.18 * places.effect[who] / law.member_sd, 0.4, 1.6)
        put_aside = meetings.save(rng, tape, repayment, person=person, goal=amount // 8, thrift=thrift)
        meetings.train(rng, tape, repayment, person=person, first=places.loans[who] == 1)
        self._carry_on(who, repayment, amount, instalment, attended, put_aside, closes, person)
        self._lend_to_banks(repayment, bank, amount, instalment, dates)

    def _carry_on(
        self,
        who: Ints,
        repayment: Repayment,
        amount: Ints,
        instalment: Ints,
        attended: Floats,
        put_aside: Ints,
        closes: Ints,
        person: Ints,
    ) -> None:
        """Set the state that the next cycle inherits, and move savings."""
        rng, places = self.rng, self.places
        seized = ((repayment.payer == 2) & repayment.inside).sum(axis=1) * instalment
        places.savings[who] += put_aside - seized
        spends = (rng.random(len(who)) < 0.18) & (places.savings[who] > 1000)
        takes = np.where(spends, (places.savings[who] * rng.uniform(0.2, 0.7, len(who)) / 10).astype(np.int64) * 10, 0)
        places.savings[who] -= takes
        some = np.flatnonzero(takes > 0)
        self.tape.add(
            "savings",
            person=person[some],
            kind=np.ones(len(some), dtype=np.int64),
            cents=takes[some],
            event=at(closes[some], 9),
            known=at(closes[some], 18),
        )
        days = np.where(repayment.paid == NEVER, 45, repayment.paid - repayment.due_rewritten)
        days = np.where(repayment.inside, np.maximum(days, 0), 0)
        count = repayment.inside.sum(axis=1)
        late = (days > 0).sum(axis=1) / count
        covered = ((repayment.payer == GROUP) & repayment.inside & (repayment.paid != NEVER)).sum(axis=1) / count
        fresh = places.loans[who] == 1
        places.late[who] = np.where(fresh, late, 0.5 * places.late[who] + 0.5 * late)
        places.covered[who] = np.where(fresh, covered, 0.5 * places.covered[who] + 0.5 * covered)
        places.worst[who] = np.maximum(0.5 * places.worst[who], days.max(axis=1))
        places.attended[who] = attended
        places.amount[who] = amount
        places.fell[who] = (repayment.way != GOOD) & (repayment.way != RELIEF)
        places.left_debt[who] = repayment.leaves_debt

    def _lend_to_banks(
        self, repayment: Repayment, bank: Ints, amount: Ints, instalment: Ints, dates: dict[str, Ints]
    ) -> None:
        rng, house, tape = self.rng, self.house, self.tape
        banks = len(house.bank_branch)
        lent = np.bincount(bank, weights=amount, minlength=banks).astype(np.int64)
        collects = np.bincount(bank, weights=instalment, minlength=banks)
        short = external.shortfall(repayment, instalment, bank, banks)
        active = np.flatnonzero(lent > 0)
        number = np.arange(short.shape[1])
        count, term = dates["count"][active], dates["term"][active]
        due = dates["disbursed"][active, None] + dates["spacing"][active, None] * (number + 1)
        inside = number < count[:, None]
        paid, payer = external.pay(
            rng,
            due=due,
            inside=inside,
            closes=dates["closes"][active],
            short=short[active],
            buffer=house.bank_buffer[active] * collects[active],
        )
        instalment_out = _instalment(lent[active], term, count, EXTERNAL_RATE)
        application = tape.add(
            "external_applications",
            bank=active,
            cents=lent[active],
            term=term,
            spacing=dates["spacing"][active],
            event=at(dates["ask"][active], 10),
            known=at(dates["ask"][active], 10),
        )
        last = np.take_along_axis(paid, (count - 1)[:, None], axis=1)[:, 0]
        loan = tape.add(
            "external_loans",
            application=application,
            bank=active,
            cycle=np.full(len(active), self.cycle),
            cents=lent[active],
            disbursed=dates["disbursed"][active],
            term=term,
            spacing=dates["spacing"][active],
            closes=np.maximum(last, dates["closes"][active]),
        )
        row, column = np.nonzero(inside)
        tape.add(
            "external_instalments",
            loan=loan[row],
            number=column + 1,
            due=due[inside],
            cents=instalment_out[row],
            principal=_principal(lent[active], count)[row, column],
            paid=paid[inside],
            payer=payer[inside],
        )


def _instalment(amount: Ints, term: Ints, count: Ints, rate: float) -> Ints:
    """Return the equal instalment of a flat loan, in cents, rounded up so that the last one is like the others."""
    return np.ceil(amount * (1.0 + rate * term / 30.0) / count).astype(np.int64)


def _principal(amount: Ints, count: Ints) -> Ints:
    """Return principal by loan and instalment: equal cents, the rest in the last one."""
    number = np.arange(int(count.max()))
    each = amount // count
    last = amount - each * (count - 1)
    return np.where(number == (count - 1)[:, None], last[:, None], each[:, None])


def _write_ledger(tape: Tape, repayment: Repayment, loan: Ints, amount: Ints, instalment: Ints, count: Ints) -> None:
    inside = repayment.inside
    row, column = np.nonzero(inside)
    tape.add(
        "instalments",
        loan=loan[row],
        number=column + 1,
        due=repayment.due[inside],
        due_rewritten=repayment.due_rewritten[inside],
        cents=instalment[row],
        principal=_principal(amount, count)[row, column],
        paid=repayment.paid[inside],
        payer=repayment.payer[inside],
    )
