"""Services with plain desks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from riskscore.service.database import Database
from riskscore.service.desk import Desk
from riskscore.service.desks import Desks
from tests.unit.service.desks import House, PlainDesk, build
from tests.unit.service.identity import Identity, identity, toml, with_provider
from tests.unit.service.stores import fresh, postgresql


@pytest.fixture
def make_house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    made: list[House] = []

    def make(name: str = "one", desk: Desk | Desks | Exception | None = None, **changes: Any) -> House:
        folder = tmp_path / name
        folder.mkdir()
        made.append(build(folder, PlainDesk() if desk is None else desk, **changes))
        return made[-1]

    yield make
    for house in made:
        house.service.refusals.flush()  # no timer of one test writes in another's time
        house.client.close()


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    return make_house()


@pytest.fixture
def provider() -> Iterator[Identity]:
    with identity() as provider:
        yield provider


@pytest.fixture
def known(make_house: Callable[..., House], provider: Identity, tmp_path: Path) -> House:
    """A house at whose provider people sign in."""
    return with_provider(make_house(), toml(provider, tmp_path))


@pytest.fixture(scope="session")
def server() -> Iterator[sa.URL]:
    with postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def address(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'records.db'}"
    return fresh(request.getfixturevalue("server"))


@pytest.fixture
def database(address) -> Iterator[Database]:
    opened = Database(address)
    yield opened
    opened.close()
