"""Every page of the service is easy to read: short sentences, no percent, in Spanish 65 on Fernández Huerta's scale.

A template that is not in the table of pages fails: whoever adds one says here how it is reached.
"""

from __future__ import annotations

from functools import partial
from html.parser import HTMLParser

import pytest

from riskscore.service.desks import Desks
from riskscore.service.meeting import meeting_of
from riskscore.service.meeting_files import officer_file
from riskscore.service.rules_told import about_group, about_member
from riskscore.service.written_meeting import OPERATOR
from tests.unit.service.associations import BANK_BODY, bank_desk, producer_desk
from tests.unit.service.desks import BODY, STARTER_RULES, House, PlainDesk, PlainShelf
from tests.unit.service.producer_record import keep
from tests.unit.service.readability import fernandez_huerta, sentences
from tests.unit.service.test_service_models_page import SINCE, VERSION, WAITS
from tests.unit.service.test_service_pages import SERVING

OFFICER, AUDITOR, BOARD = ("officer", "all"), ("auditor", "all"), ("board", "organisation", "PA1")
COMMITTEE, MEMBER = ("committee", "group", "B1"), ("member", "self", "M1")

#: Parts of other pages, and no page of their own.
PARTS = {"base.html", "parts.html", "score_parts.html", "group_parts.html", "way_out.html"}

#: How each page is reached, by its template: who opens what.
PAGES: dict[str, tuple[tuple[tuple[str, ...] | None, str], ...]] = {
    "application.html": ((OFFICER, "/apply"),),
    "association.html": ((("assistant", "group", "B1"), "/scores/b_1"),),
    "bank.html": ((OFFICER, "/scores/b_1"), (AUDITOR, "/scores/b_1")),
    "committee.html": ((COMMITTEE, "/scores/s_1"),),
    "group.html": ((OFFICER, "/groups/B1"), (COMMITTEE, "/groups/B1"), (AUDITOR, "/groups/B1")),
    "login.html": ((None, "/login"),),
    "models.html": ((AUDITOR, "/models"),),
    "notice.html": ((None, "/"),),
    "officer.html": ((OFFICER, "/officer"),),
    "onward.html": (),
    "policy.html": ((OFFICER, "/policy"),),
    "problem.html": ((OFFICER, "/scores/unknown"), (MEMBER, "/officer"), (AUDITOR, "/trail?kind=none")),
    "producer.html": ((BOARD, "/scores/s_pa"), (("assistant", "organisation", "PA1"), "/scores/s_pa")),
    "score.html": ((OFFICER, "/scores/s_1"), (MEMBER, "/scores/s_1"), (AUDITOR, "/scores/s_1")),
    "sessions.html": ((OFFICER, "/sessions"),),
    "trail.html": ((AUDITOR, "/trail"), (AUDITOR, "/trail/s_1")),
    "files/committee.html": (),
    "files/officer.html": (),
    "files/officer_inside.html": (),
}

#: Why nobody is let in who comes back from the provider's page.
TROUBLES = ("cancelled", "over", "away", "no_role", "unproven")

#: Fewer words are a name or a figure, which would only make a text look easier.
NAME = 4


