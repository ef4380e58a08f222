"""Runs are logged, versions registered, champions promoted and taken back; polled while others promote."""

import json
import sqlite3
import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskscore.errors import ArtefactError, NotFound, Refused
from riskscore.modelling import artefact
from riskscore.modelling.gates import Gate
from riskscore.modelling.registry_address import artifact_root, tracking_address
from riskscore.modelling.tracking import Registry

pytestmark = pytest.mark.slow

NAME = "member_default"


def failing(run):
    """Return the same run with one failed gate."""
    bad = Gate("auc", False, 0.55, "AUC out of time 0.55, at least 0.62.")
    return replace(run, candidates=tuple(replace(one, gates=(bad,)) for one in run.candidates))


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    """A fresh store costs seconds: each test takes a copy of one."""
    folder = tmp_path_factory.mktemp("store")
    Registry(f"sqlite:///{folder / 'mlflow.db'}").recipes()
    return folder / "mlflow.db"


@pytest.fixture
def registry(empty_store, tmp_path):
    (tmp_path / "mlflow.db").write_bytes(empty_store.read_bytes())
    return Registry(f"sqlite:///{tmp_path / 'mlflow.db'}")


def test_a_run_becomes_a_challenger_and_then_the_champion(registry, run):
    logged = registry.log(run)
    assert logged.version == "1"
    with pytest.raises(NotFound, match="no champion"):
        registry.champion(NAME)
    assert registry.list(NAME)[0].aliases == ("challenger",)

    promoted = registry.promote(NAME)
    assert (promoted.version, promoted.aliases, promoted.forced) == ("1", ("champion",), "")
    assert promoted.kind == run.choice.kind
    assert promoted.auc == run.winner.evaluations["later"]["auc"]
    assert promoted.fingerprint == run.facts.fingerprint

    version, folder = registry.champion(NAME)
    champion = artefact.load(folder, version=version)
    assert champion.version == "1"
    assert champion.manifest_sha256 == promoted.manifest_sha256
    X = run.winner.later.X[:50]
    np.testing.assert_array_equal(champion.model.pd(X), run.winner.developed.model.pd(X))
    assert registry.card(NAME) == run.winner.card
    assert registry.recipes() == (NAME,)


