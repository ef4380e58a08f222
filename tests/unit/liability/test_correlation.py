import numpy as np
import pytest

from riskscore.errors import InvalidInput, Refused
from riskscore.liability import at_least, default_correlation, draw_falls, moment_correlation, vasicek


@pytest.mark.parametrize(
    ("p", "r", "rho"), [(0.05, 0.15, 0.0408), (0.05, 0.30, 0.0976), (0.10, 0.15, 0.0578), (0.10, 0.30, 0.1291)]
)
def test_the_correlation_of_defaults_is_not_that_of_fortunes(p, r, rho):
    assert default_correlation(p, r) == pytest.approx(rho, abs=6e-5)


def test_two_members_fall_together_as_the_factor_says():
    p, r = 0.05, 0.30
    both = at_least(vasicek(2, p, r), 2)
    assert (both - p * p) / (p * (1 - p)) == pytest.approx(default_correlation(p, r), abs=1e-9)


def test_ten_groups_of_five():
    assert moment_correlation([5] * 10, [0, 0, 0, 0, 0, 0, 0, 1, 1, 3]) == pytest.approx(0.2222, abs=5e-5)


def test_a_record_without_falls_cannot_say():
    with pytest.raises(Refused):
        moment_correlation([5, 5], [0, 0])
    with pytest.raises(Refused):
        moment_correlation([1, 1], [0, 1])
    with pytest.raises(InvalidInput):
        moment_correlation([5, 5], [6, 0])


def members(banks=200, groups=4, size=5):
    bank = np.repeat(np.arange(banks), groups * size)
    return bank, np.repeat(np.arange(banks * groups), size)


def test_drawn_worlds_agree_with_the_exact_distribution():
    fell = draw_falls(
        [0.05] * 5, [0] * 5, [0] * 5, shared_by_all=0.3, shared_in_bank=0, shared_in_group=0, draws=200_000, seed=4
    )
    shares = np.bincount(fell.sum(axis=1), minlength=6) / 200_000
    assert shares == pytest.approx(vasicek(5, 0.05, 0.30), abs=3e-3)


def test_a_group_shares_more_than_its_bank():
    bank, group = members()
    fell = draw_falls(
        [0.1] * bank.size, bank, group, shared_by_all=0, shared_in_bank=0.1, shared_in_group=0.2, draws=200, seed=1
    )
    of_groups = fell.reshape(200 * 800, 5).sum(axis=1)
    assert moment_correlation([5] * of_groups.size, of_groups) == pytest.approx(default_correlation(0.1, 0.3), abs=0.02)
    first_of_each_group = fell[:, ::5].reshape(200 * 200, 4).sum(axis=1)
    across = moment_correlation([4] * first_of_each_group.size, first_of_each_group)
    assert across == pytest.approx(default_correlation(0.1, 0.1), abs=0.02)


def test_one_seed_one_world():
    def drawn(seed):
        return draw_falls(
            [0.2, 0.4], [0, 0], [0, 1], shared_by_all=0.1, shared_in_bank=0.1, shared_in_group=0.1, draws=50, seed=seed
        )

    assert (drawn(7) == drawn(7)).all()
    assert (drawn(7) != drawn(8)).any()


def test_faults_come_together():
    with pytest.raises(InvalidInput) as error:
        draw_falls([0.0], [0, 1], [0], shared_by_all=0.6, shared_in_bank=0.6, shared_in_group=0, draws=0, seed=1)
    assert [fault.where for fault in error.value.faults] == ["p", "bank", "shared", "draws"]
