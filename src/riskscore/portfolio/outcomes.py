"""What became of a loan: the internal member outcome, and the external one of the group.

**The member outcome** (internal ledger, loan with a member). Everything below is read as it was known at `final_at`;
a correction recorded later does not change a label.

final_at
    The later of (a) the first instant after the thirtieth day after maturity, ``maturity + 31 days, 00:00``, where
    maturity is the last due date of the schedule then in force, and (b) the moment the close of the cycle's books (a
    ``books_closed`` event; a ``written_off`` event also closes them) was known. Where a portfolio records no
    ``books_closed`` at all, (a) alone. A loan of a portfolio that does, without a close, is not final.
    Outcomes with ``final_at`` after the data moment are not returned.

bad, if any of
    * **late**: an instalment settled (FIFO, by any payer) on a day that is both 15 or more days after its due date and
      after the next meeting: ``settled day >= due_on + 15 and settled day > next``. ``next`` is the next greater due
      date of the loan; for the last instalment ``due_on + (due_on - due date before)``; for a loan of one instalment
      ``due_on``. An instalment with an amount still open at `final_at` is late.
    * **covered**: two or more instalments borne by others. Payments with payer ``group`` or ``savings`` are others',
      except the part of ``savings`` that falls, in FIFO order, into the last instalment (netted by rule). Instalment i
      is borne by others where they bear more of the first i instalments than of any fewer, seven days on:
      ``due(1..i) - own(i) > max(0, due(1..j) - own(j) for j < i)``, with ``own(i)`` her own payments until the end of
      the seventh day after the day instalment i was settled. So what she repays within seven days, as a payment of her
      own or by their payment being reversed, is not cover.
    * **left**: her membership ended on day x (``valid_to = x``), she was in no other group of the same communal bank
      on that day, and the loan, disbursed on or before x, had an amount settled after day x or never.
    * **distress**: a ``restructured`` event with reason ``distress``.
    * **written_off**: a ``written_off`` event.

indeterminate
    One covered instalment and nothing bad.

good
    Everything else. A ``restructured`` event with reason ``relief`` (a declared emergency) is a mark of its own: it is
    never bad, and moves due dates that have passed (see `riskscore.portfolio.settlement`); what happens on the moved
    schedule counts as on any other. Other reasons are no fault either, and move only due dates still to come.

A label in ``outcomes_given`` stands in the place of a computed one for the same application; its `final_at` is when it
was known.
"""
