"""Outlooks of communal banks at a moment: one for each bank with an open request, or of its last cycle known.

The file that comes of them has one row a bank and nothing of a single member: no list of who could pay, who may fall or
whose cover matters, and no count with one member left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import numpy as np
import polars as pl
from scipy.special import expit, logit

from riskscore import catalog
from riskscore.dataset.request import monthly_instalments
from riskscore.dataset.spine import COLUMNS, applications
from riskscore.errors import InvalidInput
from riskscore.modelling.artefact import Champion
from riskscore.modelling.communal_bank.behind import Standing, members_behind, standings
from riskscore.modelling.communal_bank.gates import order_judged
from riskscore.modelling.communal_bank.members import matrix_of
from riskscore.modelling.communal_bank.outlook import Basis, Cover, Outlook, Waterfall
from riskscore.modelling.communal_bank.settings import LiabilitySettings
from riskscore.modelling.communal_bank.structural import Structural
from riskscore.modelling.communal_bank.structure import Course, course
from riskscore.portfolio import Portfolio
from riskscore.scoring.products import known
from riskscore.scoring.snapshot import members_at

#: Columns of the file, in order; see `outlook_frame`.
SCHEMA = pl.Schema(
    [
        ("bank_id", pl.String),
        ("request_id", pl.String),
        ("basis", pl.String),
        ("as_of", pl.Datetime("us")),
        ("members", pl.Int64),
        ("solidarity_groups", pl.Int64),
        ("pd", pl.Float64),
        ("pd_low", pl.Float64),
        ("pd_high", pl.Float64),
        ("grade", pl.String),
        ("state", pl.String),
        ("expected_loss", pl.Float64),
        ("expected_in_arrears", pl.Float64),
        ("covers_falls", pl.Int64),
        ("p_1_plus", pl.Float64),
        ("p_2_plus", pl.Float64),
        ("p_3_plus", pl.Float64),
        ("loss", pl.Float64),
        ("by_savings", pl.Float64),
        ("by_group", pl.Float64),
        ("by_fund", pl.Float64),
        ("by_lender", pl.Float64),
        ("order_judged", pl.Boolean),
        ("model_version", pl.String),
    ]
)


def outlooks(champion: Champion, portfolio: Portfolio, moment: datetime) -> tuple[Outlook, ...]:
    """Return the outlook of every communal bank with a request known at `moment`, by bank.

    An open request, one no loan of which was known, is judged as of `moment`, with the members who still belong; a
    request that became a loan as of when it was made: what happened since is that cycle's own outcome.

    Raises
    ------
    InvalidInput
        The champion is no structural model: a learnt one has no outlook.
    """
    model, settings = champion.model, champion.recipe.liability
    if not isinstance(model.margin, Structural) or settings is None:
        what = f"The champion is a {model.kind}, which computes no outlook."
        remedy = "Promote a version whose model is structural; `riskscore models register FOLDER` takes in a run's own."
        raise InvalidInput.of(champion.recipe.name, what, remedy)
    margin = model.margin
    asked = _requests(portfolio, moment)
    behind = _behind(portfolio, champion, asked, moment, settings)
    behind = behind.with_columns(pd=pl.Series(margin.member.pd(matrix_of(behind, margin.member.features))))
    basis = {name: (bank, how, at) for name, bank, how, at in asked.iter_rows()}
    found = []
    for request, members in standings(behind, behind["pd"].to_numpy(), settings):
        bank, how, at = basis[request]
        worlds = course(margin.structure, settings, members)
        found.append(_outlook(champion, margin, settings, members, worlds, bank, request, how, at))
    return tuple(sorted(found, key=lambda one: one.bank_id))


def outlook_frame(found: Sequence[Outlook]) -> pl.DataFrame:
    """Return one row a communal bank.

    Returns
    -------
    DataFrame
        ``pd`` with its range, ``grade`` and ``state`` (a recommendation), ``expected_loss`` and the waterfall's mean
        amounts in currency, ``expected_in_arrears`` (members), ``covers_falls``, and ``p_k_plus``, the chance that k
        members fall or more; ``order_judged``, whether the order of banks by ``pd`` was ever held against outcomes.
    """
    rows = []
    for one in found:
        told = {**asdict(one.waterfall), **{f"p_{k}_plus": one.at_least(k) for k in (1, 2, 3)}}
        rows.append({name: told[name] if name in told else getattr(one, name) for name in SCHEMA})
    return pl.DataFrame(rows, schema=SCHEMA)


def _outlook(
    champion: Champion,
    margin: Structural,
    settings: LiabilitySettings,
    members: Standing,
    worlds: Course,
    bank: str,
    request: str,
    basis: Basis,
    as_of: datetime,
) -> Outlook:
    level, borne = margin.level, worlds.borne
    raw = float(logit(worlds.pd))
    pd, low, high = (float(expit(raw + move)) for move in (level.shift, level.shift_low, level.shift_high))
    n = len(members.pd)
    return Outlook(
        bank_id=bank,
        request_id=request,
        basis=basis,
        as_of=as_of,
        members=n,
        solidarity_groups=int(members.group.max()) + 1,
        pd=pd,
        pd_low=low,
        pd_high=high,
        structural_pd=worlds.pd,
        prior_share=level.prior_share,
        grade=champion.grade(pd),
        expected_loss=float(borne.by_lender.mean()) * pd / worlds.pd,
        expected_in_arrears=float(borne.falls.mean()),
        in_arrears=tuple((np.bincount(borne.falls, minlength=n + 1) / len(borne.falls)).tolist()),
        stops=float(borne.stopped.mean()),
        covers_falls=worlds.covers_falls,
        waterfall=Waterfall(
            **{name: float(getattr(borne, name).mean()) for name in Waterfall.__slots__},
        ),
        cover=Cover(
            lent=float(members.loan.sum()),
            savings=float(members.savings.sum()),
            group=float(members.spare.sum()),
            fund=worlds.fund,
            savings_untold=members.savings_untold,
            spare_untold=members.spare_untold,
        ),
        state="talk_first" if pd >= settings.value("talk_first_from") else "ready",
        order_judged=order_judged(champion.metrics["gates"]),
        model_version=champion.version,
    )


def _requests(portfolio: Portfolio, moment: datetime) -> pl.DataFrame:
    """Return the last request of each communal bank: ``request_id, bank_id, basis, as_of``."""
    banks = known(portfolio.table("groups"), moment).filter(pl.col("kind") == "communal_bank").select(bank_id="id")
    asked = (
        applications(portfolio)
        .filter(pl.col("ledger") == "external", pl.col("as_of") <= moment, pl.col("event_at") < moment)
        .join(banks, on="bank_id", how="semi")
        .sort("as_of", "application_id")
        .unique("bank_id", keep="last", maintain_order=True)
    )
    lent = known(portfolio.table("loans"), moment).filter(pl.col("ledger") == "external")["application_id"].drop_nulls()
    is_open = pl.col("application_id").is_in(lent.implode()).not_()
    return asked.select(
        request_id="application_id",
        bank_id="bank_id",
        basis=pl.when(is_open).then(pl.lit("open_request")).otherwise(pl.lit("last_cycle")),
        as_of="as_of",
    )


def _behind(
    portfolio: Portfolio, champion: Champion, asked: pl.DataFrame, moment: datetime, settings: LiabilitySettings
) -> pl.DataFrame:
    """Return the members behind the requests with their values; `asked` says as of when."""
    members = applications(portfolio).filter(
        pl.col("ledger") == "internal",
        pl.col("member_id").is_not_null(),
        pl.col("as_of") <= moment,
        pl.col("event_at") < moment,
    )
    behind = members_behind(
        asked.rename({"request_id": "application_id"}), members, window_days=settings.request_window_days
    ).join(asked.select("request_id", "basis"), on="request_id", maintain_order="left")
    still = members_at(portfolio, moment).select("member_id", "bank_id")
    belongs = behind.join(still, on=["member_id", "bank_id"], how="semi")["application_id"]
    behind = behind.filter((pl.col("basis") != "open_request") | pl.col("application_id").is_in(belongs.implode()))
    at = (
        pl.when(pl.col("basis") == "open_request")
        .then(pl.lit(moment))
        .otherwise(pl.col("as_of"))
        .dt.cast_time_unit("us")
    )
    priced = monthly_instalments(behind.with_columns(as_of=at), portfolio.table("products"))
    valued = catalog.values(portfolio, champion.lock, priced.select(COLUMNS))
    return valued.join(behind.select("application_id", "request_id"), on="application_id").sort(
        "request_id", "member_id"
    )
