"""A feature without words may go with a concept: words change, and no value does."""

from pathlib import Path

import pytest

from riskscore.catalog import Catalog, Lock
from riskscore.errors import InvalidInput

TEXT = """
from riskscore.catalog import *
Rows = Source("rows", table="settled_instalments", keys={"member": "member_id"}, clock="due_on",
              columns={"late": "greatest(0, date_diff('day', due_on, as_of))"})
class Set(FeatureSet, source=Rows, family="f"):
    worst = Feature("max(late)", window=ever(), risk="rises",
                    reason=Reason("R01", es="Su peor atraso fue de {value}.", en="The worst delay was {value}."))
    often = Feature("count(*)", window=ever(), risk="rises"OPTIONS)
"""


def catalog(folder: Path, options: str) -> Catalog:
    (folder / "set.py").write_text(TEXT.replace("OPTIONS", options), encoding="utf-8")
    return Catalog.from_folder(folder)


def test_it_is_among_the_words_and_survives_its_text(tmp_path):
    plain, told = catalog(tmp_path, "").lock(), catalog(tmp_path, ', concept="R01"').lock()
    assert (plain.sha256, plain.words_sha256 == told.words_sha256) == (told.sha256, False)
    assert [one.concept for one in Lock.from_json(told.to_json()).features] == ["R01", "R01"]
    assert [one.concept for one in plain.features] == ["R01", ""]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (', concept="delay"', "The concept 'delay' is not R and two digits."),
        (', concept="R01", fact=True', "It has a concept, and speaks for itself or is no predictor."),
        (', concept="R01", protected=True', "It has a concept, and speaks for itself or is no predictor."),
    ],
)
def test_what_is_no_concept_is_told(tmp_path, options, what):
    with pytest.raises(InvalidInput) as raised:
        catalog(tmp_path, options)
    assert what in [fault.what for fault in raised.value.faults]