class Read(HTMLParser):
    """The running text of a page: what stands in paragraphs, in lists and beside terms, with all that is inside."""

    BLOCKS = frozenset({"p", "li", "dd"})
    #: Parts of these that are read by themselves: of a row, of a form.
    PIECES = BLOCKS | {"span", "label", "option", "legend", "button", "summary"}
    #: Commands and addresses are not language, and what a script or a style says is not read.
    SILENT = frozenset({"code", "script", "style", "svg", "title"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    @property
    def texts(self) -> list[str]:
        return [text for one in self.said if (text := " ".join(one.split()))]

    def handle_starttag(self, tag, attributes):
        if tag in self.PIECES:
            self.said.append("")
        if tag not in ("br", "hr", "input", "meta", "circle", "rect", "line"):
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        """Hold no text."""

    def handle_endtag(self, tag):
        self._open.pop()
        if tag in self.PIECES:
            self.said.append("")

    def handle_data(self, data):
        if self.BLOCKS & set(self._open) and not self.SILENT & set(self._open):
            self.said[-1] += data


class Shelf(PlainShelf):
    """Champion and challenger as far apart as can be said."""

    def models(self, desks):
        told = {"recipe": "member_default", "in_service": "4", "fault": "x", "champion": CHAMPION, "challenger": WAITS}
        bare = {"recipe": "x", "in_service": None, "fault": None, "champion": None, "challenger": None}
        lone = [{"answer": "counting"}, {"answer": "unknown"}]
        every = [SINCE | {"answer": answer} for answer in ("too_few", "held", "more", "fewer")]
        none = [SINCE | {"answer": answer, "observed": None} for answer in ("none", "withheld")]
        return [told | {"since_training": SINCE}, *(bare | {"since_training": one} for one in (*every, *none, *lone))]


_FIGURE = {"value": 0.93, "low": 0.71, "high": 1.21}
_NAMES = (
    "bads",
    "auc",
    "auc, other groups",
    "leakage",
    "directions",
    "calibration slope",
    "observed over expected, first cycle",
    "ICI, repeat cycle",
    "calibration slope, regime el_nino",
    "gain over the scorecard",
    "order",
    "level",
    "posterior",
)
CHAMPION = VERSION | {
    "promoted_against_gates": "Son pocos casos y es una prueba.",
    "gates": [{"name": name, "passed": bool(n % 2), "value": 0.83, "words": "x"} for n, name in enumerate(_NAMES)],
    "card": VERSION["card"]
    | {
        "calibration": {
            "": {"rows": 900, "bads": 71, "slope": _FIGURE, "observed_expected": _FIGURE},
            "first cycle": {"rows": 90, "bads": 7, "slope": None, "observed_expected": None},
        }
    },
}


@pytest.fixture
def house(make_house) -> House:
    return busy(make_house)


def busy(make_house, **changes) -> House:
    """Return a house in which much happened, so that its pages say all they can."""
    ids = iter(["s_1", "s_2", "b_1"])
    desks = Desks.of(PlainDesk(rules=STARTER_RULES), bank_desk(), producer_desk())
    house = make_house("told", desks, shelf=Shelf(), new_id=lambda: next(ids), **changes)
    officer = house.headers(*OFFICER)
    for body in (BODY, BODY | {"subject": "M2"}, BANK_BODY):
        assert house.client.post("/v1/scores", json=body, headers=officer).status_code == 201
    key = {"Idempotency-Key": "k1"}
    said = {"topic": "correction", "text": "Tengo un solo préstamo."}
    assert house.client.post("/v1/scores/s_1/objections", json=said, headers=officer | key).status_code == 201
    assert house.client.post("/v1/scores/s_1/what-if", json={"amount": 300.0}, headers=officer).status_code == 200
    house.heard("s_1", "s_2")
    house.opined("s_1")
    everything = {"other_loans": "yes", "level": "yes", "savings": "yes"}
    herself = house.headers("member", "self", "M2")
    shown = house.client.post("/scores/s_2/shown", data=everything, headers=herself, follow_redirects=False)
    assert shown.status_code == 303
    decided = {
        "who": "Comité",
        "role": "committee",
        "amount_approved": 280.0,
        "currency": "PEN",
        "decided_on": "2026-02-02",
        "reason": "Están al día desde ayer.",
    }
    assert house.client.post("/v1/scores/s_1/decisions", json=decided, headers=officer | key).status_code == 201
    house.client.get("/v1/scores/unknown", headers=officer)
    keep(house.records)
    return house


def opened(house: House, who: tuple[str, ...] | None, path: str, language: str = "es") -> str:
    house.client.cookies.clear()
    if who is not None:
        house.client.get(f"/enter?key={house.access.link(house.access.grant(*who)[0])}&next=/")
    joint = "&" if "?" in path else "?"
    return house.client.get(f"{path}{joint}lang={language}", headers={"Accept": "text/html"}).text


def files(house: House, language: str = "es") -> dict[str, str]:
    """Return the pages that are no answer to an address."""
    parts = house.service
    meeting = meeting_of(parts, "B1", OPERATOR)
    desk = parts.state.desks.member
    views = [
        (
            seat.member,
            parts.serializer.page(seat.record, OPERATOR, ()),
            desk.grid(seat.record),
            about_member(meeting.rules, seat.member),
        )
        for seat in meeting.held.seats
    ]
    files = parts.pages.files
    house.client.cookies.clear()
    house.client.get(f"/enter?key={house.access.link(house.access.grant(*OFFICER)[0])}")
    word = house.client.get("/groups/B1").text.split('name="csrf_token" value="')[1].split('"')[0]
    committee = house.client.post(f"/groups/B1/files/committee?lang={language}", data={"csrf_token": word})
    return {
        "onward.html": parts.pages.onward("/groups/B1", language),
        "files/committee.html": committee.text,
        "files/officer.html": officer_file(
            meeting, parts.serializer, files, desk.grid, "cuatro palabras al azar", language
        ),
        "files/officer_inside.html": files.officer_inside(
            "B1",
            meeting.facts.as_of.isoformat(),
            about_group(meeting.rules, "officer")["not_met"],
            views,
            language,
        ),
    }


def forms(house: House, language: str = "es") -> list[tuple[str, str]]:
    """Return the form to sign in with a provider's button, and with each thing that may have gone wrong there."""
    form = partial(house.service.pages.login, language, word="", target="/", provider="Fondo Andino")
    return [(f"login.html {one}", form(trouble=one)) for one in (None, "wrong", *TROUBLES)]


def test_every_template_is_a_page_that_is_read_here():
    folder = SERVING / "pages"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.html")} - PARTS == set(PAGES)


def every_page(house: House, language: str = "es") -> list[tuple[str, str]]:
    reached = [(name, opened(house, who, path, language)) for name, of in PAGES.items() for who, path in of]
    return [*reached, *files(house, language).items(), *forms(house, language)]


def long_ones(texts: list[str]) -> list[str]:
    return [one for text in texts for one in sentences(text) if len(one.split()) > 20]


def test_every_page_is_easy_to_read(house):
    faults = []
    for name, html in every_page(house, "es"):
        texts = Read(html).texts
        assert texts, name
        long = long_ones(texts)
        running = [text for text in texts if len(text.split()) >= NAME]
        ease = fernandez_huerta(" ".join(f"{text} ." for text in running))
        if long or ease < 65:
            faults.append((name, round(ease, 1), long))
    assert faults == []


def test_in_english_sentences_are_short_too(house):
    told = [(name, Read(html).texts) for name, html in every_page(house, "en")]
    assert [(name, long) for name, texts in told if (long := long_ones(texts))] == []
    # A rule is read whole: what is found, and after a colon what it asks for.
    (rules,) = [texts for name, texts in told if name == "policy.html"]
    assert [text for text in rules if ": " in text and len(text.split()) > 20] == []


class Seen(HTMLParser):
    """All that a page tells people: text, and what attributes say or show; not its style, scripts and addresses."""

    ADDRESSES = frozenset({"href", "action", "formaction", "content"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.told: list[str] = []
        self._silent = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self._silent = tag in ("style", "script")
        self.told += [value for name, value in attributes if value and name not in self.ADDRESSES]

    def handle_endtag(self, tag):
        self._silent = False

    def handle_data(self, data):
        if not self._silent:
            self.told.append(data)


@pytest.mark.parametrize("lang", ["es", "en"])
def test_no_page_tells_of_a_percent(house, lang):
    """People read "20 de cada 100", and a percent as a number without a whole."""
    pages = every_page(house, lang)
    assert {name for name, html in pages if "<style>" in html and "100%" in html}  # there are some in styles
    assert [(name, text) for name, html in pages for text in Seen(html).told if "%" in text] == []


def test_a_percent_in_a_text_or_an_attribute_is_found():
    html = '<style>a{width:9%}</style><p title="7 %">8 %<a href="/x%20y">z</a></p><script>5 % 2</script>'
    assert [text for text in Seen(html).told if "%" in text] == ["7 %", "8 %"]


def test_text_inside_of_other_elements_is_read_too():
    html = "<ul><li><b>Uno</b> y <a href='x'>dos</a><span>tres</span></li></ul><p><code>x</code> y <em>cuatro</em></p>"
    assert Read(html).texts == ["Uno y dos", "tres", "y cuatro"]
