"""What an institution hands over: tables, contracts, settlement, arrears and outcomes."""

from riskscore.portfolio.folder import Portfolio, write_portfolio
from riskscore.portfolio.manifest import Manifest, Tolerance
from riskscore.portfolio.tables import TABLES, Column, Table

__all__ = ["TABLES", "Column", "Manifest", "Portfolio", "Table", "Tolerance", "write_portfolio"]
