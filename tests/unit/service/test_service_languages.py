"""A third language is one file: every page in it, what it leaves in Spanish, and the faults of such a file."""

from __future__ import annotations

import copy
import re
import shutil
from dataclasses import replace

import pytest

from riskscore.errors import InvalidInput
from riskscore.scoring import Policy
from riskscore.service.languages import choose_language, load_languages
from riskscore.service.pages import Pages
from riskscore.service.policy_page import policy_page
from riskscore.service.rules_page import rule_lines
from riskscore.service.sections.defined import reason_given
from riskscore.service.sections.offers import offer_said
from riskscore.words import MONTHS, Format, InSpanish, Words
from tests.unit.service.desks import BODY, NAMED, SCORE, PlainDesk, TestClient
from tests.unit.service.identity import at_the_page, with_provider
from tests.unit.service.identity import toml as provider_file
from tests.unit.service.signing_in import BACK, HTML, begin
from tests.unit.service.test_service_readable import AUDITOR, BOARD, OFFICER, busy, every_page, opened
from tests.unit.service.third_language import SERVING, Heard, serving_with_quechua, toml

#: What people wrote, names that the tests' house gave, and addresses: the same on the pages of every language.
WRITTEN = (
    "GET /",
    "HEAD /",
    "POST /",
    "Tengo un solo préstamo.",
    "Vendió poco.",
    "Son pocos casos y es una prueba.",
    "Fondo Andino",
)

#: Other languages of this page, as the switch lists them.
SWITCH = re.compile(r'<a href="([^"]*)" hreflang="([^"]*)" lang="([^"]*)">([^<]*)</a>')


#: Who opens a page on which Spanish stays.
STAYS = ((OFFICER, "/scores/s_1"), (BOARD, "/scores/s_pa"), (AUDITOR, "/trail"))

#: The months, and how a day is written.
DATES = {month: f"qu-{month}" for month in MONTHS} | {"day": "{year} watapi {month} {day}"}

#: A third language's own words for what is defined and stored in Spanish and English.
MORE = {
    "dimension": {"governance": "qu Kamachiy"},
    "entry": {"legal_person": "qu Allin"},
    "feature": {"worst_delay": "qu Qhipa", "lean_month": "qu Pisi killa"},
    "figure": {"fewer_than_one": "mana huk"},
    "offer": {"amount": "qu {amount},", "ready": "{parts} qu listo {score}."},
    "reason": {"worst_delay": "qu {number} p'unchaw"},
    "rule": {"L04": "qu Watan: {value}."},
    "signal": {"refinancings": "qu Musuqmanta"},
    "why": {"above_cap": "qu Llumpay"},
}


@pytest.fixture
def quechua(make_house, tmp_path):
    return busy(make_house, pages=Pages(serving_with_quechua(tmp_path, {"date": DATES})))


def test_every_page_is_in_it(quechua):
    faults = []
    for (name, html), (_, spanish) in zip(every_page(quechua, "qu"), every_page(quechua, "es"), strict=True):
        page = Heard(html)
        if name == "files/officer_inside.html":  # it stands within a page that says its language
            page.texts = [(language or "qu", text) for language, text in page.texts]
        else:
            assert page.language == "qu", name
        said = page.in_language("qu")
        assert any("qu:" in text for text in said), name
        # Words alone: not a figure, a name or a sign, which are the same in every language.
        same = [text for text in said & {text for _, text in Heard(spanish).texts} if re.search(r"[^\W\d_]{3} ", text)]
        faults += [(name, text) for text in same if not any(one in text for one in WRITTEN)]
    assert faults == []


