"""From an institution's own systems to a portfolio folder.

Adapters read in batches, pseudonymise what names a person before anything is written, stage what they have read, and
put the finished portfolio in place whole. What two adapters share stands here: `pseudonyms` and `staging`.
"""
