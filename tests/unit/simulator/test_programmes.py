"""The figures of the programmes, out of tables: Pro Mujer of July 2001, and white maize of 2024."""

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

from riskscore.portfolio import TABLES, Portfolio, check_portfolio, portfolio_remarks, write_portfolio
from riskscore.portfolio.arrears import arrears, portfolio_at_risk
from riskscore.portfolio.kinds import POLARS
from riskscore.simulator import pro_mujer


@pytest.fixture(scope="module")
def july_2001(tmp_path_factory):
    path = tmp_path_factory.mktemp("programmes") / "pro_mujer"
    pro_mujer(path)
    return Portfolio.open(path)


@pytest.fixture(scope="module")
def counted(july_2001):
    """What the tables hold, counted."""
    groups = july_2001.table("groups").filter(kind="communal_bank")
    stays = july_2001.table("memberships").filter(pl.col("valid_to").is_null())
    return {
        "banks": groups["id"].n_unique(),
        "clients": stays["member_id"].n_unique(),
        "branches": july_2001.table("branches")["id"].n_unique(),
    }


@pytest.mark.slow
def test_the_outstanding_principal_is_the_gross_portfolio_in_both_ledgers(july_2001, counted):
    for ledger in ("external", "internal"):
        assert portfolio_at_risk(arrears(july_2001, ledger=ledger)).balance == Decimal("3505310.00")
    gross = arrears(july_2001, ledger="external")["outstanding"].sum()
    assert round(gross / counted["clients"], 2) == Decimal("122.54")
    assert round(gross / counted["banks"], 2) == Decimal("2265.88")


def test_counts_and_what_follows_from_them(counted):
    assert counted == {"banks": 1547, "clients": 28606, "branches": 24}
    assert round(counted["clients"] / counted["banks"], 2) == 18.49
    assert round(counted["banks"] / counted["branches"], 2) == 64.46
    assert round(counted["clients"] / counted["branches"], 2) == 1191.92


def test_focal_centres_by_city(july_2001):
    names = july_2001.table("branches")["name"].str.replace(r" \d+$", "")
    assert dict(names.value_counts().iter_rows()) == {"El Alto": 10, "Cochabamba": 6, "Tarija": 3, "Sucre": 5}


def test_loans_keep_to_what_the_programme_says(july_2001):
    groups = july_2001.table("groups")
    per_bank = groups.drop_nulls("parent_id").group_by("parent_id").len()["len"]
    assert set(per_bank) == {5, 6}
    loans = july_2001.table("loans").filter(ledger="internal")
    assert (loans["amount"].min(), loans["amount"].max()) == (Decimal("100.00"), Decimal("1000.00"))
    assert loans["term_days"].is_between(90, 245).all()
    parents = groups.drop_nulls("parent_id").select(group_id="id", bank_id="parent_id")
    settled = groups.drop_nulls("consolidated_on").select(bank_id="id", since="consolidated_on")
    both = loans.join(parents, on="group_id").join(settled, on="bank_id", how="left")
    weekly = both["frequency"] == "weekly"
    assert (weekly == both["since"].is_null()).all()
    assert set(both["frequency"]) == {"weekly", "twice_a_month"}
    counts = july_2001.table("instalments").group_by("loan_id").len().join(loans, left_on="loan_id", right_on="id")
    assert counts.filter(frequency="twice_a_month")["len"].is_between(6, 16).all()
    assert counts.filter(frequency="weekly")["len"].is_between(13, 35).all()


def test_what_was_left_blank_stays_blank_and_breaks_nothing(july_2001):
    assert check_portfolio(july_2001.path) == []
    # Small banks are remarked, never refused.
    assert [remark.where for remark in portfolio_remarks(july_2001)] == ["memberships"]
    told = july_2001.table("portfolio_snapshots").row(0, named=True)
    assert (told["communal_banks"], told["clients"], told["gross_portfolio"]) == (1547, 28606, Decimal("3505310.00"))
    for name in ("default_rate", "branches", "female_share", "borrowers", "par30"):
        assert told[name] is None


def test_the_reported_figures_do_not_hang_on_the_seed(tmp_path):
    other = pro_mujer(tmp_path / "other", seed=7)
    loans = other.table("loans").filter(ledger="external").select(loan_id="id")
    dues = other.table("instalments").join(loans, on="loan_id").sort("loan_id", "number")
    paid = other.table("payments").group_by("loan_id").len().rename({"len": "paid"})
    open_ = dues.join(paid, on="loan_id", how="left").filter(pl.col("number") > pl.col("paid").fill_null(0))
    assert open_["principal"].sum() == Decimal("3505310.00")
    assert other.table("memberships")["member_id"].n_unique() == 28606


#: White maize of 2024 to the public buyer: three producer associations, 165 t and EUR 45,800 in all.
MAIZE = {"andahuaylillas": "15266.67", "huaro": "15266.67", "lucre": "15266.66"}


@pytest.fixture
def maize(tmp_path):
    start = datetime(2024, 9, 30, 12)
    stamped = {"event_at": start, "known_at": start}
    tables = {
        "branches": [
            {"id": "CUS", "name": "Cusco", "region": "Cusco", "rural": True, "opened_on": date(2020, 1, 1)},
        ],
        "sectors": [{"id": "maize", "name": "Maíz blanco", "agricultural": True, "lean_months": "1,2,3"}],
        "groups": [
            {"id": name, "kind": "producer_association", "branch_id": "CUS", "formed_on": date(2020, 1, 1)}
            for name in MAIZE
        ],
        "registrations": [
            {"id": f"R-{name}", "group_id": name, "registered_members": members}
            for name, members in zip(MAIZE, (24, 23, 23), strict=True)
        ],
        "sales": [
            {
                "id": f"S-{name}",
                "group_id": name,
                "sector_id": "maize",
                "buyer_id": "agromercado",
                "buyer_kind": "public_programme",
                "quantity_kg": 55_000.0,
                "value": Decimal(value),
                "currency": "EUR",
            }
            for name, value in MAIZE.items()
        ],
    }

    def frame(name, rows):
        columns = {column.name: POLARS[column.kind] for column in TABLES[name].all_columns}
        return pl.DataFrame([{**stamped, **row} for row in rows], schema_overrides=columns).select(
            *(
                pl.lit(None, dtype).alias(c) if c not in {*stamped, *rows[0]} else pl.col(c)
                for c, dtype in columns.items()
            )
        )

    return write_portfolio(
        tmp_path / "maize",
        {name: frame(name, rows) for name, rows in tables.items()},
        currency="PEN",
        country="PE",
        time_zone="America/Lima",
        data_date=date(2024, 12, 31),
    )


def test_white_maize_of_three_producer_associations(maize):
    assert check_portfolio(maize.path) == []
    sales = maize.table("sales")
    tonnes, euros = sales["quantity_kg"].sum() / 1000, sales["value"].sum()
    assert (tonnes, euros, sales["group_id"].n_unique()) == (165.0, Decimal("45800.00"), 3)
    assert set(sales["currency"]) == {"EUR"}
    assert tonnes / 3 == 55.0
    assert round(euros / 3, 2) == Decimal("15266.67")
    assert round(float(euros) / tonnes, 2) == 277.58
    farmers = maize.table("registrations")["registered_members"].sum()
    assert farmers == 70
    assert round(tonnes / farmers, 3) == 2.357
    assert round(euros / farmers, 2) == Decimal("654.29")