def test_what_is_stored_in_two_languages_stays_spanish_and_says_so(quechua):
    pages = {path: Heard(opened(quechua, who, path, "qu")) for who, path in STAYS}
    assert {path: page.in_language("es") - {"Español"} for path, page in pages.items()} == {
        "/scores/s_1": {
            "Sus cuotas pasan el límite.",
            "Su peor atraso en 6 meses fue de 9 días.",
            "Con 500 soles la cuota cabe.",
            "Peor atraso en 6 meses",
            "Cuotas con atraso",
            "Atrasos de sus compañeras de grupo en el último ciclo",
            "Cuota sobre lo que queda",
            "Meses flojos en el plazo (sin dato)",
            "Meses flojos en el plazo",
        },
        "/scores/s_pa": {
            "Es persona jurídica",
            "Estados financieros recientes",
            "Alcanza para sus cuotas",
            "Ninguna asamblea de 2 años se celebró a tiempo.",
            "Gobierno y organización",
            "Capacidad de pago",
            "Asambleas celebradas a tiempo, 2 años",
            "Cobertura del servicio de la deuda",
            "Cobertura del servicio de la deuda (sin dato)",
            "(sin dato)",  # of a label in two lines of the drawing
        },
        "/trail": set(),
    }
    assert "qu:Datos hasta el 2026 watapi qu-january 31" in pages["/scores/s_1"].in_language("qu")


def test_its_own_words_take_the_place_of_spanish_ones(make_house, tmp_path):
    signs = SCORE["indebtedness"] | {"signals": {"refinancings": True, "paid_from_savings": True}, "sacrifice": True}
    reasons = [one | {"feature": "worst_delay"} for one in SCORE["reasons"]]
    desk = PlainDesk(answer=copy.deepcopy(SCORE) | {"indebtedness": signs, "reasons": reasons})
    house = make_house("more", desk, pages=Pages(serving_with_quechua(tmp_path, MORE)))
    officer = house.headers(*OFFICER)
    assert house.client.post("/v1/scores", json=BODY, headers=officer).status_code == 201
    page = Heard(house.client.get("/scores/s_1?lang=qu", headers=officer).text)
    own = {
        "Qu S/ 500, qu listo 588.",
        "qu Llumpay",
        "qu 9 p'unchaw",
        "qu Qhipa",
        "qu:qu Pisi killa (sin dato)",
        "qu Pisi killa",
        "qu Musuqmanta",
    }
    assert own <= page.in_language("qu")
    assert "qu:Datos hasta el 31 de enero de 2026" in page.in_language("qu")  # in a sentence, and without a mark
    assert page.in_language("es") == {
        "Español",
        "Cuotas con atraso",
        "Atrasos de sus compañeras de grupo en el último ciclo",
        "Cuota sobre lo que queda",
        "Pagó una cuota con sus ahorros.",
    }


def test_a_rule_of_the_policy_is_said_whole_in_one_language(tmp_path):
    words = load_languages(serving_with_quechua(tmp_path, MORE) / "words", SERVING / "words")["qu"]
    page = policy_page(Policy.load(SERVING / "policy.toml"), words)
    bands = {rule.code: rule.bands for _, rules in page.layers for rule in rules}
    assert bands["L04"][1] == "qu:qu Watan: qu:90 a 245: qu:lista para decidir."
    assert not isinstance(bands["L04"][1], InSpanish)
    others = [band for code, several in bands.items() for band in several if code != "L04"]
    assert others
    assert all(isinstance(band, InSpanish) and "qu:" not in band for band in others)


OFFERS = {
    "offer.amount": "{amount} manuwan",
    "offer.and": ", ",
    "offer.due": "{days} p'unchawpi",
    "offer.frequency": "{frequency} kutichispa",
    "offer.debt": "huk manu tukusqa",
    "offer.ready": "{parts}: listo, {score}.",
    "frequency.at_maturity": "tukuyninpi",
    "frequency.weekly": "sapa simana",
}
OFFER = {"amount": 1500.0, "term_days": 140, "savings": 0.0, "score": 588, "es": "Dicho.", "en": "Said."}


