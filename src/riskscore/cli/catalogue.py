"""`riskscore features --catalogue`: what every feature measures, from where, why and which way, as a page."""

from __future__ import annotations

from pathlib import Path

import typer

from riskscore.catalog.words import Language
from riskscore.cli import printing
from riskscore.project import Project


def write_catalogue(definitions: Project, out: Path, language: Language) -> None:
    """Write the page of the catalogue to `out`, in Markdown or HTML by its ending."""
    from riskscore.catalog.catalogue_page import catalogue_page

    if out.suffix not in (".md", ".html"):
        raise typer.BadParameter(f"{out.name} is neither .md nor .html.", param_hint="--out")
    catalog = definitions.catalog()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(catalogue_page(catalog, language, html=out.suffix == ".html"), encoding="utf-8")
    printing.line(f"{out}  {len(catalog.lock().features)} features")
