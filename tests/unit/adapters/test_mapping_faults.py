"""What is wrong with a mapping is told all at once, with its place and a remedy, before a row is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscore.errors import Fault, InvalidInput
from riskscore.portfolio.adapters.plain_tables import ingest_tables
from tests.unit.adapters.small_bank import MAPPING, write


def faults(folder: Path, mapping: str) -> dict[str, Fault]:
    with pytest.raises(InvalidInput) as caught:
        ingest_tables(write(folder, mapping), folder / "out", folder)
    assert not (folder / "out").exists()
    assert not (folder / "out.ingest").exists()
    assert not (folder / ".out.ingesting").exists()
    return {fault.where: fault for fault in caught.value.faults}


def changed(*pairs: tuple[str, str]) -> str:
    text = MAPPING
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def test_every_kind_of_fault_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        changed(
            ('currency = "PEN"', 'currency = "soles"'),
            ('columns = { id = "text", parent', 'columns = { idd = "text", id = "text", parent'),
            ('file = "payments.csv"', 'file = "paymenst.csv"'),
            ('event_at = "formed"', 'event_at = "fromed"'),
            ('joined_on = "joined"\n', ""),
            ("[tables.memberships]", "[tables.membership]"),
            ('term_days = { constant = 30 }', 'term_days = { constant = "30" }\nterm_day = "30"'),
            ('disbursed_on = "lent"', 'disbursed_on = "amount"'),
            ('principal = "amount"', 'principal = "amount / 2"'),
            ('loan_id = "loan"\nnumber', 'loan_id = "upperr(loan)"\nnumber'),
            ('payer = { constant = "self" }', 'payer = { constant = "herself" }'),
        ),
    )  # fmt: skip
    assert {where: fault.remedy for where, fault in found.items()} == {
        "portfolio: currency": "Write the ISO 4217 code, such as PEN, BOB or USD.",
        "sources.groups.columns.idd": "Did you mean 'id'?",
        "sources.payments.file": "Name the folder that holds it: --data DIR.",
        "tables.groups.event_at": "Did you mean 'formed'?",
        "tables.members.joined_on": "Map it.",
        "tables": "Did you mean 'memberships'?",
        "tables.loans.term_days": "Write it as that kind.",
        "tables.loans.term_day": "Did you mean 'term_days'?",
        "tables.loans.disbursed_on": "Give a date: CAST(… AS DATE).",
        "tables.instalments.principal": "Round it as your ledger does: CAST(round(…, 2) AS DECIMAL(18, 2)); "
        "money is never a float.",
        "tables.instalments.loan_id": "Its columns are line_no, loan, number, due, amount, lent.",
        "tables.payments.payer": "Did you mean 'self'? Use one of self, group, savings.",
    }
    assert "upperr" in found["tables.instalments.loan_id"].what


@pytest.mark.parametrize("word", ["bimonthly", "Bi-monthly", "bimensual", "BIMESTRAL"])
def test_an_ambiguous_frequency_has_to_be_named(tmp_path: Path, word: str) -> None:
    coded = faults(tmp_path, changed(('W = "weekly"', f'W = "{word}"')))
    assert list(coded) == ["tables.loans.frequency.codes.W"]
    remedy = coded["tables.loans.frequency.codes.W"].remedy
    assert all(name in remedy for name in ("twice_a_month", "fortnightly", "every_two_months"))
    codes = '{ from = "pays", codes = { W = "weekly", M = "monthly" } }'
    assert list(faults(tmp_path, changed((codes, f'{{ constant = "{word}" }}')))) == ["tables.loans.frequency"]
    case = f"\"CASE pays WHEN 'W' THEN 'weekly' ELSE '{word}' END\""
    assert faults(tmp_path, changed((codes, case)))["tables.loans.frequency"].remedy == remedy


def test_unknown_fields_of_the_form(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        changed(
            ('file = "groups.csv"', 'flie = "groups.csv"'),
            ('columns = { id = "text", group', 'columns = { id = { type = "txt" }, group'),
            ("[views.promised]\nsql", "[views.promised]\nsqll"),
            ("[sources.payments]", '[sources."../payments"]'),
        ),
    )
    assert found["sources.groups.flie"].remedy == "Did you mean 'file'?"
    assert "sources.members.columns.id.type" in found
    assert found["views.promised.sql"].what == "is missing."
    assert found["sources.../payments"].what == "is no name."


def test_a_mapping_that_is_no_toml(tmp_path: Path) -> None:
    assert "mapping.toml" in faults(tmp_path, "[portfolio\n")


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("SELECT * FROM read_csv('/etc/passwd')", "no source"),
        ("SELECT * FROM '/etc/passwd'", "no source"),
        ("SELECT * FROM query('SELECT 1')", "no source"),
        ("SELECT * FROM information_schema.tables", "no source"),
        ("WITH own AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM own", "no source"),
        ("SELECT * FROM borowed", "'borowed'"),
        ("COPY (SELECT 1) TO '/tmp/x'", "no SELECT"),
        ("SELECT 1; SELECT 2", "no SELECT"),
        ("SELECT now() AS moment", "run to run"),
        ("SELECT instalments.*, random() AS chance FROM instalments", "run to run"),
    ],
)
def test_a_view_reads_sources_and_nothing_else(tmp_path: Path, sql: str, what: str) -> None:
    old = "SELECT instalments.*, lent FROM instalments LEFT JOIN loans ON loans.id = loan"
    assert what in faults(tmp_path, changed((f'sql = "{old}"', f'sql = "{sql}"')))["views.promised"].what


@pytest.mark.parametrize("text", ["(SELECT max(id) FROM groups)", "id) FROM groups; --", "uuid()", "id AS other"])
def test_an_expression_is_over_its_row_alone(tmp_path: Path, text: str) -> None:
    assert "tables.groups.id" in faults(
        tmp_path, changed(('from = "groups"\nid = "id"', f'from = "groups"\nid = "{text}"'))
    )


def test_files_outside_the_data_folder_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = write(tmp_path, changed(('"groups.csv"', '"../groups.csv"')))
    with pytest.raises(InvalidInput, match="outside the data folder"):
        ingest_tables(path, tmp_path / "out", tmp_path / "in")


@pytest.mark.parametrize("name", ["hiv_status", "Religion", "violencia", "etnia"])
def test_forbidden_columns_are_refused_unread(tmp_path: Path, name: str) -> None:
    found = faults(tmp_path, changed(('parent = "text"', f'parent = "text", {name} = "text"')))
    assert "is refused" in found[f"sources.groups.columns.{name}"].what


def test_a_protected_trait_stays_in_a_protected_column(tmp_path: Path) -> None:
    text = MAPPING.replace('joined = "date" }', 'joined = "date", estado_civil = "bool", sexo = "text" }')
    text = text.replace('joined_on = "joined"', 'joined_on = "joined"\nrural = "estado_civil"\nsex = "sexo"')
    members = "id,group,joined,estado_civil,sexo\nana,G1,2024-01-02,1,female\n"
    path = write(tmp_path, text, members=members)
    with pytest.raises(InvalidInput) as caught:
        ingest_tables(path, tmp_path / "out", tmp_path)
    assert [fault.where for fault in caught.value.faults] == ["tables.members.rural"]
    assert "marital status" in caught.value.faults[0].what


def test_a_pseudonym_needs_a_key(tmp_path: Path) -> None:
    found = faults(tmp_path, changed(('id = "text", group', 'id = { type = "text", pseudonym = "member" }, group')))
    assert "--key" in found["sources.members.columns.id"].remedy


def test_both_clocks_have_to_be_said(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        changed(
            ('event_at = "formed"\nknown_rule = "event"', 'event_at = "parent"\nknown_rule = "event"'),
            ('event_at = "paid"\nknown_rule = "event"', 'event_at = "paid"'),
            ('event_at = "joined"\nknown_rule = "event"\nbranch', 'event_at = "joined"\nknown_rule = "evnt"\nbranch'),
        ),
    )
    assert found["tables.groups.event_at"].what == "is of type VARCHAR, expected a date or a timestamp."
    assert "known_rule" in found["tables.payments"].remedy
    assert found["tables.members.known_rule"].remedy == "Did you mean 'event'?"


def test_zones_and_formats_are_checked_before_a_row_is_read(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        changed(
            ('formed = "date"', 'formed = { type = "date", format = "%d/%Q" }'),
            ('paid = "timestamp"', 'paid = { type = "timestamp", zone = "Lima" }'),
        ),
    )
    assert list(found) == ["sources.groups.columns.formed.format", "sources.payments.columns.paid.zone"]


def test_a_folder_that_is_no_portfolio_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letters.txt").write_text("dear", "utf-8")
    with pytest.raises(InvalidInput, match="exists and is no portfolio") as caught:
        ingest_tables(write(tmp_path, changed(('"payments.csv"', '"paymenst.csv"'))), tmp_path / "out", tmp_path)
    assert len(caught.value.faults) == 2
    assert (tmp_path / "out" / "letters.txt").read_text("utf-8") == "dear"
