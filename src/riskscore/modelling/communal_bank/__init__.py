"""The communal bank's own loan: from its members' PDs to what reaches the lender.

Terms used throughout: a *fall* is a member's bad outcome in her group's ledger; a *world* is one drawn course of a
cycle; an *external default* is a world in which something is left for the lender after savings, solidarity groups and
the bank's fund; *the level* is how often that happens, which the structure alone does not know well and a record of
loans of communal banks corrects. Below the recipe's fewest bads nothing else is learnt from that record.
"""
