import numpy as np
import pytest
from scipy.special import ndtri

from riskscore.errors import InvalidInput, Refused
from riskscore.liability import (
    AssetShares,
    Record,
    default_correlations,
    direct_parts,
    draw_worlds,
    moment_correlation,
    shares_behind,
)
from riskscore.liability.behind import apart, together

FALLS = [0, 0, 0, 0, 0, 0, 0, 1, 1, 3]


def ten_groups():
    fell = np.concatenate([[1.0] * d + [0.0] * (5 - d) for d in FALLS])
    group = np.repeat(np.arange(10), 5)
    return Record.of(fell, np.full(50, 0.1), group=group, bank=group, period=group, cluster=group)


def test_with_one_rate_for_all_it_is_the_moment_estimator():
    found = default_correlations(ten_groups())
    assert found.in_group.value == pytest.approx(moment_correlation([5] * 10, FALLS))
    assert found.in_group.value == pytest.approx(0.2222, abs=5e-5)
    assert found.in_group.cases == 100
    assert np.isnan(found.in_bank.value)  # no bank has two groups


def test_pairs_one_by_one():
    fell, pd = [1, 0, 1, 1, 0, 0], [0.5, 0.2, 0.4, 0.1, 0.3, 0.6]
    group, bank, period = [0, 0, 1, 2, 2, 3], [0, 0, 0, 1, 1, 1], [0] * 6
    record = Record.of(fell, pd, group=group, bank=bank, period=period, cluster=bank)
    apart = {"group": 0.0, "bank": 0.0, "period": 0.0}
    for i in range(6):
        for j in range(i):
            kind = "group" if group[i] == group[j] else "bank" if bank[i] == bank[j] else "period"
            apart[kind] += (fell[i] - pd[i]) * (fell[j] - pd[j])
    assert record.excess() == pytest.approx((apart["group"], apart["bank"], apart["period"]), abs=1e-12)


def institution(shares, q, *, seed, cycles=3, banks=100, groups=5, size=4):
    """Draw a record from the three-level law, each cycle a period of its own."""
    draw = np.random.default_rng(seed)
    # No PD lies below what her neighbours alone would bring her: such PDs are no probabilities of this law.
    pd = np.clip(draw.beta(2, 18, banks * groups * size), 0.04 if q else 0.005, 0.6)
    local = np.repeat(np.arange(groups), size)
    place = np.arange(banks * groups * size) // size
    alone = direct_parts(pd, place, shared=shares.together, q=q).reshape(banks, -1)
    parts = []
    for cycle in range(cycles):
        common = draw.standard_normal()
        for bank in range(banks):
            parts.append((cycle, bank, pd.reshape(banks, -1)[bank], alone[bank], common))
    direct = np.stack([one[3] for one in parts])
    asset = (
        np.sqrt(shares.of_all) * np.array([one[4] for one in parts])[:, None]
        + np.sqrt(shares.in_bank) * draw.standard_normal((len(parts), 1))
        + np.sqrt(shares.in_group) * draw.standard_normal((len(parts), groups))[:, local]
        + np.sqrt(1 - shares.together) * draw.standard_normal(direct.shape)
    )
    fell = asset < ndtri(direct)
    sources = (fell @ np.eye(groups)[local])[:, local] - fell
    fell = fell | (draw.random(fell.shape) < 1 - (1 - q) ** sources)
    place = np.repeat(np.arange(len(parts)), direct.shape[1])
    return Record.of(
        fell.ravel().astype(float),
        np.concatenate([one[2] for one in parts]),
        group=place * groups + np.tile(local, len(parts)),
        bank=place,
        period=np.repeat([one[0] for one in parts], direct.shape[1]),
        cluster=np.repeat([one[1] for one in parts], direct.shape[1]),
    )


@pytest.mark.slow
def test_shares_are_found_again_and_contagion_is_not_shared_fortune():
    shares = AssetShares(0.0, 0.06, 0.10)
    records = [institution(shares, 0.10, seed=seed, banks=60) for seed in range(10)]
    found = [shares_behind(record, q=0.10) for record in records]
    # What of all and of the bank is told apart by three periods only; their sum is.
    of_bank, of_group = np.array([(one.of_all + one.in_bank, one.together) for one in found]).T
    for values, true in ((of_bank, 0.06), (of_group, 0.16)):
        assert abs(values.mean() - true) < 3 * values.std(ddof=1) / np.sqrt(len(values))
    # With contagion left out all of it would pass for shared fortune.
    blind = np.array([shares_behind(record).together for record in records]) - of_group
    assert blind.mean() - 3 * blind.std(ddof=1) / np.sqrt(len(blind)) > 0.1


def test_the_interval_holds_the_correlation_of_defaults():
    record = institution(AssetShares(0.0, 0.05, 0.15), 0.0, seed=5)
    found = default_correlations(record, level=0.98)
    deviation = np.sqrt(record.pd * (1 - record.pd))
    in_group = (np.bincount(record.group, deviation) ** 2).sum()
    in_bank = (np.bincount(record.bank, deviation) ** 2).sum()
    of_group = 2 * together(record.pd, record.group, 0.20, 0.0) / (in_group - (deviation**2).sum())
    of_bank = 2 * apart(record.pd, record.group, record.bank, 0.05) / (in_bank - in_group)
    assert found.in_group.low < of_group < found.in_group.high < 0.20  # far below the shares
    assert found.in_bank.low < of_bank < found.in_bank.high


def test_a_record_that_cannot_say():
    places = {name: [0, 1] for name in ("group", "bank", "period", "cluster")}
    with pytest.raises(Refused):
        default_correlations(Record.of([1, 0], [0.1, 0.1], **places))
    with pytest.raises(InvalidInput) as error:
        Record.of([2, 0], [0.0, 0.1], group=[0], bank=[0, 0], period=[0, 0], cluster=[0, 0])
    assert [fault.where for fault in error.value.faults] == ["fell", "pd", "group"]


def test_shares_leave_a_share_of_her_own():
    with pytest.raises(InvalidInput):
        AssetShares(0.5, 0.3, 0.2)
    with pytest.raises(InvalidInput):
        AssetShares(-0.1, 0.3, 0.2)
    assert AssetShares(0.02, 0.04, 0.06).together == pytest.approx(0.12)


def test_worlds_of_equal_members_have_the_pd_they_were_given():
    group = np.repeat(np.arange(3), 5)
    shares = AssetShares(0.02, 0.04, 0.06)
    direct = direct_parts(np.full(15, 0.08), group, shared=shares.together, q=0.1)
    fell = draw_worlds(direct, group, shares=shares, q=0.1, draws=60_000, seed=3)
    assert fell.mean() == pytest.approx(0.08, abs=0.002)
    assert direct[0] < 0.07
