from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskscore.catalog import Catalog, Lock, Reason, Words
from riskscore.errors import ArtefactError

TEXT = """
from riskscore.catalog import *
Rows = Source("rows", table="savings", keys={{"member": "member_id"}})
class Saving(FeatureSet, source=Rows, family="repayment"):
    deposits = Feature("count(*)", window=days({days}), risk="falls", es="Depósitos", en="{title}",
                       basis="{basis}",
                       reason=Reason("R05", es="Hizo {{value}} depósitos.", en="Made {{value}} deposits.",
                                     at_most={at_most}))
    balance = Feature("sum(amount)", window=ever(), fact=True)
    withdrawals = Feature("count(*)", window=ever(), protected=True)
"""


def lock(
    tmp_path: Path, *, days: int = 90, title: str = "Deposits", basis: str = "", at_most: float | None = None
) -> Lock:
    text = TEXT.format(days=days, title=title, basis=basis, at_most=at_most)
    (tmp_path / "savings.py").write_text(text, encoding="utf-8")
    return Catalog.from_folder(tmp_path).lock()


def test_a_lock_survives_its_text(tmp_path: Path) -> None:
    made = lock(tmp_path)
    read = Lock.from_json(made.to_json())
    assert read == made
    assert read.sha256 == made.sha256
    assert read.to_json() == made.to_json()


def test_the_same_declarations_give_the_same_lock(tmp_path: Path) -> None:
    assert lock(tmp_path).to_json() == lock(tmp_path).to_json()


def test_words_have_their_own_hash(tmp_path: Path) -> None:
    before, after = lock(tmp_path), lock(tmp_path, title="Deposits made")
    assert before.sha256 == after.sha256
    assert before.words_sha256 != after.words_sha256


def test_what_a_feature_rests_on_is_among_its_words(tmp_path: Path) -> None:
    before, after = lock(tmp_path), lock(tmp_path, basis="De la Huerta 2010: savings raise repayment.")
    assert before.sha256 == after.sha256
    assert before.words_sha256 != after.words_sha256
    assert [f.basis.en for f in after.features] == ["De la Huerta 2010: savings raise repayment.", "", ""]
    assert after.features[0].basis.es == "De la Huerta 2010: savings raise repayment."  # nobody wrote the Spanish


def test_a_lock_from_before_there_was_a_basis_is_read(tmp_path: Path) -> None:
    made = lock(tmp_path, basis="gone")
    words = {name: {key: w for key, w in one.items() if key != "basis"} for name, one in made.words.items()}
    read = Lock.from_json(Lock(made.definition, words).to_json())
    assert read.sha256 == made.sha256
    assert [(f.basis.es, f.basis.en) for f in read.features] == [("", "")] * 3


def test_the_bounds_of_a_reason_are_among_its_words(tmp_path: Path) -> None:
    before, after = lock(tmp_path), lock(tmp_path, at_most=3.5)
    assert before.sha256 == after.sha256
    assert before.words_sha256 != after.words_sha256
    deposits = Lock.from_json(after.to_json()).feature("deposits")
    assert deposits.reason == Reason("R05", "Hizo {value} depósitos.", "Made {value} deposits.", at_most=3.5)


def test_a_lock_from_before_reasons_had_bounds_is_read(tmp_path: Path) -> None:
    made = lock(tmp_path)
    words = json.loads(json.dumps(made.words))
    for bound in ("at_least", "at_most"):
        del words["deposits"]["reason"][bound]
    read = Lock.from_json(Lock(made.definition, words).to_json())
    assert read.sha256 == made.sha256
    assert read.feature("deposits").reason == made.feature("deposits").reason


def test_a_definition_changes_the_hash(tmp_path: Path) -> None:
    before, after = lock(tmp_path), lock(tmp_path, days=60)
    assert before.sha256 != after.sha256
    assert before.words_sha256 == after.words_sha256


def test_a_locked_feature_says_what_was_declared(tmp_path: Path) -> None:
    deposits, balance, withdrawals = lock(tmp_path).features
    assert (deposits.name, deposits.family, deposits.subject, deposits.step) == ("deposits", "repayment", "member", 2)
    assert (deposits.risk, deposits.window, deposits.source) == ("falls", "days(90)", "rows")
    assert deposits.title == Words("Depósitos", "Deposits")
    assert deposits.reason is not None
    assert deposits.reason.sentence("es", 3.0) == "Hizo 3 depósitos."
    assert (deposits.role, balance.role, withdrawals.role) == ("predictor", "fact", "protected")
    assert balance.title == Words("balance", "balance")


def test_predictors_are_neither_facts_nor_protected(tmp_path: Path) -> None:
    assert [feature.name for feature in lock(tmp_path).predictors] == ["deposits"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda c: c["definition"]["select"][0].update(sql="SELECT 1"), "sha256"),
        (lambda c: c["words"]["deposits"]["title"].update(es="Otra cosa"), "words_sha256"),
        (lambda c: c.update(format=99), "format 99"),
        (lambda c: c.pop("definition"), "sha256"),
    ],
)
def test_a_changed_lock_is_refused(tmp_path: Path, change: object, what: str) -> None:
    content = json.loads(lock(tmp_path).to_json())
    change(content)  # type: ignore[operator]
    with pytest.raises(ArtefactError, match=what):
        Lock.from_json(json.dumps(content))


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("SELECT 1; DROP TABLE savings", "not a single SELECT"),
        ("COPY savings TO 'out.csv'", "not a single SELECT"),
        ("SELECT * FROM read_csv('secret.csv')", "reads READ_CSV"),
        ("SELECT * FROM 'secret.csv'", "reads"),
        ("SELECT * FROM payments", "reads payments"),
        ("SELECT getenv('HOME') FROM moments", "calls getenv"),
        ("SELECT random() FROM moments", "holds Rand"),
    ],
)
def test_a_lock_that_does_more_than_select_is_refused_though_its_hash_is_right(
    tmp_path: Path, sql: str, what: str
) -> None:
    made = lock(tmp_path)
    definition = json.loads(json.dumps(made.definition))
    definition["select"][0]["sql"] = sql
    with pytest.raises(ArtefactError, match=what):
        Lock.from_json(Lock(definition, made.words).to_json())


def test_a_definition_of_another_shape_is_refused(tmp_path: Path) -> None:
    made = lock(tmp_path)
    with pytest.raises(ArtefactError, match="shape of a definition"):
        Lock.from_json(Lock({"features": []}, made.words).to_json())


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ArtefactError, match="no JSON"):
        Lock.from_json("{")
    with pytest.raises(ArtefactError, match="format None"):
        Lock.from_json("[]")