def test_everything_about_the_run_is_logged(registry, run):
    registry.log(run)
    client = registry._client
    experiment = client.get_experiment_by_name(NAME)
    runs = client.search_runs([experiment.experiment_id])
    parent = next(one for one in runs if "mlflow.parentRunId" not in one.data.tags)
    children = [one for one in runs if one.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert sorted(one.data.tags["kind"] for one in children) == ["lightgbm", "woe_scorecard"]
    assert parent.inputs.dataset_inputs[0].dataset.digest == run.facts.fingerprint[:32]
    assert parent.data.tags["lock"] == run.lock.sha256
    assert {one.path for one in client.list_artifacts(parent.info.run_id)} == {"report.md", "recipe.toml", "lock.json"}
    for child in children:
        assert {one.path for one in client.list_artifacts(child.info.run_id)} >= {
            "card.md",
            "evaluation.json",
            "gates.json",
            "plots",
        }
        plots = {one.path for one in client.list_artifacts(child.info.run_id, "plots")}
        assert plots == {"plots/reliability.svg", "plots/ranking.svg"}
        kind = child.data.tags["kind"]
        candidate = next(one for one in run.candidates if one.kind == kind)
        assert child.data.metrics["later.auc"] == pytest.approx(candidate.evaluations["later"]["auc"], abs=1e-12)


def test_mlflow_loads_the_model_with_its_signature_and_without_a_pickle(registry, run):
    registry.log(run)
    registry.promote(NAME)
    import mlflow  # after the registry has imported it quietly

    _, folder = registry.champion(NAME)
    assert not [path for path in folder.parents[1].rglob("*") if path.suffix in {".pkl", ".pickle", ".joblib"}]
    model = mlflow.pyfunc.load_model(str(folder.parents[1]))
    names = list(run.winner.developed.model.features)
    assert model.metadata.signature.inputs.input_names() == names
    assert {str(one) for one in model.metadata.signature.inputs.input_types()} == {"DataType.double"}
    X = run.winner.later.X[:20]
    assert np.isnan(X).any()
    told = model.predict(pd.DataFrame(X, columns=names))
    np.testing.assert_array_equal(told["pd"].to_numpy(), run.winner.developed.model.pd(X))


def test_failed_gates_refuse_promotion_in_their_own_words(registry, run):
    registry.log(failing(run))
    with pytest.raises(Refused, match=r"AUC out of time 0.55, at least 0.62\. Train again"):
        registry.promote(NAME)
    with pytest.raises(Refused, match="Say why"):
        registry.promote(NAME, force=True)
    forced = registry.promote(NAME, force=True, reason="The board decided so on 3 May.")
    assert forced.aliases == ("champion",)
    assert not forced.passed
    assert registry.show(NAME).forced == "The board decided so on 3 May."


def test_rollback_goes_back_along_the_champions(registry, run):
    for _ in range(3):
        registry.log(run)
    for version in ("1", "2", "3"):
        registry.promote(NAME, version)
    assert registry.rollback(NAME).version == "2"
    assert registry.champion(NAME)[0] == "2"
    assert registry.rollback(NAME).version == "1"
    with pytest.raises(NotFound, match="there was no champion"):
        registry.rollback(NAME)
    registry.promote(NAME, "3")
    assert registry.rollback(NAME).version == "1"


def test_promoting_the_champion_again_changes_nothing(registry, run):
    registry.log(run)
    registry.log(run)
    registry.promote(NAME, "1")
    registry.promote(NAME, "2")
    registry.promote(NAME, "2")
    assert registry.rollback(NAME).version == "1"


def test_an_unknown_version_names_those_there_are(registry, run):
    registry.log(run)
    with pytest.raises(NotFound, match=r"There are: 1\."):
        registry.promote(NAME, "9")
    with pytest.raises(NotFound):
        registry.rollback("group_default")
    assert registry.list("group_default") == ()


def test_an_artefact_that_was_removed_is_told(registry, run):
    import shutil

    registry.log(run)
    registry.promote(NAME)
    _, folder = registry.champion(NAME)
    shutil.rmtree(folder)
    fresh = Registry(registry.uri)
    with pytest.raises(ArtefactError):
        fresh.champion(NAME)


def test_the_champion_is_polled_while_others_promote(registry, run):
    registry.log(run)
    registry.log(run)
    registry.promote(NAME, "1")
    polling = Registry(registry.uri)
    polling.champion(NAME)
    seen, failures, done = set(), [], threading.Event()

    def poll():
        while not done.is_set():
            try:
                version, folder = polling.champion(NAME)
                seen.add(version)
                assert (folder / "model.json").is_file()
            except Exception as cause:  # noqa: BLE001 - whatever happens in the thread is the finding
                failures.append(cause)
                return

    thread = threading.Thread(target=poll)
    thread.start()
    for turn in range(12):
        registry.promote(NAME, "2" if turn % 2 else "1")
    registry.promote(NAME, "2")
    done.set()
    thread.join(timeout=30)
    assert failures == []
    assert seen >= {"1", "2"}


def test_a_poll_fetches_nothing_while_the_version_stays(registry, run, monkeypatch):
    registry.log(run)
    registry.log(run)
    registry.promote(NAME, "1")
    first = registry.champion(NAME)
    fetched = []
    real = registry._fetched
    monkeypatch.setattr(registry, "_fetched", lambda *asked: fetched.append(asked) or real(*asked))
    assert [registry.champion(NAME) for _ in range(5)] == [first] * 5
    assert fetched == []
    registry.promote(NAME, "2")
    assert registry.champion(NAME)[0] == "2"
    assert registry.champion(NAME)[1] != first[1]
    assert fetched == [(NAME, "2")]


def test_addresses_are_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert tracking_address() == f"sqlite:///{tmp_path / 'mlflow.db'}"
    assert tracking_address("sqlite:///runs/a.db") == f"sqlite:///{tmp_path / 'runs' / 'a.db'}"
    assert tracking_address("http://mlflow.example:5000") == "http://mlflow.example:5000"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///b.db")
    assert tracking_address() == f"sqlite:///{tmp_path / 'b.db'}"
    assert artifact_root(f"sqlite:///{tmp_path / 'b.db'}") == (tmp_path / "mlartifacts").as_uri()
    assert artifact_root("http://mlflow.example:5000") is None


def test_nothing_of_a_person_is_in_the_store(registry, run, tmp_path):
    registry.log(run)
    with sqlite3.connect(tmp_path / "mlflow.db") as store:
        text = "\n".join(store.iterdump())
    assert "A00001" not in text
    reference = json.loads((run.folder / "reference.json").read_text(encoding="utf-8"))
    assert set(reference) == {"features", "bands", "metrics"}
