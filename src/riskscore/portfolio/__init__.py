"""What an institution hands over: tables, contracts, settlement, arrears and outcomes."""

from riskscore.portfolio.check import check_portfolio
from riskscore.portfolio.folder import Portfolio, write_portfolio
from riskscore.portfolio.manifest import Manifest, Tolerance
from riskscore.portfolio.remarks import portfolio_remarks
from riskscore.portfolio.tables import TABLES, Column, Table

__all__ = [
    "TABLES",
    "Column",
    "Manifest",
    "Portfolio",
    "Table",
    "Tolerance",
    "check_portfolio",
    "portfolio_remarks",
    "write_portfolio",
]
