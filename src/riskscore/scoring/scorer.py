"""The scorer: a champion and a policy, asked about members of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from riskscore.errors import Fault, InvalidInput
from riskscore.modelling.artefact import Champion
from riskscore.scoring.asked import cases_of
from riskscore.scoring.batch import score_frame
from riskscore.scoring.cases import Cases, Engine
from riskscore.scoring.changes import what_would_change
from riskscore.scoring.limits import Limits
from riskscore.scoring.points import points_of
from riskscore.scoring.policy import Policy
from riskscore.scoring.products import Product, choose
from riskscore.scoring.reasons import Reasons
from riskscore.scoring.request import ScoreRequest
from riskscore.scoring.score import Recommendation, Score
from riskscore.scoring.snapshot import Snapshot
from riskscore.scoring.told import debts_told, quality_told


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
        product, faults = _chosen(snapshot, request)
        if product is None:
            raise InvalidInput(faults)
        return self._scores(snapshot, [request], [product], limits)[0]

    def score_all(self, snapshot: Snapshot, requests: Sequence[ScoreRequest]) -> list[Score]:
        """Return the score of each request, explained: what `score` gives, computed together.

        Raises
        ------
        NotFound
            A member is not in the snapshot.
        InvalidInput
            No product on offer allows some of the requests; every fault, such as of ``requests[3].amount``.
        ArtefactError
            The snapshot comes from other definitions than the champion's.
        """
        chosen = [_chosen(snapshot, request) for request in requests]
        faults = [
            Fault(f"requests[{place}].{fault.where}", fault.what, fault.remedy)
            for place, (_, unoffered) in enumerate(chosen)
            for fault in unoffered
        ]
        if faults:
            raise InvalidInput(faults)
        return self._scores(snapshot, requests, [product for product, _ in chosen if product is not None])

    def _scores(
        self,
        snapshot: Snapshot,
        requests: Sequence[ScoreRequest],
        offers: Sequence[Product],
        limits: Limits | None = None,
    ) -> list[Score]:
        if not requests:
            return []
        cases = _cases(snapshot, requests, offers)
        found = self._engine.compute(snapshot, cases, explain=True)
        explanation = found.explanation
        if explanation is None:
            raise RuntimeError("an explained computation came without explanation")
        whys = self._engine.whys(found, cases, snapshot)
        ceilings = self._engine.ceilings(found, cases, snapshot).tolist()
        mendable = [row for row, some in enumerate(whys) if some and not np.isnan(found.assessed.nii_post[row])]
        changes = what_would_change(self._engine, snapshot, cases, found, mendable, limits)
        champion, model = self.champion, self.champion.model
        own = [snapshot.row(request.subject) for request in requests]
        debts = debts_told(self._engine, snapshot, cases, found, own)
        formulas = {
            name: [None if value != value else value for value in values.tolist()]
            for name, values in found.formulas.items()
        }
        told = [
            points_of(explanation.base, dict(zip(model.features, phi, strict=True)), model.families, model.scale)
            for phi in explanation.phi.tolist()
        ]
        exact = np.array([[points.features[name] for name in model.features] for points in told])
        reasons = self._reasons.of_rows(exact, found.X)
        scores = []
        for row, request in enumerate(requests):
            quality = quality_told(self._engine, found, row, own[row])
            pd, score = float(explanation.pd[row]), float(model.scale.score(float(explanation.log_odds[row])))
            ceiling = None if np.isnan(ceilings[row]) else ceilings[row]
            scores.append(
                Score(
                    request=request,
                    pd=pd,
                    band=None if quality.off_support else champion.band(score),
                    score=score,
                    grade=champion.grade(pd),
                    indebtedness=debts[row],
                    points=told[row],
                    reasons=reasons[row],
                    what_would_change=changes.get(row, ()),
                    data_quality=quality,
                    recommendation=Recommendation("talk_first" if whys[row] else "ready", ceiling, whys[row]),
                    model_version=champion.version,
                    lock=champion.lock.sha256,
                    policy_version=self.policy.version,
                    values={**own[row], **{name: values[row] for name, values in formulas.items()}},
                )
            )
        return scores

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


def _chosen(snapshot: Snapshot, request: ScoreRequest) -> tuple[Product | None, list[Fault]]:
    return choose(snapshot.products, amount=request.amount, term_days=request.term_days, frequency=request.frequency)


def _cases(snapshot: Snapshot, requests: Sequence[ScoreRequest], offers: Sequence[Product]) -> Cases:
    return Cases(
        places=np.array([snapshot.place(request.subject) for request in requests], dtype=np.int64),
        amount=np.array([request.amount for request in requests], dtype=np.float64),
        term_days=np.array([request.term_days for request in requests], dtype=np.float64),
        frequency=[request.frequency for request in requests],
        purpose=[request.purpose for request in requests],
        other_active_loans=np.array([request.other_active_loans for request in requests], dtype=np.float64),
        products=list(offers),
    )
