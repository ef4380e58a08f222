"""The part of a communal bank's outlook: its bars add up, also where told cover fails."""

from __future__ import annotations

import pytest

from riskscore.project import starter_dir
from riskscore.service.outlook_page import WIDTH, outlook_part
from riskscore.words import load_all
from tests.unit.service.test_service_meeting import OUTLOOK

WORDS = load_all(starter_dir() / "serving" / "words")


def rows_of(by_untold: float, by_lender: float, language: str = "es"):
    words = WORDS[language]
    waterfall = OUTLOOK["waterfall"] | {"by_untold": by_untold, "by_lender": by_lender}
    return outlook_part(OUTLOOK | {"waterfall": waterfall}, words, words.form("PE", "PEN")).rows


@pytest.mark.parametrize(
    ("language", "label"), [("es", "De eso suele fallar"), ("en", "Of that usually fails")], ids=["es", "en"]
)
def test_cover_that_fails_is_taken_off_and_said_so(language, label):
    rows = rows_of(-20.0, 70.0, language)
    assert [(row.label, row.shown) for row in rows[4:5]] == [(label, "−S/\xa020")]
    assert rows[5].shown == "S/\xa070"
    # It goes back from where the fund ended, and the lender's part begins there.
    ends = [row.x + row.width for row in rows]
    assert (ends[4], rows[5].x) == (pytest.approx(ends[3], abs=0.2), rows[4].x)
    assert (ends[5], ends[0]) == (pytest.approx(WIDTH, abs=0.2), WIDTH)


def test_cover_that_no_table_tells_stands_among_the_rest():
    assert [(row.label, row.shown) for row in rows_of(10.0, 40.0)][4] == ("Cubren otros medios", "S/\xa010")
    assert len(rows_of(0.0, 50.0)) == 5
