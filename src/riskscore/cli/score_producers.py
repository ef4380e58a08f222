"""Scores of producer associations, each with its interval."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from riskscore.cli import printing
from riskscore.cli.asked import require_asked

if TYPE_CHECKING:
    from riskscore.modelling import Champion
    from riskscore.portfolio import Portfolio


def score_producers_to(champion: Champion, portfolio: Portfolio, moment: datetime, out: Path, *, explain: bool) -> None:
    """Write one row a producer association, and say how much of it is judgement."""
    from riskscore.scoring.producers import score_producers

    with printing.step("producer associations' scores"):
        frame = score_producers(champion, portfolio, moment, explain=explain)
        require_asked(frame, "No producer association's request", moment, "applications")
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = out.with_name(f".{out.name}.partial")
        frame.write_parquet(aside)
        aside.replace(out)
    printing.line(
        f"{out}  {frame.height:,} producer associations scored as of {moment:%Y-%m-%d %H:%M}, "
        f"{champion.recipe.name} version {champion.version}"
    )
    share = float(np.median(frame["prior_share"].to_numpy()))
    printing.line(f"{share:.0%} of a middling answer is the expert's word; every PD has its interval: read that")
    if frame["conflict"].any():
        printing.line(f"judgement and record disagree (p = {frame['conflict_p'][0]:.3f}): see the model card")
