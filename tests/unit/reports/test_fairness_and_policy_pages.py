"""The pages of fairness, policy and register: one file each, in both languages, and about nobody."""

import json
import math
import re
from dataclasses import replace

import polars as pl
import pytest
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.project import starter_dir
from riskscore.reports.fairness_figures import fairness_json
from riskscore.reports.fairness_page import FairnessPage, fairness_report
from riskscore.reports.json_file import plain
from riskscore.reports.policy_page import policy_json, policy_report
from riskscore.reports.register_page import register_page
from riskscore.scoring import Policy
from riskscore.scoring.fairness import fairness_audit
from riskscore.scoring.overrides import overrides
from riskscore.scoring.policy import WHYS
from riskscore.scoring.policy_review import policy_review
from riskscore.scoring.register import RegisterWords, register
from riskscore.scoring.watched import Watched
from riskscore.simulator import simulate
from riskscore.words import Format, load_all
from tests.unit.reports.test_portfolio_page import Outline, text
from tests.unit.scoring.conftest import champion, lock, policy  # noqa: F401 - fixtures
from tests.unit.scoring.judged import judged_on

pytestmark = pytest.mark.slow

FOLDER = starter_dir() / "serving" / "reports"
SERVING = starter_dir() / "serving"
LANGUAGES = ("es", "en")


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("pages") / "portfolio", members=300, seed=11)


@pytest.fixture(scope="module")
def judging(champion, portfolio):  # noqa: F811
    return judged_on(champion, portfolio)


