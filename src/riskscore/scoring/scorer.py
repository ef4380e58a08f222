"""The scorer: a champion and a policy, asked about members of a snapshot."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from riskscore.errors import InvalidInput
from riskscore.indebtedness import LEVELS
from riskscore.modelling.artefact import Champion
from riskscore.scoring.asked import cases_of
from riskscore.scoring.batch import score_frame
from riskscore.scoring.cases import Cases, Computed, Engine
from riskscore.scoring.changes import what_would_change
from riskscore.scoring.limits import Limits
from riskscore.scoring.points import points_of
from riskscore.scoring.policy import Policy
from riskscore.scoring.products import choose
from riskscore.scoring.reasons import Reasons
from riskscore.scoring.request import ScoreRequest
from riskscore.scoring.score import DataQuality, DebtFacts, Recommendation, Score
from riskscore.scoring.signals import sacrifice_shown, signals_shown
from riskscore.scoring.snapshot import Snapshot

_FACTS = ("business_revenue", "business_costs", "other_income", "household_costs")


class Scorer:
    """Scores requests.

    Parameters
    ----------
    champion : Champion
    policy : Policy

    Raises
    ------
    InvalidInput
        The champion is about households: its probability is no PD, and the policy's bands are not for it.
    """

    def __init__(self, champion: Champion, policy: Policy) -> None:
        if champion.recipe.of_household:
            what = f"{champion.recipe.name!r} is about households, and gives no PD."
            raise InvalidInput.of("recipe", what, "Use `riskscore score`, or an OverIndebtednessScorer.")
        self.champion, self.policy = champion, policy
        self._engine = Engine(champion, policy)
        self._reasons = Reasons(champion.lock, champion.model.features, champion.support)

    def score(self, snapshot: Snapshot, request: ScoreRequest, limits: Limits | None = None) -> Score:
        """Return the score of a request, explained.

        Parameters
        ----------
        snapshot : Snapshot
        request : ScoreRequest
        limits : Limits, optional
            What she will not change, or not beyond, where changes are offered.

        Raises
        ------
        NotFound
            The member is not in the snapshot.
        InvalidInput
            No product on offer allows the request.
        ArtefactError
            The snapshot comes from other definitions than the champion's.
        """
        cases = self._case(snapshot, request)
        found = self._engine.compute(snapshot, cases, explain=True)
        explanation = found.explanation
        if explanation is None:
            raise RuntimeError("an explained computation came without explanation")
        champion, model = self.champion, self.champion.model
        phi = dict(zip(model.features, explanation.phi[0].tolist(), strict=True))
        points = points_of(explanation.base, phi, model.families, model.scale)
        whys = self._engine.whys(found, cases, snapshot)[0]
        ceiling = float(self._engine.ceilings(found, cases, snapshot)[0])
        mendable = bool(whys) and not np.isnan(found.assessed.nii_post[0])
        quality = self._quality(snapshot, request, found)
        pd, score = float(explanation.pd[0]), float(model.scale.score(float(explanation.log_odds[0])))
        exact = np.array([points.features[name] for name in model.features])
        return Score(
            request=request,
            pd=pd,
            band=None if quality.off_support else champion.band(score),
            score=score,
            grade=champion.grade(pd),
            indebtedness=self._debts(snapshot, request, found),
            points=points,
            reasons=self._reasons.of_row(exact, found.X[0]),
            what_would_change=what_would_change(self._engine, snapshot, cases, found, limits) if mendable else (),
            data_quality=quality,
            recommendation=Recommendation(
                "talk_first" if whys else "ready", None if np.isnan(ceiling) else ceiling, whys
            ),
            model_version=champion.version,
            lock=champion.lock.sha256,
            policy_version=self.policy.version,
            values=self._values(snapshot, request, found),
        )

    def batch(self, snapshot: Snapshot, applications: pl.DataFrame, *, explain: bool = False) -> pl.DataFrame:
        """Score many applications of members of the snapshot at once.

        Parameters
        ----------
        snapshot : Snapshot
        applications : DataFrame
            ``member_id, amount, term_days, frequency, purpose, other_active_loans`` and, where it is known,
            ``product_id``; see `riskscore.scoring.latest_applications`.
        explain : bool
            Add points by feature and family, and the codes and features of the reasons.

        Returns
        -------
        DataFrame
            The keys of `applications`, then the scores, in its order. Rows of who is no member at the moment, or whose
            loan no product allows, have no score.
        """
        kept, cases = cases_of(snapshot, applications)
        keys = applications.select(name for name in ("application_id", "member_id") if name in applications.columns)
        scored = score_frame(self._engine, self._reasons, snapshot, cases, explain=explain)
        placed = scored.with_columns(pl.Series("row", kept, dtype=pl.UInt32))
        return keys.with_row_index("row").join(placed, on="row", how="left", maintain_order="left").drop("row")

    def what_if(
        self, snapshot: Snapshot, request: ScoreRequest, *, amounts: list[float], terms: list[int]
    ) -> pl.DataFrame:
        """Return score, state and indebtedness of each amount and term; none is explained.

        Raises
        ------
        InvalidInput
            An amount or term that no product on offer allows, all at once.
        """
        pairs = [(amount, term) for term in terms for amount in amounts]
        chosen, faults = [], []
        for amount, term in pairs:
            product, unoffered = choose(snapshot.products, amount=amount, term_days=term, frequency=request.frequency)
            faults += unoffered
            if product is not None:
                chosen.append(product)
        if faults:
            raise InvalidInput(dict.fromkeys(faults))
        n = len(pairs)
        cases = Cases(
            places=np.full(n, snapshot.place(request.subject), dtype=np.int64),
            amount=np.array([amount for amount, _ in pairs], dtype=np.float64),
            term_days=np.array([term for _, term in pairs], dtype=np.float64),
            frequency=[request.frequency] * n,
            purpose=[request.purpose] * n,
            other_active_loans=np.full(n, float(request.other_active_loans)),
            products=chosen,
        )
        scored = score_frame(self._engine, self._reasons, snapshot, cases, explain=False)
        asked = pl.DataFrame({"amount": cases.amount, "term_days": [term for _, term in pairs]})
        return pl.concat([asked, scored], how="horizontal")

    def _case(self, snapshot: Snapshot, request: ScoreRequest) -> Cases:
        product, faults = choose(
            snapshot.products, amount=request.amount, term_days=request.term_days, frequency=request.frequency
        )
        if product is None:
            raise InvalidInput(faults)
        return Cases(
            places=np.array([snapshot.place(request.subject)], dtype=np.int64),
            amount=np.array([request.amount], dtype=np.float64),
            term_days=np.array([request.term_days], dtype=np.float64),
            frequency=[request.frequency],
            purpose=[request.purpose],
            other_active_loans=np.array([request.other_active_loans], dtype=np.float64),
            products=[product],
        )

    def _debts(self, snapshot: Snapshot, request: ScoreRequest, found: Computed) -> DebtFacts:
        assessed, cap = found.assessed, self.policy.numbers.cap

        def number(values: NDArray[np.float64]) -> float | None:
            value = float(values[0])
            return None if np.isnan(value) else value

        def fact(name: str) -> NDArray[np.float64]:
            return self._engine.fact(snapshot.values[[snapshot.place(request.subject)]], name)

        row = snapshot.row(request.subject)
        missing = [name for name in _FACTS if row.get(name) is None]
        if np.isnan(found.outside[0]):
            missing.append("outside_service")
        nii_post = number(assessed.nii_post)
        return DebtFacts(
            level=LEVELS[int(assessed.level[0])],
            level_now=LEVELS[int(assessed.level_now[0])],
            surplus=number(assessed.surplus),
            instalment=float(assessed.instalment[0]),
            service_now=number(assessed.service_now),
            service_post=number(assessed.service_post),
            nii_now=number(assessed.nii_now),
            nii_post=nii_post,
            nii_stress=number(assessed.nii_stress),
            nii_stress_with_cover=number(assessed.nii_stress_with_cover),
            nii_stress_one_stops=number(assessed.nii_stress_one_stops),
            headroom=number(assessed.headroom),
            largest_amount=number(assessed.largest_amount),
            above_cap=None if nii_post is None else nii_post > cap + 1e-9,
            cap=cap,
            missing=tuple(missing),
            signals={name: shown[0] for name, shown in signals_shown(fact, found.formulas).items()},
            sacrifice=sacrifice_shown(fact)[0],
        )

    def _quality(self, snapshot: Snapshot, request: ScoreRequest, found: Computed) -> DataQuality:
        row = snapshot.row(request.subject)
        values = found.X[0].tolist()
        features = self.champion.model.features
        missing = [name for name in _FACTS if row.get(name) is None]
        missing += ["outside_service"] if np.isnan(found.outside[0]) else []
        missing += [name for name, value in zip(features, values, strict=True) if value != value]
        age = row.get("budget_age_days")
        old = age is not None and age > self.policy.value("data.budget_old_after_days")
        support = self.champion.support
        return DataQuality(
            missing=tuple(dict.fromkeys(missing)),
            stale=("budget_age_days",) if old else (),
            off_support=tuple(
                name
                for name, value in zip(features, values, strict=True)
                if name in support and not support[name].supports(value)
            ),
        )

    def _values(self, snapshot: Snapshot, request: ScoreRequest, found: Computed) -> dict[str, float | None]:
        return {**snapshot.row(request.subject), **found.formulas.row(0, named=True)}
