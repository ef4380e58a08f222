"""The committed pages about the starter's features are those that the declarations give today."""

from __future__ import annotations

from pathlib import Path

from riskscore.catalog import Catalog
from riskscore.catalog.catalogue_page import catalogue_page

ROOT = Path(__file__).parents[3]
CATALOG = Catalog.from_folder(ROOT / "features")


def test_the_catalogue_page_is_up_to_date() -> None:
    committed = (ROOT / "docs" / "catalogue.md").read_text("utf-8")
    assert committed == catalogue_page(CATALOG, "en"), (
        "docs/catalogue.md is behind features/: run `riskscore features --catalogue --out docs/catalogue.md`"
    )
