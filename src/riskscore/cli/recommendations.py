"""`riskscore recommendations`: what the service recommended beside what was decided, as a table of the portfolio."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import PortfolioDir, RecipeOption
from riskscore.cli.outputs import check_outputs


def recommendations(
    portfolio: PortfolioDir,
    out: Annotated[Path, typer.Option("--out", metavar="F.parquet", dir_okay=False, help="File to write.")],
    recipe: RecipeOption = "member_default",
) -> None:
    """Write the table `recommendations` from the service's records (RISKSCORE_RECORDS) and the committees' decisions.

    It joins the next training set as data about deciding, and is never a label.
    """
    import os
    import uuid

    from riskscore.portfolio import Portfolio
    from riskscore.service.database import Database
    from riskscore.service.recommendations import recommendations as rows_of
    from riskscore.service.settings import Settings

    check_outputs({"--out": out})
    database = Database(Settings().records)
    try:
        frame = rows_of(database, Portfolio.open(portfolio), recipe=recipe)
    finally:
        database.close()
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.{uuid.uuid4().hex}")
    try:
        frame.write_parquet(aside)
        os.replace(aside, out)
    finally:
        aside.unlink(missing_ok=True)
    decided = frame["decision"].drop_nulls().len()
    printing.line(f"{out}  {frame['id'].n_unique():,} recommendations, {decided:,} of them with a decision")