@pytest.mark.parametrize(
    ("kind", "frequency", "said"),
    [
        ("amount", "weekly", "S/\xa01,500 manuwan: listo, 588."),
        ("amount_and_term", "at_maturity", "S/\xa01,500 manuwan, 140 p'unchawpi: listo, 588."),
        ("frequency", "weekly", "Sapa simana kutichispa: listo, 588."),
        ("term", "weekly", "Dicho."),  # it has no words for a term
        ("debt", "weekly", "Dicho."),  # nor for how a debt is to end
    ],
)
def test_an_offer_is_said_whole_in_one_language(kind, frequency, said):
    words = Words("qu", OFFERS)
    offer = OFFER | {"kind": kind, "frequency": frequency}
    told = offer_said(offer, words, words.form("PE", "PEN"))
    assert (told, isinstance(told, InSpanish)) == (said, said == "Dicho.")
    for language, stored in (("es", "Dicho."), ("en", "Said.")):
        assert offer_said(offer, Words(language, {}), Format(language, "PE", "PEN")) == stored


@pytest.mark.parametrize(
    ("value", "said", "language"),
    [(0.254, "qu 25 pachakmanta", "qu"), (0.004, "Menos de 1 de 100.", "es"), (None, "Menos de 1 de 100.", "es")],
)
def test_a_reason_is_said_in_spanish_where_its_figure_is_a_word(value, said, language):
    words = Words("qu", {"reason.late_share": "qu {of_100} pachakmanta"})
    reason = {"code": "R02", "feature": "late_share", "value": value, "es": "Menos de 1 de 100.", "en": "Fewer."}
    told = reason_given(reason, words)
    assert (told, isinstance(told, InSpanish)) == (said, language == "es")


def test_less_than_one_of_a_hundred_is_said_where_the_file_has_words_for_it():
    words = Words("qu", {"reason.late_share": "qu {of_100} pachakmanta", "figure.fewer_than_one": "mana huk"})
    reason = {"code": "R02", "feature": "late_share", "value": 0.004, "es": "Menos de 1 de 100.", "en": "Fewer."}
    assert reason_given(reason, words) == "qu mana huk pachakmanta"


def test_what_a_producer_association_is_asked_is_said_in_its_own_words(make_house, tmp_path):
    house = busy(make_house, pages=Pages(serving_with_quechua(tmp_path, MORE)))
    page = Heard(opened(house, BOARD, "/scores/s_pa", "qu"))
    assert {"qu Allin", "qu Kamachiy"} <= page.in_language("qu")
    assert {"Gobierno y organización", "Es persona jurídica"} & page.in_language("es") == set()
    assert "qu:De 100 asociaciones de productores parecidas, 11 no pagarían todo a tiempo. qu:" in " ".join(
        text for language, text in page.texts if language == "qu"
    )


def test_a_rule_on_the_sheet_is_said_in_its_own_words_where_the_figure_is_a_number(tmp_path):
    more = {"rule": {"L04": "qu Watan: {value}.", "G05": "qu {value}."}}
    words = load_languages(serving_with_quechua(tmp_path, more) / "words", SERVING / "words")["qu"]
    rule = {"audience": "committee", "exception": False, "words": {"es": "Lo hallado.", "en": "Found."}}
    found = [
        rule | {"code": "L04", "measure": "term_days", "measured": {"es": "270", "en": "270"}},
        rule | {"code": "G05", "measure": "share_in_arrears", "measured": {"es": "13 de 27", "en": "13 of 27"}},
        rule | {"code": "L04", "measure": "term_days", "measured": None},
    ]
    lines = rule_lines([one | {"bounds": None} for one in found], words, words.form("PE", "PEN"))
    told = [(line.found, isinstance(line.found, InSpanish)) for line in lines]
    assert told[:2] == [("qu Watan: 270.", False), ("Lo hallado.", True)]
    assert told[2][1]
    assert "Lo hallado" in told[2][0]
    assert "qu:" not in told[2][0]


