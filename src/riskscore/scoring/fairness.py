"""The audit of a champion and a policy by protected trait: what `riskscore report fairness` shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from riskscore.dataset.spine import applications
from riskscore.evaluation.fairness import (
    Alternative,
    Attribute,
    AttributeFindings,
    Cell,
    GroupFindings,
    Judged,
    ProxySearch,
    alternatives,
    audit,
    intersections,
    search_proxies,
    suspects,
)
from riskscore.evaluation.fairness.proxies import Standing
from riskscore.evaluation.fairness.ratio import Verdict
from riskscore.modelling.judging import Judging
from riskscore.modelling.refitting import refitted
from riskscore.portfolio import Portfolio
from riskscore.scoring.past_requests import PastRequests, own_pd
from riskscore.scoring.policy import WHYS, Policy
from riskscore.scoring.reasons import Reasons
from riskscore.scoring.watched import Watched

Floats = NDArray[np.float64]
Told = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class FairnessAudit:
    """Everything the audit found.

    Parameters
    ----------
    past : PastRequests
    watched : Watched
    judged : Judged
    traits : tuple of AttributeFindings
    crossings : mapping of tuple of str to tuple of Cell
    proxies : tuple of ProxySearch
    alternatives : tuple of Alternative
        The champion first; on another portfolio than that of its training, its candidate fitted on these rows.
    not_watched : tuple of str
        Protected features of the lock that ``fairness.toml`` does not name.
    asked : int
        Requests since the first test moment, also those without a loan or a known end.
    """

    past: PastRequests
    watched: Watched
    judged: Judged
    traits: tuple[AttributeFindings, ...]
    crossings: Mapping[tuple[str, ...], tuple[Cell, ...]]
    proxies: tuple[ProxySearch, ...]
    alternatives: tuple[Alternative, ...]
    not_watched: tuple[str, ...]
    asked: int

    def judged_as(self, verdict: Verdict) -> tuple[GroupFindings, ...]:
        """Return the groups of every trait whose ratio has a verdict."""
        return tuple(one for trait in self.traits for one in trait.groups if one.ratio.verdict == verdict)


def fairness_audit(
    judging: Judging,
    portfolio: Portfolio,
    policy: Policy,
    watched: Watched,
    *,
    language: str = "es",
    progress: Told | None = None,
) -> FairnessAudit:
    """Audit a champion and the policy in force by every trait that is watched.

    Parameters
    ----------
    judging : Judging
    portfolio : Portfolio
    policy : Policy
    watched : Watched
    language : {"es", "en"}
        Of the names of the groups.
    progress : callable, optional
        Told each step in a few words.

    Raises
    ------
    InvalidInput
        A trait that the lock does not have or does not protect; a champion that is not about members.
    """
    tell = progress or (lambda step: None)
    champion = judging.champion
    watched.require(champion.lock)
    tell("past requests")
    past = PastRequests.answer(judging, portfolio, policy)
    judged = _judged(past)
    attributes = tuple(trait.of(past.frame, language) for trait in watched.traits)
    by_name = {one.name: one for one in attributes}
    tell("proxies")
    searches = _proxies(judging, watched, language)
    tell("refits")
    names = suspects(searches, most=watched.refits)
    left_out = [(name,) for name in names] + ([names] if len(names) > 1 else [])

    def refit(without: tuple[str, ...]) -> tuple[Floats, NDArray[np.bool_]]:
        model = refitted(champion, judging.train_rows, without)
        X = past.rows.X[:, [champion.model.features.index(name) for name in model.features]]
        return model.pd(X), past.ready_by(own_pd(model, X))

    # On other rows than those that trained, a refit differs from the champion by its rows too: so what it is held
    # against is the champion's candidate fitted on the same rows.
    base = judged
    if not judging.same_portfolio:
        pd, ready = refit(())
        base = replace(judged, pd=pd, ready=ready)
    return FairnessAudit(
        past=past,
        watched=watched,
        judged=judged,
        traits=tuple(audit(one, judged, watched.standard) for one in attributes),
        crossings={
            crossing: intersections(tuple(by_name[name] for name in crossing), judged, watched.standard)
            for crossing in watched.crossings
        },
        proxies=searches,
        alternatives=alternatives(base, attributes, left_out, refit, standard=watched.standard),
        not_watched=watched.unnamed(champion.lock),
        asked=asked_since(portfolio, champion.recipe.ledger, judging.first_test),
    )


def asked_since(portfolio: Portfolio, ledger: str, moment: datetime) -> int:
    """Return how many requests of members were made since a moment, whatever became of them."""
    asked = applications(portfolio)
    return asked.filter(pl.col("ledger") == ledger, pl.col("member_id").is_not_null(), pl.col("as_of") >= moment).height


def _judged(past: PastRequests) -> Judged:
    champion, explanation = past.judging.champion, past.computed.explanation
    if explanation is None:
        raise RuntimeError("past requests came without explanation")
    lock, model = champion.lock, champion.model
    places = Reasons(lock, model.features, champion.support).places(
        np.asarray(model.scale.points(explanation.phi)), past.computed.X
    )
    words = [lock.feature(name).reason for name in model.features]
    codes = np.array(["" if one is None else one.code for one in words])
    told = tuple(sorted({str(code) for code in codes if code}))
    given = np.where(places >= 0, codes[places], "")
    return Judged(
        y=past.rows.y,
        ready=past.ready,
        pd=past.pd,
        score=past.score,
        clusters=past.rows.clusters,
        reasons=np.column_stack([(given == code).any(axis=1) for code in told]),
        codes=told,
        rules={code: past.reasons(code) for code in WHYS},
    )


def _proxies(judging: Judging, watched: Watched, language: str) -> tuple[ProxySearch, ...]:
    """Search among all people with a mature request, each at her last."""
    frame = pl.concat([judging.train.frame, judging.later.frame]).sort("as_of", "application_id")
    people = frame.unique("member_id", keep="last", maintain_order=True)
    clusters = people["cluster"].to_numpy().astype(str)
    lock, used = judging.champion.lock, set(judging.champion.model.features)
    standing: dict[str, Standing] = {
        feature.name: (
            "in the model" if feature.name in used else "for audits alone" if feature.protected else "not in this model"
        )
        for feature in lock.features
        if not feature.fact
    }
    columns = {name: people[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in standing}
    found = []
    for trait in watched.traits:
        attribute = trait.of(people, language)
        known = attribute.codes >= 0
        told, of = _told(attribute)
        found.append(
            search_proxies(
                trait.feature,
                told,
                of[known],
                {
                    name: (where, columns[name][known])
                    for name, where in standing.items()
                    if name != trait.feature and not np.isnan(columns[name][known]).all()
                },
                clusters[known],
                bar=watched.proxy_auc,
            )
        )
    return tuple(found)


def _told(attribute: Attribute) -> tuple[str, NDArray[np.bool_]]:
    """Return which group a search tells from the rest: the one beside the reference, or the upper half of several."""
    count = len(attribute.groups)
    if count == 2:
        other = 1 - attribute.reference
        return attribute.groups[other], attribute.codes == other
    upper = count // 2
    return " / ".join(attribute.groups[upper:]), attribute.codes >= upper
