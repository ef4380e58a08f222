"""Producer associations: an expert's judgement as a prior, moved by the few cases there are.

*Points* are the expert's: a hundred at most, over five *dimensions*, each a sum of *indicators* (features in bins).
*The prior* turns points into a probability of bad (PD) and says how sure the expert is of each part of it. *The
belief* is what is left of that after the fund's own cases. *Pools* are what cases share beyond their points: line of
business, province, purpose, the association itself, and the season; each level of a pool is drawn towards nothing by
its prior. *Effective n* is how many cases the data is worth for one answer, and *the prior's share* how much of the
answer is still the expert's.
"""