def test_the_switch_lists_every_other_language_by_its_own_name(quechua):
    page = opened(quechua, None, "/login?next=/officer%3Fbranch=N", "qu")
    assert SWITCH.findall(page) == [
        ("/login?next=%2Fofficer%3Fbranch%3DN&amp;lang=es", "es", "es", "Español"),
        ("/login?next=%2Fofficer%3Fbranch%3DN&amp;lang=en", "en", "en", "English"),
    ]
    assert SWITCH.findall(opened(quechua, None, "/", "es")) == [
        ("?lang=en", "en", "en", "English"),
        ("?lang=qu", "qu", "qu", "Runa Simi"),
    ]
    assert SWITCH.findall(Pages(SERVING).notice("es")) == [("?lang=en", "en", "en", "English")]


def test_it_is_spoken_where_it_is_asked_for_and_kept(quechua):
    client = quechua.client
    client.cookies.clear()
    answer = client.get("/", headers={"Accept-Language": "qu-PE,es;q=0.9"})
    assert ('<html lang="qu">' in answer.text, answer.headers["content-language"]) == (True, "qu")
    assert "set-cookie" not in answer.headers
    asked = client.get("/?lang=qu")
    assert asked.headers["set-cookie"].startswith("riskscore_lang=qu; HttpOnly; Max-Age=")
    assert '<html lang="qu">' in client.get("/", headers={"Accept-Language": "en"}).text
    assert '<html lang="qu">' in client.get("/?lang=ay").text  # there is no such file: the one that was kept
    assert asked.headers["content-security-policy"] == Pages(SERVING).content_policy


def test_answers_for_programs_are_the_same(quechua):
    officer = quechua.headers(*OFFICER)
    asked = {"qu": officer | {"Accept-Language": "qu"}, "es": officer | {"Accept-Language": "es"}}
    quechua.client.cookies.clear()
    for path in ("/v1/scores/s_1", "/v1/scores/unknown", "/v1/register", "/v1/models"):
        one, other = (quechua.client.get(path, headers=headers) for headers in asked.values())
        assert (one.status_code, one.content) == (other.status_code, other.content), path
    register = quechua.client.get("/v1/register?lang=qu", headers=officer)
    assert (register.json()["language"], register.headers["content-language"]) == ("es", "es")


def test_who_comes_back_from_the_provider_after_her_language_is_gone_is_led_on_in_spanish(
    make_house, provider, tmp_path
):
    house = make_house(pages=Pages(serving_with_quechua(tmp_path)))
    house = with_provider(house, provider_file(provider, tmp_path))
    sent = at_the_page(begin(house, lang="qu"))
    restarted = replace(house.service, pages=Pages(SERVING)).app()
    client = TestClient(restarted, base_url="http://testserver", headers=NAMED, cookies=house.client.cookies)
    led = client.get(BACK, params=sent, headers=HTML)
    assert (led.status_code, '<html lang="es">' in led.text) == (200, True)


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [
        ("qu", "qu"),
        ("qu-PE,es;q=0.5", "qu"),
        ("QU-Latn-BO", "qu"),
        ("qu-bo", "qu-BO"),
        ("ay,en;q=0.3,qu;q=0.4", "qu"),
        ("quz", "es"),
        ("*", "es"),
        ("", "es"),
    ],
)
def test_a_browser_gets_the_nearest_language_that_there_is(accepted, spoken):
    assert choose_language(("es", "en", "qu", "qu-BO"), None, None, accepted) == spoken


def written(folder, **languages):
    folder.mkdir()
    for language, sections in languages.items():
        (folder / f"{language.replace('_', '-')}.toml").write_text(toml(sections), "utf-8")
    return folder


LIBRARY = {
    "es": {"a": {"x": "uno de {n}", "y": "dos"}, "language": {"name": "Español"}},
    "en": {"a": {"x": "one of {n}", "y": "two"}, "language": {"name": "English"}},
}


