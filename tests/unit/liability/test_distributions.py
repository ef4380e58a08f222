import pytest

from riskscore.errors import InvalidInput
from riskscore.liability import at_least, beta_binomial, binomial, vasicek

COLUMNS = {
    "independent": lambda n, p: binomial(n, p),
    "beta .05": lambda n, p: beta_binomial(n, p, 0.05),
    "beta .10": lambda n, p: beta_binomial(n, p, 0.10),
    "beta .30": lambda n, p: beta_binomial(n, p, 0.30),
    "vasicek .15": lambda n, p: vasicek(n, p, 0.15),
    "vasicek .30": lambda n, p: vasicek(n, p, 0.30),
}
#: P(K >= 1), P(K >= 2), P(K >= 3), column by column.
GOLDEN = {
    5: [
        (0.226219, 0.022592, 0.001158),
        (0.207510, 0.036792, 0.005163),
        (0.191485, 0.046533, 0.010138),
        (0.143519, 0.063152, 0.028746),
        (0.211006, 0.034093, 0.004449),
        (0.193269, 0.044495, 0.010086),
    ],
    6: [
        (0.264908, 0.032774, 0.002230),
        (0.238879, 0.050663, 0.009050),
        (0.217473, 0.061546, 0.016507),
        (0.157145, 0.075390, 0.038677),
        (0.243762, 0.047226, 0.007828),
        (0.220184, 0.058696, 0.016092),
    ],
    27: [
        (0.749656, 0.393904, 0.150494),
        (0.580912, 0.336881, 0.193183),
        (0.479135, 0.295966, 0.193053),
        (0.276429, 0.195652, 0.152568),
        (0.616279, 0.342444, 0.184383),
        (0.507897, 0.295188, 0.183650),
    ],
}


@pytest.mark.parametrize("n", GOLDEN)
@pytest.mark.parametrize("column", range(6))
def test_the_table_of_tails(n, column):
    distribution = list(COLUMNS.values())[column](n, 0.05)
    assert distribution.sum() == pytest.approx(1.0, abs=1e-12)
    assert tuple(at_least(distribution, k) for k in (1, 2, 3)) == pytest.approx(GOLDEN[n][column], abs=6e-7)


@pytest.mark.parametrize("name", COLUMNS)
def test_correlation_leaves_the_mean_alone(name):
    distribution = COLUMNS[name](6, 0.05)
    assert sum(k * chance for k, chance in enumerate(distribution)) == pytest.approx(0.30, abs=1e-10)


@pytest.mark.parametrize("model", [beta_binomial, vasicek])
def test_no_correlation_is_the_binomial(model):
    assert model(5, 0.05, 0.0) == pytest.approx(binomial(5, 0.05), abs=1e-12)


def test_a_steep_factor_stays_a_distribution():
    distribution = vasicek(27, 0.05, 0.99)
    assert distribution.sum() == pytest.approx(1.0, abs=1e-9)
    assert distribution @ range(28) == pytest.approx(27 * 0.05, abs=1e-6)


def test_faults_come_together():
    with pytest.raises(InvalidInput) as error:
        vasicek(0, 1.5, 1.0)
    assert [fault.where for fault in error.value.faults] == ["n", "p", "r"]
    with pytest.raises(InvalidInput):
        at_least(binomial(5, 0.05), -1)
