import doctest
import subprocess
import sys
from datetime import date, datetime

import polars as pl
import pytest

from riskscore.errors import InvalidInput
from riskscore.portfolio import TABLES, Column, Table, check_portfolio, manifest, portfolio_remarks
from riskscore.portfolio import forbidden as forbidden_module
from riskscore.portfolio.check import name_faults
from riskscore.portfolio.forbidden import FORBIDDEN, PROTECTED, forbidden, protected


@pytest.fixture
def folder(tmp_path, build):
    """Return a function that writes the small institution by hand, some tables replaced, and says what is wrong."""
    (tmp_path / "portfolio.json").write_text(
        '{"currency": "USD", "country": "BO", "time_zone": "America/La_Paz", "data_date": "2026-06-30"}'
    )

    def found(tables=TABLES, **frames):
        for name, frame in {**build.standing(), **frames}.items():
            frame.write_parquet(tmp_path / f"{name}.parquet")
        return {fault.where: (fault.what, fault.remedy) for fault in check_portfolio(tmp_path, tables)}

    found.path = tmp_path
    return found


def test_the_small_institution_keeps_its_contract(folder):
    assert folder() == {}


def test_every_fault_of_every_table_at_once(folder, build):
    payments = build.rows("payments", build.paid(date(2026, 1, 5), "25.00", payer="neighbour", currency="PEN"))
    frames = {
        "payments": payments.with_columns(pl.col("amount").cast(pl.Float64), cobrador=pl.lit("x")),
        "members": build.standing()["members"].drop("joined_on"),
        "loans": build.standing()["loans"].with_columns(cycle_no=pl.lit(0, pl.Int64), group_id=pl.lit("XX")),
        "memberships": build.standing()["memberships"].with_columns(valid_from=pl.lit(None, pl.Date)),
        "instalment": build.standing()["instalments"],
    }
    (folder.path / "notes.csv").write_text("a,b")
    (folder.path / "sectors.parquet").write_bytes(b"PAR1 and then nothing")
    found = folder(**frames)
    assert {where: what for where, (what, _) in found.items()} == {
        "instalment": "is no table of the contract.",
        "notes.csv": "is no table of the contract.",
        "sectors": "sectors.parquet is no readable Parquet file (ComputeError).",
        "members.joined_on": "the column is missing.",
        "memberships.valid_from": "is missing where it must stand (id MS1).",
        "loans.cycle_no": "expected at least 1 (id L1).",
        "loans.group_id": "names no row of groups (id L1).",
        "payments.amount": "has type Float64, expected Decimal(precision=18, scale=2).",
        "payments.cobrador": "is no column of the contract.",
        "payments.payer": "expected one of self, group, savings (id P2026-01-05neighbour).",
        "payments.currency": "is not the portfolio's USD (id P2026-01-05neighbour).",
    }
    assert found["payments.amount"][1].startswith("Cast it to DECIMAL(18,2)")
    assert found["instalment"][1] == "Did you mean 'instalments'?"


def test_five_ids_are_named_and_the_rest_counted(folder, build):
    late = [build.paid(date(2026, 7, 1), "1.00", ident=f"P{n}") for n in range(8)]
    what, _ = folder(payments=build.rows("payments", *late))["payments.event_at"]
    assert what == "is after the data date 2026-06-30 (id P0, P1, P2, P3, P4 and 3 more)."


def test_clocks_versions_and_dates(folder, build):
    early = build.paid(date(2026, 1, 5), "1.00", ident="P1", known_at=datetime(2026, 1, 5, 9))
    twice = build.paid(date(2026, 1, 6), "1.00", ident="P2")
    dues = [{**build.four_weeks()[0], "due_on": date(2025, 12, 31), "principal": "26.00"}]
    found = folder(
        payments=build.rows("payments", early, twice, {**twice, "amount": "2.00"}),
        instalments=build.rows("instalments", *dues),
    )
    assert {where: what for where, (what, _) in found.items()} == {
        "payments.known_at": "is before event_at (id P1).",
        "payments.id": "has two versions known at the same moment (id P2).",
        "instalments.due_on": "is before the loan was disbursed (id I1).",
        "instalments.principal": "is above the instalment's amount (id I1).",
    }


