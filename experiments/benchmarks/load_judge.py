"""What clients were told under load, held against what is on record afterwards."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import sqlalchemy as sa
from load_clients import Told

from riskscore.service.database import CONTENTS, ENTRIES, Database
from riskscore.service.verification import verify


def judge(database: Database, told: Told) -> dict[str, Any]:
    """Hold what clients were told against what is on record.

    Lost is what was acknowledged and is not there as it was told. Doubled is a decision that stands twice under one
    key, or more scores than were ever sent.
    """
    head = verify(database)
    with database.read() as connection:
        rows = connection.execute(
            sa.select(ENTRIES.c.kind, CONTENTS.c.record_id, CONTENTS.c.content)
            .join(CONTENTS, CONTENTS.c.sequence == ENTRIES.c.sequence)
            .where(ENTRIES.c.kind.in_(("score", "decision")))
        ).all()
    scores = {row.record_id: json.loads(row.content)["score"]["score"] for row in rows if row.kind == "score"}
    keys = Counter(json.loads(row.content)["key"] for row in rows if row.kind == "decision")
    decisions = {row.record_id for row in rows if row.kind == "decision"}
    lost = [name for name, score in told.scores.items() if scores.get(name, "nothing") != score]
    lost += [name for name in told.decisions.values() if name not in decisions]
    doubled = sum(count - 1 for count in keys.values()) + max(len(scores) - told.sent_scores, 0)
    doubled += len(set(keys) - told.sent_decisions) + sum("doubled" in what for what in told.wrong)
    milliseconds = np.quantile(told.milliseconds, [0.5, 0.95, 0.99]).round(1).tolist()
    return {
        "answered": sum(told.statuses.values()),
        "statuses": dict(sorted(told.statuses.items())),
        "scores_acknowledged": len(told.scores),
        "decisions_acknowledged": len(told.decisions),
        "scores_on_record": len(scores),
        "decisions_on_record": len(decisions),
        "p50_ms": milliseconds[0],
        "p95_ms": milliseconds[1],
        "p99_ms": milliseconds[2],
        "connections_broken": told.broken,
        "sent_again": told.resent,
        "given_up": told.given_up,
        "chain_entries": head.entries,
        "lost": len(lost),
        "doubled": doubled,
        "malformed": sum(what.startswith("malformed") for what in told.wrong),
        "wrong": dict(Counter(what for what in told.wrong if not what.startswith(("malformed", "doubled")))),
        "malformed_examples": [what for what in told.wrong if what.startswith("malformed")][:5],
    }


def good(found: dict[str, Any]) -> bool:
    """Tell whether nothing was lost, doubled, malformed or otherwise wrong, and every fault was got over."""
    over = all(did.get("recovered_seconds", 0) is not None for did in found["faults"])
    return over and not (found["lost"] or found["doubled"] or found["malformed"] or found["wrong"] or found["given_up"])


def line(found: dict[str, Any], seconds: float) -> str:
    """Return the result as one line."""
    struck = Counter(did["fault"] for did in found["faults"] if "skipped" not in did)
    return (
        f"load {'good' if good(found) else 'BAD'}: {found['database']}, {seconds:.0f} s, {found['answered']} answered "
        f"({found['scores_acknowledged']} scores, {found['decisions_acknowledged']} decisions), p50 {found['p50_ms']} "
        f"p95 {found['p95_ms']} p99 {found['p99_ms']} ms, {sum(struck.values())} faults, {found['sent_again']} sent "
        f"again, chain of {found['chain_entries']} verifies, lost {found['lost']}, doubled {found['doubled']}, "
        f"malformed {found['malformed']}, wrong {sum(found['wrong'].values())}"
    )
