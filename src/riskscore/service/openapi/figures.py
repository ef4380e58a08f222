"""What is said of a model in more than one place of the document: a figure with its interval, and a gate."""

from __future__ import annotations

from typing import Any

from riskscore.service.openapi.pieces import ref, whole

_NUMBER_OR_NONE = {"type": ["number", "null"]}

#: A figure that may not be known at all.
FIGURE_OR_NONE: dict[str, Any] = {"oneOf": [ref("Figure"), {"type": "null"}]}

#: Figures by the sample they were measured on, such as `later`.
BY_SAMPLE: dict[str, Any] = {"type": "object", "additionalProperties": FIGURE_OR_NONE}


def schemas() -> dict[str, Any]:
    """Return the schemas that the descriptions name."""
    gate = whole(
        {
            "name": {"type": "string", "description": "Such as `auc`, or `slope, first cycle`."},
            "passed": {"type": "boolean"},
            "value": _NUMBER_OR_NONE | {"description": "What was judged; null where there was nothing to judge."},
            "words": {"type": "string", "description": "What was found and what was asked."},
            "remedy": {"type": "string", "description": "What to do where it failed; else empty."},
        }
    )
    return {
        "Figure": whole(dict.fromkeys(("value", "low", "high"), _NUMBER_OR_NONE))
        | {"description": "With its interval: an end is null where there is none, the value where it is not known."},
        "ModelGate": gate | {"description": "A condition that a model was held to before it was registered."},
    }