def test_a_membership_may_not_overlap_itself_and_a_return_is_fine(folder, build):
    first = {
        "id": "A",
        "member_id": "M1",
        "group_id": "SG",
        "valid_from": date(2025, 1, 1),
        "valid_to": date(2025, 6, 1),
    }
    again = {"id": "B", "member_id": "M1", "group_id": "SG", "valid_from": date(2025, 6, 1)}
    assert folder(memberships=build.rows("memberships", first, again)) == {}
    over = {**again, "valid_from": date(2025, 5, 31)}
    found = folder(memberships=build.rows("memberships", first, over))
    assert found["memberships.valid_from"][0].endswith("same group (id B).")
    back = folder(memberships=build.rows("memberships", {**first, "valid_to": date(2024, 6, 1)}))
    assert back["memberships.valid_to"][0] == "is before valid_from (id A)."


def test_groups_stand_in_a_bank_and_never_in_a_circle(folder, build):
    groups = build.standing()["groups"]
    alone = groups.with_columns(parent_id=pl.lit(None, pl.String))
    assert folder(groups=alone)["groups.parent_id"][0] == "is missing for a solidarity group (id SG, SH)."
    circle = groups.with_columns(parent_id=pl.col("id").replace({"CB": "SG", "SG": "CB", "SH": "SG"}))
    faults = folder(groups=circle)
    assert faults["groups.parent_id"][0] == "runs in a circle (id CB, SG)."


def test_a_fault_says_no_amount_of_a_budget(folder, build):
    budget = {
        "id": "B1",
        "member_id": "M1",
        "business_revenue": "-777.77",
        "household_costs": "888.88",
        "currency": "PEN",
    }
    found = str(folder(budgets=build.rows("budgets", budget)))
    assert "budgets.business_revenue" in found
    assert "777" not in found
    assert "888" not in found


def test_trap_7_missing_stays_missing(write, build):
    budget = {"id": "B1", "member_id": "M1", "currency": "USD"}
    portfolio = write(budgets=build.rows("budgets", budget))
    assert check_portfolio(portfolio.path) == []
    found = portfolio.connect().execute("SELECT business_revenue, accessible_savings FROM budgets").fetchall()
    assert found == [(None, None)]


def test_trap_8_seven_sessions_on_violence_are_not_credit_training(folder, build):
    sessions = [{"id": f"T{n}", "member_id": "M1", "topic": "credit_management", "session_no": n} for n in range(1, 8)]
    assert folder(trainings=build.rows("trainings", *sessions)) == {}
    other = build.rows("trainings", *sessions).with_columns(topic=pl.lit("VIOLENCE"))
    faults = check_portfolio(folder.path)
    assert faults == []
    found = folder(trainings=other)
    assert "VIOLENCE is refused (id T1, T2, T3, T4, T5 and 2 more)." in found["trainings.topic"][0]
    assert "not credit training" in found["trainings.topic"][1]


def test_trap_6_a_frequency_must_say_which_of_the_two_it_means(folder, build):
    loans = build.standing()["loans"].with_columns(frequency=pl.lit("bimonthly"))
    assert "twice_a_month" in folder(loans=loans)["loans.frequency"][0]
    assert "every_two_months" in folder(loans=loans)["loans.frequency"][0]


def test_trap_9_a_bank_smaller_than_its_design_is_remarked_and_not_refused(write):
    portfolio = write()
    assert check_portfolio(portfolio.path) == []
    remarks = [remark.what for remark in portfolio_remarks(portfolio)]
    assert remarks == [
        "1 of 1 communal banks have fewer than 5 or more than 6 solidarity groups (id CB).",
        "1 of 1 communal banks have fewer than 25 or more than 30 members (id CB).",
    ]


def test_a_loan_whose_books_stay_open_is_remarked(write, build):
    close = {"id": "E1", "loan_id": "L0", "kind": "books_closed"}
    portfolio = write(loan_events=build.rows("loan_events", close))
    assert [remark.where for remark in portfolio_remarks(portfolio)][-1] == "loan_events.kind"


@pytest.mark.parametrize(
    "name",
    [
        "violencia_hogar", "ViolenceCases", "visitas_salud", "health_visits", "embarazada", "pregnancy_month",
        "cem_contact", "contacto_centro_emergencia_mujer", "religion", "religión", "partido_politico", "sindicato",
        "trade_union_member", "discapacidad", "ethnic_group", "etnia", "raza", "programa_juntos",
        "planificación familiar", "HIVStatus", "VIHPositivo", "CEMVisits", "victima_agresion", "etnias", "evangelica",
    ],
)  # fmt: skip
def test_forbidden_names_in_english_and_spanish(name):
    assert forbidden(name)


