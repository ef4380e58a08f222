"""Clients that ask, read and decide, send again what was not acknowledged, and keep what they were told."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

#: What is done, and how often of a hundred.
MIX = {"score": 45, "read": 20, "page": 8, "decide": 17, "ready": 4, "invalid": 3, "unknown": 3}

#: Seconds for which something is sent again before it is given up.
PATIENCE = 60

_PROBLEM = {"type", "title", "status", "detail"}


@dataclass
class Told:
    """What clients sent and were told; each has its own, and they are added up at the end."""

    statuses: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    scores: dict[str, float | None] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    sent_scores: int = 0
    sent_decisions: set[str] = field(default_factory=set)
    broken: int = 0
    resent: int = 0
    given_up: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Told) -> None:
        """Add what another client was told."""
        self.statuses += other.statuses
        self.milliseconds += other.milliseconds
        self.scores |= other.scores
        self.decisions |= other.decisions
        self.sent_decisions |= other.sent_decisions
        self.sent_scores += other.sent_scores
        self.broken, self.resent = self.broken + other.broken, self.resent + other.resent
        self.given_up += other.given_up
        self.wrong += other.wrong


class Client(threading.Thread):
    """One kept connection, used until told to stop.

    Parameters
    ----------
    address : str
        Host and port.
    headers : dict
        With an officer's token.
    bodies : list of dict
        Requests that are answered.
    keyed : bool
        Whether a score is asked for under an Idempotency-Key.
    seed : int
    """

    def __init__(
        self, address: str, headers: dict[str, str], bodies: list[dict[str, Any]], *, keyed: bool, seed: int
    ) -> None:
        super().__init__(daemon=True)
        self._address, self._headers, self._bodies, self._keyed = address, headers, bodies, keyed
        self._random = random.Random(seed)  # noqa: S311 - which request comes next is no secret
        self._connection = self._connect()
        self._mine: list[tuple[str, dict[str, Any]]] = []
        self.told = Told()
        self.done = threading.Event()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._address, timeout=40)

    def run(self) -> None:
        """Do one thing after another."""
        while not self.done.is_set():
            what = self._random.choices(list(MIX), list(MIX.values()))[0]
            try:
                getattr(self, f"_{what}")()
            except Exception as error:  # noqa: BLE001 - a client that dies unheard would look like a good run
                self.told.wrong.append(f"{what}: {type(error).__name__}: {error}")

    def _once(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes] | None:
        """Send once; None where the connection broke."""
        sent = None if body is None else json.dumps(body)
        began = time.perf_counter()
        try:
            self._connection.request(method, path, sent, self._headers | (headers or {}))
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.told.broken += 1
            self._connection.close()
            self._connection = self._connect()
            time.sleep(0.05)
            return None
        self.told.milliseconds.append(1000 * (time.perf_counter() - began))
        self.told.statuses[str(answer.status)] += 1
        self._judge(f"{method} {path.rsplit('/', 1)[0]}", answer, content)
        return answer.status, content

    def _judge(self, what: str, answer: http.client.HTTPResponse, content: bytes) -> None:
        if answer.getheader("X-Request-ID") is None:
            self.told.wrong.append(f"{what}: no request id")
        if answer.status < 400:
            return
        try:
            problem = json.loads(content)
        except ValueError:
            problem = {}
        formed = answer.getheader("Content-Type") == "application/problem+json" and set(problem) >= _PROBLEM
        if not formed or problem["status"] != answer.status:
            self.told.wrong.append(f"malformed: {what}: {answer.status} {content[:80]!r}")
        if answer.status == 503 and answer.getheader("Retry-After") is None:
            self.told.wrong.append(f"malformed: {what}: 503 without Retry-After")
        if answer.status >= 500 and answer.status != 503:
            self.told.wrong.append(f"{what}: {answer.status}")

    def _until_answered(
        self, method: str, path: str, expected: int, body: object = None, headers: dict[str, str] | None = None
    ) -> bytes | None:
        """Send again until it is answered, or for `PATIENCE`; whatever else is answered than `expected` is wrong."""
        until = time.monotonic() + PATIENCE
        while True:
            got = self._once(method, path, body, headers)
            if got is not None and got[0] != 503:
                if got[0] == expected:
                    return got[1]
                self.told.wrong.append(f"{method} {path.rsplit('/', 1)[0]}: {got[0]} where {expected} was due")
                return None
            if time.monotonic() > until:
                self.told.given_up += 1
                return None
            self.told.resent += 1
            time.sleep(0.2)

    def _score(self) -> None:
        body = self._random.choice(self._bodies)
        if self._keyed:
            self.told.sent_scores += 1
            key = {"Idempotency-Key": str(uuid.UUID(int=self._random.getrandbits(128)))}
            content = self._until_answered("POST", "/v1/scores", 201, body, key)
        else:  # sent again it may be a second score, so each sending counts
            self.told.sent_scores += 1
            got = self._once("POST", "/v1/scores", body)
            content = got[1] if got is not None and got[0] == 201 else None
            if got is not None and got[0] not in (201, 503):
                self.told.wrong.append(f"POST /v1/scores: {got[0]} where 201 was due")
        if content is not None:
            answer = json.loads(content)
            self.told.scores[answer["score_id"]] = answer["score"]
            self._mine = [*self._mine[-50:], (answer["score_id"], body)]

    def _decide(self) -> None:
        if not self._mine:
            return
        score_id, asked = self._random.choice(self._mine)
        body = {
            "who": "Comité de carga",
            "role": "committee",
            "amount_approved": self._random.choice((0, asked["amount"])),  # to approve asks the rules of her group
            "currency": asked["currency"],
            "decided_on": TODAY,
            "opinion": "Se decide bajo carga.",
            "reason": "Se prueba el servicio.",
        }
        key = str(uuid.UUID(int=self._random.getrandbits(128)))
        self.told.sent_decisions.add(key)
        path = f"/v1/scores/{score_id}/decisions"
        # One in five is sent twice although it was answered: its answer may have been lost on the way.
        for _ in range(2 if self._random.random() < 0.2 else 1):
            content = self._until_answered("POST", path, 201, body, {"Idempotency-Key": key})
            if content is not None:
                decided = json.loads(content)["decision_id"]
                if self.told.decisions.setdefault(key, decided) != decided:
                    self.told.wrong.append("doubled: one key, two decisions")

    def _read(self) -> None:
        self._shown("/v1")

    def _page(self) -> None:
        self._shown("")

    def _shown(self, root: str) -> None:
        if self._mine:
            self._until_answered("GET", f"{root}/scores/{self._random.choice(self._mine)[0]}", 200)

    def _ready(self) -> None:
        got = self._once("GET", "/readyz")
        if got is not None and got[0] not in (200, 503):
            self.told.wrong.append(f"GET /readyz: {got[0]}")

    def _invalid(self) -> None:
        self._until_answered("POST", "/v1/scores", 422, self._bodies[0] | {"amount": "much"})

    def _unknown(self) -> None:
        self._until_answered("GET", "/v1/scores/s_nobody", 404)


#: By the clock of the institution that is simulated.
TODAY = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 5 * 3600))
