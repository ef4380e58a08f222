"""One meeting of 27 women, from the officer's sign-in to the next training set, in Chromium and on the real service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pypdf import PdfReader
from typer.testing import CliRunner

from riskscore.cli import app
from riskscore.dataset import TrainingSet
from riskscore.dataset.spine import applications
from riskscore.dataset.training_set import OUTCOMES
from riskscore.portfolio import TABLES, Portfolio
from riskscore.project import Project
from riskscore.service.access import Access
from riskscore.service.database import Database
from riskscore.service.records import Record, Records
from tests.browser.institution import BANK, ROOT, Institution, founded, served, written
from tests.browser.opened import CHROMIUM, FLAGS, MARKS
from tests.browser.people import (
    PATIENCE,
    READY,
    TALK,
    ceiling,
    decide,
    money,
    seat,
    signed_in,
    speak_over_the_sliders,
    states_on,
    unfolded,
)

pytestmark = [*MARKS, pytest.mark.service, pytest.mark.slow]

REASON = "La feria de su rubro se cerró y todavía no sabemos cuándo abre."


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Institution:
    return founded(tmp_path_factory.mktemp("story"))


@pytest.fixture(scope="module")
def address(place) -> Iterator[str]:
    with served(place) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()
    expect.set_options(timeout=5_000)  # what it is unless told otherwise


def test_the_whole_story(browser, address, place, tmp_path, monkeypatch):
    access = Access(Database(place.records))

    # The officer signs in, finds the meeting, and asks for everybody's score.
    officer = signed_in(browser, access, address, "/officer", "officer", "branch", "B002")
    expect(officer.get_by_role("heading", name="Mis bancos comunales", level=1)).to_be_visible()
    line = officer.get_by_role("listitem").filter(has=officer.get_by_role("link", name=BANK, exact=True)).first
    expect(line).to_contain_text("27 socias")
    expect(line).to_contain_text("27 pedidos abiertos")
    line.get_by_role("link").click()
    expect(officer.get_by_text("27 socias tienen un pedido abierto. Todavía no tienen puntaje.")).to_be_visible()
    officer.get_by_role("button", name="Pedir el puntaje de todas").click()
    expect(officer.get_by_role("link", name="Ver su hoja completa")).to_have_count(27)
    expect(officer.get_by_role("button", name="Pedir el puntaje de todas")).to_have_count(0)
    members = officer.locator("ol.seats > li h3").all_inner_texts()
    assert len(set(members)) == 27
    records = scores(place)
    assert sorted(records) == sorted(members)
    assert {record.score["model_version"] for record in records.values()} == {"1"}

    # The committee looks in too early: it sees requests, the group's own books, and no state of anybody.
    committee = signed_in(browser, access, address, f"/groups/{BANK}", "committee", "group", BANK)
    expect(committee.get_by_text("Falta que la asesora termine de conversar con las socias.")).to_be_visible()
    assert states_on(committee) == {}
    assert_silent(committee, records)

    # She speaks with one member over the sliders, and lowers her amount.
    told = states_on(officer)
    spoken = next(name for name in members if told[name] == TALK)
    asked, lowered = speak_over_the_sliders(officer, spoken, records[spoken])
    assert lowered < asked
    records = scores(place)
    assert records[spoken].request["amount"] == lowered

    # Then she notes that she heard everybody alone. Until the last one the committee is told nothing.
    officer.goto(f"{address}/groups/{BANK}")
    heard = officer.get_by_role("button", name="Ya conversé con ella a solas")
    for left in range(26, -1, -1):
        heard.first.click()
        expect(heard).to_have_count(left)
        if left == 1:
            committee.reload()
            expect(committee.get_by_text("Falta que la asesora termine de conversar con las socias.")).to_be_visible()
            assert states_on(committee) == {}
    expect(officer.get_by_text("Ya conversó con todas.")).to_be_visible()
    told = states_on(officer)

    # The committee writes its opinion of each request; only then it sees the state of that one.
    committee.reload()
    for number, name in enumerate(members, start=1):
        assert states_on(committee) == {seen: told[seen] for seen in members[: number - 1]}
        assert_silent(committee, records)
        one = seat(committee, name)
        form = unfolded(committee, name, "opinions")
        form.get_by_label("Aprobar lo que pide").check()
        form.get_by_role("button", name="Guardar la opinión").click()
        expect(one).to_contain_text("Ustedes opinaron: aprobar lo que pide.")
    assert states_on(committee) == told

    # It lowers another member's amount under her ceiling: no reason is asked for.
    later = asked_later(place)
    other = next(
        name
        for name in members
        if told[name] == TALK and name != spoken and name in later and ceiling(committee, name) > 0
    )
    approved = ceiling(committee, other) - 20
    assert 0 < approved < records[other].request["amount"]
    decide(committee, other, "Aprobar este monto", amount=approved)
    expect(seat(committee, other)).to_contain_text(f"se aprueba {money(approved)}")
    assert_silent(committee, records)

    # It prints the sheet: everybody is on it, with room to sign, and nothing that is not the group's.
    committee.emulate_media(media="print")
    assert committee.get_by_role("button", name="Guardar la decisión").first.is_hidden()
    paper = PdfReader(BytesIO(committee.pdf(prefer_css_page_size=True, print_background=True)))
    text = " ".join(" ".join(sheet.extract_text().split()) for sheet in paper.pages)
    for said in (*members, "Firmas", "Presidenta", "Se aprueba", READY, TALK, f"se aprueba {money(approved)}"):
        assert said in text.replace("\xa0", " ")
    assert [secret for secret in secrets_of(records) if secret in text] == []
    committee.emulate_media(media="screen")

    # It decides against a recommendation. Without a reason that is not taken; with one it is.
    against = next(name for name in members if told[name] == READY and name in later)
    decide(committee, against, "No aprobar")
    expect(committee.get_by_role("alert")).to_contain_text(
        "Esta decisión va contra la recomendación o una regla. Escriba por qué."
    )
    assert_silent(committee, records)
    decide(committee, against, "No aprobar", reason=REASON)
    expect(seat(committee, against)).to_contain_text("no se aprueba")
    assert_silent(committee, records)
    score_id = records[against].score_id

    # The member reads her own page: the whole of it, and nobody else's.
    member = signed_in(browser, access, address, f"/scores/{score_id}", "member", "self", against)
    for heading in ("Recomendación", "Cómo se forma el puntaje", "Qué tendría que cambiar", "Quién vio esta hoja"):
        expect(member.get_by_role("heading", name=heading, level=2)).to_be_visible()
    expect(member.get_by_role("region", name="Recomendación")).to_contain_text(READY)
    seen = member.get_by_role("region", name="Quién vio esta hoja")
    expect(seen).to_contain_text("la asesora")
    expect(seen).to_contain_text("el comité")
    expect(member.get_by_role("slider", name="Monto")).to_be_visible()
    assert member.goto(f"{address}/scores/{records[other].score_id}").status == 404

    # The auditor finds the decision in the trail, without a name, and computes the score again.
    auditor = signed_in(browser, access, address, "/trail?kind=decision", "auditor", "all", None)
    lines = auditor.locator("ol.lines > li")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("Rechazado")
    expect(lines.first).to_contain_text("Contra la recomendación o una regla.")
    expect(lines.last).to_contain_text("Aprobado por menos")
    expect(lines.last).not_to_contain_text("Contra la recomendación o una regla.")
    lines.first.get_by_role("link").click()
    auditor.get_by_role("button", name="Calcular otra vez").click()
    expect(auditor.get_by_role("status")).to_contain_text("Salió igual, hasta el último dígito.")
    expect(auditor.get_by_role("status")).to_contain_text("Las reglas de su reunión también salieron igual.")
    assert [name for name in members if name in auditor.content()] == []
    assert REASON not in auditor.content()

    # A year and a half later the decision is data of the next training set. Of no row it has become the label.
    rows = next_training_rows(place, tmp_path, monkeypatch)
    (hers,) = [row for row in rows if row["application_id"] == later[against]]
    assert (hers["decided_stricter_share_36m"], hers["decided_looser_share_36m"]) == (1.0, 0.0)
    (theirs,) = [row for row in rows if row["application_id"] == later[other]]
    # Talk first, and less than she asked for: nobody was overruled.
    assert (theirs["decided_stricter_share_36m"], theirs["decided_looser_share_36m"]) == (0.0, 0.0)
    told_of = {row["member_id"] for row in rows if row["decided_stricter_share_36m"] is not None}
    assert told_of == {against, other}
    assert all(row["label"] == row["label_without"] for row in rows)


def scores(place: Institution) -> dict[str, Record]:
    """Return the last score on record of each member."""
    found = Records(Database(place.records)).scores("member_default")
    return {record.place.subject: record for record in sorted(found, key=lambda one: one.recorded_at)}


def secrets_of(records: dict[str, Record]) -> set[str]:
    """Return what must not reach a committee: the canaries as they are written, and each one's own figures."""
    found = {"77777", "77,777", "77 777", "77.777"}
    for record in records.values():
        score = record.score
        household = score["indebtedness"]
        found |= {f"{value:.4f}" for value in (score["pd"], household["nii_now"], household["nii_post"]) if value}
        found |= {f"{household['headroom']:,.2f}"} if household["headroom"] else set()
    return found