@pytest.fixture(scope="module")
def audits(judging, portfolio, policy):  # noqa: F811
    watched = Watched.load(SERVING / "fairness.toml")
    return {language: fairness_audit(judging, portfolio, policy, watched, language=language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def review(judging, portfolio, policy):  # noqa: F811
    strict = Policy.parse((SERVING / "policy.toml").read_text("utf-8").replace("value = 0.70", "value = 0.50"))
    return policy_review(judging, portfolio, policy, strict)


@pytest.fixture(scope="module")
def pages(audits, review, portfolio, champion, policy):  # noqa: F811
    words = RegisterWords.load(SERVING / "register.toml")
    made = {}
    for language in LANGUAGES:
        given = {"folder": FOLDER, "language": language}
        made["fairness", language] = fairness_report(audits[language], portfolio.manifest, **given)
        made["policy", language] = policy_report(review, portfolio.manifest, **given)
        entry = register(champion, policy, words, language)
        made["register", language] = register_page(entry, country="PE", currency="PEN", folder=FOLDER)
    return made


NAMES = [(page, language) for page in ("fairness", "policy", "register") for language in LANGUAGES]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_one_well_formed_file_that_asks_nobody(pages, name):
    page = pages[name]
    assert "http" not in page
    assert not re.search(r"<(script|link|img|iframe|object|form)|url\(|@import|javascript:| on\w+=", page)
    outline = Outline(page.replace("<circle", "<path"))
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert "None" not in text(page)
    assert "nan" not in text(page).split()
    assert len(page.encode()) < 200_000


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_named(pages, name, portfolio):
    for table in ("members", "groups"):
        assert not [ident for ident in portfolio.table(table)["id"].unique() if re.search(rf"\b{ident}\b", pages[name])]


def test_every_row_of_a_table_is_as_wide_as_its_head(pages):
    for name in NAMES:
        for table in Outline(pages[name].replace("<circle", "<path")).tables:
            assert {len(row) for row in table if len(row) > 1} <= {len(table[0])}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_portfolio_of_women_is_told_as_not_computable(pages, language):
    told = text(pages["fairness", language])
    assert {"es": "no calculable", "en": "not computable"}[language] in told
    assert {"es": "no hay con quién comparar", "en": "nobody to compare with"}[language] in told


def test_a_small_group_has_neither_count_nor_figures(audits):
    found = audits["en"]
    strict = replace(found.watched.standard, minimum_cell=10_000)
    watched = replace(found.watched, standard=strict)
    from riskscore.evaluation.fairness import audit

    attribute = watched.traits[0].of(found.past.frame, "en")
    hidden = replace(found, watched=watched, traits=(audit(attribute, found.judged, strict),), crossings={})
    page = FairnessPage(hidden, load_all(FOLDER / "words")["en"], Format("en", "PE", "PEN"))
    assert [row[1:3] for row in page.selection(hidden.traits[0])] == [("under 10000", "–")] * 2
    assert [one["told"] for one in fairness_json(hidden)["traits"][0]["groups"]] == [False, False]
    assert not {"n", "bads"} & set(fairness_json(hidden)["traits"][0]["groups"][0])


def test_json_knows_no_nan(audits, review):
    for content in (fairness_json(audits["en"]), policy_json(review)):
        told = json.loads(json.dumps(plain(content), allow_nan=False))
        assert told["judged"] == len(review.past)
    assert plain(math.nan) is None
    assert plain({("a", "b"): float("inf")}) == {"a × b": None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_policy_page_says_who_goes_out_and_who_is_left_out(pages, language, review):
    told = text(pages["policy", language])
    assert review.swap is not None
    assert review.swap.only_first.n > 0
    for words in {
        "es": ("salen: listas solo hoy", "primer préstamo", "centro de menos de dos años", "Deciden las personas"),
        "en": ("out: ready today only", "first loan", "centre younger than two years", "People decide"),
    }[language]:
        assert words in told


def test_what_a_feature_rests_on_is_told_in_the_language_of_the_register(pages):
    spanish, english = (text(pages["register", language]) for language in ("es", "en"))
    assert "el efecto dominó, unas fallan porque otras fallan." in spanish
    assert "the domino effect, members default because others do." in english
    for left in ("design choice", "recalled", "domino effect", "burdens"):
        assert left not in spanish


def test_decisions_without_a_doubt_raise_the_rubber_stamp(judging, portfolio, review, champion, policy):  # noqa: F811
    asked = judging.later.frame.head(60)
    frame = pl.DataFrame(
        {
            "id": [f"R{row}" for row in range(60)],
            "event_at": asked["as_of"],
            "known_at": asked["as_of"],
            "known_inferred": [False] * 60,
            "member_id": asked["member_id"],
            "group_id": asked["bank_id"],
            "application_id": asked["application_id"],
            "state": ["ready"] * 60,
            "decided_by": ["committee"] * 60,
            "decision": ["approved"] * 60,
            "model_version": ["1"] * 60,
            "policy_version": ["p"] * 60,
        }
    )

    class Beside(type(portfolio)):
        def table(self, name):
            return frame if name == "recommendations" else super().table(name)

    found = overrides(Beside(portfolio.path, portfolio.manifest), judging)
    assert (found.recommendations, found.by["committee"].decisions) == (60, 60)
    assert found.by["everyone"].rubber_stamp
    agreed = next(one for one in found.followed if one.kind == "agreed")
    assert agreed.ended == 60 - asked["bad"].null_count()
    page = policy_report(replace(review, overrides=found), portfolio.manifest, folder=FOLDER, language="es")
    assert "¿Sello automático? Coincidencia de comités: 100.0 %." in text(page).replace("\xa0", " ")
    assert "Sello automático" not in text(policy_report(review, portfolio.manifest, folder=FOLDER, language="es"))


def run(*arguments: object) -> tuple[int, str]:
    found = CliRunner().invoke(app, [str(one) for one in arguments])
    return found.exit_code, found.output


@pytest.fixture
def serving(monkeypatch, judging):
    monkeypatch.setattr("riskscore.cli.report.champion_of", lambda recipe: judging.champion)


def test_the_commands_write_their_pages(serving, portfolio, tmp_path):
    code, told = run(
        *("report", "fairness", "member_default", portfolio.path, "--out", tmp_path / "f.html"),
        *("--json", tmp_path / "f.json", "--lang", "en"),
    )
    assert code == 0, told
    traits = json.loads((tmp_path / "f.json").read_text("utf-8"))["traits"]
    verdicts = {
        group["name"]: group["ratio"]["verdict"] for one in traits for group in one["groups"] if "ratio" in group
    }
    page = (tmp_path / "f.html").read_text("utf-8")
    for verdict, before in (("fails", "under the line beyond chance: "), ("too few to say", "too few to say: ")):
        named = [name for name, one in verdicts.items() if one == verdict]
        assert before + (", ".join(named) or "none") in " ".join(told.split())
        assert page.count(f">{verdict}</td>") >= len(named)
    assert {"passes", "reference", "not computable"} <= set(verdicts.values())
    code, told = run(
        *("report", "policy", "member_default", portfolio.path, "--out", tmp_path / "p.html"),
        *("--against", SERVING / "policy.toml", "--json", tmp_path / "p.json"),
    )
    assert code == 0, told
    swap = json.loads((tmp_path / "p.json").read_text("utf-8"))["swap"]
    assert (swap["only_first"]["n"], swap["only_second"]["n"]) == (0, 0)  # the same policy changes nobody
    for name in ("r.json", "r.html"):
        code, told = run("report", "register", "member_default", "--out", tmp_path / name)
        assert code == 0, told
        assert "7 of 7 statements of law are not verified" in told
    entry = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert {"principles", "data_sources", "logic", "impacts", "supervision", "versions", "law"} <= set(entry)
    assert all(one["verified"] is False for one in entry["law"])
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "f.html",
        "f.json",
        "p.html",
        "p.json",
        "r.html",
        "r.json",
    ]


def test_what_is_not_understood_has_code_two(serving, portfolio, tmp_path):
    assert run("report", "register", "member_default", "--out", tmp_path / "r.pdf")[0] == 2
    assert run("report", "fairness", "nobody", portfolio.path, "--out", tmp_path / "f.html")[0] == 2


def test_a_policy_that_breaks_its_rules_has_code_one(serving, portfolio, tmp_path):
    broken = tmp_path / "new.toml"
    broken.write_text((SERVING / "policy.toml").read_text("utf-8").replace("pd_from = 0.12", "pd_from = 0.20"), "utf-8")
    code, told = run(
        "report", "policy", "member_default", portfolio.path, "--out", tmp_path / "p.html", "--against", broken
    )
    assert (code, "a gap" in told) == (1, True)
    assert not (tmp_path / "p.html").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_of_the_policy_has_its_words(language):
    words = load_all(starter_dir() / "serving" / "reports" / "words")[language]
    assert [code for code in WHYS if f"rule.{code}" not in words.texts] == []
