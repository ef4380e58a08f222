"""The page of the portfolio report: what it says is what was computed, and it says nothing of anybody."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from riskscore.errors import InvalidInput
from riskscore.portfolio.overview import overview
from riskscore.project import starter_dir
from riskscore.reports import Reports, portfolio_report, write_page
from riskscore.words import load_all
from tests.unit.portfolio.conftest import rows
from tests.unit.portfolio.golden import AS_OF, LOANS, golden, tables

FOLDER = starter_dir() / "serving" / "reports"

VOID = {"meta", "rect", "path", "line"}


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory):
    return golden(tmp_path_factory.mktemp("golden") / "portfolio")


@pytest.fixture(scope="module")
def found(portfolio):
    return overview(portfolio, AS_OF)


@pytest.fixture(scope="module")
def pages(portfolio, found):
    return {
        language: portfolio_report(found, portfolio.manifest, folder=FOLDER, language=language)
        for language in ("es", "en")
    }


class Outline(HTMLParser):
    """The text of a page, its tables, and whether every element is closed in order."""

    def __init__(self, page):
        super().__init__()
        self.open, self.text, self.ids, self.tables = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "id" in given:
            self.ids.append(given["id"])
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("th", "td"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text.append(data)
        if self.open and self.open[-1] in ("th", "td", "span") and self.tables and self.tables[-1]:
            self.tables[-1][-1][-1] += data


def text(page):
    return re.sub(r"\s+", " ", " ".join(Outline(page).text))


@pytest.mark.parametrize("language", ["es", "en"])
def test_it_is_one_file_that_asks_nobody(pages, language):
    page = pages[language]
    assert "http" not in page
    assert not re.search(r"<(script|link|img|iframe|object|form)|url\(|@import|javascript:| on\w+=", page)
    assert len(page.encode()) < 300_000
    outline = Outline(page)
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert page.startswith("<!doctype html>")
    assert f'<html lang="{language}">' in page


def test_the_golden_figures_are_on_the_page_as_the_country_writes_them(pages):
    es, en = (Outline(pages[language]) for language in ("es", "en"))
    assert es.tables[0][1:] == [
        ["PAR30", "55,00\xa0%", "70,00\xa0%", "57,14\xa0%"],
        ["PAR90", "25,00\xa0%", "40,00\xa0%", "28,57\xa0%"],
    ]
    assert en.tables[0][1] == ["PAR30", "55,00%", "70,00%", "57,14%"]
    assert "De cada 100 USD pendientes, 55,00 están en préstamos con más de 30 días de atraso." in text(pages["es"])
    assert "Contando también los reestructurados, son 70,00." in text(pages["es"])
    assert "Of every 100 USD outstanding, 55,00 are in loans more than 30 days late." in text(pages["en"])
    assert "31 de mayo de 2026" in text(pages["es"])
    assert "US$\xa01.000" in pages["es"]
    assert "Moneda USD" in text(pages["es"])


def test_every_month_of_the_table_is_what_was_computed(pages, found):
    months = next(table for table in Outline(pages["es"]).tables if len(table) == 26 and len(table[0]) == 8)
    by_month = {row[0]: row[1:] for row in months[1:]}
    assert by_month["abr 2026"] == [
        "US$\xa01.020",
        *("24,51\xa0%", "24,51\xa0%", "28,04\xa0%"),
        *("0,00\xa0%", "0,00\xa0%", "4,67\xa0%"),
    ]
    assert by_month["dic 2025"] == ["–"] * 7
    assert len(by_month) == len(found.months) == 25


def test_the_shock_is_marked_with_its_letter_and_told(pages):
    told = text(pages["es"])
    assert "A clima: La Paz; 1 de abril de 2026 a 15 de mayo de 2026" in told
    assert pages["es"].count('<text class="letter"') == 5  # four plots over months and the map


def test_what_is_missing_is_said_and_is_not_zero(pages):
    told = text(pages["es"])
    assert "No hay una tasa de incumplimiento" in told
    assert "20 fines de mes no tienen cifra" in told
    assert "La otra cuenta no tiene préstamos registrados." in told


def test_events_not_recorded_are_dashes(tmp_path):
    other = golden(tmp_path / "p", without=("loan_events",))
    page = portfolio_report(overview(other, AS_OF), other.manifest, folder=FOLDER, language="en")
    # The loan that nobody wrote off is late: 50 more.
    assert Outline(page).tables[0][1] == ["PAR30", "57,14%", "–", "–"]
    assert "Restructurings and write-offs are not recorded: those figures are missing." in text(page)
    assert "Written off in 12 months, over the mean balance: – ." in text(page)
    assert "With restructured loans too" not in text(page)


def test_nobody_is_named(pages):
    for page in pages.values():
        told = text(page)
        for loan, member, group, *_ in LOANS:
            for name in (member, group, group.replace("SG", "CB"), f"I{loan}"):
                assert not re.search(rf"\b{name}\b", told)
        # Two cells of the line of business would be four members and one: neither stands alone.
        assert "Comercio" not in told


def test_every_drawing_is_named_described_and_well_formed(pages):
    for page in pages.values():
        drawings = re.findall(r'<svg viewBox="0 0 340.*?</svg>', page, flags=re.DOTALL)
        assert len(drawings) == 7  # PAR30, PAR90, balance, events, two curves of what is not over, the map
        for one in drawings:
            tree = ElementTree.fromstring(one)  # noqa: S314 - our own page
            title, description = tree.find("title"), tree.find("desc")
            assert title is not None
            assert title.text
            assert description is not None
            assert description.text
            assert tree.get("role") == "img"
            assert tree.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


def test_the_last_point_of_the_line_is_the_golden_figure(pages):
    drawing = next(re.finditer(r"<svg[^>]*par30-t.*?</svg>", pages["es"], flags=re.DOTALL)).group()
    ticks = [(tick, float(y)) for y, tick in re.findall(r'class="end" x="[\d.]+" y="([\d.]+)">([^<]+)<', drawing)]
    (zero, bottom), (highest, top) = ticks[0], ticks[-1]
    assert (zero, highest) == ("0\xa0%", "80\xa0%")
    path = re.search(r'class="line s0" d="([^"]+)"', drawing).group(1)
    last = float(path.split()[-1])
    assert (bottom - (last + 4.5)) / (bottom - top) * 0.80 == pytest.approx(0.55, abs=0.002)


def test_names_of_the_portfolio_are_text_not_markup(tmp_path):
    branch = rows(
        "branches",
        {"id": "BR", "name": "<b>Alto</b> & Co", "region": "<i>", "rural": False, "opened_on": AS_OF},
    ).with_columns(tables()["branches"]["event_at"], tables()["branches"]["known_at"])
    other = golden(tmp_path / "p", branches=branch)
    page = portfolio_report(overview(other, AS_OF), other.manifest, folder=FOLDER, language="es")
    assert "&lt;b&gt;Alto&lt;/b&gt; &amp; Co" in page
    assert "<b>" not in page


def test_both_languages_have_the_same_words():
    load_all(FOLDER / "words")


def test_a_language_that_is_not_spoken_is_a_fault():
    with pytest.raises(InvalidInput, match="'fr' is not spoken"):
        Reports(FOLDER, "fr")


def test_a_folder_without_templates_is_a_fault_with_its_remedy(tmp_path):
    with pytest.raises(InvalidInput, match="Restore it from the starter"):
        Reports(tmp_path, "es")


def test_an_edited_template_that_cannot_be_filled_in_is_a_fault(tmp_path, portfolio, found):
    folder = tmp_path / "reports"
    (folder / "words").mkdir(parents=True)
    for path in FOLDER.rglob("*.*"):
        (folder / path.relative_to(FOLDER)).write_bytes(path.read_bytes())
    (folder / "portfolio.html").write_text("{% if %}")
    with pytest.raises(InvalidInput, match=r"portfolio\.html cannot be filled in"):
        portfolio_report(found, portfolio.manifest, folder=folder, language="es")


def test_a_page_is_written_whole_or_not_at_all(tmp_path):
    out = tmp_path / "new" / "page.html"
    write_page("one", out)
    with pytest.raises(UnicodeEncodeError):
        write_page("\ud800", out)
    assert [path.name for path in out.parent.iterdir()] == ["page.html"]
    assert out.read_text() == "one"
