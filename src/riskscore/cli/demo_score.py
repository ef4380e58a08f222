"""The demo's caller: asks the running service for a score as an officer would, and looks at its page."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from riskscore.cli import printing
from riskscore.errors import Refused

#: Latest applications that are asked about; the score with most to explain is shown.
ASKED = 8


#: The two states as pages say them.
STATES = {"ready": "lista para decidir", "talk_first": "conversar antes"}


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser's way to a score: a one-time link, then the page and its JSON by the cookie it was given."""

    url: str
    key: str
    score_id: str

    @property
    def page_address(self) -> str:
        """The one-time link that leads to the page."""
        return f"{self.url}/enter?key={self.key}&next=/scores/{self.score_id}"

    @property
    def json_address(self) -> str:
        """The score as JSON."""
        return f"{self.url}/v1/scores/{self.score_id}"

    def print_what_it_shows(self) -> None:
        """Fetch page and JSON as a browser would; print the score and its reasons.

        Raises
        ------
        Refused
            If the page or the JSON cannot be had, or the page does not explain.
        """
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = _read(browser, urllib.request.Request(self.page_address, headers={"Accept": "text/html"}))  # noqa: S310
        score = json.loads(_read(browser, urllib.request.Request(self.json_address)))  # noqa: S310
        if "<svg" not in page:
            raise Refused.of(f"/scores/{self.score_id}", "The page holds no waterfall.", "See the service's log.")
        title = re.search(r"<title>(.*?)</title>", page, flags=re.DOTALL)
        printing.line()
        printing.line(
            f"page    {len(page.encode()) / 1024:.0f} kB, {' '.join(title[1].split()) if title else 'untitled'}"
        )
        printing.line(f"score   {score['score']:.0f}, grade {score['grade']}, PD {score['pd']:.3f}")
        printing.line(f"range   {score['frequency']['es']}")
        printing.line(f"state   {STATES[score['recommendation']['state']]}")
        for reason in score["reasons"]:
            printing.line(f"reason  {reason['code']} {reason['es']}")


def ask_for_a_score(url: str, token: str, portfolio: Path, recipe: str) -> dict[str, Any]:
    """Ask about the latest applications again, at the portfolio's last moment; return the one with most reasons.

    Raises
    ------
    Refused
        If none of them could be scored, with what the service answered.
    """
    answers: list[dict[str, Any]] = []
    refusals: list[str] = []
    for body in latest_requests(portfolio, recipe):
        request = urllib.request.Request(  # noqa: S310 - our own service on loopback
            f"{url}/v1/scores",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
            method="POST",
        )
        try:
            answers.append(json.loads(_read(urllib.request.build_opener(), request)))
        except Refused as error:
            refusals.append(str(error))
    if not answers:
        raise Refused.of(
            "POST /v1/scores", "No application could be scored.", refusals[0] if refusals else "None is there."
        )
    return max(answers, key=lambda score: len(score["reasons"]))


def latest_requests(portfolio: Path, recipe: str) -> list[dict[str, Any]]:
    """Return requests like the latest applications of members of whom everything asked is known."""
    import polars as pl

    from riskscore.portfolio import Portfolio

    opened = Portfolio.open(portfolio)
    latest = (
        opened.table("applications")
        .filter(pl.col("ledger") == "internal")
        .drop_nulls(["member_id", "other_active_loans", "purpose"])
        .sort("known_at", "id", descending=True)
        .unique("member_id", keep="first", maintain_order=True)
        .head(ASKED)
    )
    return [
        {
            "recipe": recipe,
            "subject": row["member_id"],
            "amount": float(row["amount"]),
            "currency": row["currency"],
            "term_days": row["term_days"],
            "frequency": row["frequency"],
            "purpose": row["purpose"],
            "other_active_loans": row["other_active_loans"],
        }
        for row in latest.iter_rows(named=True)
    ]


def _read(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> str:
    try:
        with opener.open(request, timeout=30) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            raise Refused.of(request.selector, f"Answered {error.code}.", error.read().decode()[:500]) from error
