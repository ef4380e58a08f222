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

from riskscore.modelling.artefact import Champion
from riskscore.modelling.communal_bank.behind import Standing
from riskscore.modelling.communal_bank.column import parts
from riskscore.modelling.communal_bank.correction import corrected
from riskscore.modelling.communal_bank.gates import order_judged
from riskscore.modelling.communal_bank.outlook import Basis, Cover, Outlook, Waterfall
from riskscore.modelling.communal_bank.settings import LiabilitySettings
from riskscore.modelling.communal_bank.structural import Structural
from riskscore.modelling.communal_bank.structure import course, fund_of, one_fall
from riskscore.portfolio import Portfolio
from riskscore.scoring.bank_cases import BankCase, bank_cases
from riskscore.scoring.bank_pd import BankPD, learnt_pd, levelled

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
        ("pd_from", pl.String),
        ("pd_low", pl.Float64),
        ("pd_high", pl.Float64),
        ("structural_pd", pl.Float64),
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
        ("by_untold", pl.Float64),
        ("by_lender", pl.Float64),
        ("order_judged", pl.Boolean),
        ("model_version", pl.String),
    ]
)


def outlooks(champion: Champion, portfolio: Portfolio, moment: datetime) -> tuple[Outlook, ...]:
    """Return the outlook of every communal bank with a request known at `moment`, by bank.

    An open request, one no loan of which was known, is judged as of `moment`, with the members who still belong; a
    request that became a loan as of when it was made: what happened since is that cycle's own outcome.

    The PD is the champion's. A learnt champion's own says nothing of falls and cover: those come from the structure of
    the same training run, its worlds brought to the learnt PD (`riskscore.modelling.communal_bank.correction`).

    Raises
    ------
    InvalidInput
        As `bank_cases`.
    """
    return tuple(outlook_of(champion, case) for case in bank_cases(champion, portfolio, moment))


def outlook_of(champion: Champion, case: BankCase) -> Outlook:
    """Return the outlook of one case; the same case always gives the same outlook, to the last bit."""
    learnt = None if champion.structure is None else learnt_pd(champion, case.row)
    return outlook(champion, case.members, case.request_id, case.bank_id, case.basis, case.as_of, learnt=learnt)


def outlook_frame(found: Sequence[Outlook]) -> pl.DataFrame:
    """Return one row a communal bank.

    Returns
    -------
    DataFrame
        ``pd`` with its range and ``pd_from``, the kind of model that says it; ``structural_pd``, what the worlds come
        to by themselves; ``grade`` and ``state`` (a recommendation), ``expected_loss`` and the waterfall's mean amounts
        in currency, ``expected_in_arrears`` (members), ``covers_falls``, and ``p_k_plus``, the chance that k or more
        members fall; ``order_judged``, whether the order of banks by ``pd`` was ever held against outcomes. What rests
        on worlds is missing where they cannot be brought to ``pd``.
    """
    rows = []
    for one in found:
        borne = dict.fromkeys(Waterfall.__slots__) if one.waterfall is None else asdict(one.waterfall)
        told = {**borne, **{f"p_{k}_plus": one.at_least(k) for k in (1, 2, 3)}}
        rows.append({name: told[name] if name in told else getattr(one, name) for name in SCHEMA})
    return pl.DataFrame(rows, schema=SCHEMA)


def outlook(
    champion: Champion,
    members: Standing,
    request: str,
    bank: str,
    basis: Basis,
    as_of: datetime,
    *,
    learnt: BankPD | None,
) -> Outlook:
    """Return the outlook of one request.

    Parameters
    ----------
    champion : Champion
        With a structure.
    members : Standing
    request, bank, basis, as_of
        As in `Outlook`.
    learnt : BankPD or None
        What a learnt champion says; the structure's own PD at its level where None.
    """
    margin, settings = parts(champion)
    worlds = course(margin.structure, settings, members)
    own = levelled(worlds.pd, margin.level) if learnt is None else learnt
    at_pd, borne, n = corrected(worlds, own.pd), worlds.borne, len(members.pd)
    return Outlook(
        bank_id=bank,
        request_id=request,
        basis=basis,
        as_of=as_of,
        members=n,
        solidarity_groups=int(members.group.max()) + 1,
        pd=own.pd,
        pd_from=champion.model.kind,
        pd_low=own.low,
        pd_high=own.high,
        structural_pd=worlds.pd,
        prior_share=own.prior_share,
        grade=champion.grade(own.pd),
        expected_loss=None if at_pd is None else at_pd.expected_loss,
        expected_in_arrears=None if at_pd is None else float(borne.falls.mean()),
        in_arrears=None
        if at_pd is None
        else tuple((np.bincount(borne.falls, minlength=n + 1) / len(borne.falls)).tolist()),
        stops=None if at_pd is None else float(borne.stopped.mean()),
        covers_falls=None if at_pd is None else at_pd.covers_falls,
        waterfall=None
        if at_pd is None
        else Waterfall(
            loss=float(borne.loss.mean()),
            by_savings=float(borne.by_savings.mean()),
            by_group=float(borne.by_group.mean()),
            by_fund=float(borne.by_fund.mean()),
            by_untold=at_pd.by_untold,
            by_lender=at_pd.expected_loss,
        ),
        cover=_cover(margin, settings, members),
        state="talk_first" if own.pd >= settings.value("talk_first_from") else "ready",
        order_judged=order_judged(champion.metrics["gates"]),
        model_version=champion.version,
    )


def _cover(margin: Structural, settings: LiabilitySettings, members: Standing) -> Cover:
    one = one_fall(margin.structure, settings, members)
    return Cover(
        lent=float(members.loan.sum()),
        one_fall=float(one.loss.mean()),
        savings=float(one.by_savings.mean()),
        group=float(one.by_group.mean()),
        fund=fund_of(settings, members),
        savings_untold=members.savings_untold,
        spare_untold=0 if margin.structure.group_told else members.spare_untold,
    )