def test_every_fault_of_every_third_file_is_told_at_once(tmp_path):
    library = written(tmp_path / "library", **LIBRARY)
    third = {
        "a": {"x": "huk {count}"},
        "language": {"name": "Runa Simi"},
        "date": {"enero": "qhulla", "day": "{day} {hour}", "january": "{"},
        "reason": {"worst_delay": "{value}", "late_share": "{of_100}"},
        "why": {"above_cap": "{value}"},
        "offer": {"interest": "qu", "due": "{amount} {days}", "and": " wan "},
        "figure": {"fewer_than_one": "{count}"},
    }
    own = written(tmp_path / "own", **LIBRARY, qu=third, quechua=LIBRARY["es"])
    (own / "ay.toml").write_text("[a\nx = 1", "utf-8")
    (own / ".qu.toml").write_text("an editor's own", "utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_languages(own, library)
    told = [(fault.where.rsplit("/", 1)[1], fault.what) for fault in caught.value.faults]
    assert told[0][0] == "ay.toml"
    assert told[0][1].startswith("The words cannot be read (Expected ']'")
    assert told[1:] == [
        ("qu.toml: a.x", "Nothing fills {count} in it."),
        ("qu.toml: a.y", "This text is missing."),
        ("qu.toml: date.enero", "There is no such text."),
        ("qu.toml: date.day", "Nothing fills {hour} in it."),
        ("qu.toml: date.january", "Its braces do not close."),
        ("qu.toml: reason.worst_delay", "Nothing fills {value} in it."),
        ("qu.toml: why.above_cap", "Nothing fills {value} in it."),
        ("qu.toml: offer.interest", "There is no such text."),
        ("qu.toml: offer.due", "Nothing fills {amount} in it."),
        ("qu.toml: figure.fewer_than_one", "Nothing fills {count} in it."),
        ("quechua.toml", "Its name is no code of a language."),
    ]
    remedies = {fault.where.rsplit("/", 1)[1]: fault.remedy for fault in caught.value.faults}
    assert remedies["qu.toml: a.y"] == "Write it; Spanish says: 'dos'"
    assert remedies["qu.toml: date.day"] == "Only {day}, {month}, {year} is filled in."


@pytest.mark.parametrize("text", ["huk {n:d}", "huk {n!r}", "huk {n.real}", "huk {}", "huk {0}"])
def test_a_place_is_a_name_alone(tmp_path, text):
    library = written(tmp_path / "library", **LIBRARY)
    qu = LIBRARY["es"] | {"a": {"x": text, "y": "iskay"}}
    with pytest.raises(InvalidInput, match=r"qu\.toml: a\.x: Nothing fills \{"):
        load_languages(written(tmp_path / "own", **LIBRARY, qu=qu), library)


def test_a_file_for_a_region_is_a_language_and_keeps_texts_of_its_own(tmp_path):
    library = written(tmp_path / "library", **LIBRARY)
    own = written(tmp_path / "own", **LIBRARY, qu_PE=LIBRARY["es"] | {"old": {"z": "kimsa {n}"}})
    words = load_languages(own, library)
    assert list(words) == ["es", "en", "qu-PE"]
    assert words["qu-PE"]("a.x", n=3) == "uno de 3"


def test_spanish_and_english_have_to_be_there(tmp_path):
    serving = serving_with_quechua(tmp_path)
    (serving / "words" / "en.toml").unlink()
    with pytest.raises(InvalidInput, match=r"en\.toml: The words cannot be read"):
        Pages(serving)
    shutil.copy(SERVING / "words" / "en.toml", serving / "words")
    assert Pages(serving).languages == ("es", "en", "qu")


def test_a_month_is_said_in_spanish_where_the_file_has_none():
    words = Words("qu", {"date.february": "hatun puquy"})
    assert words.form("PE", "PEN").day("2026-02-01") == "1 de hatun puquy de 2026"
    assert words.form("PE", "PEN").day("2026-03-01") == "1 de marzo de 2026"
