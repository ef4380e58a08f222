"""From raw tables to what a committee reads: every step as an institution would take it."""

from __future__ import annotations

import html
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from riskscore.portfolio import Portfolio, check_portfolio
from riskscore.scoring import latest_applications
from riskscore.service.assembly import assemble
from riskscore.service.replay import replay
from riskscore.service.settings import Settings
from tests.journey.conftest import ROOT, Institution
from tests.unit.service.desks import TestClient


@pytest.fixture
def settings(institution: Institution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", institution.tracking_uri)
    monkeypatch.setenv("RISKSCORE_PORTFOLIO", str(institution.portfolio.path))
    monkeypatch.setenv("RISKSCORE_RECORDS", f"sqlite:///{tmp_path / 'records.db'}")
    monkeypatch.setenv("RISKSCORE_PROJECT", str(ROOT))
    return Settings()


def last_request(portfolio: Portfolio, settings: Settings) -> dict[str, object]:
    """The latest application of a current member who has borrowed before, asked again."""
    asked = latest_applications(portfolio, portfolio.moment())
    members = (
        portfolio.table("memberships").sort("known_at").unique("id", keep="last").filter(pl.col("valid_to").is_null())
    )
    row = (
        asked.filter(pl.col("member_id").is_in(members["member_id"].implode()))
        .drop_nulls(["other_active_loans", "purpose"])
        .sort("member_id")
        .row(0, named=True)
    )
    return {
        "recipe": settings.recipe,
        "subject": row["member_id"],
        "currency": portfolio.manifest.currency,
        **{name: row[name] for name in ("amount", "term_days", "frequency", "purpose", "other_active_loans")},
    }


def test_from_raw_tables_to_the_page_a_committee_reads(institution: Institution, settings: Settings) -> None:
    portfolio = institution.portfolio
    assert check_portfolio(portfolio.path, tables=institution.project.tables()) == []

    service = assemble(settings)
    body = last_request(portfolio, settings)
    with TestClient(service.app(), base_url="http://127.0.0.1") as client:
        assert client.get("/readyz").status_code == 200
        officer = service.access.grant("officer", "all", None)[0]
        answer = client.post("/v1/scores", json=body, headers={"Authorization": f"Bearer {officer}"})
        assert answer.status_code == 201
        score = answer.json()

        # Points add up, exactly and as shown.
        points = score["points"]
        assert points["base"] + sum(points["features"].values()) == pytest.approx(score["score"], abs=1e-9)
        assert len(score["reasons"]) <= 4
        assert 0 < score["pd"] < 1
        assert score["model_version"] == institution.version
        assert sum(points["shown"].values()) + points["shown_base"] == points["shown_score"]
        assert score["people_decide"].keys() == {"es", "en"}

        # The same again by its id, and on record.
        again = client.get(f"/v1/scores/{score['score_id']}", headers={"Authorization": f"Bearer {officer}"})
        assert again.json() == score

        page = client.get(f"/scores/{score['score_id']}?lang=es", headers={"Authorization": f"Bearer {officer}"})
        assert page.status_code == 200
        assert 'lang="es"' in page.text
        assert len(page.content) < 100_000
        assert not re.search(r'(src|href)="(https?:)?//', page.text)
        words = html.unescape(page.text).replace("\xa0", " ")
        for reason in score["reasons"]:
            assert reason["es"].replace("\xa0", " ") in words

        # Her committee sees the request, the state and the group's own record, and nothing from outside.
        bank = service.records.get(score["score_id"]).place.bank_id
        committee = service.access.grant("committee", "group", bank)[0]
        here, theirs = f"/v1/scores/{score['score_id']}", {"Authorization": f"Bearer {committee}"}
        assert client.get(here, headers=theirs).json()["recommendation"] is None
        # She heard hers alone, and they wrote what they think: now they see the state.
        assert client.post(f"{here}/told", headers={"Authorization": f"Bearer {officer}"}).status_code == 204
        opinion = {"would_approve": "yes", "written_on": datetime.now(ZoneInfo("America/Lima")).date().isoformat()}
        assert client.post(f"{here}/opinions", json=opinion, headers=theirs).status_code == 201
        seen = client.get(here, headers=theirs).json()
        assert seen["recommendation"].keys() == {"state", "ceiling"}
        assert not {"pd", "score", "grade", "points", "reasons", "indebtedness"} & seen.keys()
        stranger = service.access.grant("committee", "group", "CB-nowhere")[0]
        refused = client.get(f"/v1/scores/{score['score_id']}", headers={"Authorization": f"Bearer {stranger}"})
        unknown = client.get("/v1/scores/s_unknown", headers={"Authorization": f"Bearer {stranger}"})
        assert refused.status_code == 404
        assert refused.content == unknown.content

    assert replay(score["score_id"], settings).same
