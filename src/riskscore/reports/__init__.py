"""Reports: self-contained pages for who manages, analyses or audits. Figures come in; words, tables, drawings go out.

Templates, words and style lie in ``serving/reports``, so that an institution can change what its people read.
"""

from riskscore.reports.page import Reports, write_page
from riskscore.reports.portfolio_page import portfolio_report

__all__ = ["Reports", "portfolio_report", "write_page"]
