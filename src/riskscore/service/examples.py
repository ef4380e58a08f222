"""Names in the examples of the document: of the institution that `riskscore demo` simulates, so that they are there.

What this service names itself, such as a score, is drawn anew each time; in an example it stands for what was answered.
"""

from __future__ import annotations

#: A communal bank with a request of its own and of its members, two of these, the last solidarity group they stand in,
#: their branch, and somebody who joins the group today.
BANK, MEMBER, NEIGHBOUR, GROUP, BRANCH, NEW_MEMBER = "CB00011", "M0000201", "M0000202", "SG000054", "B001", "M0005097"

#: A producer association.
ASSOCIATION = "PA0009"

#: The portfolio's currency, and the day of the meeting.
CURRENCY, DAY = "USD", "2026-01-05"

#: A score of `MEMBER`, and the random names of what is sent: of a request, of a decision in a file, of an answer.
SCORE = "s_3f1c9a52d0e84b7f8a6c2b1d9e0f4a55"
KEY, KEY_IN_FILE = "5f0c2f4e-3b1d-4f0a-9a57-0d6a4c1be7a2", "0c7d1e52-8a44-4d0e-b3c9-6f2a91d5e870"
KEY_OF_ANSWER = "a96e30c8-51f7-4b7d-8e02-7d4c1f9b6a35"
