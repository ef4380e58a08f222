"""What people made of earlier recommendations: data about deciding, never a label, and of no family a recipe takes.

Only what was decided before the moment counts; the decision on the very request comes after it. A recipe may try the
family "decisions"; it gives no reason, as she did not decide.
"""

from riskscore.catalog import Feature, FeatureSet, days

from .sources import Recommendations

_DECIDED = "nullif(count(*) FILTER (WHERE decision IS NOT NULL), 0)"


class DecidedOnHer(FeatureSet, source=Recommendations, subject="member", family="decisions"):
    """How people decided on her earlier requests beside what was recommended, three years."""

    decided_stricter_share_36m = Feature(
        f"count(*) FILTER (WHERE state = 'ready' AND decision <> 'approved')::DOUBLE / {_DECIDED}",
        window=days(1095),
        risk="free",
        es="Decisiones más estrictas que lo recomendado, 36 meses",
        en="Decisions stricter than recommended, 36 months",
        basis="Free: a committee that cuts knows something, or is short of money. That it says something is a design "
        "choice to be tried.",
        basis_es="Libre: un comité que recorta sabe algo, o le falta dinero. Que diga algo es una decisión de diseño "
        "por probar.",
    )
    decided_looser_share_36m = Feature(
        f"count(*) FILTER (WHERE state = 'talk_first' AND decision = 'approved')::DOUBLE / {_DECIDED}",
        window=days(1095),
        risk="free",
        es="Decisiones más abiertas que lo recomendado, 36 meses",
        en="Decisions looser than recommended, 36 months",
        basis="Free: neighbours know what no record holds (Stiglitz 1990, recalled), or are lenient. A design choice.",
        basis_es="Libre: las vecinas saben lo que ningún registro guarda (Stiglitz 1990, de memoria), o son "
        "indulgentes. Decisión de diseño.",
    )
