from hypothesis import given
from hypothesis import strategies as st

from riskscore.modelling.scale import ScoreScale
from riskscore.scoring import points_of

SCALE = ScoreScale()
NAMES = [f"f{number}" for number in range(12)]
contributions = st.lists(
    st.one_of(st.just(0.0), st.floats(-2, 2, allow_nan=False)), min_size=len(NAMES), max_size=len(NAMES)
)
families = st.lists(st.sampled_from(["repayment", "group", "capacity"]), min_size=len(NAMES), max_size=len(NAMES))


@given(st.floats(-5, 0), contributions, families)
def test_shown_points_add_up_at_every_level(base, phi, owners):
    family = dict(zip(NAMES, owners, strict=True))
    found = points_of(base, dict(zip(NAMES, phi, strict=True)), family, SCALE)
    assert abs(found.score - SCALE.score(base + sum(phi))) < 1e-9
    assert abs(found.base + sum(found.families.values()) - found.score) < 1e-9
    assert found.shown_base + sum(found.shown_families.values()) == found.shown_score
    for name, points in found.shown_families.items():
        assert sum(found.shown[one] for one in NAMES if family[one] == name) == points
    assert abs(found.shown_score - found.score) <= 0.5 + 1e-9
    for name in NAMES:
        assert abs(found.shown[name] - found.features[name]) < 1 + 1e-9
    for name, value in found.families.items():
        assert abs(found.shown_families[name] - value) < 1 + 1e-9
    assert all(found.shown[name] == 0 for name, value in zip(NAMES, phi, strict=True) if value == 0.0)
