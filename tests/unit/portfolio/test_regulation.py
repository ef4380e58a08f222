"""Regulation tables: the bands, the money, the version of the day, and every fault of a file at once."""

import warnings
from datetime import date
from decimal import Decimal

import pytest

from riskscore.errors import InvalidInput, NotFound, Refused
from riskscore.portfolio.regulation import COUNTRIES, Regulation, UnverifiedRegulation

ON = date(2026, 1, 31)

TWO_VERSIONS = """
country = "XX"
authority = "Supervisor"
norm = "Norm 1"
[[versions]]
effective_from = 2020-01-01
verified = true
source = "the norm"
notes = []
categories = ["good", "bad"]
codes = ["0", "1"]
not_by_days = ["large"]
debtors = { micro = "retail" }
first_day = { retail = [0, 10] }
generic = { retail = 0.01 }
specific = { none = [0.0, 0.5] }
[[versions]]
effective_from = 2024-07-01
verified = true
source = "the amendment"
notes = []
categories = ["good", "bad"]
codes = ["0", "1"]
not_by_days = ["large"]
debtors = { micro = "retail" }
first_day = { retail = [0, 20] }
generic = { retail = 0.02 }
specific = { none = [0.0, 0.75] }
"""


@pytest.fixture
def peru():
    return Regulation.load("PE", on=ON)


@pytest.fixture
def bolivia():
    with pytest.warns(UnverifiedRegulation):
        return Regulation.load("BO", on=ON)


@pytest.fixture
def file(tmp_path):
    def written(text):
        path = tmp_path / "norm.toml"
        path.write_text(text, "utf-8")
        return path

    return written


@pytest.mark.parametrize(
    ("days", "name", "code", "last"),
    [
        (0, "Normal", "0", 8),
        (8, "Normal", "0", 8),
        (9, "CPP", "1", 30),
        (30, "CPP", "1", 30),
        (31, "Deficiente", "2", 60),
        (60, "Deficiente", "2", 60),
        (61, "Dudoso", "3", 120),
        (120, "Dudoso", "3", 120),
        (121, "Pérdida", "4", None),
        (4000, "Pérdida", "4", None),
    ],
)
def test_peru_retail_bands(peru, days, name, code, last):
    found = peru.category(days)
    assert (found.name, found.code, found.last_day) == (name, code, last)


@pytest.mark.parametrize(
    ("days", "name"), [(30, "Normal"), (31, "CPP"), (120, "Deficiente"), (365, "Dudoso"), (366, "Pérdida")]
)
def test_peru_mortgage_bands_are_their_own(peru, days, name):
    assert peru.category(days, "mortgage").name == name


@pytest.mark.parametrize(
    ("days", "none", "preferred", "quick"),
    [
        (0, "100.00", "100.00", "100.00"),
        (9, "500.00", "250.00", "125.00"),
        (31, "2500.00", "1250.00", "625.00"),
        (70, "6000.00", "3000.00", "1500.00"),
        (121, "10000.00", "6000.00", "3000.00"),
    ],
)
def test_peru_provisions_by_guarantee(peru, days, none, preferred, quick):
    asked = [peru.provision(Decimal("10000"), days, name) for name in ("none", "preferred", "preferred_quick")]
    assert asked == [Decimal(none), Decimal(preferred), Decimal(quick)]


def test_a_provision_is_rounded_half_up_to_cents(peru):
    assert peru.provision(Decimal("0.50"), 0) == Decimal("0.01")
    assert peru.provision(Decimal("100.10"), 9) == Decimal("5.01")
    assert peru.provision(Decimal("1000"), 0, debtor="mortgage") == Decimal("7.00")


@pytest.mark.parametrize(
    ("days", "name"), [(5, "A"), (6, "B"), (30, "B"), (31, "C"), (55, "C"), (56, "D"), (76, "E"), (90, "E"), (91, "F")]
)
def test_bolivia_has_its_own_bands(bolivia, days, name):
    assert bolivia.category(days).name == name


def test_an_unverified_table_warns_and_says_so_in_a_sentence(bolivia, peru):
    assert bolivia.caution is not None
    assert "not been compared with the norm" in bolivia.caution
    assert peru.caution is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Regulation.load("PE", on=ON)


def test_classes_meet_without_gap_or_overlap_and_a_later_day_never_asks_for_less(peru, bolivia):
    for regulation in (peru, bolivia):
        for name in regulation.version.specific:
            asked = [regulation.provision(Decimal("1000"), day, name) for day in range(400)]
            assert asked == sorted(asked)
        for day in range(400):
            found = regulation.category(day)
            assert found.first_day <= day
            assert found.last_day is None or day <= found.last_day


@pytest.mark.parametrize("debtor", ["medium", "large", "corporate"])
def test_who_is_no_retail_debtor_is_not_classified_by_days(peru, debtor):
    with pytest.raises(Refused, match="not classified by days late alone"):
        peru.category(70, debtor)
    with pytest.raises(Refused):
        peru.provision(Decimal("10000"), 70, debtor=debtor)


def test_bad_questions(peru):
    with pytest.raises(InvalidInput, match="must not be negative"):
        peru.category(-1)
    with pytest.raises(InvalidInput, match="Did you mean 'micro'"):
        peru.category(1, "mirco")
    with pytest.raises(InvalidInput, match="Did you mean 'preferred'"):
        peru.provision(Decimal("1"), 1, "prefered")
    with pytest.raises(InvalidInput, match="never a float"):
        peru.provision(10.0, 1)
    with pytest.raises(NotFound, match="There are BO, PE"):
        Regulation.load("XX", on=ON)
    with pytest.raises(NotFound, match="was not in force on 2000-01-01"):
        Regulation.load("PE", on=date(2000, 1, 1))


def test_the_version_is_that_of_the_day(file):
    path = file(TWO_VERSIONS)
    found = {day: Regulation.read(path, on=day) for day in (date(2024, 6, 30), date(2024, 7, 1))}
    assert [r.category(15).name for r in found.values()] == ["bad", "good"]
    assert [r.provision(Decimal("100"), 15) for r in found.values()] == [Decimal("50.00"), Decimal("2.00")]


def test_every_fault_of_a_file_at_once(file):
    text = (
        TWO_VERSIONS.replace("first_day = { retail = [0, 10] }", "first_day = { retail = [1, 1] }")
        .replace("specific = { none = [0.0, 0.5] }", "specific = { none = [0.0, 50] }")
        .replace("generic = { retail = 0.01 }", "generic = { other = -1 }")
        .replace('source = "the amendment"\n', "")
        .replace("first_day = { retail = [0, 20] }", "first_days = { retail = [0, 20] }")
    )
    with pytest.raises(InvalidInput) as error:
        Regulation.read(file(text), on=ON)
    assert [fault.where for fault in error.value.faults] == [
        "norm.toml: version 1.debtors.micro",
        "norm.toml: version 1.first_day.retail",
        "norm.toml: version 1.specific.none",
        "norm.toml: version 1.generic.other",
        "norm.toml: version 2.source",
        "norm.toml: version 2.first_day",
        "norm.toml: version 2.first_days",
    ]


def test_two_versions_of_one_day_and_text_that_is_no_toml(file):
    with pytest.raises(InvalidInput, match="each from another day on"):
        Regulation.read(file(TWO_VERSIONS.replace("2024-07-01", "2020-01-01")), on=ON)
    with pytest.raises(InvalidInput, match="cannot be read"):
        Regulation.read(file("country = "), on=ON)


def test_every_file_that_is_shipped_is_read():
    for country in COUNTRIES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnverifiedRegulation)
            assert Regulation.load(country, on=ON).country == country
