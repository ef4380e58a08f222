"""`riskscore models`: the registered versions of each recipe's model, and which of them is the champion."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskscore.cli import printing
from riskscore.cli.options import RecipeName
from riskscore.errors import NotFound
from riskscore.project import Project

if TYPE_CHECKING:
    from riskscore.modelling import Registry

group = typer.Typer(help="Registered models: versions, cards, champion.", no_args_is_help=True)

Version = Annotated[str, typer.Argument(metavar="VERSION", help="A number, champion or challenger.")]


@group.command(name="list", epilog="Example: `riskscore models list member_default`")
def show_all(
    recipe: Annotated[str | None, typer.Argument(metavar="RECIPE", help="One recipe; all, if not given.")] = None,
) -> None:
    """List the registered versions, newest first."""
    from riskscore.modelling import Registry

    registry = Registry()
    if recipe:
        _registered(registry, recipe)
    versions = [one for name in ((recipe,) if recipe else registry.recipes()) for one in registry.list(name)]
    printing.table(
        ("recipe", "version", "", "model", "AUC", "gates", "lock", "registered (UTC)"),
        (
            (
                one.recipe,
                one.version,
                " ".join(one.aliases),
                one.kind,
                "-" if one.auc is None else f"{one.auc:.3f}",
                "passed" if one.passed else "failed",
                one.lock_sha256[:12],
                f"{one.created_at:%Y-%m-%d %H:%M}",
            )
            for one in versions
        ),
    )


@group.command(epilog="Example: `riskscore models show member_default champion`")
def show(recipe: RecipeName, version: Version = "champion") -> None:
    """Print a version's model card: data, features, figures with intervals, gates, limits."""
    from riskscore.modelling import Registry

    registry = Registry()
    _registered(registry, recipe)
    printing.line(registry.card(recipe, version))


@group.command(epilog="Example: `riskscore models register runs/member_default/lightgbm`")
def register(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="A model that `train` wrote.")
    ],
) -> None:
    """Register a model from its folder, as challenger: one whose registry was away when it was trained."""
    from riskscore.modelling import Registry

    found = Registry().register(folder)
    passed = "its gates passed" if found.passed else "its gates failed"
    printing.line(f"{found.recipe} version {found.version} is registered as challenger; {passed}")


@group.command(epilog="Example: `riskscore models promote member_default 4`")
def promote(
    recipe: RecipeName,
    version: Version = "challenger",
    reason: Annotated[
        str, typer.Option(help="Promote although gates failed, and say why; the version keeps the reason for ever.")
    ] = "",
) -> None:
    """Make a version the champion. A version whose gates failed is refused, unless a reason is given."""
    from riskscore.modelling import Registry

    registry = Registry()
    _registered(registry, recipe)
    promoted = registry.promote(recipe, version, force=bool(reason), reason=reason)
    printing.line(f"{recipe} version {promoted.version} is the champion")


@group.command(epilog="Example: `riskscore models rollback member_default`")
def rollback(recipe: RecipeName) -> None:
    """Make the champion before the present one champion again."""
    from riskscore.modelling import Registry

    registry = Registry()
    _registered(registry, recipe)
    restored = registry.rollback(recipe)
    printing.line(f"{recipe} version {restored.version} is the champion again")


def _registered(registry: Registry, recipe: str) -> None:
    """Refuse a recipe of which no version is registered; one that no definitions have is a mistake in the command."""
    found, defined = registry.recipes(), Project.open().recipes
    if recipe in found:
        return
    there = f"Registered are: {', '.join(found) or 'none'}."
    if recipe in defined:
        raise NotFound.of(
            recipe, "No version of it is registered.", f"{there} `riskscore train {recipe} PORTFOLIO` makes one."
        )
    near = get_close_matches(recipe, sorted({*found, *defined}), n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise typer.BadParameter(f"There is no recipe {recipe!r}. {hint}{there}", param_hint="recipe")
