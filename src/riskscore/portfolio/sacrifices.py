"""The sacrifice questionnaire: of its answers one flag comes in, and nothing else.

Schicks (2013, Ghana) reads over-indebtedness from what a borrower gives up to repay and does not accept. The answers
are told to nobody, not even to the institution's officers: `sacrifice_flags` turns them into one flag a member and day
before a portfolio is written, and a portfolio that holds answers is refused. Nothing on health, conflict or violence is
asked: such an item is refused by name, and so is any other that is not of the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from riskscore.errors import Fault, InvalidInput
from riskscore.portfolio.consistency import Frames, has
from riskscore.portfolio.contracts import keys
from riskscore.portfolio.forbidden import forbidden, parts

INSTRUMENT, FLAG = "sacrifices", "flag"

#: What may be asked.
SACRIFICES = (
    "work_more",
    "eat_less",
    "use_savings",
    "sell_assets",
    "borrow_to_repay",
    "children_out_of_school",
    "migrate",
)

#: Beside what `riskscore.portfolio.forbidden` refuses of any portfolio.
CONFLICT = ("conflict", "conflicts", "conflicto", "conflictos", "fight", "fights", "pelea", "peleas", "quarrel")


@dataclass(frozen=True, slots=True)
class SacrificeCut:
    """From how many times in twelve months an unacceptable sacrifice is a structural one.

    Parameters
    ----------
    frequency_from : int
        Three is the usual reading of Schicks 2013.
    verified : bool
        Whether the institution has checked the number; the usual one is not.
    """

    frequency_from: int = 3
    verified: bool = False


def sacrifice_flags(answers: pl.DataFrame, cut: SacrificeCut | None = None) -> pl.DataFrame:
    """Return the rows of the table ``surveys`` that a questionnaire's answers come down to.

    Parameters
    ----------
    answers : DataFrame
        One row an answer: ``member_id, event_at, known_at`` (when it was asked and recorded), ``sacrifice`` (one of
        `SACRIFICES`), ``frequency`` (times in the last twelve months) and ``acceptable`` (her own judgement: bool).
        A missing frequency or judgement is no answer.
    cut : SacrificeCut, optional

    Returns
    -------
    DataFrame
        One row a member and moment: 1 where at least one sacrifice is unacceptable and as frequent as the cut, else 0;
        none where she answered nothing.

    Raises
    ------
    InvalidInput
        An item that may not be asked, or is not known: every one of them by its name, and never an answer.
    """
    faults = [_refused(item) for item in answers["sacrifice"].unique().sort().to_list() if item not in SACRIFICES]
    if faults:
        raise InvalidInput(faults)
    least = (cut or SacrificeCut()).frequency_from
    structural = ~pl.col("acceptable") & (pl.col("frequency") >= least)
    asked = answers.drop_nulls(["frequency", "acceptable"]).group_by("member_id", "event_at")
    flags = asked.agg(pl.col("known_at").max(), answer=structural.any().cast(pl.Float64)).sort("member_id", "event_at")
    name = pl.format("SACRIFICES-{}-{}", "member_id", pl.col("event_at").dt.strftime("%Y%m%d%H%M"))
    return flags.select(
        "event_at",
        "known_at",
        "member_id",
        "answer",
        id=name,
        instrument=pl.lit(INSTRUMENT),
        question=pl.lit(FLAG),
        scale_max=pl.lit(1.0),
    )


def answers_of_sacrifices(frames: Frames) -> Iterator[Fault]:
    """Of the sacrifice questionnaire a portfolio holds the flag, 0 or 1, and no answer."""
    if not has(frames, "surveys", "id", "instrument", "question", "answer", "scale_max"):
        return
    told = frames["surveys"].filter(pl.col("instrument") == INSTRUMENT)
    beyond = told.filter(pl.col("question").ne_missing(FLAG))
    if beyond.height:
        yield Fault(
            "surveys.question",
            f"holds answers to the sacrifice questionnaire ({keys(beyond['id'])}).",
            "Hand over the flag alone: `riskscore.portfolio.sacrifices.sacrifice_flags` makes it of the answers.",
        )
    graded = told.filter(pl.col("question") == FLAG, (pl.col("scale_max") != 1.0) | ~pl.col("answer").is_in([0.0, 1.0]))
    if graded.height:
        yield Fault(
            "surveys.answer",
            f"is a flag of sacrifices and neither 0 nor 1 ({keys(graded['id'])}).",
            "Write 0 or 1, with scale_max 1.",
        )


def _refused(item: str | None) -> Fault:
    where = f"sacrifice: {item}"
    if item is None:
        return Fault("sacrifice", "An answer names no sacrifice.", "Name one, or leave the answer out.")
    reason = forbidden(item) or (
        "conflict at home is never recorded for credit" if set(parts(item)) & set(CONFLICT) else None
    )
    if reason:
        return Fault(where, f"is refused: {reason}.", "Do not ask it, and delete what was answered.")
    return Fault(where, "is not known.", f"Use one of {', '.join(SACRIFICES)}.")