def assert_silent(committee: Page, records: dict[str, Record]) -> None:
    """Nothing of a member from outside the group is on the committee's page, in what is seen or below it."""
    content = committee.content()
    assert [secret for secret in secrets_of(records) if secret in content] == []
    seats = committee.locator("ol.seats").inner_text()
    assert re.findall(r"\b(?:puntaje|nota|parecidas|préstamos parecidos)\b", seats) == []


def asked_later(place: Institution) -> dict[str, str]:
    """Return the first request of each woman after the meeting."""
    after = Portfolio.open(place.portfolio).moment(None)
    rows = applications(Portfolio.open(place.whole)).filter(
        pl.col("ledger") == "internal", pl.col("as_of") >= after, pl.col("member_id").is_not_null()
    )
    firsts = rows.unique("member_id", keep="first", maintain_order=True)
    return dict(firsts.select("member_id", "application_id").iter_rows())


def next_training_rows(place: Institution, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """Return the next training set's rows, made with the recommendations on record, beside their labels without."""
    monkeypatch.setenv("RISKSCORE_RECORDS", place.records)
    out = folder / "recommendations.parquet"
    result = CliRunner().invoke(app, ["recommendations", str(place.portfolio), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "28 recommendations, 2 of them with a decision" in " ".join(result.output.split())
    whole = Portfolio.open(place.whole)
    tables = {name: whole.table(name) for name in whole.manifest.rows if name in TABLES}
    after = written(
        {**tables, "recommendations": pl.read_parquet(out)}, folder / "next", whole, whole.manifest.data_date
    )
    lock = Project.open(ROOT).catalog().lock()
    rows = TrainingSet.build(after, lock).frame
    labels = OUTCOMES["member_internal"].outcomes(whole, lock).select("application_id", label_without="label")
    named = ("application_id", "member_id", "as_of", "label", "decided_stricter_share_36m", "decided_looser_share_36m")
    return rows.select(named).join(labels, on="application_id", how="left").to_dicts()
