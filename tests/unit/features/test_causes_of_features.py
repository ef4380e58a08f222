"""The map from features to the simulator's causes holds of the starter: nothing is mapped that is gone or wordless."""

import importlib.util

import pytest

from riskscore.modelling.rows import columns_of
from riskscore.project import Project, starter_dir
from riskscore.simulator.law import CAUSES

MAP = starter_dir() / "experiments" / "reasons" / "causes.py"

#: What may speak in the starter's recipe and stands for no cause of the law.
OF_NO_CAUSE = {
    "late_arrival_rate",
    "training_sessions",
    "budget_months_old",
    "peer_attendance",
    "shock_over_90d",
}


@pytest.fixture(scope="module")
def causes():
    if not MAP.is_file():
        pytest.skip("the experiments are in the repository alone")
    spec = importlib.util.spec_from_file_location("causes", MAP)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_causes_are_the_laws_own(causes):
    assert {*causes.SEEN, *causes.UNSEEN} == set(CAUSES)
    assert set(causes.STANDS_FOR.values()) <= set(causes.SEEN)


def test_every_feature_that_may_speak_is_mapped_or_named_as_without_cause(causes):
    project = Project.open(starter_dir())
    lock = project.catalog().lock()
    entering = columns_of(project.recipe("member_default"), lock).names
    speaking = {name for name in entering if lock.feature(name).reason is not None}
    assert speaking - set(causes.STANDS_FOR) == OF_NO_CAUSE
    assert {name for name in causes.STANDS_FOR if name not in {one.name for one in lock.features}} == set()