@pytest.mark.parametrize(
    "name",
    [
        "healthy_balance", "credit_union", "third_party", "fertilizer_cost", "hospitality_income", "trace_id",
        "fecha_medicion", "business_age", "package", "disbursed_on", "salude", "attendance",
    ],
)  # fmt: skip
def test_harmless_names_are_not_refused(name):
    assert forbidden(name) is None
    assert protected(name) is None


@pytest.mark.parametrize(
    ("name", "trait"),
    [
        ("sexo", "sex"),
        ("fecha_nacimiento", "age"),
        ("fechaNac", "age"),
        ("clientDOB", "age"),
        ("age", "age"),
        ("idioma", "language"),
        ("estado_civil", "marital status"),
    ],
)
def test_protected_names(name, trait):
    assert protected(name) == trait


def test_the_examples_of_the_docstrings_hold():
    assert [doctest.testmod(module).failed for module in (forbidden_module, manifest)] == [0, 0]


def test_no_word_stands_in_two_lists():
    words = [word for lists in (FORBIDDEN, PROTECTED) for entries in lists.values() for word in entries]
    assert len(words) == len(set(words))


def test_the_contract_itself_names_nothing_forbidden():
    assert [fault for table in TABLES.values() for fault in name_faults(table)] == []


def test_an_institutions_own_table_is_checked_alike(folder, build):
    own = Table(
        "visits",
        "A visit of the officer.",
        (
            Column("member_id", "text", references="members"),
            Column("minutes", "int", minimum=0, maximum=600),
            Column("health_notes", "text", nullable=True),
            Column("edad", "int", nullable=True),
            Column("born_on", "date", nullable=True, protected=True),
        ),
    )
    visit = {"id": "V1", "event_at": datetime(2026, 1, 2), "known_at": datetime(2026, 1, 2), "member_id": "M9",
             "minutes": 601, "health_notes": None, "edad": None, "born_on": None}  # fmt: skip
    schema = {"health_notes": pl.String, "edad": pl.Int64, "born_on": pl.Date}
    found = folder(tables={**TABLES, "visits": own}, visits=pl.DataFrame([visit], schema_overrides=schema))
    assert {where: what for where, (what, _) in found.items()} == {
        "visits.member_id": "names no row of members (id V1).",
        "visits.minutes": "expected at most 600 (id V1).",
        "visits.health_notes": "is refused: health is never recorded for credit.",
        "visits.edad": "speaks of age and is not protected.",
    }


def test_a_column_or_file_on_a_forbidden_matter_is_refused_with_the_reason(folder, build):
    members = build.standing()["members"].with_columns(embarazada=pl.lit(value=False), estado_civil=pl.lit("x"))
    found = folder(members=members, atenciones_violencia=build.standing()["members"])
    assert found["members.embarazada"][0] == "is refused: pregnancy and family plans are never recorded for credit."
    assert found["members.estado_civil"][0] == "speaks of marital status, which is kept for audits only."
    assert found["atenciones_violencia"][0] == "is refused: violence is never recorded for credit."


def test_a_folder_without_its_manifest_is_still_checked(folder, build):
    folder()
    (folder.path / "portfolio.json").unlink()
    loans = build.standing()["loans"].with_columns(ledger=pl.lit("both"))
    assert list(folder(loans=loans)) == [str(folder.path), "loans.ledger"]
    assert check_portfolio(folder.path / "nowhere")[0].what == "is no folder."


def test_importing_and_opening_a_portfolio_imports_nothing_heavy(write):
    code = (
        "import sys; from riskscore.portfolio import Portfolio; Portfolio.open(sys.argv[1]).connect(); "
        "print([m for m in ('pandera', 'mlflow', 'bentoml', 'shap', 'pyspark', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(write().path)], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "[]"


def test_a_fault_can_be_raised_as_one_error(folder):
    (folder.path / "letters.txt").write_text("x")
    folder()
    with pytest.raises(InvalidInput, match=r"letters\.txt: is no table"):
        raise InvalidInput(check_portfolio(folder.path))
