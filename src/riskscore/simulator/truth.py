"""The truth about a simulated institution: what made each application likely to end in distress, and whether it did.

It lies beside the portfolio, in ``<portfolio>.truth``, a folder without ``portfolio.json`` that `Portfolio.open`
refuses.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from riskscore.errors import InvalidInput
from riskscore.simulator.columns import moments, names
from riskscore.simulator.law import CAUSES, Law
from riskscore.simulator.producer_loans import ProducerLoans
from riskscore.simulator.scenario import DATA_DATE
from riskscore.simulator.tape import Tape

#: What the causes that another request would change were made of.
ASKED = ("cents", "term", "spacing", "disbursed", "sector", "surplus", "service", "savings", "previous")

_APPLICATIONS = "applications.parquet"
_PRODUCERS = "producers.parquet"
_LAW = "law.json"


@dataclass(frozen=True, slots=True)
class Truth:
    """What `truth` reads.

    Parameters
    ----------
    applications : DataFrame
        One row an internal application known by the data date: ``application_id``, ``member_id``, ``group_id`` (her
        solidarity group), ``bank_id``, ``cycle`` (of the bank), ``as_of``; ``p_bad``, the probability in (0, 1) of the
        member outcome *bad* given the state when the score is asked, with factors, infection and what else comes
        later integrated out; ``p_direct``, that of a direct fall; ``bad``, what happened, missing where no loan was
        handed out, and ``infected``, whether a neighbour's fall did it; ``first_cycle``; ``net_indebtedness``, her
        true debts elsewhere over her true surplus, and ``p_over_indebted``, the probability that this is above 1 when
        she next asks (if she does), which no paper's error touches; ``cause_*``, the log-odds each cause adds to those
        of a direct fall, over the law's intercept; and `ASKED`, in the units of
        `riskscore.simulator.asking.bound_to_the_request`.
    producers : DataFrame
        One row a request of a producer association: ``application_id`` and ``p_bad``, the probability that its loan
        falls more than a month behind.
    law : Law
    """

    applications: pl.DataFrame
    producers: pl.DataFrame
    law: Law


def truth_folder(portfolio: Path | str) -> Path:
    """Return where the truth about the portfolio at a path lies."""
    portfolio = Path(portfolio)
    return portfolio.with_name(portfolio.name + ".truth")


def write_truth(portfolio: Path, law: Law, tape: Tape, lent: ProducerLoans) -> None:
    """Write the truth of a run beside `portfolio`."""
    told = tape.table("truth")
    bad = pl.select(pl.when(pl.Series(told["borrows"])).then(pl.Series(told["bad"]))).to_series()
    frame = pl.DataFrame(
        {
            "application_id": names("A", told["application"]),
            "member_id": names("M", told["person"]),
            "group_id": names("SG", told["group"], 6),
            "bank_id": names("CB", told["bank"], 5),
            "cycle": pl.Series(told["cycle"]),
            "as_of": moments(told["asked"]),
            "p_bad": pl.Series(told["p_bad"]),
            "p_direct": pl.Series(told["p_direct"]),
            "bad": bad,
            "infected": pl.Series(told["infected"]),
            "first_cycle": pl.Series(told["first_cycle"]),
            "net_indebtedness": pl.Series(told["net_indebtedness"]),
            "p_over_indebted": pl.Series(told["p_over_indebted"]),
            **{f"cause_{name}": pl.Series(told[f"cause_{name}"]) for name in CAUSES},
            **{name: pl.Series(told[name]) for name in ASKED},
        }
    )
    end = datetime(1970, 1, 1) + timedelta(days=DATA_DATE + 1)
    folder = truth_folder(portfolio)
    folder.mkdir(parents=True, exist_ok=True)
    frame.filter(pl.col("as_of") < end).write_parquet(folder / _APPLICATIONS)
    orgs = pl.DataFrame({"application_id": lent.application_ids, "p_bad": pl.Series(lent.p_bad)})
    orgs.write_parquet(folder / _PRODUCERS)
    (folder / _LAW).write_text(json.dumps(asdict(law), indent=2) + "\n", encoding="utf-8")


def truth(portfolio: Path | str) -> Truth:
    """Read the truth about the simulated portfolio at a path.

    Raises
    ------
    InvalidInput
        Where there is none: real institutions have no known truth.
    """
    folder = truth_folder(portfolio)
    missing = [name for name in (_APPLICATIONS, _PRODUCERS, _LAW) if not (folder / name).is_file()]
    if missing:
        raise InvalidInput.of(
            str(folder),
            f"has no {' and no '.join(missing)}.",
            "Only portfolios made by `riskscore simulate` have a truth.",
        )
    law = Law(**json.loads((folder / _LAW).read_text(encoding="utf-8")))
    return Truth(pl.read_parquet(folder / _APPLICATIONS), pl.read_parquet(folder / _PRODUCERS), law)
