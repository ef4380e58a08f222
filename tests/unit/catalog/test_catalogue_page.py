"""The page of the catalogue says what the declarations say, in either language, and escapes what it is given."""

from __future__ import annotations

import pytest

from riskscore.catalog import Catalog
from riskscore.catalog.catalogue_page import catalogue_page
from riskscore.catalog.plain import risk_in_words, subject_in_words, window_in_words

DECLARATIONS = """
from riskscore.catalog import *

Savings = Source("savings", table="savings", keys={"member": "member_id"}, clock="known_at", where="amount < 100",
                 columns={"large": "amount >= 20"}, lookups={"who": Lookup("members", on="member_id")})


class Saving(FeatureSet, source=Savings, family="thrift"):
    large_60d = Feature("count(*) FILTER (WHERE large)", window=days(60), risk="falls", es="Ahorros", en="Savings",
                        reason=Reason("R05", es="Ahorró {value} {vez|veces}.", en="Saved {value} {time|times}.",
                                      at_least=0, at_most=2.5),
                        basis="De la Huerta 2010: savings raise repayment.")
    rows = Feature("count(*)", window=standing(), fact=True)


class Others(PeerSet, peers="group", family="group"):
    peer_savings = Feature("max(large_60d)")


class Asked(Formulas, family="capacity"):
    per_day = Feature("amount / nullif(term_days, 0)")
"""

LARGE = """\
### `large_60d`

**Savings** · Ahorros

- About: the member
- Source: `savings`; reads `large`
- Beside each row: `members` as `who`
- Rows where: `amount < 100`
- Derived columns: `large` = `amount >= 20`
- Window: the last 60 days, counted on `known_at`
- Direction: risk falls with it
- Basis: De la Huerta 2010: savings raise repayment.
- Role: a model may learn from it
- Reason R05, from 0, up to 2.5: Ahorró {value} {vez|veces}. · Saved {value} {time|times}.
- SQL: `count(*) FILTER (WHERE large)`
"""

ROWS = """\
### `rows`

**rows** · rows

- Sobre: la socia
- Fuente: `savings`
- Junto a cada fila: `members` como `who`
- Filas donde: `amount < 100`
- Ventana: todo lo que constaba en el momento
- Uso: dato para cálculos y páginas; ningún modelo aprende de él
- SQL: `count(*)`
"""

PEERS = """\
- About: the other members
- Source: the values of the other members of her solidarity group at the moment, herself left out; reads `large_60d`
"""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("definitions")
    (folder / "all.py").write_text(DECLARATIONS, encoding="utf-8")
    return Catalog.from_folder(folder)


def test_a_feature_is_told_with_source_window_direction_and_basis(catalog: Catalog) -> None:
    page = catalogue_page(catalog, "en")
    assert LARGE in page
    assert PEERS in page
    assert "A model may learn from 3 of these 4; 1 are facts" in page
    assert ROWS in catalogue_page(catalog, "es")


def test_the_html_page_needs_nothing_from_elsewhere_and_escapes(catalog: Catalog) -> None:
    page = catalogue_page(catalog, "es", html=True)
    assert '<html lang="es">' in page
    assert "<code>amount &lt; 100</code>" in page
    assert "src=" not in page
    assert "http" not in page
    assert page.count("<section") == page.count("</section>") == 4


@pytest.mark.parametrize(
    ("window", "es", "en"),
    [
        ("days(30)", "los últimos 30 días", "the last 30 days"),
        ("cycles(1)", "su último ciclo", "the last cycle"),
        ("cycles(3)", "sus últimos 3 ciclos", "the last 3 cycles"),
        ("latest()", "solo la fila más reciente", "the newest row alone"),
        ("ever()", "todo lo anterior al momento", "everything before the moment"),
        (
            "latest(90, ago=365)",
            "solo la fila más reciente, si no tiene más de 90 días, hasta 365 días antes del momento",
            "the newest row alone, if it is no more than 90 days old, up to 365 days before the moment",
        ),
        ("seasons(2)", "seasons(2)", "seasons(2)"),
        ("", "", ""),
    ],
)
def test_windows_in_words(window: str, es: str, en: str) -> None:
    assert (window_in_words(window, "es"), window_in_words(window, "en")) == (es, en)


def test_what_has_no_words_keeps_its_name() -> None:
    assert risk_in_words("free", "en") == "no direction is set: the data give it"
    assert subject_in_words("village", "es") == "village"
