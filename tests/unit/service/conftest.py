"""Services with plain desks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from riskscore.service.desk import Desk
from tests.unit.service.desks import House, PlainDesk, build


@pytest.fixture
def make_house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    made: list[House] = []

    def make(name: str = "one", desk: Desk | Exception | None = None, **changes: Any) -> House:
        folder = tmp_path / name
        folder.mkdir()
        made.append(build(folder, PlainDesk() if desk is None else desk, **changes))
        return made[-1]

    yield make
    for house in made:
        house.client.close()


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    return make_house()
