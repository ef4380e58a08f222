"""The starter's reasons are true of every value for which they can be given, and read as people speak."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from riskscore.catalog import Catalog, LockedFeature
from riskscore.catalog.words import LANGUAGES, written
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
        ("shock_active", 0.0, 1.0, "En su zona o rubro hay una alerta de clima, precios o economía."),
        ("shock_over_90d", 0.0, 1.0, "En su zona o rubro hubo hace poco una alerta de clima, precios o economía."),
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
        ("bureau_debt_growth_6m", -0.3, 0.12, "En 6 meses su deuda en el sistema creció 12 por cada 100 que debía."),
        ("price_change_12m", 0.1, 0.05, None),
        ("price_change_12m", 0.1, -0.1, "En 12 meses el precio de su rubro bajó 10 por cada 100."),
        (
            "yield_trend",
            0.1,
            -0.25,
            "Su rendimiento por hectárea bajó 25 por cada 100 frente a los dos años anteriores.",
        ),
        ("cash_cycle_days", -40.0, -10.0, None),
        ("late_share_3_cycles", 0.0, 0.004, None),
        ("bureau_months_old", 0.1, 0.4, None),
        # True of every value that is worse than the typical one.
        (
            "income_concentration",
            0.55,
            0.6,
            "De cada 100 que entran al hogar, 60 vienen de un solo ingreso: el negocio o los otros.",
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
        assert float(written(reason.at_least, reason.unit).removeprefix("menos de ")) > 0


@pytest.mark.parametrize("feature", WITH_REASON, ids=lambda f: f.name)
def test_a_share_is_told_of_a_hundred(feature: LockedFeature) -> None:
    reason = feature.reason
    assert reason is not None
    assert reason.unit not in ("percent", "fall", "times")  # nor with a decimal: Peru and Bolivia write it differently
    told = reason.unit in ("of_100", "fall_of_100")
    assert ("cada 100" in reason.es, "every 100" in reason.en) == (told, told)
    for language in LANGUAGES:
        for value in (-0.004, 0.004, 1.5):  # also where the number is written in three words
            assert "%" not in reason.sentence(language, value)
            assert len(reason.sentence(language, value).split()) <= 20


def test_counts_and_shares_read_as_people_speak() -> None:
    assert said("facts_missing", 0.0, 1.0) == "Falta 1 de cuatro datos: presupuesto, deudas, ahorros, negocio."
    assert said("facts_missing", 0.0, 2.0) == "Faltan 2 de cuatro datos: presupuesto, deudas, ahorros, negocio."
    covered = said("covered_by_group_share_3_cycles", 0.0, 0.3)
    assert covered == "De cada 100 de sus pagos de los últimos tres ciclos, el grupo puso 30."
    late = said("late_arrival_rate", 0.0, 0.3)
    assert late == "Llegó tarde a 30 de cada 100 reuniones a las que vino en 6 meses."
    active = said("active_member_share", 0.9, 0.7)
    assert active == "De cada 100 socios inscritos, 70 están activos."
    assert said("savings_to_loan", 2.0, 1.5) == "Por cada 100 que pide, tiene 150 de ahorro en el grupo."
    assert said("equity_ratio", 0.4, -0.12) == "Por cada 100 de activos, su patrimonio es de -12."
    category = said("bureau_worst_category_12m", 0.0, 3.0)
    assert category == "Su peor calificación en la central de riesgo, en 12 meses, fue 3; 0 es la mejor."
    assert said("organisation_age_months", 60.0, 1.0) == "La asociación de productores tiene 1 mes."
    assert "productora" not in LOCK.to_json()


#: What each code says, wherever it is read. To R22 they are the trade's list; those after are the starter's own.
CODES = {
    "R01": "bad_outcomes_known late_share_3_cycles worst_delay_180d worst_delay_3_cycles worst_delay_last_cycle",
    "R02": "instalment_to_surplus instalment_to_surplus_bad_season net_indebtedness_now room_to_instalment",
    "R03": "bureau_lenders loans_elsewhere",
    "R04": "amount_growth amount_to_largest_before",
    "R05": "peer_savings_to_loans savings_regularity savings_to_loan savings_withdrawn_60d_share",
    "R06": "business_age_months first_loan months_since_first_loan organisation_age_months",  # a short history
    "R07": "assembly_attendance attendance_rate late_arrival_rate peer_attendance",
    "R08": "peer_bad_outcome_share peer_covered_share peer_late_share peer_late_share_8_weeks "
    "peer_latest_arrears_days_ago peer_worst_delay",
    # Arrears that stay inside: covered by the group, or with a fund or an internal credit.
    "R09": "covered_by_group_share_3_cycles covered_payments_3_cycles fund_worst_delay_2_cycles "
    "member_advances_overdue_share",
    "R11": "board_complete",
    "R12": "due_before_harvest_share lean_season months_short_ahead",
    "R13": "price_change_12m price_change_3m",
    "R14": "frost_days_6m oni_where_exposed rain_anomaly_6m shock_active shock_over_90d",
    "R15": "buyer_concentration",
    "R16": "side_selling_share",
    "R17": "contract_cover",
    "R18": "accounts_on_time_share",
    "R19": "debt_service_cover",
    "R20": "accounts_months_old budget_months_old bureau_months_old facts_missing",
    "R21": "refinancings_12m restructured_24m",
    "R22": "guaranteed_to_amount",
    "R23": "bureau_worst_category_12m",
    "R24": "bureau_inquiries_3m",
    "R25": "bureau_debt_growth_6m",
    "R26": "fund_balance_to_amount",
    "R27": "loans_to_repay_12m",
    "R28": "income_concentration",
    "R29": "price_range_12m",
    "R30": "legal_person tax_number_active",  # what the registers say
    "R31": "active_member_share assembly_on_time_share",  # a producer association's inner life
    "R32": "cash_cycle_days current_ratio equity_ratio",  # its balance sheet
    "R33": "board_overrun_share mandate_expired",
    "R34": "buyer_days_late",
    "R35": "foreign_sales_share",
    "R36": "certified_through_term",
    "R37": "alliances_12m assistance_active",
    "R38": "rejection_share_2y",
    "R39": "yield_trend",
    "R40": "bank_age_months bank_consolidated",
    "R41": "committee_cut_share_18m",
    "R42": "region_early_warning",
    "R43": "peers_know_one_another",
    "R44": "training_sessions",
    "R51": "chronic_arrears_12m",
    "R52": "paid_from_savings_12m",
}


def test_a_code_stands_for_one_concept() -> None:
    found: dict[str, list[str]] = {}
    for feature in WITH_REASON:
        assert feature.reason is not None
        found.setdefault(feature.reason.code, []).append(feature.name)
    assert {code: " ".join(sorted(names)) for code, names in sorted(found.items())} == CODES
