"""`riskscore replay`: a score on record, computed again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from riskscore.cli import printing
from riskscore.errors import Fault, NotFound, Refused

if TYPE_CHECKING:
    from riskscore.modelling import Champion
    from riskscore.service.records import Record


def replay(
    score_id: Annotated[str, typer.Argument(metavar="SCORE_ID", help="As the answer and the page show it.")],
    portfolio: Annotated[
        Path | None,
        typer.Option(
            "--portfolio", metavar="DIR", exists=True, file_okay=False, help="Compute its values again from here, too."
        ),
    ] = None,
) -> None:
    """Compute a score on record again with the model of its day, from the values it was computed from.

    It has to agree to the last bit. With --portfolio the values themselves are computed again, and every feature that
    comes out otherwise is named: a correction recorded since then never shows, a table that was rewritten does. Exit
    code 1 where anything differs.
    """
    from riskscore.modelling import Registry, artefact
    from riskscore.service.database import Database
    from riskscore.service.records import Records
    from riskscore.service.settings import Settings

    record = Records(Database(Settings().records)).get(score_id)
    if record is None:
        raise NotFound.of(score_id, "No score of this id is on record.", "Check the id and RISKSCORE_RECORDS.")
    said = record.score
    recipe, version = str(said["recipe"]), str(said["model_version"])
    champion = artefact.load(Registry().folder(recipe, version), version=version)
    differing = from_record(record, champion)
    if portfolio is not None:
        differing += from_portfolio(record, champion, portfolio)
    if differing:
        raise Refused(differing)
    printing.line(f"{score_id}  {recipe} version {version}, as of {said['as_of']}, recorded {record.recorded_at}")
    printing.line(f"score {said['score']:.6f}, PD {said['pd']:.6f}: computed again, the same to the last bit")
    if portfolio is not None:
        printing.line(f"{len(record.values)} values: computed again from {portfolio}, the same")


def from_record(record: Record, champion: Champion) -> list[Fault]:
    """Return what differs when the model explains the recorded value row again."""
    from riskscore.scoring import points_of

    said, model = record.score, champion.model
    if champion.lock.sha256 != said["lock"]:
        return [Fault("lock", "The model's definitions are not those of the score.", "Check the registry.")]
    row = [record.values.get(name) for name in model.features]
    explained = model.explain(np.array([[np.nan if value is None else value for value in row]]))
    phi = dict(zip(model.features, explained.phi[0].tolist(), strict=True))
    points = points_of(explained.base, phi, model.families, model.scale)
    found = {
        "pd": float(explained.pd[0]),
        "score": float(model.scale.score(float(explained.log_odds[0]))),
        "points.base": points.base,
        **{f"points.{name}": value for name, value in points.features.items()},
    }
    recorded = {
        "pd": said["pd"],
        "score": said["score"],
        "points.base": said["points"]["base"],
        **{f"points.{name}": value for name, value in said["points"]["features"].items()},
    }
    return _differing(recorded, found, "The model or the libraries under it are not those of the day.")


def from_portfolio(record: Record, champion: Champion, folder: Path) -> list[Fault]:
    """Return the features whose value a portfolio gives otherwise than it is on record."""
    from riskscore.portfolio import Portfolio
    from riskscore.scoring import Snapshot

    moment = datetime.fromisoformat(str(record.score["as_of"]))
    snapshot = Snapshot.build(Portfolio.open(folder), champion.lock, moment, members=[record.place.subject])
    row = snapshot.row(record.place.subject)
    return _differing(
        {name: record.values.get(name) for name in row},
        row,
        "The portfolio's past was changed; a correction belongs in a new version of the row.",
    )


def _differing(recorded: Mapping[str, float | None], found: Mapping[str, float | None], remedy: str) -> list[Fault]:
    """Name every place where two sets of numbers are not the same bits; none of the numbers is repeated."""
    return [
        Fault(name, "Computed again, it comes out otherwise.", remedy)
        for name in sorted(recorded.keys() | found.keys())
        if recorded.get(name) != found.get(name)
    ]
