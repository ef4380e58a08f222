"""What a stored score would be, were some of its request otherwise: computed from what its record kept.

The values are those of the record and not of today's portfolio, and so are model and policy: nothing changed is the
stored score, and a change shows what the change does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from riskscore.catalog import Lock
from riskscore.errors import ArtefactError, Fault, InvalidInput
from riskscore.scoring import Otherwise, OverIndebtednessScorer, Scorer, ScoreRequest, Snapshot, as_changed
from riskscore.scoring import tightened as tightened_frame
from riskscore.scoring.score import NOTHING_LEFT
from riskscore.service.desk import WhatIf
from riskscore.service.frozen import thawed
from riskscore.service.household import BESIDE, kept_beside, tightened
from riskscore.service.records import Record

#: What a grid tells of each of its points, by the name it has in a frame of scores.
_OF_A_POINT = ("amount", "term_days", "pd", "score", "grade", "state", "ceiling", "level", "nii_post", "off_support")

#: Where a fault of a request stands when it is one of a grid.
_IN_GRID = {"amount": "grid.amounts", "term_days": "grid.term_days"}


def what_if(
    record: Record,
    scorer: Scorer,
    household: OverIndebtednessScorer | None,
    otherwise: Otherwise,
    amounts: Sequence[float],
    terms: Sequence[int],
) -> WhatIf:
    """Return the changed request's score, and a few figures of each amount and term.

    Parameters
    ----------
    record : Record
    scorer : Scorer
        With the model and the policy that the record was answered with.
    household : OverIndebtednessScorer or None
        What stands beside the record's score.
    otherwise : Otherwise
    amounts, terms : sequence
        They span the grid; where either is empty there is none.

    Raises
    ------
    InvalidInput
        Something cannot be otherwise, or no product then on offer allows it.
    ArtefactError
        A model is not the one the record names.
    """
    lock = _named(scorer.champion.lock, record.score)
    snapshot = thawed(record, lock)
    request = ScoreRequest(**record.request | {"as_of": snapshot.as_of})
    faults = otherwise.faults(snapshot, request)
    if faults:
        raise InvalidInput(faults)
    changed, asked = as_changed(snapshot, request, otherwise)
    beside = changed
    if household is not None:
        beside, _ = as_changed(
            kept_beside(record, _named(household.champion.lock, record.score[BESIDE])), request, otherwise
        )
    point: dict[str, Any] = {}
    grid: tuple[dict[str, Any], ...] = ()
    try:
        point = scorer.score(changed, asked).to_dict()
    except InvalidInput as error:
        faults += error.faults
    try:
        grid = _grid(scorer, household, changed, beside, asked, amounts, terms)
    except InvalidInput as error:
        faults += (Fault(_IN_GRID.get(fault.where, fault.where), fault.what, fault.remedy) for fault in error.faults)
    if faults:
        raise InvalidInput(sorted(set(faults)))
    if household is not None:
        point = tightened([point], household, scorer.policy, beside, [asked])[0]
    return WhatIf(point, grid)


def _named(lock: Lock, told: dict[str, Any]) -> Lock:
    if told["lock"] != lock.sha256:
        version = f"version {told['model_version']}"
        raise ArtefactError.of(version, "It is not the model that the score names.", "Ask for a new score.")
    return lock


def _grid(
    scorer: Scorer,
    household: OverIndebtednessScorer | None,
    snapshot: Snapshot,
    beside: Snapshot,
    request: ScoreRequest,
    amounts: Sequence[float],
    terms: Sequence[int],
) -> tuple[dict[str, Any], ...]:
    if not amounts or not terms:
        return ()
    frame = scorer.what_if(snapshot, request, amounts=list(amounts), terms=list(terms))
    if household is not None:
        asked = frame.select(
            "amount",
            "term_days",
            member_id=pl.lit(request.subject),
            frequency=pl.lit(request.frequency),
            purpose=pl.lit(request.purpose),
            other_active_loans=pl.lit(request.other_active_loans),
        )
        frame = tightened_frame(frame, household.batch(beside, asked), scorer.policy)
    # As in a score, an index on no surplus is written as the highest.
    shown = frame.select(_OF_A_POINT).with_columns(pl.col("nii_post").clip(upper_bound=NOTHING_LEFT))
    return tuple(shown.iter_rows(named=True))
