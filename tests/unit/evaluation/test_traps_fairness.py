"""Traps 19 and 20 of the domain: a ratio where there is nobody to compare with, and false claims about the law."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from riskscore.evaluation.fairness import Attribute, Judged, audit, impact_ratio, intersections
from riskscore.scoring.register import RegisterWords

ROOT = Path(__file__).parents[3]


def judged(n: int = 400, *, seed: int = 3) -> Judged:
    draw = np.random.default_rng(seed)
    pd = draw.beta(2, 20, n)
    return Judged(
        y=(draw.random(n) < pd).astype(float),
        ready=pd < 0.1,
        pd=pd,
        score=500 - 100 * pd,
        clusters=np.repeat(np.arange(n // 20), 20),
        reasons=np.zeros((n, 1), dtype=bool),
        codes=("R01",),
        rules={"pd_band": pd >= 0.1},
    )


def test_trap_19_the_ratio_by_sex_of_a_portfolio_of_women_is_not_computable():
    women = Attribute("sex_female", np.ones(400, dtype=np.int64), ("men", "women"), 0)
    found = audit(women, judged())
    assert not found.computable
    assert [one.ratio.verdict for one in found.groups] == ["not computable", "not computable"]
    assert all(math.isnan(one.ratio.value.value) for one in found.groups)  # never 1
    assert found.group("women").n == 400
    assert found.group("women").told  # her own figures stand, there is only nobody to compare with
    assert not found.group("men").told
    assert math.isnan(found.group("women").opportunity_gap.value)
    cells = intersections((women, Attribute("rural", np.arange(400) % 2, ("urban", "rural"), 0)), judged())
    assert {cell.ratio.verdict for cell in cells} == {"not computable"}


def test_trap_19_also_where_the_reference_is_the_group_that_is_there():
    women = Attribute("sex_female", np.ones(400, dtype=np.int64), ("men", "women"), 1)
    assert [one.ratio.verdict for one in audit(women, judged()).groups] == ["not computable", "not computable"]
    nobody = np.zeros(400, dtype=bool)
    assert impact_ratio(judged().ready, nobody, ~nobody).verdict == "not computable"
    assert impact_ratio(nobody, np.arange(400) < 200, np.arange(400) >= 200).verdict == "not computable"


#: What may not be said, and what makes it true after all.
CLAIMS = (
    (re.compile(r"\bCFPB\b|\bcircular(es|s)?\b.{0,20}202[23]-0?3", re.I), re.compile(r"withdrawn|retirad", re.I)),
    (
        re.compile(
            r"(impact assessment|evaluaci[oó]n de impacto).{0,80}"
            r"\b(obligatory|mandatory|required|must|obligatoria|exige)\b",
            re.I | re.S,
        ),
        re.compile(r"voluntary|voluntaria|not (obligatory|mandatory|required)", re.I),
    ),
    (
        re.compile(r"(AI Act|2024/1689|2026/1744|Omnibus|Ley de IA).{0,160}\b202[678]\b", re.I | re.S),
        re.compile(r"not verified|unverified|secondary|verified = false|no se verific|fuentes secundarias", re.I),
    ),
)


def false_claims(text: str) -> list[str]:
    """Return the paragraphs that claim something of the law that is not so, or that nobody verified."""
    return [
        paragraph.strip()
        for paragraph in re.split(r"\n\s*\n", text)
        for claim, redeemed in CLAIMS
        if claim.search(paragraph) and not redeemed.search(paragraph)
    ]


@pytest.mark.parametrize(
    "false",
    [
        "Adverse action notices follow CFPB Circular 2022-03.",
        "Según la circular 2023-03 hay que dar razones.",
        "DS 115 makes an impact assessment obligatory for every lender.",
        "La evaluación de impacto es obligatoria.",
        "The AI Act applies from 2 August 2026.",
    ],
)
def test_trap_20_a_false_claim_would_be_seen(false):
    assert false_claims(f"Fine.\n\n{false}\n\nFine.") == [false]


def test_trap_20_true_sentences_pass():
    assert false_claims("CFPB Circulars 2022-03 and 2023-03 were withdrawn on 12 May 2025.") == []
    assert false_claims("The impact assessment is voluntary for private firms, obligatory for public bodies.") == []


def test_trap_20_nothing_that_people_read_makes_a_false_claim():
    read = [
        path
        for pattern in ("*.md", "docs/**/*.md", "serving/**/*.toml", "serving/**/*.html", "training/*.toml")
        for path in ROOT.glob(pattern)
    ]
    read += [*ROOT.glob("features/*.py"), *ROOT.glob("src/riskscore/**/*.py"), *ROOT.glob("experiments/**/*.md")]
    assert len(read) > 200
    assert {"register.toml", "es.toml", "en.toml", "policy.toml", "README.md", "card.py"} <= {one.name for one in read}
    found = {str(path.relative_to(ROOT)): false_claims(path.read_text("utf-8")) for path in read}
    assert {name: claims for name, claims in found.items() if claims} == {}


def test_trap_20_the_register_verifies_no_law_that_nobody_read():
    law = RegisterWords.load(ROOT / "serving" / "register.toml").law
    assert len(law) >= 7
    assert [one.name for one in law if one.verified] == []
    assert all(one.source for one in law)
    assessment = next(one for one in law if "30 and 32" in one.name)
    assert "voluntary for private firms" in assessment.text["en"]
    assert "voluntaria para entidades privadas" in assessment.text["es"]
