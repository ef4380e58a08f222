"""What has come before a decision on a score: opinion, private talks, and rules of the policy that ask for a reason."""

from __future__ import annotations

from dataclasses import dataclass

from riskscore.service.rule_exceptions import Asking, unanswered


@dataclass(frozen=True, slots=True)
class Before:
    """What came before a decision on a score.

    Parameters
    ----------
    opinion : bool
        The committee's opinion is on record.
    opened : bool
        Every member of the meeting heard her result alone, so that states may be shown.
    arriving : bool
        An opinion comes with the decision: nothing is missing, and nothing may be shown for it before it is on record.
    exceptions : callable
        Gives the rules that ask whoever approves for a reason.
    """

    opinion: bool = False
    opened: bool = False
    arriving: bool = False
    exceptions: Asking = unanswered

    @property
    def shown(self) -> bool:
        """Whether the committee may see the state."""
        return self.opinion and self.opened


#: Neither has come yet.
NOTHING = Before()
