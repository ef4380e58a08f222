"""Outlooks of communal banks."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from riskscore.cli import printing
from riskscore.cli.asked import require_asked

if TYPE_CHECKING:
    from riskscore.modelling import Champion
    from riskscore.portfolio import Portfolio


def score_banks(champion: Champion, portfolio: Portfolio, moment: datetime, out: Path) -> None:
    """Write the outlook of every communal bank with an open request, or of its last cycle known; one row a bank."""
    from riskscore.scoring.communal_bank import outlook_frame, outlooks

    with printing.step("outlooks of communal banks"):
        frame = outlook_frame(outlooks(champion, portfolio, moment))
        require_asked(frame, "No communal bank's request", moment, "applications")
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = out.with_name(f".{out.name}.partial")
        frame.write_parquet(aside)
        aside.replace(out)
    waiting = int((frame["basis"] == "open_request").sum())
    printing.line(
        f"{out}  {frame.height:,} communal banks as of {moment:%Y-%m-%d %H:%M}, {waiting:,} with an open request, "
        f"{champion.recipe.name} version {champion.version}"
    )
    if champion.structure is not None:
        printing.prose(
            f"The PD is that of a {champion.model.kind}. Falls, cover and loss come from the structure of the same "
            "training run, brought to that PD; structural_pd is what the structure says by itself."
        )
    untold = frame["expected_loss"].null_count()
    if untold:
        printing.prose(
            f"{untold:,} of them have a PD and no outlook: the structure's worlds cannot be brought to that PD."
        )
    if not frame["order_judged"].all():
        printing.prose(
            "Too few bads out of time: whether this version tells better banks from worse was never judged, only its "
            "level. Use the order to ask, not to choose between banks."
        )
