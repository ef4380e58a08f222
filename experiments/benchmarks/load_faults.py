"""What goes wrong under load, one thing after the other, and how long it takes until the service is itself again."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from stores import Store, full

from riskscore import Portfolio
from riskscore.modelling import Registry
from riskscore.portfolio import TABLES, write_portfolio
from riskscore.service.run import readiness

#: Seconds that a fault lasts, where it is one that lasts: longer than any of the service's own waits.
LASTS = 12

#: Seconds after which the service has to be itself again.
RECOVERY = 60


@dataclass
class Faults:
    """Everything that can be done to a service.

    Parameters
    ----------
    url : str
    store : Store
    disk : Path
        Where the records lie.
    no_disk : str or None
        Why the disk cannot be filled; None where it can.
    portfolio : Portfolio
    registry : Registry
    artefact : Path
        Of the champion, to be registered once more.
    """

    url: str
    store: Store
    disk: Path
    no_disk: str | None
    portfolio: Portfolio
    registry: Registry
    artefact: Path

    def round(self) -> Iterator[tuple[str, Callable[[], None] | str]]:
        """Yield each fault with what does it, or with why it is left out."""
        yield "champion swapped", self.swap_champion
        yield "one worker killed", lambda: self.kill(1)
        yield self.store.away, self.take_away
        yield "portfolio swapped", self.swap_portfolio
        yield "disk full", self.fill if self.no_disk is None else self.no_disk
        yield "both workers killed", lambda: self.kill(2)

    def kill(self, number: int) -> None:
        """Kill so many worker processes."""
        for process in self._workers()[:number]:
            process.send_signal(signal.SIGKILL)

    def _workers(self) -> list[psutil.Process]:
        port = self.url.rsplit(":", 1)[1]
        (supervisor,) = [p for p in psutil.Process().children() if p.status() != "zombie" and port in p.cmdline()]
        return supervisor.children()

    def take_away(self) -> None:
        """Take the database away for a while."""
        with self.store.gone():
            time.sleep(LASTS)

    def fill(self) -> None:
        """Fill the disk of the records for a while."""
        with full(self.disk):
            time.sleep(LASTS)
        if hasattr(self.store, "start"):
            self.store.start()  # a server whose log found no room ends, and whoever runs it starts it again

    def swap_champion(self) -> None:
        """Promote the same model under a new version."""
        version = self.registry.register(self.artefact).version
        self.registry.promote("member_default", version, force=True, reason="swapped under load")

    def swap_portfolio(self) -> None:
        """Replace the portfolio by one that covers a day more."""
        manifest = Portfolio.open(self.portfolio.path).manifest
        with tempfile.TemporaryDirectory() as aside:
            kept = Portfolio.open(shutil.copytree(self.portfolio.path, Path(aside) / "portfolio"))
            frames = {name: kept.table(name) for name in manifest.rows if name in TABLES}
            write_portfolio(
                self.portfolio.path,
                frames,
                currency=manifest.currency,
                country=manifest.country,
                time_zone=manifest.time_zone,
                data_date=manifest.data_date + timedelta(days=1),
                complete_from=manifest.complete_from,
            )

    def recovered(self) -> float | None:
        """Return seconds until several looks in a row find the service ready; None where they do not in `RECOVERY`."""
        began = time.monotonic()
        while time.monotonic() - began < RECOVERY:
            if all(readiness(self.url) is None for _ in range(6)):
                return time.monotonic() - began
            time.sleep(0.2)
        return None


def tell(name: str, did: dict[str, Any]) -> str:
    """Return a line on what was done."""
    if "skipped" in did:
        return f"{name}: left out, {did['skipped']}"
    took = did["recovered_seconds"]
    return f"{name}: " + ("NOT ready again" if took is None else f"ready again after {took:.1f} s")
