"""An artefact comes back as it was written, and nothing is built from one that was touched."""

import hashlib
import json
import math
import shutil

import numpy as np
import pytest

from riskscore.errors import ArtefactError, InvalidInput
from riskscore.modelling import artefact

KINDS = ("woe_scorecard", "lightgbm")


@pytest.fixture
def written(run, tmp_path):
    """Copies of the run's artefacts that a test may harm."""
    folders = {}
    for one in run.candidates:
        folders[one.kind] = tmp_path / one.kind
        shutil.copytree(one.folder, folders[one.kind])
    return folders


def rewrite(folder, name, change):
    """Change a JSON file and let the manifest vouch for it, as a forger would."""
    content = json.loads((folder / name).read_text(encoding="utf-8"))
    change(content)
    vouch(folder, name, json.dumps(content))


def vouch(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    raw = text.encode()
    manifest["files"][name] = {"sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def faults_of(folder):
    with pytest.raises(ArtefactError) as told:
        artefact.load(folder)
    return [fault.where for fault in told.value.faults]


@pytest.mark.parametrize("kind", KINDS)
def test_a_loaded_model_explains_as_the_fitted_one_to_the_last_bit(run, written, kind):
    fitted = next(one for one in run.candidates if one.kind == kind)
    champion = artefact.load(written[kind])
    X = fitted.later.X[:300]
    before, after = fitted.developed.model.explain(X), champion.model.explain(X)
    np.testing.assert_array_equal(after.phi, before.phi)
    np.testing.assert_array_equal(after.pd, before.pd)
    assert champion.model.features == fitted.developed.model.features
    assert champion.lock.sha256 == run.lock.sha256
    assert champion.recipe.name == "member_default"
    assert champion.card == fitted.card


def test_the_version_is_the_registrys_or_the_content(written):
    assert artefact.load(written["lightgbm"], version="7").version == "7"
    raw = (written["lightgbm"] / "manifest.json").read_bytes()
    assert artefact.load(written["lightgbm"]).version == hashlib.sha256(raw).hexdigest()[:12]


def test_no_file_is_anything_but_text(written):
    for folder in written.values():
        assert {path.suffix for path in folder.iterdir()} <= {".json", ".txt", ".toml", ".md"}
        for path in folder.iterdir():
            path.read_text(encoding="utf-8")


def test_the_reference_knows_the_development_rows(run, written):
    champion = artefact.load(written["lightgbm"])
    delay = champion.support["worst_delay"]
    assert delay.low == 0.0
    assert delay.median == 3.0
    assert 0.05 < delay.missing_share < 0.25
    assert delay.bounds == (-math.inf, delay.high)  # less delay than anybody's is no riskier than the least
    assert champion.support["attendance"].safe_end == "high"
    assert champion.support["cycles"].safe_end is None
    assert champion.support["shock"].missing_share == 0.0


def test_a_row_is_supported_where_each_of_its_values_is(written):
    champion = artefact.load(written["lightgbm"])
    column = champion.model.features.index("worst_delay")
    typical = [champion.support[name].median for name in champion.model.features]
    rows = np.array([typical] * 4)
    rows[:, column] = (-1.0, 3.0, 5000.0, np.nan)
    assert champion.supports(rows).tolist() == [True, True, False, True]
    elsewhere = [place for place in range(rows.shape[1]) if place != column]
    assert champion.supported(rows)[:, column].tolist() == [True, True, False, True]
    assert champion.supported(rows)[:, elsewhere].all()


def test_bands_cover_every_score_and_grades_every_pd(written):
    champion = artefact.load(written["lightgbm"])
    assert sum(band.n for band in champion.bands) == champion.metrics["evaluations"]["later"]["n"]
    for score in (-500.0, 540.0, 577.7, 900.0):
        assert champion.band(score).holds(score)
    rates = [band.rate for band in champion.bands]
    assert rates[0] > 2 * rates[-1]
    assert all(band.low <= band.rate <= band.high for band in champion.bands)
    graded = [champion.grade(pd) for pd in (0.0, 0.0299, 0.03, 0.119, 0.12, 0.25, 0.999)]
    assert graded == ["A", "A", "B", "C", "D", "E", "E"]


def test_every_fault_is_told_at_once(written):
    folder = written["lightgbm"]
    (folder / "booster.txt").write_text("tree\nobjective=binary\n", encoding="utf-8")
    (folder / "card.md").unlink()
    (folder / "model.pkl").write_bytes(b"\x80\x04.")
    text = (folder / "lock.json").read_text(encoding="utf-8")
    (folder / "lock.json").write_text(text.replace("max(amount)", "min(amount)", 1), encoding="utf-8")
    assert sorted(faults_of(folder)) == ["booster.txt", "card.md", "lock.json", "model.pkl"]


def test_a_link_out_of_the_folder_is_no_file(written, tmp_path):
    folder = written["lightgbm"]
    (folder / "card.md").rename(tmp_path / "card.md")
    (folder / "card.md").symlink_to(tmp_path / "card.md")
    assert "card.md" in faults_of(folder)


def test_a_missing_folder_and_a_missing_manifest(written, tmp_path):
    assert faults_of(tmp_path / "nowhere") == [str(tmp_path / "nowhere")]
    (written["lightgbm"] / "manifest.json").unlink()
    assert faults_of(written["lightgbm"]) == ["manifest.json"]


def test_another_format_is_refused(written):
    def change(manifest):
        manifest["format"] = "riskscore-artefact/2"

    folder = written["woe_scorecard"]
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    change(content)
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    assert faults_of(folder) == ["manifest.json"]


def test_a_forged_scorecard_with_a_coefficient_above_zero_is_refused(written):
    def change(model):
        model["margin"]["bins"][0]["beta"] = 0.4

    rewrite(written["woe_scorecard"], "model.json", change)
    assert faults_of(written["woe_scorecard"]) == ["model.json: margin.bins.worst_delay"]


def test_a_feature_that_the_lock_does_not_define_is_refused(written):
    def change(model):
        for table in (model["margin"]["bins"],):
            table[0]["feature"] = "surname_length"
        model["features"][0] = "surname_length"
        model["families"]["surname_length"] = model["families"].pop("worst_delay")

    rewrite(written["woe_scorecard"], "model.json", change)
    assert faults_of(written["woe_scorecard"]) == ["model.json: surname_length", "reference.json: surname_length"]


def test_a_loosened_cap_is_refused(written):
    rewrite(written["lightgbm"], "model.json", lambda model: model["caps"].update(group=200.0))
    assert faults_of(written["lightgbm"]) == ["model.json: caps"]


def test_another_offset_than_the_recipes_is_refused(written):
    offset = json.loads((written["lightgbm"] / "model.json").read_text(encoding="utf-8"))["offsets"]
    assert set(offset) == {"first_loan"}
    assert 0 < offset["first_loan"]["mean"] < 1
    rewrite(written["lightgbm"], "model.json", lambda model: model["offsets"].update(shock={"value": 1.0, "mean": 0.1}))
    assert faults_of(written["lightgbm"]) == ["model.json: offsets"]


def test_not_a_number_is_no_number(written):
    text = (written["lightgbm"] / "model.json").read_text(encoding="utf-8")
    vouch(written["lightgbm"], "model.json", text.replace('"b": ', '"b": NaN, "c": '))
    assert faults_of(written["lightgbm"]) == ["model.json"]


def test_a_booster_that_is_not_one_is_refused(written):
    vouch(written["lightgbm"], "booster.txt", "pickle")
    assert faults_of(written["lightgbm"]) == ["booster"]


def test_an_artefact_is_written_once(run):
    winner = run.winner
    with pytest.raises(InvalidInput, match="not empty"):
        artefact.save(
            winner.folder,
            model=winner.developed.model,
            lock=run.lock,
            recipe=run.recipe,
            reference=artefact.load(winner.folder).reference,
            card="",
        )
