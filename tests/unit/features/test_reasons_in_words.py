"""The starter's reasons are true of every value for which they can be given, and read as people speak."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from riskscore.catalog import Catalog, LockedFeature
from riskscore.catalog.words import written
from riskscore.modelling.reference import FeatureReference
from riskscore.scoring.reasons import Reasons

LOCK = Catalog.from_folder(Path(__file__).parents[3] / "features").lock()
WITH_REASON = [feature for feature in LOCK.features if feature.reason is not None]


def said(name: str, typical: float, value: float) -> str | None:
    """Return the reason in Spanish that a value gives which costs two points."""
    reasons = Reasons(
        LOCK, (name,), {name: FeatureReference(mean=1.0, median=typical, low=-10.0, high=1000.0, missing_share=0.0)}
    )
    given = reasons.of_row(np.array([-2.0]), np.array([value]))
    return given[0].es if given else None


@pytest.mark.parametrize(
    ("name", "typical", "value", "expected"),
    [
        # A yes or no.
        ("first_loan", 0.0, 0.0, None),
        ("first_loan", 0.0, 1.0, "Es su primer préstamo con el grupo."),
        ("first_loan", 1.0, 0.0, None),
        ("legal_person", 1.0, 0.0, "La asociación de productores no es persona jurídica."),
        ("certified_through_term", 1.0, 0.0, "Su certificación no alcanza hasta el fin del plazo del préstamo."),
        ("shock_active", 0.0, 1.0, "En su zona o rubro hay o hubo hace poco una alerta de clima, precios o economía."),
        # True from a bound on.
        ("oni_where_exposed", -0.8, 0.0, None),
        ("oni_where_exposed", -0.8, 0.4, None),
        (
            "oni_where_exposed",
            -0.8,
            0.5,
            "Hace tres meses el Pacífico estaba más caliente de lo normal: puede venir El Niño a su región.",
        ),
        ("rain_anomaly_6m", 0.2, 0.4, None),
        ("rain_anomaly_6m", 0.2, 1.0, "En 6 meses las lluvias de su región estuvieron fuera de lo normal."),
        ("bureau_debt_growth_6m", -0.3, -0.1, None),
        ("bureau_debt_growth_6m", -0.3, 0.12, "En 6 meses su deuda en el sistema creció un 12 %."),
        ("price_change_12m", 0.1, 0.05, None),
        ("price_change_12m", 0.1, -0.1, "En 12 meses el precio de su rubro bajó un 10 %."),
        (
            "yield_trend",
            0.1,
            -0.25,
            "Su rendimiento por hectárea bajó un 25 % frente a los dos años anteriores.",
        ),
        ("cash_cycle_days", -40.0, -10.0, None),
        ("late_share_3_cycles", 0.0, 0.004, None),
        ("bureau_months_old", 0.1, 0.4, None),
        # True of every value that is worse than the typical one.
        (
            "income_concentration",
            0.55,
            0.6,
            "El mayor de los dos ingresos de su hogar (negocio u otros) es el 60 % del total.",
        ),
        (
            "buyer_concentration",
            0.30,
            0.34,
            "Sus ventas están más concentradas en pocos compradores que lo usual.",
        ),
        ("peer_worst_delay", 0.1, 0.3, "En su grupo los atrasos del último ciclo fueron más largos que lo usual."),
        ("peer_attendance", 0.97, 0.95, "En su grupo la asistencia a las reuniones es menor que lo usual."),
        (
            "peers_know_one_another",
            0.90,
            0.85,
            "En su grupo las socias conocen menos que lo usual los negocios de las otras.",
        ),
        ("peer_latest_arrears_days_ago", 200.0, 150.0, "En su grupo el último atraso es más reciente que lo usual."),
        ("peer_savings_to_loans", 1.5, 1.4, "En su grupo los ahorros son menores que lo usual frente a los préstamos."),
        ("region_early_warning", 0.0, 0.05, "En su región hay más señales de sobreendeudamiento que lo usual."),
        # Ten stands for no surplus at all too: no percent is told.
        (
            "instalment_to_surplus",
            0.5,
            10.0,
            "Las cuotas de todas sus deudas pesan más que lo usual frente a lo que le sobra.",
        ),
        (
            "instalment_to_surplus_bad_season",
            0.5,
            10.0,
            "En una mala temporada sus cuotas pesarían más que lo usual frente a lo que le sobra.",
        ),
        (
            "debt_service_cover",
            1.2,
            -0.5,
            "Lo que generó en su último año cerrado alcanza menos que lo usual para sus cuotas.",
        ),
    ],
)
def test_a_reason_is_given_where_it_is_true(name: str, typical: float, value: float, expected: str | None) -> None:
    assert said(name, typical, value) == expected


@pytest.mark.parametrize("feature", WITH_REASON, ids=lambda f: f.name)
def test_no_reason_tells_of_nothing(feature: LockedFeature) -> None:
    """Where risk rises with a value that the sentence tells, the smallest told is not nought, and none is below it."""
    reason = feature.reason
    assert reason is not None
    if feature.risk == "rises" and "{value}" in reason.es:
        assert reason.at_least is not None
        assert float(written(reason.at_least, reason.unit).removesuffix(" %")) > 0


@pytest.mark.parametrize("feature", WITH_REASON, ids=lambda f: f.name)
def test_a_percent_has_its_article(feature: LockedFeature) -> None:
    reason = feature.reason
    assert reason is not None
    if reason.unit in ("percent", "fall"):
        assert re.search(r"\b(el|al|del|un) \{value\}", reason.es, re.IGNORECASE), reason.es
