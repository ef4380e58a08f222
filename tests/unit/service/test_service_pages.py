"""The pages: whole, plain, accessible, and in two languages that say the same."""

from __future__ import annotations

import copy
import re
import shutil
import tomllib
from html.parser import HTMLParser

import pytest

from riskscore.errors import InvalidInput
from riskscore.project import starter_dir
from riskscore.service.languages import choose_language
from riskscore.service.pages import Pages
from riskscore.service.problem import Problem
from riskscore.service.waterfall import WIDTH, Step, bars
from riskscore.words import Words, load_all
from tests.unit.service.desks import BODY, FEATURES, SCORE, PlainDesk
from tests.unit.service.readability import fernandez_huerta

SERVING = starter_dir() / "serving"


class Page(HTMLParser):
    """A page's elements, ids, and running text."""

    VOID = frozenset({"meta", "br", "hr", "img", "link", "input", "rect", "circle", "line"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.paragraphs: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag in ("p", "li", "dd"):
            self.paragraphs.append("")

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("p", "li", "dd"):
            self.paragraphs[-1] += data

    def having(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def pages(house):
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    house.heard("s_1")
    house.opined("s_1")
    viewers = {"whole": house.headers("officer", "all"), "committee": house.headers("committee", "group", "B1")}
    return {
        (name, language): house.client.get(f"/scores/s_1?lang={language}", headers=headers)
        for name, headers in viewers.items()
        for language in ("es", "en")
    }


def test_every_page_is_one_small_document_without_script_or_asset(pages):
    for answer in pages.values():
        assert answer.status_code == 200
        assert len(answer.content) < 100_000
        page = Page(answer.text)
        assert not page.open
        names = {tag for tag, _ in page.tags}
        assert not names & {"script", "img", "link", "iframe", "form", "object"}
        for _, attributes in page.tags:
            assert "style" not in attributes
            for name in ("href", "src"):
                assert (attributes.get(name) or "#").startswith(("#", "?"))
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"


def test_every_page_can_be_read_aloud(pages):
    for (_, language), answer in pages.items():
        page = Page(answer.text)
        assert page.having("html") == [{"lang": language}]
        assert answer.headers["content-language"] == language
        drawings = [one for one in page.having("svg") if one.get("aria-hidden") != "true"]  # bars beside their numbers
        for name, times in (("h1", 1), ("main", 1), ("title", 1 + len(drawings))):
            assert len(page.having(name)) == times
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        for section in page.having("section"):
            assert section["aria-labelledby"] in ids
        for drawing in drawings:
            assert drawing["role"] == "img"
            assert set((drawing["aria-labelledby"] or "").split()) <= set(ids)


def test_the_waterfall_is_rows_of_words_and_points_that_add_up(pages):
    text = pages["whole", "es"].text
    box = text[text.index('id="waterfall"') : text.index("</section>", text.index('id="waterfall"'))]
    rows = re.findall(r'<span>([^<]+)</span> <span class="n">([^<]+)</span>', box)
    assert [(label, points.replace("−", "-")) for label, points in rows] == [
        ("Puntaje común", "580"),
        ("Pagos", "-12"),
        ("Peor atraso en 6 meses", "-15"),
        ("Cuotas con atraso", "+3"),
        ("Capacidad de pago", "-4"),
        ("Cuota sobre lo que queda", "-4"),
        ("Negocio y temporada", "+2"),
        ("Meses flojos en el plazo (sin dato)", "+2"),
        ("Grupo", "-6"),
        ("Atrasos de sus compañeras de grupo en el último ciclo", "-6"),
        ("Puntaje", "560"),
    ]
    assert re.findall("<h3>([^<]+)</h3>", box) == ["De lo suyo: −14", "Del grupo: −6"]


def test_the_page_says_what_a_person_needs(pages):
    text = pages["whole", "es"].text
    for said in (
        "Conversar antes",
        "De 100 préstamos parecidos, 7 tuvieron problemas de pago.",
        "De un grupo a otro, fueron entre 4 y 9.",
        "Su peor atraso en 6 meses fue de 9 días.",
        "Con 500 soles la cuota cabe.",
        "72 de cada 100",
        "El límite de la institución es 70 de cada 100.",
        "Meses flojos en el plazo",
        "La decisión es del comité y de la institución.",
        "la asesora pidió el cálculo",
        "Datos hasta el 31 de enero de 2026",
        "De lo suyo: −14",
    ):
        assert said in text, said
    assert "SOLVENT" not in text  # never beside a state that rests on the cap
    assert "Of 100 similar loans, 7 had trouble with repayment." in pages["whole", "en"].text


def test_she_is_spoken_to_on_her_own_page_and_spoken_of_elsewhere(house, pages):
    own = house.client.get("/scores/s_1?lang=es", headers=house.headers("member", "self", "M1")).text
    assert "Conviene que usted converse antes con su asesora, a solas." in own
    assert "con ella" not in own
    for name in ("whole", "committee"):
        assert "Conviene conversar a solas con ella antes de la reunión." in pages[name, "es"].text
    hers = house.client.get("/scores/s_1?lang=es", headers=house.headers("officer", "all")).text
    for usted, ella in (
        ("Usted puede objetar esta recomendación", "Ella puede objetar esta recomendación"),
        ("lo que usted declaró", "lo que ella declaró"),
        ("pida a su asesora que lo corrija", "corríjanlo en la institución"),
        ("Todavía no está anotado.", "No está anotado. Hay que preguntarle."),
    ):
        assert (usted in own, ella in own) == (True, False), usted
        assert (usted in hers, ella in hers) == (False, True), ella


def test_whoever_saw_the_page_is_named_however_often_others_did(house, monkeypatch):
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    monkeypatch.setattr("riskscore.service.chain.now", lambda: "2026-02-03T02:05:00.000000+00:00")
    house.client.get("/scores/s_1", headers=house.headers("committee", "group", "B1"))
    member = house.headers("member", "self", "M1")
    for _ in range(12):
        text = house.client.get("/scores/s_1?lang=es", headers=member).text
    assert "2 de febrero de 2026, 21:05: la socia abrió la hoja (12 veces)" in text  # by the clock of Lima
    assert "2 de febrero de 2026, 21:05: el comité abrió la hoja<" in text
    assert "la asesora pidió el cálculo" in text


def test_the_scale_of_ease_tells_plain_words_from_officialese():
    assert fernandez_huerta("Su pago fue puntual. La cuota cabe en lo que le queda.") > 90
    hard = "La implementación institucional de procedimientos administrativos requiere consideraciones extraordinarias."
    assert fernandez_huerta(hard) < 0


def test_words_of_the_catalogues_stay_short_too():
    for section in tomllib.loads((SERVING / "words" / "es.toml").read_text("utf-8")).values():
        for text in section.values():
            for sentence in re.split(r"[.:?!](?:\s|$)", text):
                assert len(sentence.split()) <= 20, sentence


def test_both_languages_fill_the_same_places():
    catalogues = load_all(SERVING / "words")
    for key, text in catalogues["es"].texts.items():
        places = sorted(re.findall(r"{(\w+)}", text))
        assert places == sorted(re.findall(r"{(\w+)}", catalogues["en"].texts[key])), key


def test_a_text_missing_in_one_language_is_named(tmp_path):
    (tmp_path / "es.toml").write_text('[a]\nx = "uno"\ny = "dos"\n', "utf-8")
    (tmp_path / "en.toml").write_text('[a]\nx = "one"\n[b]\nz = "three"\n', "utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_all(tmp_path)
    assert [fault.where.rsplit("/", 1)[1] for fault in caught.value.faults] == ["es.toml: b.z", "en.toml: a.y"]
    (tmp_path / "en.toml").write_text("no toml", "utf-8")
    with pytest.raises(InvalidInput, match=r"en\.toml"):
        Words.load(tmp_path, "en")


def test_an_older_copy_of_the_words_takes_newer_texts_from_the_library(tmp_path):
    own, library = tmp_path / "own", tmp_path / "library"
    for folder, es, en in (
        (own, '[a]\nx = "uno de la institución"\nold = "vieja"\n', '[a]\nx = "their one"\nold = "old"\n'),
        (library, '[a]\nx = "uno"\nnew = "nueva de {n}"\n', '[a]\nx = "one"\nnew = "new of {n}"\n'),
    ):
        folder.mkdir()
        (folder / "es.toml").write_text(es, "utf-8")
        (folder / "en.toml").write_text(en, "utf-8")
    words = load_all(own, library)
    assert words["es"]("a.x") == "uno de la institución"
    assert words["es"]("a.new", n=3) == "nueva de 3"
    assert words["en"]("a.new", n=3) == "new of 3"
    assert words["en"]("a.old") == "old"


def test_a_place_that_this_release_does_not_fill_is_named_with_its_text(tmp_path):
    own, library = tmp_path / "own", tmp_path / "library"
    for folder, place in ((own, "count"), (library, "n")):
        folder.mkdir()
        (folder / "es.toml").write_text(f'[a]\nx = "{{{place}}} socias"\n', "utf-8")
        (folder / "en.toml").write_text(f'[a]\nx = "{{{place}}} members"\n', "utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_all(own, library)
    assert [(fault.where.rsplit("/", 1)[1], fault.what, fault.remedy) for fault in caught.value.faults] == [
        ("es.toml: a.x", "Nothing fills {count} in it.", "This release has: '{n} socias'"),
        ("en.toml: a.x", "Nothing fills {count} in it.", "This release has: '{n} members'"),
    ]


def test_braces_that_do_not_close_are_a_fault(tmp_path):
    shutil.copytree(SERVING / "words", tmp_path / "words")
    path = tmp_path / "words" / "es.toml"
    path.write_text(path.read_text("utf-8").replace("Solicitud de {subject}", "Solicitud de {subject"), "utf-8")
    with pytest.raises(InvalidInput, match=r"es\.toml: page\.title: Its braces do not close\."):
        load_all(tmp_path / "words", SERVING / "words")


def test_a_service_whose_words_were_copied_earlier_shows_the_same_page(make_house, tmp_path):
    serving = tmp_path / "serving"
    shutil.copytree(SERVING, serving)
    for language in ("es", "en"):
        path = serving / "words" / f"{language}.toml"
        text = path.read_text("utf-8")
        path.write_text(text[: text.index("[request]")], "utf-8")  # as if all but the first section were newer
    shown = []
    for name, pages in (("newer", Pages(SERVING)), ("older", Pages(serving))):
        house = make_house(name, desk=PlainDesk(answer=copy.deepcopy(SCORE)), pages=pages)
        officer = house.headers("officer", "all")
        assert house.client.post("/v1/scores", json=BODY, headers=officer).status_code == 201
        page = house.client.get("/scores/s_1?lang=es", headers=officer)
        assert page.status_code == 200
        shown.append(page.text)
    assert shown[0] == shown[1]


def page_of(make_house, **changes):
    answer = copy.deepcopy(SCORE) | changes
    house = make_house(desk=PlainDesk(answer=answer))
    officer = house.headers("officer", "all")
    assert house.client.post("/v1/scores", json=BODY, headers=officer).status_code == 201
    page = house.client.get("/scores/s_1", headers=officer)
    assert page.status_code == 200
    return page.text


def test_unknown_income_is_said_to_be_unknown(make_house):
    unknown = SCORE["indebtedness"] | {
        "level": "UNKNOWN",
        "nii_now": None,
        "nii_post": None,
        "nii_stress": None,
        "headroom": None,
        "largest_amount": None,
    }
    text = page_of(
        make_house,
        indebtedness=unknown,
        recommendation={"state": "talk_first", "ceiling": None, "why": []},
        reasons=[],
        what_would_change=[],
    )
    assert "faltan sus ingresos, sus gastos o sus otras deudas" in text
    # No change was looked for, so the page must not say that none was found.
    assert "Primero hay que saber sus ingresos, sus gastos y sus otras deudas." in text
    assert "No encontramos un cambio" not in text
    assert "Puede probar otro monto o plazo" not in text
    assert "Todavía no se puede sugerir un monto." in text
    assert "de cada 100." not in text.split("Sus cuotas")[1].split("</section>")[0]


@pytest.mark.parametrize(
    ("off_support", "said"),
    [
        ([], "No encontramos un cambio que podamos ofrecer con seguridad. Conviene conversar."),
        (["worst_delay"], "No ofrecemos cambios: su caso se parece poco a los ya vistos. Conviene conversar."),
    ],
)
def test_where_no_change_is_offered_the_page_says_no_more_than_is_so(make_house, off_support, said):
    """A smaller amount may be ready on the same page: it is not said that none would do."""
    quality = SCORE["data_quality"] | {"off_support": off_support}
    house = make_house(desk=PlainDesk(answer=SCORE | {"what_would_change": [], "data_quality": quality}))
    officer = house.headers("officer", "all")
    assert house.client.post("/v1/scores", json=BODY, headers=officer).status_code == 201
    smaller = house.client.post("/v1/scores/s_1/what-if", json={"amount": 280.0}, headers=officer).json()
    assert smaller["point"]["recommendation"]["state"] == "ready"
    html = house.client.get("/scores/s_1", headers=officer).text
    box = html.split('id="change"')[1].split("</section>")[0]
    assert re.findall("<p[^>]*>(.*?)</p>", box) == [said]  # a token has no list to try
    link = house.access.link(house.access.grant("officer", "all")[0])
    html = house.client.get(f"/enter?key={link}&next=/scores/s_1").text
    box = html.split('id="change"')[1].split("</section>")[0]
    assert re.findall("<p[^>]*>(.*?)</p>", box) == [said, "Puede probar otro monto o plazo en esta hoja."]
    assert 'id="try-form"' in html


def test_a_first_cycle_is_not_a_list_of_twenty_lines(make_house):
    missing = ["worst_delay", "late_share", "lean_month", "instalment_to_surplus", "unknown_fact"]
    desk = PlainDesk(answer=SCORE | {"data_quality": {"missing": missing, "stale": [], "off_support": []}})
    features = {**FEATURES, "third": FEATURES["worst_delay"], "fourth": FEATURES["worst_delay"]}
    desk.answer["data_quality"]["missing"] += ["third", "fourth"]
    desk.features = features
    house = make_house(desk=desk)
    officer = house.headers("officer", "all")
    house.client.post("/v1/scores", json=BODY, headers=officer)
    box = house.client.get("/scores/s_1", headers=officer).text.split('id="data"')[1].split("</section>")[0]
    assert re.findall("<li>(.*?)</li>", box) == [
        "Pagos: 4 datos sin registro reciente.",
        "Meses flojos en el plazo",
        "Cuota sobre lo que queda",
        "unknown_fact",
    ]


def test_a_range_of_nothing_is_not_from_five_to_five(make_house):
    text = page_of(make_house, pd_interval={"rate": 0.05, "low": 0.048, "high": 0.052, "level": 0.9})
    assert "En casi todos los grupos fue lo mismo." in text


def test_off_the_support_no_range_is_given(make_house):
    text = page_of(make_house, pd_interval=None)
    assert "Por eso no damos números ni un rango." in text
    assert "fueron entre" not in text
    assert "De 100" not in text


@pytest.mark.parametrize(
    ("rate", "said"),
    [(0.004, "menos de 1 tuvo"), (0.012, ", 1 tuvo problemas"), (0.151, ", 15 tuvieron problemas")],
)
def test_frequencies_are_said_in_people(make_house, rate, said):
    assert said in page_of(make_house, pd_interval={"rate": rate, "low": 0.0, "high": 0.2, "level": 0.9})


def test_what_a_table_says_is_never_markup(make_house):
    nasty = "<script>alert(1)</script>"
    text = page_of(make_house, reasons=[{"code": "R01", "es": nasty, "en": nasty, "value": 1.0}])
    assert nasty not in text
    assert "&lt;script&gt;" in text


def test_the_notice_is_there_for_everyone(house):
    spanish, english = (house.client.get("/", headers={"Accept-Language": lang}) for lang in ("es", "en"))
    assert (spanish.status_code, english.status_code) == (200, 200)
    assert "No aprueba ni rechaza." in spanish.text
    assert "It neither approves nor refuses." in english.text


def test_people_get_a_page_where_they_may_not_pass(house):
    reading = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"}
    assert "Sign in" in house.client.get("/scores/s_1", headers=reading).text
    answer = house.client.get("/enter?key=used&next=/scores/s_1", headers=reading)
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/html")
    assert "This link no longer works" in answer.text
    assert house.client.get("/scores/s_1").headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "spoken"),
    [
        ("en", "es", "es", "en"),
        (None, "en", "es", "en"),
        (None, None, "en-GB,es;q=0.5", "en"),
        (None, None, "qu,es;q=0.9,en;q=0.8", "es"),
        (None, None, None, "es"),
        ("xx", "yy", "de;q=abc", "es"),
    ],
)
def test_the_language_spoken(asked, kept, accepted, spoken):
    assert choose_language(("es", "en"), asked, kept, accepted) == spoken


def test_the_language_chosen_is_kept(house):
    house.client.post("/v1/scores", json=BODY, headers=house.headers("officer", "all"))
    headers = house.headers("officer", "all")
    assert '<html lang="es">' in house.client.get("/scores/s_1", headers=headers).text
    assert '<html lang="en">' in house.client.get("/scores/s_1?lang=en", headers=headers).text
    assert '<html lang="en">' in house.client.get("/scores/s_1", headers=headers).text


def test_long_words_take_two_lines():
    steps = [Step("base", 600, "base"), Step("x " * 30, -5, "feature"), Step("total", 595, "total")]
    (_, long, total), height = bars(steps)
    assert [len(line) <= 38 for line in long.lines] == [True, True]
    assert " ".join(long.lines) == ("x " * 30).strip()
    assert (long.bar_y, total.y, height) == (34 + 15 + 18, 34 + 34 + 15, 3 * 34 + 15)


def test_bars_follow_the_points():
    steps = [
        Step("base", 600, "base"),
        Step("family", -40, "family"),
        Step("one", -50, "feature"),
        Step("two", 10, "feature"),
        Step("family", 20, "family"),
        Step("total", 580, "total"),
    ]
    drawn, height = bars(steps)
    ends = [round(bar.x + bar.width, 1) for bar in drawn]
    base, fall, one, two, rise, total = drawn
    assert height == 6 * 34
    assert base.x == total.x == 0.0
    assert ends[1] == ends[0]  # the fall begins where the base ends
    assert one.x == pytest.approx(fall.x - 10 / 40 * fall.width, abs=0.2)
    assert two.x == one.x
    assert rise.x == fall.x
    assert ends[4] == ends[5]
    assert all(bar.x >= 0 and end <= WIDTH for bar, end in zip(drawn, ends, strict=True))


def test_points_without_a_record_say_so_and_what_is_old_is_named(make_house):
    quality = {"missing": ["worst_delay"], "stale": ["budget_age_days"], "off_support": []}
    text = page_of(make_house, data_quality=quality)
    assert f"{FEATURES['worst_delay']['es']} (sin dato)" in text
    assert "El presupuesto familiar" in text.split('id="data"')[1]


def test_signs_that_repaying_is_hard_are_told_where_they_are_there_and_only_there(make_house):
    signals = {"refinancings": True, "chronic_arrears": False, "paid_from_savings": None}
    text = page_of(make_house, indebtedness=SCORE["indebtedness"] | {"signals": signals, "sacrifice": True})
    assert "Se le refinanciaron préstamos dos veces o más en 12 meses." in text
    assert "Se atrasó en tres cuotas seguidas o más." not in text
    assert "Pagó una cuota con sus ahorros." not in text
    assert "sacrificio" not in text


@pytest.mark.parametrize(
    ("problem", "lang", "said"),
    [
        (Problem(403, "x", "x"), "es", "Su permiso no alcanza para esta hoja."),
        (Problem(403, "x", "x", reason="page"), "es", "Ábrala de nuevo y repita lo que hizo."),
        (Problem(403, "x", "x", reason="page"), "en", "Open it again and repeat what you did."),
        (Problem(503, "x", "x"), "es", "El servicio todavía no está listo."),
        (Problem(503, "x", "x"), "en", "The service is not ready yet."),
        (Problem(413, "x", "x"), "es", "Intente otra vez en un momento."),
        (Problem(413, "x", "x", reason="unheard of"), "es", "Intente otra vez en un momento."),
    ],
)
def test_an_error_is_told_by_what_happened(problem, lang, said):
    assert said in Pages(SERVING).problem(problem, lang)


@pytest.mark.parametrize(("lang", "said"), [("es", "No se encontró"), ("en", "Not found")])
def test_an_unknown_address_is_told_on_a_page_in_the_readers_language(house, lang, said):
    accepted = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": lang}
    for path in ("/nowhere", "/scores/s_1/", "/groups"):
        answer = house.client.get(path, headers=accepted)
        assert (answer.status_code, answer.headers["content-language"]) == (404, lang)
        assert answer.headers["content-security-policy"] == house.service.pages.content_policy
        assert f"<h1>{said}</h1>" in answer.text
        assert "nowhere" not in answer.text
    # As of an unknown id, to the byte; and a program gets what it reads.
    officer = house.headers("officer", "all") | accepted
    assert house.client.get("/nowhere", headers=officer).content == answer.content
    assert house.client.get("/scores/unknown", headers=officer).content == answer.content
    for path, headers in (("/v1/nowhere", accepted), ("/nowhere", {"Accept": "*/*"})):
        told = house.client.get(path, headers=headers)
        assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json")
    wrong = house.client.post("/officer", headers=accepted)
    assert (wrong.status_code, set(wrong.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})
    assert "<h1>" in wrong.text
